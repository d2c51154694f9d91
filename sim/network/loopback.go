package network

import (
	"context"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"syscall"
	"time"

	"stickylab/cluster/trace"
)

// Loopback is the network of a run by the wall clock: every address of the
// simulation stands for a TCP port of 127.0.0.1. Each connection opens with a
// line that tells the listener its name and the address that it comes from;
// latencies are those of the machine.
type Loopback struct {
	quiet func()

	mu        sync.Mutex
	hosts     map[string]*Host
	nodes     map[netip.Addr]bool          // addresses of nodes
	listeners map[string]*loopbackListener // by virtual address
	controls  []control
	wake      chan struct{}
	done      chan struct{}
	dials     sync.Map // name to trace.Dial, until the connection is accepted
}

type control struct {
	at time.Time
	do func()
}

// loopbackTick is how often the steps of a wall-clock run are closed.
const loopbackTick = 5 * time.Millisecond

// NewLoopback returns an empty network. quiet is called on the scheduler's
// goroutine every few milliseconds.
func NewLoopback(quiet func()) *Loopback {
	return &Loopback{
		quiet:     quiet,
		hosts:     make(map[string]*Host),
		nodes:     make(map[netip.Addr]bool),
		listeners: make(map[string]*loopbackListener),
		wake:      make(chan struct{}, 1),
		done:      make(chan struct{}),
	}
}

// AddHost adds a host.
func (n *Loopback) AddHost(name, role string, ip netip.Addr) *Host {
	h := &Host{Name: name, Role: role, ip: ip}
	n.mu.Lock()
	defer n.mu.Unlock()
	n.hosts[name] = h
	if role == "node" {
		n.nodes[ip] = true
	}
	return h
}

// At runs f on the scheduler's goroutine at the instant t; entries of one
// instant run in the order in which they were added.
func (n *Loopback) At(t time.Time, f func()) {
	n.mu.Lock()
	i := len(n.controls)
	for i > 0 && n.controls[i-1].at.After(t) {
		i--
	}
	n.controls = slices.Insert(n.controls, i, control{t, f})
	n.mu.Unlock()
	select {
	case n.wake <- struct{}{}:
	default:
	}
}

// Before is At: by the wall clock no two entries share an instant by chance.
func (n *Loopback) Before(t time.Time, f func()) { n.At(t, f) }

// Run is the scheduler: it runs what At was given and closes steps until Stop.
func (n *Loopback) Run() {
	ticker := time.NewTicker(loopbackTick)
	defer ticker.Stop()
	for {
		n.quiet()
		for {
			n.mu.Lock()
			if len(n.controls) == 0 || n.controls[0].at.After(time.Now()) {
				n.mu.Unlock()
				break
			}
			f := n.controls[0].do
			n.controls = n.controls[1:]
			n.mu.Unlock()
			f()
			n.quiet()
		}
		select {
		case <-ticker.C:
		case <-n.wake:
		case <-n.done:
			return
		}
	}
}

// Stop ends Run. It is called once.
func (n *Loopback) Stop() { close(n.done) }

// Listen opens a listener on a free port of 127.0.0.1 that stands for addr.
func (n *Loopback) Listen(host, addr string) (net.Listener, error) {
	at := anyPort(addr)
	n.mu.Lock()
	taken := n.listeners[at] != nil
	n.mu.Unlock()
	if taken {
		return nil, &net.OpError{Op: "listen", Net: "tcp", Err: fmt.Errorf("%s: %w", addr, syscall.EADDRINUSE)}
	}
	inner, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	l := &loopbackListener{Listener: inner, net: n, at: at}
	n.mu.Lock()
	l.host = n.hosts[host]
	n.listeners[at] = l
	n.mu.Unlock()
	return l, nil
}

// anyPort maps the forms of "any address" to one, ":80".
func anyPort(addr string) string {
	for _, any := range []string{"0.0.0.0:", "[::]:", "*:"} {
		if port, ok := strings.CutPrefix(addr, any); ok {
			return ":" + port
		}
	}
	return addr
}

