package virtualtime

import "time"

// A Gate holds back the time of one bubble: it moves only as far as somebody
// outside lets it. Its goroutine in the bubble waits on a channel made outside,
// which stops virtual time.
type Gate struct {
	grants chan grant
	done   chan struct{} // a grant was used up
	open   chan struct{} // time runs free
	gone   chan struct{} // the bubble has ended
}

type grant struct {
	do      func() // may be nil
	advance time.Duration
	done    chan<- struct{}
}

// NewGate returns a closed gate. It must be made outside the bubble.
func NewGate() *Gate {
	return &Gate{grants: make(chan grant), done: make(chan struct{}, 1), open: make(chan struct{}), gone: make(chan struct{})}
}

// Attach puts the gate before the time of the bubble, until Open.
func (g *Gate) Attach(b *Bubble) {
	b.Go(func() {
		for {
			b.Hold(true)
			var next grant
			select {
			case next = <-g.grants:
			case <-g.open:
			}
			b.Hold(false)
			if next.done == nil {
				return
			}
			if next.do != nil {
				next.do()
			}
			if next.advance > 0 {
				time.Sleep(next.advance)
			}
			next.done <- struct{}{}
		}
	})
}

// Advance runs do inside the bubble, at the instant that has been reached, and
// lets time move on by d. It returns when that instant is reached, or with
// false when the gate is open or the bubble has ended. do may be nil and must not block. Advance
// must not be called from inside, nor twice at once.
func (g *Gate) Advance(do func(), d time.Duration) bool {
	select {
	case g.grants <- grant{do, d, g.done}:
	case <-g.open:
		return false
	case <-g.gone:
		return false
	}
	select {
	case <-g.done:
		return true
	case <-g.gone:
		return false
	}
}

// Open lets time run free from now on. It is called once, and not while
// Advance runs.
func (g *Gate) Open() { close(g.open) }

// Gone tells those who wait in Advance that the bubble has ended.
func (g *Gate) Gone() { close(g.gone) }
