package ledger

import (
	"slices"
	"time"
)

// A herd counts requests by the second, counted from an instant at which some
// window begins or ends: seconds of another beginning can not be made of them.
// It knows only the second of now and the busiest one so far.
type herd struct {
	from   time.Duration
	second time.Duration // number of the second of now
	n      int           // requests in it
	peak   int
}

func (h *herd) count(at time.Duration, n int) {
	if second := (at - h.from) / time.Second; second != h.second {
		h.second, h.n = second, 0
	}
	h.n += n
	h.peak = max(h.peak, h.n)
}

// herdOf returns the herd from an instant, nil without one.
func (l *Ledger) herdOf(from time.Duration) *herd {
	if i := slices.IndexFunc(l.herds, func(h herd) bool { return h.from == from }); i >= 0 {
		return &l.herds[i]
	}
	return nil
}

// keepHerd begins to count from an instant; from one in the past on, what
// happened since is made up for.
func (l *Ledger) keepHerd(from time.Duration) {
	if l.herdOf(from) == nil {
		l.herds = append(l.herds, l.herdSince(from))
	}
}

// herdSince is the herd from a cut in the past, made of slices. It is exact as
// long as a second is a whole number of them.
func (l *Ledger) herdSince(from time.Duration) herd {
	h := herd{from: from}
	for _, row := range [][]*segment{l.segments.past, l.segments.list} {
		for _, s := range row {
			if s.from >= from && s.asked > 0 {
				h.count(s.from, s.asked)
			}
		}
	}
	return h
}

// countHerds counts a request that a client makes now.
func (l *Ledger) countHerds() {
	if l.now >= l.config.End {
		return
	}
	for i := range l.herds {
		if h := &l.herds[i]; h.from <= l.now {
			h.count(l.now, 1)
		}
	}
}

// peak is the most requests in any one second from an instant to now, at which
// a segment begins.
func (l *Ledger) peak(from time.Duration) int {
	if h := l.herdOf(from); h != nil {
		return h.peak
	}
	h := l.herdSince(from)
	return h.peak
}
