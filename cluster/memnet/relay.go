package memnet

import (
	"math/rand/v2"
	"net"
	"sync"
	"time"
)

// A relay passes on what arrives at one connection to another, as a proxy does between
// the two sides of a tunnel. As long as nothing can come between, a packet takes both
// ways at once: it is put into the queue only for its arrival at the far end, with the
// numbers and the time that it would have after a stop here. What could make a
// difference before it would have been here (an end that closes, a link that changes)
// takes it back first, and it takes the first way alone.
type relay struct {
	n        *Network
	from, to *Conn
	over     func(error)

	mu      sync.Mutex
	off     bool
	last    int64     // when bytes passed
	pending []through // that have not been here yet, in order
}

// through is a packet that takes both ways at once.
type through struct {
	first  packet  // as it would be on the first way
	second *packet // in the queue

	// The connection to, before it.
	rand rand.PCG
	end  int64
	seq  uint64
}

// Relay passes on what arrives at c to dst until reading or writing fails: then over is
// called, on the goroutine that delivers, and must close both. What is here already goes
// first. passed tells when bytes passed for the last time, at first when the relay began;
// it is nil, and nothing is done, if dst is not a connection of the same network.
func (c *Conn) Relay(dst net.Conn, over func(error)) (passed func() time.Time) {
	to, ok := dst.(*Conn)
	if !ok || to.net != c.net {
		return nil
	}
	r := &relay{n: c.net, from: c, to: to, over: over, last: time.Now().UnixNano()}
	c.Push(r.pass)
	to.fed.Store(r)
	c.relay.Store(r)
	return r.passed
}

// pass passes on a packet that has arrived.
func (r *relay) pass(b []byte, err error) (idle bool) {
	if err == nil {
		r.mu.Lock()
		r.last = time.Now().UnixNano()
		r.mu.Unlock()
		_, err = r.to.write(b)
	}
	if err != nil {
		r.over(err)
	}
	return err == nil
}

func (r *relay) passed() time.Time {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.forget(time.Now().UnixNano())
	return time.Unix(0, r.last)
}

// forget drops what has passed before an instant. It needs r.mu.
func (r *relay) forget(now int64) {
	gone := 0
	for gone < len(r.pending) && r.pending[gone].first.at < now {
		r.last = r.pending[gone].first.at
		gone++
	}
	if gone > 0 {
		rest := copy(r.pending, r.pending[gone:])
		clear(r.pending[rest:])
		r.pending = r.pending[:rest]
	}
}

// carry takes a packet both ways, if nothing is in the way. The sender's end is locked,
// and no packet of its is on the first way.
func (r *relay) carry(p packet, now int64) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	to := r.to
	to.mu.Lock()
	defer to.mu.Unlock()
	if r.off || to.link.Cut || to.gone || !to.writeDeadline.IsZero() || to.writeError() != nil {
		return false
	}
	t := through{first: p, end: to.last, seq: to.seq}
	if to.rand != nil {
		t.rand = *to.rand
	}
	q := to.packet(0, p.data)
	q.at = to.arrival(p.at)
	if q.at <= p.at { // which of the two comes first must not be open
		t.restore(to)
		return false
	}
	r.forget(now)
	to.flying.Add(1)
	t.second = r.n.send(q)
	r.pending = append(r.pending, t)
	return true
}

// restore sets the connection back to before the packet. It needs the connection's lock.
func (t *through) restore(to *Conn) {
	to.last, to.seq = t.end, t.seq
	if to.rand != nil {
		*to.rand = t.rand
	}
}

// takeBack puts what has not been here yet on the first way alone; with end, the relay
// takes no more both ways. A nil relay has nothing.
func (r *relay) takeBack(end bool) {
	if r == nil {
		return
	}
	from := r.from.peer
	from.mu.Lock()
	defer from.mu.Unlock()
	r.mu.Lock()
	defer r.mu.Unlock()
	r.off = r.off || end
	r.to.mu.Lock()
	defer r.to.mu.Unlock()
	r.n.mu.Lock()
	defer r.n.mu.Unlock()
	now := time.Now().UnixNano()
	for i := range r.pending {
		t := &r.pending[i]
		if t.first.at < now || !r.n.current.before(&t.first) {
			r.last = t.first.at
			continue
		}
		t.restore(r.to)
		for j := i; j < len(r.pending); j++ {
			t := &r.pending[j]
			*t.second = packet{at: t.second.at, class: t.second.class, conn: t.second.conn, seq: t.second.seq} // leads nowhere
			r.to.flying.Add(-1)
			from.flying.Add(1)
			r.n.push(t.first)
		}
		break
	}
	clear(r.pending)
	r.pending = r.pending[:0]
}

// takeBack takes back what the connection's relays, of both directions, have in flight.
// The caller holds no lock.
func (c *Conn) takeBack(end bool) {
	c.relay.Load().takeBack(end)
	c.fed.Load().takeBack(end)
}
