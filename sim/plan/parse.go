package plan

import (
	"fmt"

	"stickylab/sim/scenario"
	"stickylab/sim/scenario/yamltree"
)

// Parse reads a scenario file. Name is what problems call the file. It returns
// either a file without mistakes, or every mistake of it: those of YAML, of keys
// and values, of the nginx text, of the expressions, and of how all that fits
// together. After a syntax error of YAML there is nothing more to say.
func Parse(name string, src []byte) (*scenario.File, yamltree.Errors) {
	f, found := scenario.Decode(name, src)
	if f == nil {
		return nil, found.Errors()
	}
	r := newResolver(f)
	r.resolve()
	for _, v := range f.Variants {
		in := newResolver(v.File)
		in.resolve()
		r.adopt(in.Problems, fmt.Sprintf(" (in the variant %q)", v.Name))
	}
	if errs := r.Errors(); len(errs) > 0 {
		return nil, errs
	}
	return f, nil
}

// adopt adds the problems of a variant that the file itself does not have.
func (r *resolver) adopt(problems yamltree.Errors, where string) {
	own := map[yamltree.Problem]bool{}
	for _, p := range r.Problems {
		own[p] = true
	}
	for _, p := range problems {
		if !own[p] && !r.Full() {
			p.Text += where
			r.Problems = append(r.Problems, p)
		}
	}
}

// Marshal writes a file as scenario.Encode does. It fails when the file has
// mistakes, and with scenario.ErrTooLarge.
func Marshal(f *scenario.File) ([]byte, error) {
	if _, errs := Resolve(f, nil); len(errs) > 0 {
		return nil, fmt.Errorf("scenario cannot be written: %w", errs)
	}
	return scenario.Encode(f)
}
