package network

import (
	"context"
	"errors"
	"fmt"
	"net"
	"slices"
	"sync"
	"syscall"
	"time"
)

// linkState is what faults make of a connection.
type linkState struct {
	version uint64 // of the faults
	delay   time.Duration
	held    bool // nothing gets through
	foreign bool // the other end is not of this process
}

// rule returns the state of the link of the connection as the faults are now.
func (c *tcpConn) rule() *linkState {
	version := c.net.faulty.Load()
	if l := c.link.Load(); l != nil && l.version == version {
		return l
	}
	l := &linkState{version: version}
	far := c.far.Load()
	if far == nil {
		if h, ok := c.net.dialed.Load(c.Conn.RemoteAddr().String()); ok {
			far = h.(*Host)
			c.far.Store(far)
		} else {
			far = &Host{Name: c.RemoteAddr().String(), Role: "client"}
			l.foreign = true
		}
	}
	from, to := c.host, far
	if c.listener != nil {
		from, to = far, c.host
	}
	l.delay, l.held = c.net.rule(from, to)
	if l.foreign {
		l.delay *= 2 // both ways: what it writes itself can not be delayed
	}
	c.link.Store(l)
	return l
}

// rule is the delay and the hold between two hosts.
func (n *TCP) rule(from, to *Host) (time.Duration, bool) {
	n.mu.Lock()
	a, b := n.faults[from.Name], n.faults[to.Name]
	parted := n.parted[pairOf(from.Name, to.Name)]
	late := n.late
	n.mu.Unlock()
	delay := a.slow + b.slow
	if late && n.o.Latency != nil {
		delay += n.o.Latency(from, to)
	}
	return delay, parted || a.hung || b.hung
}

// reach takes the time that it takes to connect, or fails as connecting does.
func (n *TCP) reach(ctx context.Context, from, to *Host) error {
	if n.faulty.Load() == 0 {
		return nil
	}
	for {
		n.mu.Lock()
		refused := n.faults[to.Name].refuse
		parted := n.parted[pairOf(from.Name, to.Name)]
		changed := n.changed
		n.mu.Unlock()
		delay, _ := n.rule(from, to)
		switch {
		case refused:
			return syscall.ECONNREFUSED
		case parted:
			select {
			case <-changed:
				continue
			case <-ctx.Done():
				return context.Cause(ctx)
			}
		case delay > 0:
			return pause(ctx, 2*delay)
		}
		return nil
	}
}

