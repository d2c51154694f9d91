package sim

import (
	"slices"
	"sort"
	"time"

	"stickylab/cluster/trace"
	"stickylab/sim/ledger"
)

// history keeps the events of a run, in chunks that each begin with the state
// before them.
type history struct {
	chunks []*chunk
	len    uint64
	most   int // events that are kept; 0: mostEvents, and the states before the others
}

// chunk is a stretch of a trace. Its events are dropped when there are too
// many; the state at its beginning stays.
type chunk struct {
	first  uint64 // number of its first event
	at     time.Duration
	before *ledger.Ledger
	events []trace.Event
}

const (
	// chunkLength is how many events lie between two kept states.
	chunkLength = 10_000

	// mostEvents bounds what is kept in detail: about 150 bytes each.
	mostEvents = 2_000_000
)

// add appends the events of one step; after is the state behind them.
func (h *history) add(events []trace.Event, after *ledger.Ledger) {
	last := h.chunks[len(h.chunks)-1]
	last.events = append(last.events, events...)
	h.len += uint64(len(events))
	if len(last.events) >= chunkLength {
		h.begin(after)
	}
}

// begin starts a chunk at the state.
func (h *history) begin(state *ledger.Ledger) {
	h.chunks = append(h.chunks, &chunk{first: h.len + 1, at: state.Now(), before: state.Clone()})
	if old := len(h.chunks) - 1 - mostEvents/chunkLength; old >= 0 && h.most == 0 {
		h.chunks[old].events = nil
	}
	if old := len(h.chunks) - 1 - h.most/chunkLength; old > 0 && h.most > 0 {
		h.chunks = slices.Delete(h.chunks, 0, old)
	}
}

// chunkOf returns the index of the chunk that holds event n, or would.
func (h *history) chunkOf(n uint64) int {
	return max(0, sort.Search(len(h.chunks), func(i int) bool { return h.chunks[i].first > n })-1)
}

// upTo returns a state and the events that lead from it to that after n.
func (h *history) upTo(n uint64) (*ledger.Ledger, []trace.Event) {
	c := h.chunks[h.chunkOf(n)]
	if n < c.first {
		return c.before, nil
	}
	return c.before, c.events[:min(uint64(len(c.events)), n-c.first+1)]
}

// slice returns the events from..to as far as they are kept.
func (h *history) slice(from, to uint64) []trace.Event {
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

// before returns how many events happened before t.
func (h *history) before(t time.Duration) uint64 {
	i := sort.Search(len(h.chunks), func(i int) bool { return h.chunks[i].at >= t }) - 1
	if i < 0 {
		return h.chunks[0].first - 1
	}
	// Several chunks may begin at one instant: look from the last one before t.
	c := h.chunks[i]
	n := sort.Search(len(c.events), func(k int) bool { return c.events[k].At >= t })
	return c.first - 1 + uint64(n)
}

// oldest returns the number of the oldest event that is kept.
func (h *history) oldest() uint64 {
	for _, c := range h.chunks {
		if len(c.events) > 0 {
			return c.first
		}
	}
	return h.len + 1
}
