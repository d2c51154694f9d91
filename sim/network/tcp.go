package network

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"stickylab/cluster/trace"
)

// TCPOptions of a TCP network. The zero value works.
type TCPOptions struct {
	// Quiet is called on the scheduler's goroutine every few milliseconds.
	Quiet func()

	// Latency is the one-way delay between two hosts, once Refresh was called;
	// until then latencies are those of the machine.
	Latency func(from, to *Host) time.Duration

	// MaxConnections bounds the open connections of each listener; those beyond
	// are closed at once. Default 10,000.
	MaxConnections int

	// HelloTimeout is how long a client of a listener with names (see Named)
	// may take for its first bytes. Default 1 minute, nginx's
	// client_header_timeout.
	HelloTimeout time.Duration

	// Go starts a goroutine. Default: the go statement.
	Go func(func())
}

// TCP is a network for real clients: every address that the simulation listens
// on stands for a TCP port that anybody may connect to. Latencies are those of
// the machine until a fault or Refresh adds to them.
type TCP struct {
	o    TCPOptions
	loop *Loopback // the scheduler, and the hosts

	faulty atomic.Uint64 // counts changes of what follows from faults; 0: there never was any
	dialed sync.Map      // local address of a connection from here to the host that dialed

	mu      sync.Mutex
	wants   []want
	places  []*Place
	live    map[string]*tcpListener // by virtual address
	every   []*tcpListener          // that are, or have connections left
	outside map[string]string       // address to host
	faults  map[string]faults       // by host
	parted  map[between]bool
	late    bool                     // Refresh was called: Latency counts
	lagging map[*tcpConn]struct{}    // that hold what was written
	limbo   map[*tcpConn]*time.Timer // that vanished
	changed chan struct{}            // closed when a fault begins or ends
}

// want is where an address should listen.
type want struct {
	virtual netip.AddrPort
	real    string
	must    bool
}

// Place is a port that an address of the simulation stands for.
type Place struct {
	Host    string // "proxy", "im-3030", "redis"
	Virtual string // "192.168.33.10:80"; ":80" for any address
	Real    string // "127.0.0.1:8080"
	Wanted  string // where it would have listened if that had been free
}

// NewTCP returns a network on which nobody listens yet.
func NewTCP(o TCPOptions) *TCP {
	if o.Quiet == nil {
		o.Quiet = func() {}
	}
	if o.MaxConnections <= 0 {
		o.MaxConnections = 10_000
	}
	if o.HelloTimeout <= 0 {
		o.HelloTimeout = time.Minute
	}
	if o.Go == nil {
		o.Go = func(f func()) { go f() }
	}
	return &TCP{
		o: o, loop: NewLoopback(o.Quiet),
		live: make(map[string]*tcpListener), outside: make(map[string]string),
		faults: make(map[string]faults), parted: make(map[between]bool),
		lagging: make(map[*tcpConn]struct{}), limbo: make(map[*tcpConn]*time.Timer),
		changed: make(chan struct{}),
	}
}

// AddHost adds a host. Listeners of hosts with the role "proxy" or "front" take
// the names of clients, see Named.
func (n *TCP) AddHost(name, role string, ip netip.Addr) *Host { return n.loop.AddHost(name, role, ip) }

// At runs f on the scheduler's goroutine at the instant t.
func (n *TCP) At(t time.Time, f func()) { n.loop.At(t, f) }

// Before is At.
func (n *TCP) Before(t time.Time, f func()) { n.loop.Before(t, f) }

// Run is the scheduler: it runs what At was given and closes steps until Stop.
func (n *TCP) Run() { n.loop.Run() }

// Stop ends Run, and the connections that faults have kept.
func (n *TCP) Stop() {
	n.loop.Stop()
	n.mu.Lock()
	var rest []*tcpConn
	for c := range n.lagging {
		rest = append(rest, c)
	}
	for c, t := range n.limbo {
		t.Stop()
		rest = append(rest, c)
	}
	clear(n.limbo)
	n.mu.Unlock()
	for _, c := range rest {
		c.drop()
	}
}

// Want decides where an address listens: on a real one such as
// "127.0.0.1:8080". must says that nothing else will do. Without a wish it is
// the same port of 127.0.0.1 (8000 more below 1024), or the next that is free.
func (n *TCP) Want(virtual netip.AddrPort, real string, must bool) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.wants = append(n.wants, want{virtual, real, must})
}

// Outside lets the address be dialed as it is: the host lives outside.
func (n *TCP) Outside(host, addr string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.outside[addr] = host
}

// Places returns where the simulation listens, in the order in which it began
// to.
func (n *TCP) Places() []Place {
	n.mu.Lock()
	defer n.mu.Unlock()
	out := make([]Place, len(n.places))
	for i, p := range n.places {
		out[i] = *p
	}
	return out
}