func pause(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// stallTick is how often a reader that is held looks at its deadline.
const stallTick = 20 * time.Millisecond

// stall waits, with what was read from a client outside, while nothing gets
// through; false: the read deadline has passed.
func (c *tcpConn) stall() bool {
	for {
		c.net.mu.Lock()
		changed := c.net.changed
		c.net.mu.Unlock()
		if l := c.rule(); !l.foreign || !l.held || c.closed.Load() {
			return true
		}
		if by := c.readBy.Load(); by != 0 && time.Now().UnixNano() >= by {
			return false
		}
		select {
		case <-changed:
		case <-time.After(stallTick):
		}
	}
}

// lag is what was written to a connection and is not due yet.
type lag struct {
	mu      sync.Mutex
	queue   []late
	size    int
	pumping bool
	closing bool // close the connection once the queue is empty
	dead    bool
}

// late is one write, or, without data, the end of the stream.
type late struct {
	at   time.Time
	data []byte
}

// mostLate bounds the bytes that a connection keeps back; beyond them it
// breaks.
const mostLate = 8 << 20

var errTooLate = errors.New("too much is kept back")

// keepBack takes a write, unless it may go out at once.
func (c *tcpConn) keepBack(p []byte) (taken bool, err error) {
	r := c.rule()
	l := c.lag.Load()
	if l == nil {
		if r.delay == 0 && !r.held {
			return false, nil
		}
		l = c.lagging()
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	switch {
	case l.dead:
		return true, c.errClosed("write")
	case r.delay == 0 && !r.held && !l.pumping:
		return false, nil
	case l.size+len(p) > mostLate:
		return true, errTooLate
	}
	l.queue = append(l.queue, late{time.Now().Add(r.delay), slices.Clone(p)})
	l.size += len(p)
	c.pumpLate(l)
	return true, nil
}

// lagging makes the connection one that keeps back.
func (c *tcpConn) lagging() *lag {
	l := new(lag)
	if !c.lag.CompareAndSwap(nil, l) {
		return c.lag.Load()
	}
	c.net.mu.Lock()
	defer c.net.mu.Unlock()
	c.net.lagging[c] = struct{}{}
	return l
}

// closeLater closes the connection when all is written; false: it can be
// closed at once.
func (c *tcpConn) closeLater() bool {
	l := c.lag.Load()
	if l == nil {
		if !c.rule().held {
			return false
		}
		l = c.lagging()
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.dead || !l.pumping && !c.rule().held {
		c.unlag()
		return false
	}
	l.closing = true
	c.pumpLate(l)
	return true
}

func (c *tcpConn) unlag() {
	c.net.mu.Lock()
	defer c.net.mu.Unlock()
	delete(c.net.lagging, c)
}

// pumpLate starts to write, with l's lock held.
func (c *tcpConn) pumpLate(l *lag) {
	if !l.pumping {
		l.pumping = true
		c.net.o.Go(func() { c.writeLate(l) })
	}
}

// writeLate writes what is kept back, each at its time.
func (c *tcpConn) writeLate(l *lag) {
	for {
		c.net.mu.Lock()
		changed := c.net.changed
		c.net.mu.Unlock()
		held := c.rule().held

		l.mu.Lock()
		if l.dead || len(l.queue) == 0 && !(l.closing && held) {
			l.pumping = false
			closing := l.closing || l.dead
			l.mu.Unlock()
			if closing {
				c.unlag()
				c.hangUp()
			}
			return
		}
		wait := time.Hour // until something changes
		if !held {
			next := l.queue[0]
			if wait = time.Until(next.at); wait <= 0 {
				l.queue = l.queue[1:]
				l.size -= len(next.data)
				l.mu.Unlock()
				if c.sendLate(next) != nil {
					l.abandon()
				}
				continue
			}
		}
		l.mu.Unlock()
		timer := time.NewTimer(wait)
		select {
		case <-timer.C:
		case <-changed:
		}
		timer.Stop()
	}
}

func (c *tcpConn) sendLate(w late) error {
	if w.data == nil {
		return c.closeWrite()
	}
	_, err := c.Conn.Write(w.data)
	return err
}

// abandon throws away what is kept back; the pump ends.
func (l *lag) abandon() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.dead, l.queue, l.size = true, nil, 0
}

// change notes that faults have changed.
func (n *TCP) change(do func()) {
	n.mu.Lock()
	do()
	n.faulty.Add(1)
	close(n.changed)
	n.changed = make(chan struct{})
	n.mu.Unlock()
}

func (n *TCP) fault(host string, set func(*faults)) error {
	if !n.has(host) {
		return fmt.Errorf("unknown host %q", host)
	}
	var before, after faults
	n.change(func() {
		before = n.faults[host]
		after = before
		set(&after)
		n.faults[host] = after
	})
	if before.refuse == after.refuse {
		return nil
	}
	n.mu.Lock()
	var list []*tcpListener
	for _, l := range n.live {
		if l.host.Name == host {
			list = append(list, l)
		}
	}
	n.mu.Unlock()
	var err error
	for _, l := range list {
		err = errors.Join(err, l.refuse(after.refuse))
	}
	return err
}

func (n *TCP) has(host string) bool {
	n.loop.mu.Lock()
	defer n.loop.mu.Unlock()
	return n.loop.hosts[host] != nil
}

// Slow lets all traffic of a host take longer, each way.
func (n *TCP) Slow(host string, by time.Duration) error {
	return n.fault(host, func(f *faults) { f.slow = by })
}

// Hang freezes a host: it is reached, and nothing comes back until Resume.
func (n *TCP) Hang(host string) error {
	return n.fault(host, func(f *faults) { f.hung = true })
}

// Refuse lets a host refuse new connections: its ports are closed.
func (n *TCP) Refuse(host string) error {
	return n.fault(host, func(f *faults) { f.refuse = true })
}

// Resume ends Slow, Hang and Refuse. What was kept back goes out now.
func (n *TCP) Resume(host string) error {
	return n.fault(host, func(f *faults) { *f = faults{} })
}

// Crash ends Hang for a host whose process ends: what was kept back is lost.
func (n *TCP) Crash(host string) error {
	n.mu.Lock()
	hung := n.faults[host].hung
	var list []*tcpConn
	for c := range n.lagging {
		if far := c.far.Load(); hung && (c.host.Name == host || far != nil && far.Name == host) {
			list = append(list, c)
		}
	}
	n.mu.Unlock()
	if !hung {
		return nil
	}
	for _, c := range list { // each is its own
		c.drop()
	}
	return n.fault(host, func(f *faults) { f.hung = false })
}

// Partition lets nothing through between hosts of one list and of the other.
func (n *TCP) Partition(a, b []string) error { return n.part(a, b, true) }

// Heal ends a partition. What was kept back goes out now.
func (n *TCP) Heal(a, b []string) error { return n.part(a, b, false) }

func (n *TCP) part(a, b []string, parted bool) error {
	for _, host := range slices.Concat(a, b) {
		if !n.has(host) {
			return fmt.Errorf("unknown host %q", host)
		}
	}
	n.change(func() {
		for _, x := range a {
			for _, y := range b {
				if parted {
					n.parted[pairOf(x, y)] = true
				} else {
					delete(n.parted, pairOf(x, y))
				}
			}
		}
	})
	return nil
}

// HealAll ends all faults.
func (n *TCP) HealAll() {
	if n.faulty.Load() == 0 {
		return
	}
	n.mu.Lock()
	var names []string
	for host := range n.faults {
		names = append(names, host)
	}
	n.mu.Unlock()
	for _, host := range names { // each is its own
		n.Resume(host)
	}
	n.change(func() { clear(n.parted) })
}

// Refresh adds the latencies of the simulation to those of the machine, and
// asks for them again.
func (n *TCP) Refresh() error {
	n.change(func() { n.late = true })
	return nil
}

var _ net.Conn = (*tcpConn)(nil)
