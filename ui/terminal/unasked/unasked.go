// Package unasked keeps Bubble Tea from asking the terminal for its colours while
// the program is loaded: that takes five seconds on a terminal that does not
// answer, in every command, loses the keys typed meanwhile, and leaves the
// terminal without echo when ^C comes then. The screens ask themselves, without
// waiting.
//
// It works because Go initializes packages in the order of their import paths,
// as far as what they import permits (Go specification, "Program
// initialization"): this one imports os alone, and its path comes before
// "unicode", which Bubble Tea needs.
package unasked

import "os"

// term is the type of the terminal while Bubble Tea must not know it.
var term, known = os.LookupEnv("TERM")

func init() {
	if known {
		os.Setenv("TERM", "dumb") // which termenv asks nothing
	}
}

// Over puts the type of the terminal back. It is for the initialization of a
// package that imports Bubble Tea, which comes after that of Bubble Tea.
func Over() {
	if known {
		os.Setenv("TERM", term)
	}
}
