package network

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"maps"
	"net"
	"net/netip"
	"slices"
	"sync"
	"syscall"
	"time"

	"stickylab/cluster/memnet"
	"stickylab/cluster/proxyproto"
)

// tcpListener is an open port. It outlives refusing connections.
type tcpListener struct {
	net  *TCP
	host *memnet.Host
	at   string   // the virtual address
	addr net.Addr // of the socket
	real string   // where it is dialed

	mu      sync.Mutex
	inner   net.Listener // nil while connections are refused
	resumed chan struct{}
	done    chan struct{}
	closed  bool
	open    map[*tcpConn]struct{}
}

// Listen opens the port that stands for addr. An address that was listened on
// before keeps its port. The error is a net.OpError: an address that is listened
// on already, or whose wanted port is taken, gives EADDRINUSE.
func (n *TCP) Listen(host, addr string) (net.Listener, error) {
	at := anyAddress(addr)
	n.mu.Lock()
	taken := n.live[at] != nil
	n.mu.Unlock()
	if taken {
		return nil, &net.OpError{Op: "listen", Net: "tcp", Err: fmt.Errorf("%s: %w", addr, syscall.EADDRINUSE)}
	}
	inner, err := n.places.open(host, at)
	if err != nil {
		return nil, err
	}
	l := &tcpListener{
		net: n, host: n.host(host), at: at, addr: inner.Addr(), real: reachable(inner.Addr().String()), inner: inner,
		resumed: make(chan struct{}), done: make(chan struct{}), open: make(map[*tcpConn]struct{}),
	}
	n.mu.Lock()
	n.live[at] = l
	n.every = append(slices.DeleteFunc(n.every, func(l *tcpListener) bool { return l.over() }), l)
	n.mu.Unlock()
	if n.refuses(host) {
		l.refuse(true)
	}
	if l.host.Role == memnet.Proxy || l.host.Role == memnet.Front {
		return &proxyListener{tcpListener: l, ready: make(chan *tcpConn), waiting: make(map[*tcpConn]struct{})}, nil
	}
	return l, nil
}

// listeners returns those that are open, or have connections left.
func (n *TCP) listeners() []*tcpListener {
	n.mu.Lock()
	defer n.mu.Unlock()
	return slices.Clone(n.every)
}

// acceptDelay is the pause of a listener when the machine has no more
// connections to give.
const acceptDelay = 20 * time.Millisecond

func (l *tcpListener) Accept() (net.Conn, error) {
	c, err := l.accept()
	if err != nil {
		return nil, err // not a *tcpConn that is nil
	}
	return c, nil
}

func (l *tcpListener) accept() (*tcpConn, error) {
	for {
		l.mu.Lock()
		inner, resumed := l.inner, l.resumed
		l.mu.Unlock()
		if inner == nil {
			select {
			case <-resumed:
				continue
			case <-l.done:
				return nil, l.errClosed()
			}
		}
		c, err := inner.Accept()
		if err != nil {
			select {
			case <-l.done:
				return nil, l.errClosed()
			default:
			}
			if !errors.Is(err, net.ErrClosed) { // such as too many open files
				time.Sleep(acceptDelay)
			}
			continue
		}
		if t := l.conn(c); l.admit(t) {
			return t, nil
		}
		c.Close()
	}
}

// conn returns a connection that was accepted. One from within the simulation
// has the name and the addresses that its dialer gave it.
func (l *tcpListener) conn(c net.Conn) *tcpConn {
	t := &tcpConn{Conn: c, in: c, net: l.net, host: l.host, listener: l}
	if !local(c.RemoteAddr()) {
		return t
	}
	if near := l.net.dialer(dialKey(c.RemoteAddr(), c.LocalAddr()), l.real); near != nil {
		t.id, t.local, t.remote = near.id, near.remote, near.local
		t.far.Store(near.host)
	}
	return t
}

// admit counts a connection, unless there are too many.
func (l *tcpListener) admit(c *tcpConn) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if limit := l.net.o.MaxConnections; limit > 0 && len(l.open) >= limit {
		return false
	}
	l.open[c] = struct{}{}
	return true
}

func (l *tcpListener) leave(c *tcpConn) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.open, c)
}

// connections returns those that are open.
func (l *tcpListener) connections() []*tcpConn {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.Collect(maps.Keys(l.open))
}

