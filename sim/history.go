package sim

import (
	"context"
	"sync"
	"time"

	"stickylab/cluster/trace"
	"stickylab/sim/ledger"
)

// past is what is kept of a run that goes on. Its methods are safe from any
// goroutine.
type past struct {
	mu      sync.Mutex
	history history
	more    chan struct{} // closed when there are more events
}

// begin keeps the state before everything.
func (p *past) begin(state *ledger.Ledger) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.history.begin(state)
}

// record keeps a step's events, on the scheduler's goroutine.
func (p *past) record(events []trace.Event, after *ledger.Ledger) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.history.add(events, after)
	if p.more != nil {
		close(p.more)
		p.more = nil
	}
}

// Len returns how many events there are so far. The first has the number 1.
func (p *past) Len() uint64 {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.history.len
}

// Ledger returns the state after the first n events, as it was then; what
// happened between the last of them and the time now is nothing. It belongs to
// the caller. Detail that has aged out gives the state at its end.
func (p *past) Ledger(n uint64, now time.Duration) *ledger.Ledger {
	p.mu.Lock()
	from, events := p.history.upTo(n)
	at := from.Clone()
	p.mu.Unlock()
	for i := range events {
		at.Apply(&events[i])
	}
	at.Advance(now)
	return at
}

// Before returns how many events happened before the instant t.
func (p *past) Before(t time.Duration) uint64 {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.history.before(t)
}

// Events returns the events from..to, both included, as far as they are kept.
// The slice must not be changed.
func (p *past) Events(from, to uint64) []trace.Event {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.history.slice(from, to)
}

// Oldest returns the number of the oldest event whose detail is kept.
func (p *past) Oldest() uint64 {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.history.oldest()
}

// await waits until there are more than n events, or until ctx ends.
func (p *past) await(ctx context.Context, n uint64) error {
	for {
		p.mu.Lock()
		if p.history.len > n {
			p.mu.Unlock()
			return nil
		}
		if p.more == nil {
			p.more = make(chan struct{})
		}
		more := p.more
		p.mu.Unlock()
		select {
		case <-more:
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}

// stretch is how many events Follow hands over at once at most.
const stretch = 2000

// Follow hands over the events from a number on, as they happen, until ctx ends
// or f returns an error, which it returns. Events that were forgotten before f
// could have them are left out: the numbers tell.
func (p *past) Follow(ctx context.Context, from uint64, f func([]trace.Event) error) error {
	for next := max(from, 1); ; {
		if err := p.await(ctx, next-1); err != nil {
			return err
		}
		next = max(next, p.Oldest())
		events := p.Events(next, next+stretch-1)
		if len(events) == 0 {
			continue
		}
		next = events[len(events)-1].Seq + 1
		if err := f(events); err != nil {
			return err
		}
	}
}
