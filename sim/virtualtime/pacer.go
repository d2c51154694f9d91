package virtualtime

import "time"

// A Pacer holds back the time of one bubble: it moves only as far as a caller
// outside lets it. Its goroutine in the bubble waits on a channel made outside,
// which stops virtual time.
type Pacer struct {
	grants   chan grant
	used     chan struct{} // a grant was used up
	released chan struct{}
	gone     chan struct{} // the bubble has ended
}

// grant is permission to do something now and then let time pass.
type grant struct {
	do      func() // may be nil
	advance time.Duration
}

// NewPacer returns a Pacer that lets no time pass. It must be made outside the
// bubble.
func NewPacer() *Pacer {
	return &Pacer{grants: make(chan grant), used: make(chan struct{}, 1), released: make(chan struct{}), gone: make(chan struct{})}
}

// Attach makes the time of the bubble depend on the pacer, until Release.
func (p *Pacer) Attach(b *Bubble) {
	b.Go(func() {
		for {
			b.Hold(true)
			select {
			case next := <-p.grants:
				b.Hold(false)
				if next.do != nil {
					next.do()
				}
				if next.advance > 0 {
					time.Sleep(next.advance)
				}
				p.used <- struct{}{}
			case <-p.released:
				b.Hold(false)
				return
			}
		}
	})
}

// Advance runs do, which may be nil and must not block, inside the bubble at the
// instant that has been reached, and lets time move on by d. It returns when
// that instant is reached, and reports false when time runs free or the bubble
// has ended. It must not be called from inside the bubble, nor twice at once.
func (p *Pacer) Advance(do func(), d time.Duration) bool {
	select {
	case p.grants <- grant{do, d}:
	case <-p.released:
		return false
	case <-p.gone:
		return false
	}
	select {
	case <-p.used:
		return true
	case <-p.gone:
		return false
	}
}

// Release lets time run free from now on. It is called once, and not while
// Advance runs.
func (p *Pacer) Release() { close(p.released) }

// Gone releases callers of Advance: the bubble has ended.
func (p *Pacer) Gone() { close(p.gone) }
