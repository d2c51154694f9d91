package virtualtime

import (
	"runtime/debug"
	"sync"
)

// Failure starts the goroutines of a run and records its first failure.
type Failure struct {
	once   sync.Once
	failed chan struct{}
	err    error
}

// NewFailure returns the record of a run by the wall clock.
func NewFailure() *Failure { return &Failure{failed: make(chan struct{})} }

// Go starts f in a goroutine, under Guard.
func (x *Failure) Go(f func()) { go x.Guard(f) }

// Guard calls f. A panic in it becomes the failure of the run.
func (x *Failure) Guard(f func()) {
	defer func() {
		if v := recover(); v != nil {
			x.Fail(&PanicError{Value: v, Stack: string(debug.Stack())})
		}
	}()
	f()
}

// Fail records the first failure of the run and closes Failed.
func (x *Failure) Fail(err error) {
	x.once.Do(func() {
		x.err = err
		close(x.failed)
	})
}

// Failed is closed when the run cannot continue.
func (x *Failure) Failed() <-chan struct{} { return x.failed }

// Err returns the failure once Failed is closed or the run is over, nil if there
// was none.
func (x *Failure) Err() error { return x.err }