// Real returns the port that an address stands for, "" if none does.
func (n *TCP) Real(virtual string) string {
	n.mu.Lock()
	defer n.mu.Unlock()
	if p := n.placeOf(virtual); p != nil {
		return p.Real
	}
	return ""
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

// Cut closes all connections that listeners have accepted.
func (n *TCP) Cut() {
	for _, l := range n.listeners() {
		for _, c := range l.connections() { // each is its own
			c.drop()
		}
	}
}

// listeners are those that listen, or have connections left.
func (n *TCP) listeners() []*tcpListener {
	n.mu.Lock()
	defer n.mu.Unlock()
	return slices.Clone(n.every)
}

// placeOf finds the place that connections to an address reach.
func (n *TCP) placeOf(addr string) *Place {
	_, port, err := net.SplitHostPort(addr)
	for _, p := range n.places {
		if p.Virtual == addr || err == nil && p.Virtual == ":"+port {
			return p
		}
	}
	return nil
}

// Listen opens the port that stands for addr. An address that was listened on
// before keeps its port.
func (n *TCP) Listen(host, addr string) (net.Listener, error) {
	at := anyPort(addr)
	n.mu.Lock()
	known := slices.IndexFunc(n.places, func(p *Place) bool { return p.Virtual == at })
	taken := n.live[at] != nil
	n.mu.Unlock()
	if taken {
		return nil, &net.OpError{Op: "listen", Net: "tcp", Err: fmt.Errorf("%s: %w", addr, syscall.EADDRINUSE)}
	}
	var inner net.Listener
	var err error
	if known >= 0 {
		inner, err = net.Listen("tcp", n.places[known].Real)
	} else {
		inner, err = n.place(host, at)
	}
	if err != nil {
		return nil, err
	}
	l := n.listener(host, at, inner)
	n.mu.Lock()
	n.live[at] = l
	n.every = append(slices.DeleteFunc(n.every, func(l *tcpListener) bool { return l.over() }), l)
	refused := n.faults[host].refuse
	n.mu.Unlock()
	if refused {
		l.refuse(true)
	}
	if role := n.host(host).Role; role == "proxy" || role == "front" {
		return newNamed(l), nil
	}
	return l, nil
}

// place finds a port for an address that has none yet.
func (n *TCP) place(host, at string) (net.Listener, error) {
	n.mu.Lock()
	w := n.wanted(at)
	n.mu.Unlock()
	inner, err := net.Listen("tcp", w.real)
	if err != nil && w.must {
		return nil, err
	}
	for i := 1; errors.Is(err, syscall.EADDRINUSE) && i <= nearby; i++ {
		inner, err = net.Listen("tcp", shifted(w.real, i))
	}
	if err != nil {
		if inner, err = net.Listen("tcp", "127.0.0.1:0"); err != nil {
			return nil, err
		}
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	n.places = append(n.places, &Place{Host: host, Virtual: at, Real: inner.Addr().String(), Wanted: w.real})
	return inner, nil
}

// nearby is how many ports after the wanted one are tried before any will do.
const nearby = 20

// wanted returns the wish for an address, or what is usual.
func (n *TCP) wanted(at string) want {
	_, text, _ := net.SplitHostPort(at)
	port, _ := strconv.ParseUint(text, 10, 16)
	for _, w := range n.wants {
		if w.virtual.String() == at || at == ":"+strconv.Itoa(int(w.virtual.Port())) {
			return w
		}
	}
	if port < 1024 {
		port += 8000
	}
	return want{real: fmt.Sprintf("127.0.0.1:%d", port)}
}

// shifted is the address with a port so much higher.
func shifted(addr string, by int) string {
	host, text, _ := net.SplitHostPort(addr)
	port, _ := strconv.Atoi(text)
	if port+by > 65535 {
		return net.JoinHostPort(host, "0")
	}
	return net.JoinHostPort(host, strconv.Itoa(port+by))
}

// host returns the host of that name; one that nobody added has no role.
func (n *TCP) host(name string) *Host {
	n.loop.mu.Lock()
	defer n.loop.mu.Unlock()
	if h := n.loop.hosts[name]; h != nil {
		return h
	}
	return &Host{Name: name}
}

// Dial connects from the named host to the port that stands for addr. Proxies
// are told the host's address in a line of the PROXY protocol.
func (n *TCP) Dial(ctx context.Context, host string, lane *trace.Lane, addr string) (net.Conn, error) {
	id := lane.NextDial()
	n.mu.Lock()
	at, p := n.outside[addr], n.placeOf(addr)
	n.mu.Unlock()
	real := addr
	if at == "" {
		if p == nil {
			return nil, &net.OpError{Op: "dial", Net: "tcp", Err: fmt.Errorf("%s: %w", addr, syscall.ECONNREFUSED)}
		}
		at, real = p.Host, reachable(p.Real)
	}
	from, to := n.host(host), n.host(at)
	if err := n.reach(ctx, from, to); err != nil {
		return nil, &net.OpError{Op: "dial", Net: "tcp", Err: fmt.Errorf("%s: %w", addr, err)}
	}
	var d net.Dialer
	inner, err := d.DialContext(ctx, "tcp", real)
	if err != nil {
		return nil, err
	}
	c := &tcpConn{Conn: inner, net: n, host: from, id: id, key: inner.LocalAddr().String()}
	c.far.Store(to)
	n.dialed.Store(c.key, from)
	if to.Role == "proxy" || to.Role == "front" {
		source := netip.AddrPortFrom(from.IP(), inner.LocalAddr().(*net.TCPAddr).AddrPort().Port())
		target, err := netip.ParseAddrPort(addr)
		if err == nil {
			c.local, c.remote = tcpAddr(source), tcpAddr(target)
			_, err = inner.Write(AppendProxyLine(nil, source, target))
		}
		if err != nil {
			c.Close()
			return nil, err
		}
	}
	return c, nil
}

// reachable is the address to dial for one that is listened on.
func reachable(real string) string {
	host, port, err := net.SplitHostPort(real)
	if err != nil {
		return real
	}
	switch a, err := netip.ParseAddr(host); {
	case host == "" || err == nil && a.IsUnspecified() && a.Is4():
		host = "127.0.0.1"
	case err == nil && a.IsUnspecified():
		host = "::1"
	}
	return net.JoinHostPort(host, port)
}
