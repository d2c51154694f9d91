package network

import (
	"slices"
	"sync"
	"time"
)

// clock is a scheduler by the wall clock.
type clock struct {
	quiet func()

	mu      sync.Mutex
	entries []entry // in the order of time
	woken   chan struct{}
	done    chan struct{}
}

// entry is something to do at an instant.
type entry struct {
	at time.Time
	do func()
}

// tick is the time between two closings of a step in a wall-clock run.
const tick = 5 * time.Millisecond

func newClock(quiet func()) *clock {
	return &clock{quiet: quiet, woken: make(chan struct{}, 1), done: make(chan struct{})}
}

// At runs f on the scheduler's goroutine at the instant t; entries of one
// instant run in the order in which they were added.
func (c *clock) At(t time.Time, f func()) {
	c.mu.Lock()
	i := len(c.entries)
	for i > 0 && c.entries[i-1].at.After(t) {
		i--
	}
	c.entries = slices.Insert(c.entries, i, entry{t, f})
	c.mu.Unlock()
	select {
	case c.woken <- struct{}{}:
	default:
	}
}

// Before is At: by the wall clock no two entries share an instant by chance.
func (c *clock) Before(t time.Time, f func()) { c.At(t, f) }

// Run is the scheduler: it runs what At was given and closes steps until stop.
func (c *clock) Run() {
	ticker := time.NewTicker(tick)
	defer ticker.Stop()
	for {
		c.quiet()
		for f := c.due(); f != nil; f = c.due() {
			f()
			c.quiet()
		}
		select {
		case <-ticker.C:
		case <-c.woken:
		case <-c.done:
			return
		}
	}
}

// due takes the first entry whose time has come, nil if there is none.
func (c *clock) due() func() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.entries) == 0 || c.entries[0].at.After(time.Now()) {
		return nil
	}
	f := c.entries[0].do
	c.entries = c.entries[1:]
	return f
}

// stop ends Run. It is called once.
func (c *clock) stop() { close(c.done) }
