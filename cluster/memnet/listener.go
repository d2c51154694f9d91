package memnet

import (
	"fmt"
	"net"
	"net/netip"
	"sync"
	"syscall"
)

// Listen opens a listener of the named host on addr. An address of ":80" or
// "0.0.0.0:80" is any address of the network. The error is a net.OpError: an
// address that is listened on already gives EADDRINUSE.
func (n *Network) Listen(host, addr string) (net.Listener, error) {
	if len(addr) > 0 && addr[0] == ':' {
		addr = "0.0.0.0" + addr
	}
	at, err := netip.ParseAddrPort(addr)
	if err != nil {
		return nil, &net.OpError{Op: "listen", Net: "tcp", Err: err}
	}
	if at.Addr() == netip.IPv6Unspecified() {
		at = netip.AddrPortFrom(netip.IPv4Unspecified(), at.Port())
	}
	h := n.Host(host)
	if h == nil {
		return nil, &net.OpError{Op: "listen", Net: "tcp", Err: fmt.Errorf("unknown host %q", host)}
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.listeners[at] != nil {
		return nil, &net.OpError{Op: "listen", Net: "tcp", Addr: tcpAddr(at), Err: syscall.EADDRINUSE}
	}
	l := &listener{net: n, at: at, host: h}
	l.arrived.L = &l.mu
	n.listeners[at] = l
	return l, nil
}

type listener struct {
	net  *Network
	host *Host
	at   netip.AddrPort

	mu      sync.Mutex
	arrived sync.Cond
	backlog []*Conn
	closed  bool
}

func (l *listener) Accept() (net.Conn, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for len(l.backlog) == 0 && !l.closed {
		l.arrived.Wait()
	}
	if l.closed {
		return nil, &net.OpError{Op: "accept", Net: "tcp", Addr: l.Addr(), Err: net.ErrClosed}
	}
	c := l.backlog[0]
	l.backlog = l.backlog[1:]
	return c, nil
}

func (l *listener) Close() error {
	l.net.mu.Lock()
	if l.net.listeners[l.at] == l {
		delete(l.net.listeners, l.at)
	}
	l.net.mu.Unlock()

	l.mu.Lock()
	left := l.backlog
	l.backlog, l.closed = nil, true
	l.mu.Unlock()
	l.arrived.Broadcast()
	for _, c := range left {
		c.reset()
	}
	return nil
}

func (l *listener) Addr() net.Addr { return tcpAddr(l.at) }

// offer puts a connection into the backlog. It reports whether the listener is
// open.
func (l *listener) offer(c *Conn) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed {
		return false
	}
	l.backlog = append(l.backlog, c)
	l.arrived.Signal()
	return true
}

func tcpAddr(a netip.AddrPort) *net.TCPAddr { return net.TCPAddrFromAddrPort(a) }
