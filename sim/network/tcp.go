package network

import (
	"context"
	"fmt"
	"maps"
	"net"
	"net/netip"
	"slices"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"stickylab/cluster/host"
	"stickylab/cluster/memnet"
	"stickylab/cluster/proxyproto"
	"stickylab/cluster/trace"
)

// TCPOptions of a TCP network. The zero value works.
type TCPOptions struct {
	// Quiet is called on the scheduler's goroutine every few milliseconds.
	Quiet func()

	// Latency is the one-way delay between two hosts, once Refresh was called;
	// until then latencies are those of the machine.
	Latency func(from, to *memnet.Host) time.Duration

	// AnyPort lets addresses without a wish (see Want) listen on any free port of
	// 127.0.0.1.
	AnyPort bool

	// MaxConnections bounds the open connections of each listener; those beyond
	// are closed at once. Zero means no limit.
	MaxConnections int

	// HeaderTimeout is how long a client of a proxy may take for its first bytes.
	// Default 1 minute, nginx's client_header_timeout.
	HeaderTimeout time.Duration

	// Go starts a goroutine. Default: the go statement.
	Go func(func())
}

// TCP is a network by the wall clock: every address that the simulation listens
// on stands for a TCP port of this machine, which real clients may connect to as
// well. Latencies are those of the machine until a fault or Refresh adds to them.
type TCP struct {
	memnet.Hosts
	*clock
	*Faults
	places
	o TCPOptions

	version atomic.Uint64 // of what follows from faults; 0 as long as there was none
	delayed atomic.Bool   // Refresh was called: Latency counts

	mu        sync.Mutex
	live      map[string]*tcpListener  // by virtual address
	every     []*tcpListener           // that are open, or have connections left
	outside   map[string]string        // address to host
	dialed    map[string]*tcpConn      // dialers' ends, see dialKey
	dialing   map[string]int           // dials in flight, by the address of the socket
	settled   chan struct{}            // closed when one of them is over
	delaying  map[*tcpConn]struct{}    // that hold what was written
	lingering map[*tcpConn]*time.Timer // that vanished
	changed   chan struct{}            // closed when a fault begins or ends
}

// NewTCP returns a network on which no host listens yet.
func NewTCP(o TCPOptions) *TCP {
	if o.Quiet == nil {
		o.Quiet = func() {}
	}
	if o.HeaderTimeout <= 0 {
		o.HeaderTimeout = time.Minute
	}
	if o.Go == nil {
		o.Go = func(f func()) { go f() }
	}
	n := &TCP{
		o: o, clock: newClock(o.Quiet), places: places{anyPort: o.AnyPort},
		live: make(map[string]*tcpListener), outside: make(map[string]string),
		dialed: make(map[string]*tcpConn), dialing: make(map[string]int), settled: make(chan struct{}),
		delaying: make(map[*tcpConn]struct{}), lingering: make(map[*tcpConn]*time.Timer),
		changed: make(chan struct{}),
	}
	n.Faults = newFaults(&n.Hosts, n.latency, n.apply)
	return n
}

func (n *TCP) latency(from, to *memnet.Host) time.Duration {
	if !n.delayed.Load() || n.o.Latency == nil {
		return 0
	}
	return n.o.Latency(from, to)
}

// Refresh adds the latencies of the simulation to those of the machine, and
// applies those that have changed. It fails as HealAll does.
func (n *TCP) Refresh() error {
	n.delayed.Store(true)
	return n.Faults.Refresh()
}

// Stop ends Run, and the connections that faults have kept.
func (n *TCP) Stop() {
	n.clock.stop()
	n.mu.Lock()
	rest := slices.AppendSeq(slices.Collect(maps.Keys(n.delaying)), maps.Keys(n.lingering))
	for _, t := range n.lingering {
		t.Stop()
	}
	clear(n.lingering)
	n.mu.Unlock()
	for _, c := range rest {
		c.drop()
	}
}

// Outside lets the address be dialed as it is: the host lives outside.
func (n *TCP) Outside(host, addr string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.outside[addr] = host
}

// Connections counts the open connections that the listeners of hosts with a
// role have accepted.
func (n *TCP) Connections(role string) int {
	sum := 0
	for _, l := range n.listeners() {
		if l.host.Role == role {
			sum += len(l.connections())
		}
	}
	return sum
}

// AfterFunc is that of host.Env.
func (n *TCP) AfterFunc(_ string, d time.Duration, f func()) host.Timer {
	return time.AfterFunc(d, func() { n.o.Go(f) })
}

// Cut closes all connections that listeners have accepted.
func (n *TCP) Cut() {
	for _, l := range n.listeners() {
		for _, c := range l.connections() {
			c.drop()
		}
	}
}