func (l *tcpListener) errClosed() error {
	return &net.OpError{Op: "accept", Net: "tcp", Addr: l.addr, Err: net.ErrClosed}
}

// over reports whether the listener has closed and its connections too.
func (l *tcpListener) over() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.closed && len(l.open) == 0
}

func (l *tcpListener) Addr() net.Addr { return l.addr }

func (l *tcpListener) Close() error {
	l.net.mu.Lock()
	if l.net.live[l.at] == l {
		delete(l.net.live, l.at)
	}
	l.net.mu.Unlock()
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed {
		return l.errClosed()
	}
	l.closed = true
	close(l.done)
	if l.inner != nil {
		return l.inner.Close()
	}
	return nil
}

// refuse closes the port, so that the machine refuses connections, or opens it
// again.
func (l *tcpListener) refuse(on bool) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	switch {
	case l.closed || on == (l.inner == nil):
		return nil
	case on:
		l.inner.Close()
		l.inner = nil
		return nil
	}
	inner, err := net.Listen("tcp", l.addr.String())
	if err != nil {
		return err
	}
	l.inner = inner
	close(l.resumed)
	l.resumed = make(chan struct{})
	return nil
}

// proxyListener is a listener whose clients on this machine may begin with a line
// of the PROXY protocol, to have their own address. It waits for their first
// bytes before it hands them out.
type proxyListener struct {
	*tcpListener
	ready chan *tcpConn
	begin sync.Once

	mu      sync.Mutex
	waiting map[*tcpConn]struct{}
}

func (l *proxyListener) Accept() (net.Conn, error) {
	l.begin.Do(func() { l.net.o.Go(l.run) })
	select {
	case c := <-l.ready:
		return c, nil
	case <-l.done:
		return nil, l.errClosed()
	}
}

func (l *proxyListener) run() {
	for {
		c, err := l.accept()
		if err != nil {
			return
		}
		if c.id.Lane != nil || !local(c.Conn.RemoteAddr()) {
			l.hand(c)
			continue
		}
		l.mu.Lock()
		l.waiting[c] = struct{}{}
		l.mu.Unlock()
		l.net.o.Go(func() { l.identify(c) })
	}
}

// identify reads whose a connection is.
func (l *proxyListener) identify(c *tcpConn) {
	err := c.readHeader(l.net.o.HeaderTimeout)
	l.mu.Lock()
	delete(l.waiting, c)
	l.mu.Unlock()
	if err != nil {
		c.Close()
		return
	}
	l.hand(c)
}

func (l *proxyListener) hand(c *tcpConn) {
	select {
	case l.ready <- c:
	case <-l.done:
		c.Close()
	}
}

func (l *proxyListener) Close() error {
	err := l.tcpListener.Close()
	l.mu.Lock()
	list := slices.Collect(maps.Keys(l.waiting))
	l.mu.Unlock()
	for _, c := range list {
		c.Close()
	}
	return err
}

// local reports whether an address is of this machine only.
func local(a net.Addr) bool {
	t, ok := a.(*net.TCPAddr)
	return ok && t.AddrPort().Addr().Unmap().IsLoopback()
}

// readHeader reads the PROXY line that the connection may begin with. It fails if
// the line is malformed, or nothing comes in time.
func (c *tcpConn) readHeader(timeout time.Duration) error {
	c.Conn.SetReadDeadline(time.Now().Add(timeout))
	var buf [1024]byte
	got := buf[:0]
	for len(got) == 0 || proxyproto.Unfinished(got) {
		n, err := c.Conn.Read(buf[len(got):])
		if got = buf[:len(got)+n]; err != nil && (n == 0 || proxyproto.Unfinished(got)) {
			return err
		}
	}
	if proxyproto.IsText(got) {
		header, n, err := proxyproto.Read(got)
		if err != nil {
			return err
		}
		if header.Source != "" {
			from, err := netip.ParseAddr(header.Source)
			if err != nil {
				return err
			}
			c.remote = net.TCPAddrFromAddrPort(netip.AddrPortFrom(from, uint16(header.SourcePort)))
		}
		got = got[n:]
	}
	if len(got) > 0 {
		c.in = io.MultiReader(bytes.NewReader(slices.Clone(got)), c.Conn)
	}
	return c.Conn.SetReadDeadline(time.Time{})
}
