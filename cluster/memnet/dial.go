package memnet

import (
	"context"
	"fmt"
	"net"
	"net/netip"
	"sync"
	"syscall"
	"time"

	"stickylab/cluster/trace"
)

// dial is a connection attempt in flight.
type dial struct {
	id      trace.Dial
	name    string // of id
	from    *Host
	fromIP  netip.Addr
	to      netip.AddrPort
	latency time.Duration
	done    chan dialed // buffered

	tries int // that were lost; of the scheduler

	mu    sync.Mutex
	given *Conn // the dialer's end, once there is one
	over  bool  // the dialer has gone away
}

type dialed struct {
	conn *Conn
	err  error
}

// Dial connects from the named host to addr ("10.0.0.1:3030"). The connection is
// known by the lane's next trace.Dial. The error is a net.OpError:
// an address that no one listens on, or a host that refuses, gives ECONNREFUSED,
// a link that stays cut ETIMEDOUT, and a context that ends its cause.
func (n *Network) Dial(ctx context.Context, host string, lane *trace.Lane, addr string) (net.Conn, error) {
	from := n.Host(host)
	if from == nil {
		return nil, &net.OpError{Op: "dial", Net: "tcp", Err: fmt.Errorf("unknown host %q", host)}
	}
	to, err := netip.ParseAddrPort(addr)
	if err != nil {
		return nil, &net.OpError{Op: "dial", Net: "tcp", Err: err}
	}
	id := lane.NextDial()
	d := &dial{
		id: id, name: id.String(),
		from: from, fromIP: from.IP(), to: to,
		done: make(chan dialed, 1),
	}
	// No host there: refused after no time, as by the local machine.
	if l := n.find(to); l != nil {
		d.latency = n.o.Link(from, l.host).Delay
	}
	n.sendDial(d, d.latency)
	select {
	case r := <-d.done:
		return r.conn, r.err
	case <-ctx.Done():
		d.abandon()
		return nil, d.error(context.Cause(ctx))
	}
}

// find returns the listener for an address: the exact one, else the one of that
// port on any address.
func (n *Network) find(to netip.AddrPort) *listener {
	n.mu.Lock()
	defer n.mu.Unlock()
	if l := n.listeners[to]; l != nil {
		return l
	}
	l := n.listeners[netip.AddrPortFrom(netip.IPv4Unspecified(), to.Port())]
	if l != nil && !n.Reaches(l.host, to.Addr()) {
		return nil
	}
	return l
}

// sendDial puts an attempt into the queue.
func (n *Network) sendDial(d *dial, after time.Duration) {
	n.send(packet{at: time.Now().Add(after).UnixNano(), class: classDial, name: d.name, dial: d})
}

// abandon ends an attempt that its dialer does not wait for any more.
func (d *dial) abandon() {
	d.mu.Lock()
	d.over = true
	c := d.given
	d.mu.Unlock()
	if c != nil {
		c.reset()
	}
}

// give hands the attempt its connection and reports whether the dialer still
// waits for it.
func (d *dial) give(c *Conn) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.given = c
	return !d.over
}

// accept runs on the scheduler when a dial reaches its target.
func (n *Network) accept(d *dial) {
	l := n.find(d.to)
	if l == nil {
		n.refuse(d)
		return
	}
	switch link := n.o.Link(d.from, l.host); {
	case link.Cut:
		n.lost(d)
	case link.Refused:
		n.refuse(d)
	default:
		near, far := n.newPair(d, l.host, link)
		if !d.give(near) || !l.offer(far) {
			near.reset()
			far.reset()
			n.refuse(d)
			return
		}
		far.sendOpened()
	}
}

// A dial whose SYN is lost is tried again after 1 s, 3 s, 7 s and so on, and
// given up after 127 s (Linux, tcp_syn_retries = 6).
const synRetries = 6

// lost puts off a connection attempt that is not answered.
func (n *Network) lost(d *dial) {
	d.mu.Lock()
	over := d.over
	d.mu.Unlock()
	if over {
		return
	}
	d.tries++
	wait := time.Second << (d.tries - 1)
	if d.tries > synRetries {
		n.fail(d, syscall.ETIMEDOUT, wait)
		return
	}
	n.sendDial(d, wait)
}

// refuse lets the dialer know, one latency later.
func (n *Network) refuse(d *dial) { n.fail(d, syscall.ECONNREFUSED, d.latency) }

func (n *Network) fail(d *dial, err error, after time.Duration) {
	n.send(packet{at: time.Now().Add(after).UnixNano(), class: classDial, name: d.name, do: func() {
		d.done <- dialed{err: d.error(err)}
	}})
}

func (d *dial) error(err error) error {
	return &net.OpError{Op: "dial", Net: "tcp", Addr: tcpAddr(d.to), Err: err}
}
