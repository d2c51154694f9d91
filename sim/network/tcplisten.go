package network

import (
	"errors"
	"net"
	"net/netip"
	"sync"
	"time"
)

// tcpListener is an open port. It outlives refusing connections.
type tcpListener struct {
	net  *TCP
	host *Host
	at   string // the virtual address
	addr net.Addr

	mu      sync.Mutex
	inner   net.Listener // nil while connections are refused
	resumed chan struct{}
	done    chan struct{}
	closed  bool
	open    map[*tcpConn]struct{}
}

func (n *TCP) listener(host, at string, inner net.Listener) *tcpListener {
	return &tcpListener{
		net: n, host: n.host(host), at: at, addr: inner.Addr(), inner: inner,
		resumed: make(chan struct{}), done: make(chan struct{}), open: make(map[*tcpConn]struct{}),
	}
}

// breath is how long a listener waits when the machine has no more
// connections to give.
const breath = 20 * time.Millisecond

func (l *tcpListener) Accept() (net.Conn, error) {
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
				time.Sleep(breath)
			}
			continue
		}
		if t := (&tcpConn{Conn: c, net: l.net, host: l.host, listener: l}); l.admit(t) {
			return t, nil
		}
		c.Close()
	}
}

// admit counts a connection, unless there are too many.
func (l *tcpListener) admit(c *tcpConn) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.open) >= l.net.o.MaxConnections {
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
	list := make([]*tcpConn, 0, len(l.open))
	for c := range l.open {
		list = append(list, c)
	}
	return list
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

// named is a listener whose clients on this machine may begin with a line of
// the PROXY protocol, to have an address of their own. It waits for their first
// bytes before it hands them out.
type named struct {
	*tcpListener
	ready chan net.Conn
	begin sync.Once

	mu      sync.Mutex
	waiting map[net.Conn]struct{}
}

func newNamed(l *tcpListener) *named {
	return &named{tcpListener: l, ready: make(chan net.Conn), waiting: make(map[net.Conn]struct{})}
}

func (l *named) Accept() (net.Conn, error) {
	l.begin.Do(func() { l.net.o.Go(l.run) })
	select {
	case c := <-l.ready:
		return c, nil
	case <-l.done:
		return nil, l.errClosed()
	}
}

func (l *named) run() {
	for {
		c, err := l.tcpListener.Accept()
		if err != nil {
			return
		}
		tc := c.(*tcpConn)
		if !local(tc.Conn.RemoteAddr()) {
			l.hand(tc)
			continue
		}
		l.mu.Lock()
		l.waiting[tc] = struct{}{}
		l.mu.Unlock()
		l.net.o.Go(func() { l.greet(tc) })
	}
}

// greet reads who a connection is from.
func (l *named) greet(c *tcpConn) {
	err := c.hello(l.net.o.HelloTimeout)
	l.mu.Lock()
	delete(l.waiting, c)
	l.mu.Unlock()
	if err != nil {
		c.Close()
		return
	}
	l.hand(c)
}

func (l *named) hand(c *tcpConn) {
	select {
	case l.ready <- c:
	case <-l.done:
		c.Close()
	}
}

func (l *named) Close() error {
	err := l.tcpListener.Close()
	l.mu.Lock()
	var list []net.Conn
	for c := range l.waiting {
		list = append(list, c)
	}
	l.mu.Unlock()
	for _, c := range list { // each is its own
		c.Close()
	}
	return err
}

// local reports whether an address is of this machine only.
func local(a net.Addr) bool {
	t, ok := a.(*net.TCPAddr)
	return ok && t.AddrPort().Addr().Unmap().IsLoopback()
}

// hello reads the PROXY line that the connection may begin with.
func (c *tcpConn) hello(patience time.Duration) error {
	c.Conn.SetReadDeadline(time.Now().Add(patience))
	var buf [1024]byte
	var got []byte
	for {
		n, err := c.Conn.Read(buf[len(got):])
		if got = buf[:len(got)+n]; len(got) == 0 && err != nil {
			return err
		}
		if !mayBeProxyLine(got) {
			break
		}
		from, length, bad := parseProxyLine(got)
		if bad != nil {
			return bad
		}
		if length > 0 {
			c.rename(from)
			got = got[length:]
			break
		}
		if err != nil {
			return err
		}
	}
	c.ahead = append([]byte(nil), got...)
	return c.Conn.SetReadDeadline(time.Time{})
}

// rename gives the connection the address that a PROXY line names.
func (c *tcpConn) rename(from netip.AddrPort) {
	if from.IsValid() {
		c.remote = tcpAddr(from)
	}
}
