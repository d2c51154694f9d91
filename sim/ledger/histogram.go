package ledger

import (
	"math"
	"math/bits"
	"time"
)

const (
	subBits = 7 // 128 steps in each power of two: a step is under 0.8 % wide
	steps   = 1 << subBits
	octaves = 64 - subBits
)

// A histogram counts durations by logarithmic buckets: exact below 128 ns, and
// the middle of a bucket is less than 0.4 % off above. A power of two takes
// memory only once it is used.
type histogram struct {
	counts   [octaves]*[steps]uint32
	n        int
	min, max time.Duration
}

// bucket returns the octave and the step in it of d.
func bucket(d time.Duration) (octave, step int) {
	v := uint64(max(d, 0))
	if v < steps {
		return 0, int(v)
	}
	shift := bits.Len64(v) - subBits - 1
	return shift + 1, int(v>>shift) - steps
}

// middle returns the duration that represents a bucket.
func middle(octave, step int) time.Duration {
	if octave == 0 {
		return time.Duration(step)
	}
	shift := octave - 1
	low := uint64(steps+step) << shift
	return time.Duration(low + (uint64(1)<<shift)/2)
}

func (h *histogram) add(d time.Duration) {
	octave, step := bucket(d)
	if h.counts[octave] == nil {
		h.counts[octave] = new([steps]uint32)
	}
	h.counts[octave][step]++
	if h.n == 0 || d < h.min {
		h.min = d
	}
	if d > h.max {
		h.max = d
	}
	h.n++
}

// merge adds what o counted.
func (h *histogram) merge(o *histogram) {
	if o.n == 0 {
		return
	}
	for i, from := range o.counts {
		if from == nil {
			continue
		}
		if h.counts[i] == nil {
			h.counts[i] = new([steps]uint32)
		}
		for j, c := range from {
			h.counts[i][j] += c
		}
	}
	if h.n == 0 || o.min < h.min {
		h.min = o.min
	}
	h.max = max(h.max, o.max)
	h.n += o.n
}

// clone returns a copy that shares nothing.
func (h *histogram) clone() histogram {
	var c histogram
	c.merge(h)
	return c
}

// quantile returns the smallest duration that at least the share q of what was
// counted does not exceed (nearest rank); 0 when nothing was counted.
func (h *histogram) quantile(q float64) time.Duration {
	if h.n == 0 {
		return 0
	}
	rank := max(int(math.Ceil(q*float64(h.n))), 1)
	seen := 0
	for i, octave := range h.counts {
		if octave == nil {
			continue
		}
		for j, c := range octave {
			if seen += int(c); c > 0 && seen >= rank {
				return min(max(middle(i, j), h.min), h.max)
			}
		}
	}
	return h.max
}

func (h *histogram) latency() Latency {
	ms := func(q float64) float64 { return float64(h.quantile(q)) / float64(time.Millisecond) }
	return Latency{P50: ms(0.50), P95: ms(0.95), P99: ms(0.99), Count: h.n}
}
