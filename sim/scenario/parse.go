package scenario

import (
	"errors"
	"slices"
	"strings"

	"stickylab/sim/scenario/yamltree"
)

// Decode reads the keys and values of a scenario file. Name is what problems call
// the file. The reporter has the mistakes of YAML, keys and values; what does not fit
// together is for plan.Parse to find. The file is nil after a syntax error of YAML.
func Decode(name string, src []byte) (*File, *yamltree.Reporter) {
	r := &yamltree.Reporter{Name: name}
	root := yamltree.Read(r, src)
	if root == nil {
		return nil, r
	}
	return (&decoder{Reporter: r, root: root}).file(), r
}

// file reads the tree of a file.
func (d *decoder) file() *File {
	f := NewFile()
	f.report = d.Reporter
	m := f.mapping()
	d.mapping(d.root, "", m.what, m.fields, nil)
	for i := range f.Expect {
		f.Expect[i].At = f.Expect[i].Instant(f.Duration)
	}
	return f
}

// Report returns a new reporter for the file, with the problems of decoding and the
// places of its values; one without any for a File that was not read from a text.
func (f *File) Report() *yamltree.Reporter {
	if f.report == nil {
		return &yamltree.Reporter{}
	}
	r := *f.report
	r.Problems = slices.Clone(r.Problems)
	return &r
}

// Check reports what is wrong with the values of a file that was not read, which
// reading makes sure of otherwise.
func (f *File) Check(r *yamltree.Reporter) { checkFields(r, "", "a scenario", f.fields()) }

// ErrTooLarge is Encode's error for a file that Decode would not read back.
var ErrTooLarge = errors.New("the file would be too large")

// Encode writes a file as YAML that Decode reads back to an equal one. Keys with
// their default value are left out; comments of a file that was read are lost, and so
// are its variants and its lesson: they speak of the file as it was. It fails with
// ErrTooLarge.
func Encode(f *File) ([]byte, error) {
	m := f.mapping()
	out := linesOf(m.fields, m.usual(), "")
	if len(out) > yamltree.MaxSize || strings.Count(out, "\n") >= yamltree.MaxLines {
		return nil, ErrTooLarge
	}
	return []byte(out), nil
}
