package memnet

import (
	"sync"
	"time"

	"stickylab/cluster/host"
)

// A Timer calls a function once its time has come and it is its turn. Timers
// that are due at one instant would otherwise race: the runtime starts them all
// at once, in any order.
type Timer struct {
	n    *Network
	conn uint64 // of a deadline: its connection
	key  string
	f    func() // is called on the scheduler's goroutine

	mu    sync.Mutex
	timer *time.Timer
	due   time.Time
	armed bool
	order uint64 // of the latest setting
}

var _ host.Timer = (*Timer)(nil)

// AfterFunc calls f in its own goroutine once d has passed. See host.Env for the
// order of timers of one instant.
func (n *Network) AfterFunc(key string, d time.Duration, f func()) host.Timer {
	t := &Timer{n: n, key: key, f: func() { n.o.Go(f) }}
	t.Reset(d)
	return t
}

// Stop prevents the call, and reports whether it did.
func (t *Timer) Stop() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.disarm()
}

func (t *Timer) disarm() bool {
	was := t.armed
	t.armed = false
	if t.timer != nil {
		t.timer.Stop()
	}
	return was
}

// Reset sets the timer anew, and reports whether it was set.
func (t *Timer) Reset(d time.Duration) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	was := t.disarm()
	t.armed, t.due, t.order = true, time.Now().Add(d), t.n.next()
	switch {
	case d <= 0:
		t.enqueue()
	case t.timer == nil:
		t.timer = time.AfterFunc(d, t.fire)
	default:
		t.timer.Reset(d)
	}
	return was
}

// fire is called by the runtime.
func (t *Timer) fire() {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.armed && !time.Now().Before(t.due) {
		t.enqueue()
	}
}

// enqueue takes a place among what is due now. It needs t.mu.
func (t *Timer) enqueue() {
	order := t.order
	t.n.send(packet{at: time.Now().UnixNano(), class: classTimer, conn: t.conn, name: t.key, seq: order, do: func() {
		t.mu.Lock()
		now := t.armed && t.order == order
		t.armed = t.armed && !now
		t.mu.Unlock()
		if now {
			t.f()
		}
	}})
}

// next numbers what is set, in the order in which it is.
func (n *Network) next() uint64 {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.order++
	return n.order
}
