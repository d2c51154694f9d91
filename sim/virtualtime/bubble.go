// Package virtualtime runs a function in a bubble in which time moves only
// when every goroutine waits. It is the only package that imports synctest, whose
// bubbles it opens in ordinary programs, with a testing.T that no test has made.
// Go does not promise that this works; TestAnOrdinaryProgramOpensABubble fails,
// and says what broke, when a release changes it.
package virtualtime

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"runtime"
	"runtime/debug"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// DefaultStall is the time, by the wall clock, that a bubble may make no progress
// before the watchdog calls it stalled.
const DefaultStall = 30 * time.Second

// Options of Run. The zero value works.
type Options struct {
	Stall time.Duration // see DefaultStall; it must also cover the longest single step

	// Perturb, for tests, makes new goroutines Yield, so that they come to run in an
	// order that they seldom have by themselves.
	Perturb bool
}

// A Bubble is what runs inside: goroutines are started through it.
type Bubble struct {
	Failure
	progress atomic.Uint64
	held     atomic.Bool
	perturb  bool
}

// Run calls f in a new bubble and returns when f has returned and every
// goroutine that was started in it has ended. Several bubbles may run side by
// side. The error is that of f or one of *PanicError, *LeakError,
// *DeadlockError and *StallError; after a stall the bubble's goroutines are
// stuck for good, and the program should end.
func Run(o Options, f func(*Bubble) error) error {
	if o.Stall == 0 {
		o.Stall = DefaultStall
	}
	b := &Bubble{perturb: o.Perturb}
	done := make(chan error, 1)
	go func() { done <- b.open(f) }()
	return b.watch(done, o.Stall)
}

// Wait blocks until every other goroutine of the bubble is durably blocked. No
// two goroutines of a bubble may call it at once.
func (b *Bubble) Wait() {
	b.progress.Add(1)
	synctest.Wait()
}

// Go starts f in a goroutine, under Guard.
func (b *Bubble) Go(f func()) {
	if b.perturb {
		b.Failure.Go(func() {
			Yield()
			f()
		})
		return
	}
	b.Failure.Go(f)
}

// Yield lets other goroutines come first, or not.
func Yield() {
	for range rand.IntN(4) {
		runtime.Gosched()
	}
}

// Hold tells the watchdog whether the bubble waits on purpose.
func (b *Bubble) Hold(on bool) { b.held.Store(on) }

func (b *Bubble) open(f func(*Bubble) error) (err error) {
	// The bubble reports a leak or a deadlock as a panic out here.
	defer func() {
		v := recover()
		if v == nil {
			return
		}
		text := fmt.Sprint(v)
		switch {
		case b.Err() != nil:
			err = b.Err() // what was left behind is its consequence
		case strings.Contains(text, "blocked goroutines remain"):
			err = NewLeakError()
		case strings.Contains(text, "deadlock"):
			err = &DeadlockError{goroutines(Stacks())}
		default:
			err = &PanicError{Value: v, Stack: string(debug.Stack())}
		}
	}()
	var ferr error
	// The T is only a key to the bubble: none of its methods may be called.
	synctest.Test(new(testing.T), func(*testing.T) {
		b.failed = make(chan struct{})
		b.Guard(func() { ferr = f(b) })
	})
	return cmp.Or(b.Err(), ferr)
}

// watch waits for the run's end, or for a stall.
func (b *Bubble) watch(done <-chan error, stall time.Duration) error {
	ticker := time.NewTicker(stall / 4)
	defer ticker.Stop()
	last, quiet := b.progress.Load(), 0
	for {
		select {
		case err := <-done:
			return err
		case <-ticker.C:
		}
		now := b.progress.Load()
		if now != last || b.held.Load() {
			last, quiet = now, 0
			continue
		}
		if quiet++; quiet >= 4 {
			return &StallError{stall, goroutines(Stacks())}
		}
	}
}

// Stacks returns the stacks of the goroutines that are in a bubble.
func Stacks() string {
	buf := make([]byte, 1<<20)
	for {
		n := runtime.Stack(buf, true)
		if n < len(buf) || len(buf) >= 64<<20 {
			buf = buf[:n]
			break
		}
		buf = make([]byte, 2*len(buf))
	}
	var out strings.Builder
	for g := range strings.SplitSeq(string(buf), "\n\n") {
		if head, _, _ := strings.Cut(g, "\n"); strings.Contains(head, "synctest bubble") {
			out.WriteString(g)
			out.WriteString("\n\n")
		}
	}
	return strings.TrimSpace(out.String())
}
