package inspect

import (
	"sort"
	"time"

	"stickylab/cluster/trace"
)

// Bounds of what is looked through for one page, in events.
const (
	window = 1024   // read at a time: rarely across two chunks, which costs a copy
	reach  = 30_000 // of one search
)

// end says why a search ended.
type end uint8

const (
	found  end = iota // the callback had what it wanted
	whole             // everything there was has been seen
	aged              // what lies beyond is no longer kept
	tooFar            // the bound was reached
)

// back calls f for the events from..1, the latest first, until f returns
// false.
func back(s *Source, from uint64, f func(e *trace.Event) bool) end {
	oldest := max(s.Oldest(), 1)
	for seen := uint64(0); from >= oldest && from > 0; {
		if seen >= reach {
			return tooFar
		}
		to := from
		from = max(oldest, to-min(to, window)+1)
		events := s.Events(from, to)
		for i := len(events) - 1; i >= 0; i-- {
			if !f(&events[i]) {
				return found
			}
		}
		seen += to - from + 1
		from--
	}
	if oldest > 1 {
		return aged
	}
	return whole
}

// Back calls f for the events up to the cursor, the latest first, until f returns
// false or enough have been looked through.
func (s *Source) Back(f func(e *trace.Event) bool) { back(s, s.Cursor, f) }

// ahead calls f for the events from.. up to the cursor, until f returns false.
func ahead(s *Source, from uint64, f func(e *trace.Event) bool) end {
	last := s.Cursor
	if from < s.Oldest() {
		return aged
	}
	for seen := uint64(0); from <= last; {
		if seen >= reach {
			return tooFar
		}
		to := min(last, from+window-1)
		events := s.Events(from, to)
		for i := range events {
			if !f(&events[i]) {
				return found
			}
		}
		seen += to - from + 1
		from = to + 1
	}
	return whole
}

// since returns the number of the first event at or after an instant: one more
// than the cursor if there is none, and the oldest that is kept if it is
// younger.
func since(s *Source, at time.Duration) uint64 {
	oldest, last := max(s.Oldest(), 1), s.Cursor
	if oldest > last {
		return last + 1
	}
	n := sort.Search(int(last-oldest+1), func(i int) bool {
		k := oldest + uint64(i)
		events := s.Events(k, k)
		return len(events) > 0 && events[0].At >= at
	})
	return oldest + uint64(n)
}