// Dial connects from the named host to the port that stands for addr.
func (n *Loopback) Dial(ctx context.Context, host string, lane *trace.Lane, addr string) (net.Conn, error) {
	id := lane.NextDial()
	n.mu.Lock()
	from, l := n.hosts[host], n.listeners[addr]
	if _, port, err := net.SplitHostPort(addr); l == nil && err == nil {
		if l = n.listeners[":"+port]; l != nil {
			if to, err := netip.ParseAddrPort(addr); err == nil && l.host != nil && l.host.elsewhere(to.Addr(), n.nodes) {
				l = nil
			}
		}
	}
	n.mu.Unlock()
	if from == nil || l == nil {
		return nil, &net.OpError{Op: "dial", Net: "tcp", Err: fmt.Errorf("%s: %w", addr, syscall.ECONNREFUSED)}
	}
	var d net.Dialer
	c, err := d.DialContext(ctx, "tcp", l.Listener.Addr().String())
	if err != nil {
		return nil, err
	}
	port := c.LocalAddr().(*net.TCPAddr).AddrPort().Port()
	source := netip.AddrPortFrom(from.IP(), port)
	n.dials.Store(id.String(), id)
	if _, err := fmt.Fprintf(c, "%s %s %s\n", id, source, addr); err != nil {
		c.Close()
		return nil, err
	}
	return &loopbackConn{Conn: c, id: id, local: source, remote: addr}, nil
}

// errLoopback is why a fault can not be had here.
func errLoopback(what string) error {
	return fmt.Errorf("a run by the wall clock can not %s: its network is the machine's own", what)
}

// Slow is not possible.
func (n *Loopback) Slow(host string, by time.Duration) error { return errLoopback("slow " + host) }

// Hang is not possible.
func (n *Loopback) Hang(host string) error { return errLoopback("hang " + host) }

// Refuse is not possible.
func (n *Loopback) Refuse(host string) error {
	return errLoopback("refuse connections to " + host)
}

// Resume has nothing to end.
func (n *Loopback) Resume(host string) error { return nil }

// Crash has nothing to end.
func (n *Loopback) Crash(host string) error { return nil }

// Partition is not possible.
func (n *Loopback) Partition(a, b []string) error { return errLoopback("part hosts") }

// Heal has nothing to end.
func (n *Loopback) Heal(a, b []string) error { return nil }

// HealAll has nothing to end.
func (n *Loopback) HealAll() {}

// Refresh is not possible: latencies are those of the machine.
func (n *Loopback) Refresh() error { return errLoopback("change latencies") }

type loopbackListener struct {
	net.Listener
	net  *Loopback
	host *Host
	at   string
}

func (l *loopbackListener) Accept() (net.Conn, error) {
	for {
		c, err := l.Listener.Accept()
		if err != nil {
			return nil, err
		}
		if named, err := l.net.readPreamble(c); err == nil {
			return named, nil
		}
		c.Close() // whoever it is, it is not of this run
	}
}

func (l *loopbackListener) Close() error {
	l.net.mu.Lock()
	if l.net.listeners[l.at] == l {
		delete(l.net.listeners, l.at)
	}
	l.net.mu.Unlock()
	return l.Listener.Close()
}

// readPreamble reads the line that a dialer of this run sends at once.
func (n *Loopback) readPreamble(c net.Conn) (net.Conn, error) {
	c.SetReadDeadline(time.Now().Add(time.Second))
	var line []byte
	for b := make([]byte, 1); ; line = append(line, b[0]) {
		if _, err := c.Read(b); err != nil {
			return nil, err
		}
		if b[0] == '\n' {
			break
		}
		if len(line) > 1024 {
			return nil, fmt.Errorf("preamble too long")
		}
	}
	c.SetReadDeadline(time.Time{})
	words := strings.Fields(string(line))
	if len(words) != 3 {
		return nil, fmt.Errorf("malformed preamble %q", line)
	}
	source, err := netip.ParseAddrPort(words[1])
	if err != nil {
		return nil, err
	}
	local, err := netip.ParseAddrPort(words[2])
	if err != nil {
		return nil, err
	}
	id, _ := n.dials.LoadAndDelete(words[0])
	dial, ok := id.(trace.Dial)
	if !ok {
		return nil, fmt.Errorf("unknown dial %q", words[0])
	}
	return &loopbackConn{Conn: c, id: dial, local: local, remote: source.String()}, nil
}

type loopbackConn struct {
	net.Conn
	id     trace.Dial
	local  netip.AddrPort
	remote string
}

// TraceDial returns who dialed the connection.
func (c *loopbackConn) TraceDial() trace.Dial { return c.id }

func (c *loopbackConn) LocalAddr() net.Addr { return tcpAddr(c.local) }
func (c *loopbackConn) RemoteAddr() net.Addr {
	a, err := netip.ParseAddrPort(c.remote)
	if err != nil {
		return c.Conn.RemoteAddr()
	}
	return tcpAddr(a)
}
func (c *loopbackConn) CloseWrite() error { return c.Conn.(*net.TCPConn).CloseWrite() }
