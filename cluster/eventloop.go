package cluster

import (
	"sync"
	"sync/atomic"
	"time"

	"stickylab/cluster/host"
)

// A eventLoop stands where the event loop of a node meets the world: a timer that
// has run out, bytes that have come. While it is shut everything waits before
// it, as before a process that was stopped (SIGSTOP) or whose event loop is
// busy: the kernel goes on accepting connections and taking bytes. A nil gate
// is always open; passing an open one costs an atomic load.
//
// When it opens, those who wait go through one by one: timers first, in the
// order in which they ran out, then input, in the order in which it came (as
// libuv's loop does: timers, then poll). Between two of them everybody may act,
// so that under virtual time the order is the same in every run; by the wall
// clock those who are let through may overtake each other.
type eventLoop struct {
	start func(func()) // starts a goroutine

	paused atomic.Bool

	mu         sync.Mutex
	resuming   bool
	generation int // counts what was done to the gate
	waiting    [queues][]chan struct{}
}

// A queue is a line before the gate.
type queue int

const (
	timers queue = iota
	input
	queues
)

// between is what lies between two that go through: no time at all but for a
// clock that stands still while somebody acts.
const between = time.Nanosecond

// wait returns when the gate is open, or it is the caller's turn. It must not
// be called with a lock held.
func (g *eventLoop) wait(q queue) {
	if g == nil || !g.paused.Load() {
		return
	}
	if turn := g.enqueue(q); turn != nil {
		<-turn
	}
}

// enqueue takes a place in a line; nil: the gate is open. Who is in line has to
// wait until the channel is closed.
func (g *eventLoop) enqueue(q queue) <-chan struct{} {
	g.mu.Lock()
	defer g.mu.Unlock()
	if !g.paused.Load() {
		return nil
	}
	turn := make(chan struct{})
	g.waiting[q] = append(g.waiting[q], turn)
	return turn
}

// pause shuts the gate, also one that is just opening, and returns the number
// by which open knows this time.
func (g *eventLoop) pause() int {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.paused.Store(true)
	g.resuming = false
	g.generation++
	return g.generation
}

// resume begins to open a gate that is shut. With a number it does so only if the
// gate was not touched since close returned it; 0 is any time.
func (g *eventLoop) resume(number int) bool {
	g.mu.Lock()
	if !g.paused.Load() || g.resuming || number != 0 && number != g.generation {
		g.mu.Unlock()
		return false
	}
	g.resuming = true
	g.generation++
	turn := g.generation
	g.mu.Unlock()
	g.start(func() { g.drain(turn) })
	return true
}

// isPaused reports whether the gate is shut and not about to open.
func (g *eventLoop) isPaused() bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.paused.Load() && !g.resuming
}

// drain lets those who wait go through, and those who come meanwhile.
func (g *eventLoop) drain(turn int) {
	for {
		g.mu.Lock()
		if g.generation != turn { // shut again, or abolished
			g.mu.Unlock()
			return
		}
		next := g.dequeue()
		if next == nil {
			g.paused.Store(false)
			g.resuming = false
			g.mu.Unlock()
			return
		}
		g.mu.Unlock()
		close(next)
		time.Sleep(between)
	}
}

// dequeue takes the first in line, nil if nobody waits. It needs the lock.
func (g *eventLoop) dequeue() chan struct{} {
	for q := range g.waiting {
		if line := g.waiting[q]; len(line) > 0 {
			g.waiting[q] = line[1:]
			return line[0]
		}
	}
	return nil
}

// abandon lets everybody through at once: the process ends.
func (g *eventLoop) abandon() {
	g.mu.Lock()
	g.paused.Store(false)
	g.resuming = false
	g.generation++
	waiting := g.waiting
	g.waiting = [queues][]chan struct{}{}
	g.mu.Unlock()
	for _, line := range waiting {
		for _, turn := range line {
			close(turn)
		}
	}
}

// around returns e with its goroutines and callbacks of timers before the gate.
// A goroutine's place in the line is that of who starts it: which of several
// comes to run first depends on the machine.
func (g *eventLoop) around(e host.Env) host.Env {
	start, guard := e.Go, e.Guard
	e.Go = func(f func()) {
		if !g.paused.Load() {
			start(f)
			return
		}
		turn := g.enqueue(timers)
		start(func() {
			if turn != nil {
				<-turn
			}
			f()
		})
	}
	e.Guard = func(f func()) {
		g.wait(timers)
		guard(f)
	}
	return e
}
