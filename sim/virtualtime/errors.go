package virtualtime

import (
	"fmt"
	"strings"
	"time"
)

// PanicError is a panic in a goroutine of the run.
type PanicError struct {
	Value any
	Stack string
}

func (e *PanicError) Error() string { return fmt.Sprintf("panic in the run: %v", e.Value) }

// Detail returns the stack.
func (e *PanicError) Detail() string { return e.Stack }

// goroutines are the stacks of goroutines of the run.
type goroutines string

// Detail returns the stacks.
func (g goroutines) Detail() string { return string(g) }

func (g goroutines) count() int {
	if g == "" {
		return 0
	}
	return strings.Count(string(g), "\n\n") + 1
}

// LeakError says that goroutines were left when the run ended.
type LeakError struct{ goroutines }

// NewLeakError returns the error for the goroutines that there are now.
func NewLeakError() *LeakError { return &LeakError{goroutines(Stacks())} }

func (e *LeakError) Error() string {
	return fmt.Sprintf("the run left %d goroutines behind", e.count())
}

// DeadlockError says that every goroutine of the run waited for another, and
// none for a time to come.
type DeadlockError struct{ goroutines }

func (e *DeadlockError) Error() string {
	return fmt.Sprintf("deadlock: %d goroutines wait for each other", e.count())
}

// StallError says that virtual time was frozen although nothing held it: some
// goroutine waits for a mutex, or for the world outside, while the others wait
// for time to move.
type StallError struct {
	After time.Duration
	goroutines
}

func (e *StallError) Error() string {
	return fmt.Sprintf("virtual time has not moved for %v: %d goroutines, see which one waits for a mutex or for real I/O", e.After, e.count())
}
