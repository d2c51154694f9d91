package cli

import (
	"fmt"
	"slices"
	"strings"
)

// The exit codes of every command.
const (
	ExitOK           = 0
	ExitFailed       = 1
	ExitInput        = 2
	ExitInconclusive = 3
	ExitProgram      = 4
	ExitNotJudged    = 5
)

// exits are the exit codes with their meaning, the worst first: of several
// files, the worst code is that of the command.
var exits = []struct {
	code    int
	meaning string
}{
	{ExitProgram, "the program itself failed (a stall, a leak, a panic), or an output could not\n     be written: a full disk, or a reader that left, as head does"},
	{ExitInput, "the input is wrong"},
	{ExitFailed, "an expectation failed, or the doctor found something that breaks"},
	{ExitNotJudged, "an expectation was not judged: the run did not come so far"},
	{ExitInconclusive, "an expectation had nothing to judge"},
	{ExitOK, "all expectations met"},
}

// exitHelp returns the exit codes for the help, a line for each.
func exitHelp() string {
	var lines []string
	for _, e := range exits {
		lines = append(lines, fmt.Sprintf("%5d  %s", e.code, e.meaning))
	}
	slices.Sort(lines)
	return strings.Join(lines, "\n") + "\n" + signalHelp()
}

// worse returns the worse of two codes.
func worse(a, b int) int {
	for _, e := range exits {
		if e.code == a || e.code == b {
			return e.code
		}
	}
	return a
}

// exitError carries a code and, unless it was told already, what to say.
type exitError struct {
	code int
	err  error

	judged bool // all that was to be judged had been when a signal came
}

func (e *exitError) Error() string {
	if e.err == nil {
		return ""
	}
	return e.err.Error()
}

func (e *exitError) Unwrap() error { return e.err }

// failed returns a failure of the program itself as the outcome of a command,
// nil for none.
func failed(err error) error {
	if err == nil {
		return nil
	}
	return &exitError{code: ExitProgram, err: err}
}

// said returns the outcome of a command that has told everything itself: nil for
// ExitOK, else an error with nothing to say.
func said(code int) error {
	if code == ExitOK {
		return nil
	}
	return &exitError{code: code}
}
