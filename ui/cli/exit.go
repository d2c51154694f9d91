package cli

import "slices"

// The exit codes of every command.
const (
	ExitOK           = 0 // all expectations met
	ExitFailed       = 1 // an expectation failed
	ExitInput        = 2 // the input is wrong
	ExitInconclusive = 3 // an expectation had nothing to judge
	ExitProgram      = 4 // the program itself failed: a stall, a leak, a panic

	// ExitStopped is no verdict: the user stopped the run, and shells know this
	// code as that.
	ExitStopped = 130
)

// severity orders the codes of several files, the worst first.
var severity = []int{ExitStopped, ExitProgram, ExitInput, ExitFailed, ExitInconclusive, ExitOK}

// worse returns the worse of two codes.
func worse(a, b int) int {
	if slices.Index(severity, a) < slices.Index(severity, b) {
		return a
	}
	return b
}

// exitError carries a code and, unless it was told already, what to say.
type exitError struct {
	code int
	err  error
}

func (e *exitError) Error() string {
	if e.err == nil {
		return ""
	}
	return e.err.Error()
}

func (e *exitError) Unwrap() error { return e.err }

// said is the outcome of a command that has told everything itself.
func said(code int) error {
	if code == ExitOK {
		return nil
	}
	return &exitError{code: code}
}
