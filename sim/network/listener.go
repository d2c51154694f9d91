package network

import (
	"fmt"
	"net"
	"net/netip"
	"stickylab/cluster/trace"
	"sync"
	"syscall"
	"time"
)

// Listen opens a listener of the named host on addr. An address of ":80" or
// "0.0.0.0:80" is any address of the network.
func (m *Memory) Listen(host, addr string) (net.Listener, error) {
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
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.listeners[at] != nil {
		return nil, &net.OpError{Op: "listen", Net: "tcp", Addr: tcpAddr(at), Err: syscall.EADDRINUSE}
	}
	if m.hosts[host] == nil {
		return nil, &net.OpError{Op: "listen", Net: "tcp", Err: fmt.Errorf("unknown host %q", host)}
	}
	l := &listener{net: m, at: at, host: m.hosts[host]}
	l.arrived = sync.NewCond(&l.mu)
	m.listeners[at] = l
	return l, nil
}

type listener struct {
	net  *Memory
	host *Host
	at   netip.AddrPort

	mu      sync.Mutex
	arrived *sync.Cond
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

// dial is a connection attempt on its way.
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

// accept runs on the scheduler when a dial reaches its target.
func (m *Memory) accept(d *dial) {
	m.mu.Lock()
	l := m.find(d.to)
	if l != nil && m.unanswered(d.from, l.host) {
		m.mu.Unlock()
		m.lost(d)
		return
	}
	refused := l == nil || m.faults[l.host.Name].refuse
	m.mu.Unlock()
	if refused {
		m.answer(d, dialed{err: d.error(syscall.ECONNREFUSED)})
		return
	}
	m.mu.Lock()
	m.conns++
	number := m.conns
	// Ports are dealt here, one dial at a time, so that they are the same in
	// every run.
	port := max(m.ports[d.fromIP], 32767) + 1
	if port == 0 {
		port = 32768
	}
	m.ports[d.fromIP] = port
	m.mu.Unlock()

	near, far := newPair(m, d, number, netip.AddrPortFrom(d.fromIP, port), l.host)
	m.mu.Lock()
	m.open[near] = struct{}{}
	m.mu.Unlock()
	d.mu.Lock()
	d.given = near
	over := d.over
	d.mu.Unlock()
	if over || !l.offer(far) {
		near.reset()
		far.reset()
		m.answer(d, dialed{err: d.error(syscall.ECONNREFUSED)})
		return
	}
	far.sendOpened(d)
}

// unanswered tells whether a SYN is lost, or its sender is frozen. The caller
// holds the lock.
func (m *Memory) unanswered(from, to *Host) bool {
	return m.faults[from.Name].hung || len(m.parted) > 0 && m.parted[pairOf(from.Name, to.Name)]
}

func (d *dial) error(err error) error {
	return &net.OpError{Op: "dial", Net: "tcp", Addr: tcpAddr(d.to), Err: err}
}

// answer lets the dialer know, one latency later.
func (m *Memory) answer(d *dial, r dialed) {
	m.send(packet{at: time.Now().Add(d.latency).UnixNano(), class: classDial, name: d.name, do: func() { d.done <- r }})
}

func tcpAddr(a netip.AddrPort) *net.TCPAddr { return net.TCPAddrFromAddrPort(a) }