// host returns the host of that name; one that was not added has no role.
func (n *TCP) host(name string) *memnet.Host {
	if h := n.Host(name); h != nil {
		return h
	}
	return &memnet.Host{Name: name}
}

// Dial connects from the named host to the port that stands for addr, or to an
// address outside; a proxy there is told the host's address in a line of the PROXY
// protocol. The error is a net.OpError, or that of the machine's dial: an address
// that no one listens on, or a host that refuses, gives ECONNREFUSED, and a
// context that ends its cause.
func (n *TCP) Dial(ctx context.Context, host string, lane *trace.Lane, addr string) (net.Conn, error) {
	id := lane.NextDial()
	from := n.host(host)
	n.mu.Lock()
	at, outside := n.outside[addr]
	n.mu.Unlock()
	real := addr
	if !outside {
		if at, real = n.find(addr); at == "" {
			return nil, dialError(addr, syscall.ECONNREFUSED)
		}
	}
	to := n.host(at)
	if err := n.reach(ctx, from, to); err != nil {
		return nil, dialError(addr, err)
	}
	c := &tcpConn{net: n, host: from, id: id}
	c.far.Store(to)
	if err := n.connect(ctx, c, addr, real, !outside); err != nil {
		return nil, err
	}
	if outside && (to.Role == memnet.Proxy || to.Role == memnet.Front) {
		if err := c.introduce(); err != nil {
			c.Close()
			return nil, err
		}
	}
	return c, nil
}

func dialError(addr string, err error) error {
	return &net.OpError{Op: "dial", Net: "tcp", Err: fmt.Errorf("%s: %w", addr, err)}
}

// find returns the host that listens on an address and its port, "" if none does.
func (n *TCP) find(addr string) (host, real string) {
	p, ok := n.placeOf(addr)
	if !ok {
		return "", ""
	}
	if at, err := netip.ParseAddrPort(addr); err == nil && p.Virtual != addr && !n.Reaches(n.host(p.Host), at.Addr()) {
		return "", ""
	}
	return p.Host, reachable(p.Real)
}

// connect opens the socket of a dial. Both ends of one within the simulation
// have the simulation's addresses, and the other end learns whose it is.
func (n *TCP) connect(ctx context.Context, c *tcpConn, addr, real string, within bool) error {
	var d net.Dialer
	if within {
		n.mu.Lock()
		n.dialing[real]++
		n.mu.Unlock()
		defer n.settle(real)
	}
	inner, err := d.DialContext(ctx, "tcp", real)
	if err != nil && ctx.Err() != nil {
		return dialError(addr, context.Cause(ctx))
	}
	if err != nil {
		return err
	}
	c.Conn, c.in = inner, inner
	if to, err := netip.ParseAddrPort(addr); err == nil {
		port := inner.LocalAddr().(*net.TCPAddr).AddrPort().Port()
		c.local, c.remote = net.TCPAddrFromAddrPort(netip.AddrPortFrom(c.host.IP(), port)), net.TCPAddrFromAddrPort(to)
	}
	if within {
		c.key = dialKey(inner.LocalAddr(), inner.RemoteAddr())
		n.mu.Lock()
		n.dialed[c.key] = c
		n.mu.Unlock()
	}
	return nil
}

// dialKey identifies a connection: the machine gives the port of a dialer to several
// connections when they lead to different ports.
func dialKey(dialer, listener net.Addr) string { return dialer.String() + " " + listener.String() }

// settle notes that a dial is over.
func (n *TCP) settle(real string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.dialing[real]--; n.dialing[real] == 0 {
		delete(n.dialing, real)
	}
	close(n.settled)
	n.settled = make(chan struct{})
}

// settleTimeout bounds how long a connection from outside waits for dials of the
// simulation to the same port. Only a full backlog makes them take so long.
const settleTimeout = time.Second

// dialer returns the dialer's end of a connection that a port has accepted, nil
// if it comes from outside. A dial in flight has its port a moment before it is
// known.
func (n *TCP) dialer(key, real string) *tcpConn {
	var timeout <-chan time.Time
	for {
		n.mu.Lock()
		c, dialing, settled := n.dialed[key], n.dialing[real], n.settled
		n.mu.Unlock()
		if c != nil || dialing == 0 {
			return c
		}
		if timeout == nil {
			timeout = time.After(settleTimeout)
		}
		select {
		case <-settled:
		case <-timeout:
			return nil
		}
	}
}

// introduce names the connection's client to a proxy outside.
func (c *tcpConn) introduce() error {
	if c.remote == nil {
		return dialError(c.Conn.RemoteAddr().String(), fmt.Errorf("no address to name in a PROXY line"))
	}
	_, err := c.Conn.Write(proxyproto.Append(nil, c.local.AddrPort(), c.remote.AddrPort()))
	return err
}
