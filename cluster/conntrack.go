package cluster

import (
	"context"
	"net"
	"sync"

	"stickylab/cluster/host"
	"stickylab/cluster/trace"
)

// connections tracks those of one node, in and out, so that a crash can cut them
// all at once: also the ones that net/http has handed over. Reads and dials wait
// for the node's event loop.
type connections struct {
	loop   *eventLoop // nil for a host that is never frozen
	mu     sync.Mutex
	open   map[*connection]struct{}
	closed bool
}

// around returns e with its Listen and Dial tracked.
func (cs *connections) around(e host.Env) host.Env {
	listen, dial := e.Listen, e.Dial
	e.Listen = func(host, addr string) (net.Listener, error) {
		l, err := listen(host, addr)
		if err != nil {
			return nil, err
		}
		return &trackedListener{l, cs}, nil
	}
	e.Dial = func(ctx context.Context, host string, lane *trace.Lane, addr string) (net.Conn, error) {
		cs.loop.wait(input)
		c, err := dial(ctx, host, lane, addr)
		cs.loop.wait(input)
		if err != nil {
			return nil, err
		}
		return cs.track(c), nil
	}
	return e
}

func (cs *connections) track(c net.Conn) net.Conn {
	t := &connection{Conn: c, set: cs}
	cs.mu.Lock()
	if cs.open == nil {
		cs.open = make(map[*connection]struct{})
	}
	late := cs.closed
	cs.open[t] = struct{}{}
	cs.mu.Unlock()
	if late {
		t.Close()
	}
	return t
}

// cut closes every connection, now and from now on.
func (cs *connections) cut() {
	cs.mu.Lock()
	cs.closed = true
	open := make([]*connection, 0, len(cs.open))
	for c := range cs.open {
		open = append(open, c)
	}
	cs.mu.Unlock()
	for _, c := range open { // in any order: they are independent
		c.Conn.Close()
	}
}

type trackedListener struct {
	net.Listener
	set *connections
}

func (l *trackedListener) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return l.set.track(c), nil
}

type connection struct {
	net.Conn
	set     *connections
	packets uint64 // that the event loop has seen
}

func (c *connection) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	if err != nil || c.arrived() {
		c.set.loop.wait(input)
	}
	return n, err
}

// arrived reports whether the last Read has returned the first bytes of a packet,
// as opposed to more of one that the event loop has seen: how many reads it takes
// depends on buffers. TCP does not tell.
func (c *connection) arrived() bool {
	counting, ok := c.Conn.(interface{ Packets() uint64 })
	if !ok {
		return true
	}
	was := c.packets
	c.packets = counting.Packets()
	return c.packets != was
}

// WriteBlocks reports whether a Write may have to wait: for the connection, or for the
// node's event loop.
func (c *connection) WriteBlocks() bool {
	conn, ok := c.Conn.(interface{ WriteBlocks() bool })
	return !ok || conn.WriteBlocks() || c.set.loop.stopped()
}

// TraceDial returns the identity of the underlying connection; see host.DialOf.
func (c *connection) TraceDial() trace.Dial { return host.DialOf(c.Conn) }

func (c *connection) CloseWrite() error {
	if half, ok := c.Conn.(interface{ CloseWrite() error }); ok {
		return half.CloseWrite()
	}
	return c.Conn.Close()
}

func (c *connection) Close() error {
	c.set.mu.Lock()
	delete(c.set.open, c)
	c.set.mu.Unlock()
	return c.Conn.Close()
}
