// Package proxy is a reverse proxy that behaves as nginx does with the same
// configuration: the peers it picks, the bytes it sends them, when it tries
// another one and what the client sees.
package proxy

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"net/netip"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"stickylab/cluster/host"
	"stickylab/cluster/nginx"
	"stickylab/cluster/trace"
)

// Config says what a proxy needs. All fields but Version, Resolve, NodeAt,
// Front and RealIP must be set.
type Config struct {
	Env     host.Env
	Host    string        // the host that listens and dials, such as "proxy"
	Nginx   *nginx.Config // what to do
	Version nginx.Version // whose defaults apply

	// Resolve returns the addresses of a host name in an upstream.
	Resolve func(host string) ([]netip.Addr, error)

	// NodeAt returns the name of the node at an address ("10.0.0.1:3030"), "" if
	// unknown, for the trace.
	NodeAt func(addr string) string

	// Front tells that it is not the proxy that the trace is about: its requests
	// and errors are reported as those of a front, and nothing else is.
	Front bool

	// RealIP tells upstreams the client's address in X-Real-IP where the
	// configuration does not say that header itself.
	RealIP bool

	Bounds Bounds
}

// Bounds limit what clients can make a proxy hold.
type Bounds struct {
	HeaderTimeout time.Duration // client_header_timeout; default 1 minute

	// RequestTimeout bounds how long a client may take for a whole request, and
	// an answer until it is taken. It must be longer than a poll waits. Default
	// Zero means that only the head and the body of a request have to be in time.
	RequestTimeout time.Duration
}

// Proxy is a reverse proxy.
type Proxy struct {
	c          Config
	name       string // in the Server header
	lane       *trace.Lane
	generation atomic.Pointer[generation]
	accepted   atomic.Uint64
	base       context.Context // ends at Close
	cancel     context.CancelFunc
	began      time.Time

	loads int // configurations so far

	mu        sync.Mutex
	closed    bool
	running   sync.WaitGroup // goroutines
	listeners map[endpoint]*listener
	clients   map[*clientConn]bool // whether it is between two requests; upgraded ones aside
	shutdowns []host.Timer         // of retired generations
	tunnels   tunnels
	zones     zones
}

// New returns a proxy; it does not listen yet. The error is in nginx's words
// where the configuration is at fault.
func New(c Config) (*Proxy, error) {
	if c.NodeAt == nil {
		c.NodeAt = func(string) string { return "" }
	}
	base, cancel := context.WithCancel(context.Background())
	p := &Proxy{
		c: c, name: c.Version.Server(), lane: c.Env.Lane(trace.LaneID{Host: c.Host}), base: base, cancel: cancel, began: time.Now(),
		listeners: map[endpoint]*listener{}, clients: map[*clientConn]bool{}, tunnels: tunnels{open: map[*tunnel]int{}},
	}
	g, err := p.newGeneration(c.Nginx)
	if err != nil {
		cancel()
		return nil, fmt.Errorf("proxy: %w", err)
	}
	p.generation.Store(g)
	return p, nil
}

// Start listens on the configuration's addresses and serves in goroutines
// that it starts. It fails when one of them cannot be listened on.
func (p *Proxy) Start() error {
	g := p.generation.Load()
	if err := p.listen(g); err != nil {
		return err
	}
	p.emit(p.lane, trace.Event{Kind: trace.ConfigLoaded, Text: trace.N(g.methods())})
	return nil
}

