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

// LeakError says that goroutines were left when the run ended.
type LeakError struct {
	Goroutines string // their stacks
}

func (e *LeakError) Error() string {
	return fmt.Sprintf("the run left %d goroutines behind", count(e.Goroutines))
}

// Detail returns the stacks.
func (e *LeakError) Detail() string { return e.Goroutines }

// DeadlockError says that every goroutine of the run waited for another, and
// none for a time to come.
type DeadlockError struct {
	Goroutines string
}

func (e *DeadlockError) Error() string {
	return fmt.Sprintf("deadlock: %d goroutines wait for each other", count(e.Goroutines))
}

// Detail returns the stacks.
func (e *DeadlockError) Detail() string { return e.Goroutines }

// StallError says that virtual time stood still although nobody held it: some
// goroutine waits for a mutex, or for the world outside, while the others wait
// for time to move.
type StallError struct {
	After      time.Duration
	Goroutines string
}

func (e *StallError) Error() string {
	return fmt.Sprintf("virtual time has not moved for %v: %d goroutines, see which one waits for a mutex or for real I/O", e.After, count(e.Goroutines))
}

// Detail returns the stacks.
func (e *StallError) Detail() string { return e.Goroutines }

func count(goroutines string) int {
	if goroutines == "" {
		return 0
	}
	return strings.Count(goroutines, "\n\n") + 1
}
