package sim

import (
	"cmp"
	"context"
	"slices"
	"sort"
	"sync"
	"time"

	"stickylab/cluster/trace"
	"stickylab/sim/ledger"
)

// history keeps the events of a run that is watched, in chunks that each begin
// with the state before them. Its methods are safe from any goroutine.
type history struct {
	limit int // events that are kept, with the states before them; zero means mostEvents, and all states

	mu     sync.Mutex
	chunks []*chunk
	bare   int // chunks whose events were dropped
	len    uint64
	kept   int           // events
	more   chan struct{} // closed when there are more events
}

// chunk is a stretch of a trace. Its events are dropped when there are too
// many; the state at its beginning stays, unless there is a limit.
type chunk struct {
	first  uint64 // number of its first event
	at     time.Duration
	before *ledger.Ledger
	events []trace.Event
}

const (
	// chunkLength is how many events at least lie between two kept states: more where
	// a state takes more than a third of their memory. A limit is divided by four.
	chunkLength = 10_000

	// mostEvents bounds what is kept in detail.
	mostEvents = 2_000_000

	// eventSize is about how many bytes an event takes, without names.
	eventSize = 150

	// oldAge is how long what a limit lets keep is kept in any case; what is older
	// is kept as long as all takes no more than oldMemory.
	oldAge    = time.Minute
	oldMemory = 8 << 20
)

// size returns about how many bytes a chunk takes. What it shares with others counts
// in each.
func (c *chunk) size() int { return c.before.Size() + 2*eventSize*len(c.events) }

// end returns when its last event so far happened.
func (c *chunk) end() time.Duration {
	if n := len(c.events); n > 0 {
		return c.events[n-1].At
	}
	return c.at
}

// begin keeps the state before everything.
func (h *history) begin(state *ledger.Ledger) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.addChunk(state)
}

// record keeps the events of one step, on the scheduler's goroutine; after is the
// state after them.
func (h *history) record(events []trace.Event, after *ledger.Ledger) {
	h.mu.Lock()
	defer h.mu.Unlock()
	last := h.chunks[len(h.chunks)-1]
	last.events = append(last.events, events...)
	h.len += uint64(len(events))
	h.kept += len(events)
	if n := len(last.events); n >= chunkLength && n*eventSize >= 3*after.Weight() || h.limit > 0 && n >= h.limit/4 {
		last.events = slices.Clone(last.events) // without room for more
		h.addChunk(after)
	}
	if h.more != nil {
		close(h.more)
		h.more = nil
	}
}

// addChunk starts a chunk at the state.
func (h *history) addChunk(state *ledger.Ledger) {
	h.chunks = append(h.chunks, &chunk{first: h.len + 1, at: state.Now(), before: state.Clone()})
	h.drop(state.Now())
}

// age drops what is too old, on the scheduler's goroutine, and reports whether
// there was anything; state is that of now.
func (h *history) age(state *ledger.Ledger) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	before := h.kept
	if last := h.chunks[len(h.chunks)-1]; last.end() < state.Now()-oldAge && last.size() >= oldMemory/8 {
		h.addChunk(state)
	} else {
		h.drop(state.Now())
	}
	return h.kept < before
}

// drop drops the oldest events as long as there are too many of them, or they are
// old and take too much.
func (h *history) drop(now time.Duration) {
	for h.bare < len(h.chunks)-1 {
		c := h.chunks[h.bare]
		most := cmp.Or(h.limit, mostEvents)
		switch {
		case h.kept-len(c.events) >= most:
		case h.limit > 0 && c.end() < now-oldAge && h.size() > oldMemory:
		default:
			return
		}
		h.kept -= len(c.events)
		if h.limit > 0 {
			h.chunks[0] = nil
			h.chunks = h.chunks[1:]
		} else {
			c.events = nil
			h.bare++
		}
	}
}

// size returns about how many bytes the chunks take.
func (h *history) size() int {
	sum := 0
	for _, c := range h.chunks {
		sum += c.size()
	}
	return sum
}

// chunkOf returns the index of the chunk that holds event n, or would.
func (h *history) chunkOf(n uint64) int {
	return max(0, sort.Search(len(h.chunks), func(i int) bool { return h.chunks[i].first > n })-1)
}

// Len returns how many events there are so far. The first has the number 1.
func (h *history) Len() uint64 {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.len
}

// Ledger returns the state after the first n events, as it was then; what
// happened between the last of them and the time now is nothing. It belongs to
// the caller. Detail that has aged out gives the state at its end.
func (h *history) Ledger(n uint64, now time.Duration) *ledger.Ledger {
	h.mu.Lock()
	c := h.chunks[h.chunkOf(n)]
	at := c.before.Clone()
	var events []trace.Event
	if n >= c.first {
		events = c.events[:min(uint64(len(c.events)), n-c.first+1)]
	}
	h.mu.Unlock()
	for i := range events {
		at.Apply(&events[i])
	}
	at.Advance(now)
	return at
}

// Before returns how many events happened before the instant t.
func (h *history) Before(t time.Duration) uint64 {
	h.mu.Lock()
	defer h.mu.Unlock()
	i := sort.Search(len(h.chunks), func(i int) bool { return h.chunks[i].at >= t }) - 1
	if i < 0 {
		return h.chunks[0].first - 1
	}
	// Several chunks may begin at one instant: look from the last one before t.
	c := h.chunks[i]
	n := sort.Search(len(c.events), func(k int) bool { return c.events[k].At >= t })
	return c.first - 1 + uint64(n)
}

// Events returns the events from..to, both included, as far as they are kept.
// The slice must not be changed.
func (h *history) Events(from, to uint64) []trace.Event {
	h.mu.Lock()
	defer h.mu.Unlock()
	from, to = max(from, 1), min(to, h.len)
	if from > to {
		return nil
	}
	var out []trace.Event
	for _, c := range h.chunks[h.chunkOf(from):] {
		if c.first > to {
			break
		}
		skip := max(from, c.first) - c.first
		part := c.events[min(skip, uint64(len(c.events))):]
		part = part[:min(uint64(len(part)), to-max(from, c.first)+1)]
		if out == nil {
			out = slices.Clip(part) // no copy when it is all in one chunk
		} else {
			out = append(out, part...)
		}
	}
	return out
}

// Oldest returns the number of the oldest event whose detail is kept.
func (h *history) Oldest() uint64 {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, c := range h.chunks {
		if len(c.events) > 0 {
			return c.first
		}
	}
	return h.len + 1
}

// await waits until there are more than n events. It fails with the cause when
// ctx ends.
func (h *history) await(ctx context.Context, n uint64) error {
	for {
		h.mu.Lock()
		if h.len > n {
			h.mu.Unlock()
			return nil
		}
		if h.more == nil {
			h.more = make(chan struct{})
		}
		more := h.more
		h.mu.Unlock()
		select {
		case <-more:
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}

// followAtOnce is how many events Follow hands over at once at most.
const followAtOnce = 2000

// Follow hands over the events from a number on, as they happen, until ctx ends,
// whose cause it returns, or f fails, whose error it returns. Events that were
// forgotten before f could have them are left out, as their numbers show.
func (h *history) Follow(ctx context.Context, from uint64, f func([]trace.Event) error) error {
	for next := max(from, 1); ; {
		if err := h.await(ctx, next-1); err != nil {
			return err
		}
		next = max(next, h.Oldest())
		events := h.Events(next, next+followAtOnce-1)
		if len(events) == 0 {
			continue
		}
		next = events[len(events)-1].Seq + 1
		if err := f(events); err != nil {
			return err
		}
	}
}
