package network

import (
	"context"
	"errors"
	"maps"
	"slices"
	"sync"
	"syscall"
	"time"

	"stickylab/cluster/memnet"
)

// linkState is the state of a connection's link under the current faults.
type linkState struct {
	memnet.Link
	version uint64 // of the faults
}

// link returns the state of the connection's link as the faults are now.
func (c *tcpConn) link() *linkState {
	version := c.net.version.Load()
	if s := c.state.Load(); s != nil && s.version == version {
		return s
	}
	from, to := c.host, c.far.Load()
	outside := to == nil
	if outside {
		to = &memnet.Host{Name: c.RemoteAddr().String(), Role: memnet.Client}
	}
	if c.listener != nil {
		from, to = to, from
	}
	s := &linkState{Link: c.net.Faults.link(from, to), version: version}
	if outside {
		s.Delay *= 2 // both ways: what it writes itself cannot be delayed
	}
	c.state.Store(s)
	return s
}

// reach takes the time that it takes to connect, or fails as connecting does.
func (n *TCP) reach(ctx context.Context, from, to *memnet.Host) error {
	for n.version.Load() > 0 {
		changed, arrived := n.change(), make(<-chan time.Time)
		link := n.Faults.link(from, to)
		if link.Refused {
			return syscall.ECONNREFUSED
		}
		if !link.Cut {
			changed, arrived = nil, time.After(2*link.Delay)
		}
		select {
		case <-arrived:
			return nil
		case <-changed:
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
	return nil
}

// change returns a channel that is closed when a fault begins or ends.
func (n *TCP) change() <-chan struct{} {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.changed
}

// apply applies the faults as they are now. It fails if a port that was closed
// cannot be opened again.
func (n *TCP) apply() error {
	n.mu.Lock()
	n.version.Add(1)
	close(n.changed)
	n.changed = make(chan struct{})
	listeners := slices.Collect(maps.Values(n.live))
	n.mu.Unlock()
	var err error
	for _, l := range listeners {
		err = errors.Join(err, l.refuse(n.refuses(l.host.Name)))
	}
	return err
}

// delayedWrites are the writes to a connection that are not due yet.
type delayedWrites struct {
	mu      sync.Mutex
	queue   []delayedWrite
	size    int
	pumping bool
	closing bool // close the connection once the queue is empty
	dead    bool
}

// delayedWrite is one write, or, without data, the end of the stream.
type delayedWrite struct {
	at   time.Time
	data []byte
}

// maxDelayed bounds the bytes that a connection keeps back; beyond them it
// breaks.
const maxDelayed = 8 << 20

var errTooMuchDelayed = errors.New("too much is kept back")

// writeLater takes a write and reports that it did, unless it may go out at once.
func (c *tcpConn) writeLater(p []byte) (taken bool, err error) {
	if c.net.version.Load() == 0 {
		return false, nil
	}
	link := c.link()
	direct := link.Delay == 0 && !link.Cut
	d := c.delay.Load()
	if d == nil {
		if direct {
			return false, nil
		}
		d = c.delaying()
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	switch {
	case d.dead:
		return true, c.errClosed("write")
	case direct && !d.pumping:
		return false, nil
	case d.size+len(p) > maxDelayed:
		return true, errTooMuchDelayed
	}
	d.queue = append(d.queue, delayedWrite{time.Now().Add(link.Delay), slices.Clone(p)})
	d.size += len(p)
	c.startPump(d)
	return true, nil
}

// delaying makes the connection one that keeps back.
func (c *tcpConn) delaying() *delayedWrites {
	d := new(delayedWrites)
	if !c.delay.CompareAndSwap(nil, d) {
		return c.delay.Load()
	}
	c.net.mu.Lock()
	defer c.net.mu.Unlock()
	c.net.delaying[c] = struct{}{}
	return d
}

// closeLater lets the connection close when all is written and reports that it
// did, unless it can be closed at once.
func (c *tcpConn) closeLater() bool {
	if c.net.version.Load() == 0 {
		return false
	}
	d := c.delay.Load()
	if d == nil {
		if !c.link().Cut {
			return false
		}
		d = c.delaying()
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.dead || !d.pumping && !c.link().Cut {
		c.forget()
		return false
	}
	d.closing = true
	c.startPump(d)
	return true
}

// forget notes that the connection keeps nothing back any more.
func (c *tcpConn) forget() {
	c.net.mu.Lock()
	defer c.net.mu.Unlock()
	delete(c.net.delaying, c)
}

// startPump starts to write. The caller holds d's lock.
func (c *tcpConn) startPump(d *delayedWrites) {
	if !d.pumping {
		d.pumping = true
		c.net.o.Go(func() { c.pump(d) })
	}
}

// pump writes what is kept back, each write at its time.
func (c *tcpConn) pump(d *delayedWrites) {
	for {
		changed := c.net.change()
		cut := c.link().Cut

		d.mu.Lock()
		if d.dead || len(d.queue) == 0 && !(d.closing && cut) {
			d.pumping = false
			closing := d.closing || d.dead
			d.mu.Unlock()
			if closing {
				c.forget()
				c.closeSocket()
			}
			return
		}
		wait := time.Hour // until something changes
		if !cut {
			next := d.queue[0]
			if wait = time.Until(next.at); wait <= 0 {
				d.queue = d.queue[1:]
				d.size -= len(next.data)
				d.mu.Unlock()
				if c.writeNow(next) != nil {
					d.abandon()
				}
				continue
			}
		}
		d.mu.Unlock()
		timer := time.NewTimer(wait)
		select {
		case <-timer.C:
		case <-changed:
		}
		timer.Stop()
	}
}

func (c *tcpConn) writeNow(w delayedWrite) error {
	if w.data == nil {
		return c.closeWrite()
	}
	_, err := c.Conn.Write(w.data)
	return err
}

// abandon discards what is kept back; the pump ends.
func (d *delayedWrites) abandon() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.dead, d.queue, d.size = true, nil, 0
}
