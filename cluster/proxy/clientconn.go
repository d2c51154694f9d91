package proxy

import (
	"context"
	"io"
	"net"
	"net/netip"
	"sync/atomic"
	"time"

	"stickylab/cluster/nginx"
	"stickylab/cluster/proxy/wire"
	"stickylab/cluster/trace"
)

// clientConn is a client's connection, served by one goroutine. It belongs to the
// configuration that was in effect when it was accepted, as connections belong to a
// worker.
type clientConn struct {
	net.Conn
	p           *Proxy
	gen         *generation
	lane        *trace.Lane
	remote      netip.AddrPort
	local       netip.AddrPort
	number      uint64
	came        time.Time
	proxyHeader proxyHeader

	head     wire.Head
	requests int
	restTime time.Duration // until the next one, after the first
	store    []byte        // where buf is
	buf      []byte        // came, and belongs to no request yet
	handed   bool          // a tunnel has the connection
	linger   bool          // the client may still be sending when the connection ends
}

// serve serves the requests of the connection, one after the other.
func (c *clientConn) serve() {
	for c.serveNext() {
	}
	c.p.leave(c)
	if c.handed {
		return
	}
	if c.linger || len(c.buf) > 0 {
		c.drain()
	}
	c.Close()
}

// serveNext serves the next request. It reports whether another one may follow.
func (c *clientConn) serveNext() bool {
	pipelined := c.requests > 0 && len(c.buf) > 0
	r, bad := c.readHead()
	if r == nil {
		return false
	}
	c.requests++
	x := newRequest(c, r)
	x.pipelined = pipelined
	whole := true
	if bad != nil {
		x.refuse(bad)
	} else {
		whole = x.serve()
	}
	whole = x.w.end(whole) && x.discard()
	x.p.zones.release(x.counted)
	switch {
	case c.handed:
		return false
	case !whole:
		c.buf, c.linger = nil, false
		return false
	}
	return x.w.keep
}

// readHead reads the head of the next request, in the time that nginx gives for it. It
// returns nil when none comes: nginx says nothing then. With a refusal the request is
// what is known of it.
func (c *clientConn) readHead() (*wire.Request, *wire.Refusal) {
	rules, virtual := c.gen.headRules(c.local)
	c.head.Reset(rules, virtual, c.p.c.Version.StrictHeads())
	began, limit, idle := c.came, c.p.headerTimeout(rules), false
	if c.requests > 0 {
		began, idle = time.Now(), len(c.buf) == 0
	}
	if idle {
		c.SetReadDeadline(began.Add(c.restTime))
	} else {
		c.SetReadDeadline(began.Add(limit))
	}
	c.p.rest(c, idle)
	if c.requests > 0 && c.p.stale(c) {
		return nil, nil
	}
	for {
		size, whole, bad := c.head.Parse(c.buf)
		if bad != nil {
			c.take(size)
			return c.head.Refused(), bad
		}
		if whole {
			r := c.head.Request()
			c.take(size)
			return r, nil
		}
		c.take(c.head.Blank())
		if err := c.fill(); err != nil {
			c.buf = nil
			return nil, nil
		}
		if idle {
			idle = false
			c.p.rest(c, false)
			c.SetReadDeadline(time.Now().Add(limit))
		}
	}
}

// headRules are the rules by which a request on an address is read: those of the default
// server at first. virtual returns those of the server of a host, nil means that all
// servers have the same.
func (g *generation) headRules(local netip.AddrPort) (rules *nginx.HeadRules, virtual func(host string) *nginx.HeadRules) {
	if g.sameHeads {
		return &g.config.Servers[0].Head, nil
	}
	of := func(host string) *nginx.HeadRules {
		if s := g.config.Server(local, host); s != nil {
			return &s.Head
		}
		return &g.config.Servers[0].Head
	}
	return of(""), of
}

// headerTimeout is how long a client may take for a head.
func (p *Proxy) headerTimeout(rules *nginx.HeadRules) time.Duration {
	if own := p.c.Bounds.HeaderTimeout; own > 0 {
		return min(own, rules.Timeout)
	}
	return rules.Timeout
}

// fill reads what comes next.
func (c *clientConn) fill() error {
	c.makeRoom()
	n, err := c.Read(c.buf[len(c.buf):cap(c.buf)])
	c.buf = c.buf[:len(c.buf)+n]
	if n > 0 {
		return nil
	}
	if err == nil {
		err = io.ErrNoProgress
	}
	return err
}

// bufferSize is what is read at once of a client, and held of one that is idle.
const bufferSize = 1 << 10

// makeRoom makes room for what comes next.
func (c *clientConn) makeRoom() {
	if len(c.buf) == 0 {
		if c.store == nil || cap(c.store) > 4*bufferSize {
			c.store = make([]byte, 0, bufferSize)
		}
		c.buf = c.store
	}
	if cap(c.buf)-len(c.buf) < bufferSize/8 {
		c.store = append(make([]byte, 0, 2*len(c.buf)+bufferSize), c.buf...)
		c.buf, c.store = c.store, c.store[:0]
	}
}

// take takes the first n bytes off what came.
func (c *clientConn) take(n int) { c.buf = c.buf[n:] }

// readBody reads a piece of the body, into b or, when there is some already, from what
// came, and waits for it until the deadline.
func (c *clientConn) readBody(b []byte, deadline time.Time) (int, error) {
	if len(c.buf) > 0 {
		n := copy(b, c.buf)
		c.take(n)
		return n, nil
	}
	c.SetReadDeadline(deadline)
	return c.Read(b)
}

// watch cancels the request when the client leaves while it is answered, as nginx does
// (ngx_http_upstream_check_broken_connection). A client that takes longer than until
// the deadline, if there is one, counts as gone. stop ends the watch.
func (c *clientConn) watch(cancel context.CancelFunc, deadline time.Time) (stop func()) {
	over := make(chan struct{})
	var stopped atomic.Bool
	c.SetReadDeadline(deadline)
	c.makeRoom()
	c.p.spawn(func() {
		defer close(over)
		n, err := c.Read(c.buf[len(c.buf):cap(c.buf)])
		c.buf = c.buf[:len(c.buf)+n]
		if err != nil && !stopped.Load() {
			cancel()
		}
	})
	return func() {
		if !stopped.Swap(true) {
			c.SetReadDeadline(past)
			<-over
			c.SetReadDeadline(time.Time{})
		}
	}
}

// lingering_timeout, here for what is left of a body too, and lingering_time.
const (
	lingering     = 5 * time.Second
	mostLingering = 30 * time.Second
)

// drain tells the client that no more comes and takes what it still sends, so that it can
// read the last answer (ngx_http_set_lingering_close).
func (c *clientConn) drain() {
	half, ok := c.Conn.(interface{ CloseWrite() error })
	if !ok || half.CloseWrite() != nil {
		return
	}
	end := time.Now().Add(mostLingering)
	if own := c.p.c.Bounds.RequestTimeout; own > 0 && own < mostLingering {
		end = time.Now().Add(own)
	}
	c.makeRoom()
	room := c.buf[:cap(c.buf)]
	for time.Now().Before(end) {
		c.SetReadDeadline(earlier(time.Now().Add(lingering), end))
		if _, err := c.Read(room); err != nil {
			return
		}
	}
}

func earlier(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}
