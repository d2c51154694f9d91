package trace

import "unique"

// A Name is an interned string. Two Names are equal when their texts are; the
// zero Name is the empty text.
type Name struct{ h unique.Handle[string] }

// The first unique.Make starts a goroutine of the runtime's: it must happen
// before any bubble of virtual time is opened.
var _ = unique.Make("")

// N interns s.
func N(s string) Name {
	if s == "" {
		return Name{}
	}
	return Name{unique.Make(s)}
}

// String returns the text.
func (n Name) String() string {
	if n == (Name{}) {
		return ""
	}
	return n.h.Value()
}
