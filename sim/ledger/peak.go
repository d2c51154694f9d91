package ledger

import (
	"slices"
	"time"
)

// A peakCounter counts requests by the second, from an instant at which some
// window begins or ends: seconds that begin elsewhere cannot be derived from
// them. It knows only the current second and the busiest one so far.
type peakCounter struct {
	from   time.Duration
	second time.Duration // number of the second of now
	n      int           // requests in it
	peak   int
}

func (h *peakCounter) count(at time.Duration, n int) {
	if second := (at - h.from) / time.Second; second != h.second {
		h.second, h.n = second, 0
	}
	h.n += n
	h.peak = max(h.peak, h.n)
}

// peakCounterAt returns the counter from an instant, or nil.
func (l *Ledger) peakCounterAt(from time.Duration) *peakCounter {
	if i := slices.IndexFunc(l.peaks, func(h peakCounter) bool { return h.from == from }); i >= 0 {
		return &l.peaks[i]
	}
	return nil
}

// countPeakFrom begins to count from an instant; from one in the past on, what
// happened since is made up for.
func (l *Ledger) countPeakFrom(from time.Duration) {
	if l.peakCounterAt(from) == nil {
		l.peaks = append(l.peaks, l.peakCounterSince(from))
	}
}

// peakCounterSince returns a counter from a cut in the past, made from slices. It
// is exact as long as a second is a whole number of them.
func (l *Ledger) peakCounterSince(from time.Duration) peakCounter {
	h := peakCounter{from: from}
	for s := range l.segments.all() {
		if asked := s.total().asked; s.from >= from && asked > 0 {
			h.count(s.from, asked)
		}
	}
	return h
}

// countPeaks counts a request that a client makes now.
func (l *Ledger) countPeaks() {
	if l.now >= l.config.End {
		return
	}
	for i := range l.peaks {
		if h := &l.peaks[i]; h.from <= l.now {
			h.count(l.now, 1)
		}
	}
}

// peakSince is the most requests in any one second from an instant to now, at which
// a segment begins.
func (l *Ledger) peakSince(from time.Duration) int {
	if h := l.peakCounterAt(from); h != nil {
		return h.peak
	}
	h := l.peakCounterSince(from)
	return h.peak
}
