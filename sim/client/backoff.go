package client

import (
	"math"
	"time"
)

// backoff computes the delays between attempts to reconnect, as the client's
// Backoff class (contrib/backo2) does: ms * 2^attempts, a jitter that one
// random number gives both size and sign, and a cap that comes last.
type backoff struct {
	attempts int // since the last success
}

// next returns the delay before the next attempt, a whole number of
// milliseconds; random is in [0, 1).
func (b *backoff) next(r Reconnection, random float64) time.Duration {
	// Far beyond any cap; the original gets NaN after a thousand attempts.
	exponent := min(b.attempts, 32)
	b.attempts++
	ms := float64(r.Delay.Milliseconds()) * math.Exp2(float64(exponent))
	if r.Factor > 0 && r.Factor <= 1 {
		deviation := math.Floor(random * r.Factor * ms)
		if int(random*10)&1 == 0 {
			ms -= deviation
		} else {
			ms += deviation
		}
	}
	return time.Duration(min(ms, float64(r.DelayMax.Milliseconds()))) * time.Millisecond
}