// listen opens the sockets of g that are not open and closes those that it
// does not name. On an error the open ones stay as they were.
func (p *Proxy) listen(g *generation) error {
	var missing []endpoint
	var opened, gone []*listener
	p.mu.Lock()
	wanted := map[endpoint]bool{}
	for _, e := range endpoints(g.config) {
		if wanted[e] = true; p.listeners[e] == nil {
			missing = append(missing, e)
		}
	}
	for e, l := range p.listeners {
		if !wanted[e] {
			gone = append(gone, l)
		}
	}
	p.mu.Unlock()
	// A wildcard takes the port over from another one: it is opened last, when
	// nothing else can fail, and the other one is closed before.
	heir := func(e endpoint) int {
		return slices.IndexFunc(gone, func(l *listener) bool { return e.wildcard() != "" && e.wildcard() == l.e.wildcard() })
	}
	slices.SortStableFunc(missing, func(a, b endpoint) int { return cmp.Compare(min(heir(a), 0), min(heir(b), 0)) })
	for _, e := range missing {
		if i := heir(e); i >= 0 {
			gone[i].Close()
		}
		l, err := p.c.Env.Listen(p.c.Host, e.addr)
		if err != nil {
			for _, l := range opened {
				l.Close()
			}
			return fmt.Errorf("proxy: bind() to %s failed (%s): %w", e.addr, cause(err), err)
		}
		opened = append(opened, &listener{l, p, e})
	}
	p.mu.Lock()
	if p.closed {
		gone, opened = opened, nil
	}
	for _, l := range gone {
		delete(p.listeners, l.e)
	}
	for _, l := range opened {
		p.listeners[l.e] = l
	}
	p.mu.Unlock()
	for _, l := range gone {
		l.Close()
	}
	for _, l := range opened {
		p.spawn(l.accept)
	}
	return nil
}

// Reload puts a new configuration in effect for connections accepted from now
// on, with fresh peer state. Running requests and upgraded connections stay
// with the old one; idle connections are closed. On an error nothing changes.
// It must not run twice at one time.
func (p *Proxy) Reload(c *nginx.Config) error {
	if p.isClosed() {
		return errors.New("proxy: closed")
	}
	g, err := p.newGeneration(c)
	if err != nil {
		return fmt.Errorf("proxy: %w", err)
	}
	if err := p.listen(g); err != nil {
		return err
	}
	old := p.generation.Swap(g)
	old.retire()
	p.closeIdle()
	if limit := old.config.WorkerShutdownTimeout; limit > 0 {
		timer := p.c.Env.AfterFunc(p.lane.Name(), limit, func() { p.cut(old) })
		p.mu.Lock()
		p.shutdowns = append(p.shutdowns, timer)
		p.mu.Unlock()
	}
	p.emit(p.lane, trace.Event{Kind: trace.ConfigLoaded, Text: trace.N(g.methods())})
	return nil
}

// cut closes what still runs with a configuration that is not in effect: the
// end of worker_shutdown_timeout.
func (p *Proxy) cut(g *generation) {
	p.closeClients(func(c *clientConn, _ bool) bool { return c.gen == g })
	p.tunnels.closeOf(g)
}

// retire closes the connections that no request uses.
func (g *generation) retire() {
	for _, u := range g.all {
		for _, k := range u.idle { // in any order: each has its connections
			k.close()
		}
	}
}

// Close closes the listeners and all connections on both sides, and waits for
// the proxy's goroutines.
func (p *Proxy) Close() {
	p.mu.Lock()
	if p.closed {
		p.mu.Unlock()
		p.running.Wait()
		return
	}
	p.closed = true
	for _, t := range p.shutdowns {
		t.Stop()
	}
	open := slices.Collect(maps.Values(p.listeners))
	p.mu.Unlock()
	p.cancel()
	for _, l := range open { // in any order: they are independent
		l.Close()
	}
	p.closeClients(func(*clientConn, bool) bool { return true })
	p.generation.Load().retire()
	p.tunnels.closeOf(nil)
	p.running.Wait()
}

// emit reports an event.
func (p *Proxy) emit(lane *trace.Lane, e trace.Event) {
	if p.c.Front {
		switch e.Kind {
		case trace.Proxied:
			e.Kind = trace.Fronted
		case trace.ProxyError:
			e.Kind = trace.FrontError
		default:
			return
		}
		e.Node = trace.N(p.c.Host)
	}
	lane.Emit(e)
}

// spawn runs f in a goroutine that Close waits for.
func (p *Proxy) spawn(f func()) {
	p.running.Add(1)
	p.c.Env.Go(func() {
		defer p.running.Done()
		f()
	})
}

func (p *Proxy) isClosed() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.closed
}
