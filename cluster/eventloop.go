package cluster

import (
	"sync"
	"sync/atomic"
	"time"

	"stickylab/cluster/host"
)

// An eventLoop lets a node's goroutines run as its event loop would: one waits
// here when a timer has run out or bytes have come. While it is paused they all
// wait, as in a process that was stopped (SIGSTOP) or whose event loop is busy:
// the kernel continues to accept connections and to take bytes. A nil eventLoop
// is never paused; a wait on a running one costs an atomic load.
//
// When it resumes, the waiting goroutines continue one by one: timers first, in
// the order in which they ran out, then input, in the order in which it came (as
// libuv's loop does: timers, then poll). In virtual time each waits until all that
// the one before it led to has come to rest; by the wall clock they may overtake
// each other.
type eventLoop struct {
	soon func(func()) // calls a function in a new goroutine, as a timer that is due

	paused atomic.Bool

	mu         sync.Mutex
	resuming   bool
	generation int // counts what was done to the loop
	waiting    [queues][]chan struct{}
}

// A queue is one of the lines of waiting goroutines.
type queue int

const (
	timers queue = iota
	input
	queues
)

// wait returns when the loop runs, or it is the caller's turn. It must not be
// called with a lock held.
func (l *eventLoop) wait(q queue) {
	if l == nil || !l.paused.Load() {
		return
	}
	if turn := l.enqueue(q); turn != nil {
		<-turn
	}
}

// enqueue takes a place in a line and returns the channel that is closed when it
// is the caller's turn, or nil when the loop runs.
func (l *eventLoop) enqueue(q queue) <-chan struct{} {
	l.mu.Lock()
	defer l.mu.Unlock()
	if !l.paused.Load() {
		return nil
	}
	turn := make(chan struct{})
	l.waiting[q] = append(l.waiting[q], turn)
	return turn
}

// pause stops the loop, also one that is just resuming, and returns the number
// that identifies this pause for resume.
func (l *eventLoop) pause() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.paused.Store(true)
	l.resuming = false
	l.generation++
	return l.generation
}

// resume begins to resume a paused loop and reports whether it did. With the
// number of a pause it does so only if nothing was done to the loop since; 0
// stands for any pause.
func (l *eventLoop) resume(number int) bool {
	l.mu.Lock()
	if !l.paused.Load() || l.resuming || number != 0 && number != l.generation {
		l.mu.Unlock()
		return false
	}
	l.resuming = true
	l.generation++
	turn := l.generation
	l.mu.Unlock()
	l.soon(func() { l.next(turn) })
	return true
}

// stopped reports whether goroutines that are started now have to wait. A nil loop
// never stops.
func (l *eventLoop) stopped() bool { return l != nil && l.paused.Load() }

// isPaused reports whether the loop is paused and not about to resume.
func (l *eventLoop) isPaused() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.paused.Load() && !l.resuming
}

// next lets the first goroutine continue, and after it the others, also those that
// come meanwhile.
func (l *eventLoop) next(turn int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.generation != turn { // paused again
		return
	}
	first := l.dequeue()
	if first == nil {
		l.paused.Store(false)
		l.resuming = false
		return
	}
	close(first)
	l.soon(func() { l.next(turn) })
}

// dequeue takes the first in line, nil if none waits. It needs the lock.
func (l *eventLoop) dequeue() chan struct{} {
	for q := range l.waiting {
		if line := l.waiting[q]; len(line) > 0 {
			l.waiting[q] = line[1:]
			return line[0]
		}
	}
	return nil
}

// around returns e with its goroutines and timer callbacks waiting for the loop. A
// goroutine takes its place in the line when it is started: which of several
// comes to run first depends on the machine.
func (l *eventLoop) around(e host.Env) host.Env {
	start, after := e.Go, e.AfterFunc
	e.Go = func(f func()) {
		if !l.paused.Load() {
			start(f)
			return
		}
		turn := l.enqueue(timers)
		start(func() {
			if turn != nil {
				<-turn
			}
			f()
		})
	}
	e.AfterFunc = func(key string, d time.Duration, f func()) host.Timer {
		return after(key, d, func() {
			l.wait(timers)
			f()
		})
	}
	return e
}
