package scenario

import (
	"errors"
	"strings"

	"stickylab/sim/scenario/yamltree"
)

// ErrTooLarge is Encode's error for a file that Decode would not read back.
var ErrTooLarge = errors.New("the file would be too large")

// Encode writes a file as YAML that Decode reads back to an equal one. Keys with
// their default value are left out; comments of a file that was read are lost, and so
// are its variants and its lesson: they speak of the file as it was. It fails with
// ErrTooLarge.
func Encode(f *File) ([]byte, error) {
	m := f.mapping()
	out := linesOf(m.fields, m.defaults, "")
	if len(out) > yamltree.MaxSize || strings.Count(out, "\n") >= yamltree.MaxLines {
		return nil, ErrTooLarge
	}
	return []byte(out), nil
}
