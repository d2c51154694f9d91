package virtualtime

import (
	"sync"
	"time"
)

// A Pacer lets virtual time of one bubble run at a speed, stand still, or move
// by hand. Its goroutine in the bubble waits on a channel made outside, which
// stops virtual time, until a stretch of it is granted.
type Pacer struct {
	grants chan grant

	mu     sync.Mutex
	speed  float64
	paused bool
}

type grant struct {
	advance time.Duration
	do      func()
}

// pacerTick is the wall time between two grants.
const pacerTick = 20 * time.Millisecond

// NewPacer returns a pacer; it must be made outside the bubble. The speed is
// virtual seconds per second.
func NewPacer(speed float64) *Pacer {
	return &Pacer{grants: make(chan grant), speed: speed}
}

// Attach starts the pacer's goroutine in the bubble; it ends when done is
// closed, at the next grant.
func (p *Pacer) Attach(b *Bubble, done <-chan struct{}) {
	b.Go(func() {
		for {
			b.Hold(true)
			g, ok := <-p.grants
			b.Hold(false)
			if !ok {
				return
			}
			if g.do != nil {
				g.do()
			}
			select {
			case <-done:
				return
			case <-time.After(g.advance):
			}
		}
	})
}

// SetSpeed changes the speed.
func (p *Pacer) SetSpeed(speed float64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.speed = speed
}

// Pause stops virtual time, or lets it go on.
func (p *Pacer) Pause(on bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.paused = on
}

// Do runs f inside the bubble, at the virtual instant that has been reached.
// It must not be called from inside.
func (p *Pacer) Do(f func()) { p.grants <- grant{do: f} }

// Advance grants a stretch of virtual time at once.
func (p *Pacer) Advance(d time.Duration) { p.grants <- grant{advance: d} }

// Drive grants time at the pacer's speed, by the wall clock, until stop is
// closed; then the bubble runs free of the pacer.
func (p *Pacer) Drive(stop <-chan struct{}) {
	ticker := time.NewTicker(pacerTick)
	defer ticker.Stop()
	defer close(p.grants)
	for {
		select {
		case <-stop:
			return
		case <-ticker.C:
		}
		p.mu.Lock()
		advance := time.Duration(p.speed * float64(pacerTick))
		if p.paused {
			advance = 0
		}
		p.mu.Unlock()
		if advance == 0 {
			continue
		}
		select {
		case p.grants <- grant{advance: advance}:
		case <-stop:
			return
		}
	}
}
