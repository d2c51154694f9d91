package proxy

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"sync"
	"sync/atomic"
	"time"

	"stickylab/cluster/balance"
	"stickylab/cluster/host"
	"stickylab/cluster/proxyproto"
	"stickylab/cluster/trace"
)

// StreamConfig describes a Stream. All fields but Accept must be set.
type StreamConfig struct {
	Env    host.Env
	Host   string // the host that listens and dials
	Listen string // "198.51.100.10:80"
	To     string // where every connection leads to

	// Accept says that connections begin with a header of the PROXY protocol,
	// whose client is passed on. Those that do not are closed.
	Accept bool
}

// Stream is a proxy for connections, which knows nothing of HTTP: it names the
// client of each connection to the server in a PROXY line, and then passes bytes.
// It has the timeouts of nginx's stream module.
type Stream struct {
	c        StreamConfig
	listener net.Listener
	base     context.Context // ends at Close
	cancel   context.CancelFunc

	mu      sync.Mutex
	closed  bool
	open    map[net.Conn]bool
	running sync.WaitGroup
}

const (
	streamConnectTimeout = time.Minute      // proxy_connect_timeout
	streamTimeout        = 10 * time.Minute // proxy_timeout
	streamHeaderTimeout  = 30 * time.Second // proxy_protocol_timeout
)

// StartStream listens, and serves in goroutines that it starts. It fails when the address is taken.
func StartStream(c StreamConfig) (*Stream, error) {
	l, err := c.Env.Listen(c.Host, c.Listen)
	if err != nil {
		return nil, fmt.Errorf("stream proxy: bind() to %s failed (%s): %w", c.Listen, cause(err), err)
	}
	r := &Stream{c: c, listener: l, open: map[net.Conn]bool{}}
	r.base, r.cancel = context.WithCancel(context.Background())
	r.spawn(r.serve)
	return r, nil
}

func (r *Stream) spawn(f func()) {
	r.running.Add(1)
	r.c.Env.Go(func() {
		defer r.running.Done()
		f()
	})
}

func (r *Stream) serve() {
	for {
		c, err := r.listener.Accept()
		if err != nil {
			return
		}
		if r.keep(c) {
			r.spawn(func() { r.relay(c) })
		}
	}
}

// keep notes a connection for Close. It reports false when that was called, and
// closes the connection.
func (r *Stream) keep(c net.Conn) bool {
	r.mu.Lock()
	closed := r.closed
	if !closed {
		r.open[c] = true
	}
	r.mu.Unlock()
	if closed {
		c.Close()
	}
	return !closed
}

func (r *Stream) drop(c net.Conn) {
	c.Close()
	r.mu.Lock()
	delete(r.open, c)
	r.mu.Unlock()
}

// Close closes the listener and all connections, and waits for the relay's
// goroutines.
func (r *Stream) Close() {
	r.mu.Lock()
	r.closed = true
	var list []net.Conn
	for c := range r.open {
		list = append(list, c)
	}
	r.mu.Unlock()
	r.cancel()
	r.listener.Close()
	for _, c := range list { // each ends by itself
		c.Close()
	}
	r.running.Wait()
}

// relay serves one connection of a client.
func (r *Stream) relay(client net.Conn) {
	lane := r.c.Env.Lane(trace.LaneID{Host: r.c.Host, Origin: host.DialOf(client)})
	defer r.drop(client)
	from, to := addrPort(client.RemoteAddr()), netip.AddrPort{}
	if local, err := netip.ParseAddrPort(r.c.Listen); err == nil {
		to = local
	}
	peer := trace.N(balance.RemoteAddr(from.Addr().Unmap()))
	report := func(kind trace.Kind, text string, began time.Time) {
		lane.Emit(trace.Event{Kind: kind, Node: trace.N(r.c.Host), Peer: peer, Text: trace.N(text), Value: time.Since(began)})
	}
	began := time.Now()
	var ahead []byte
	if r.c.Accept {
		said, rest, err := readHeader(client)
		if err != nil {
			if err != errNothing && !proxyproto.Quiet(err) {
				report(trace.FrontError, err.Error()+" while reading PROXY protocol", began)
			}
			return
		}
		if a, err := netip.ParseAddr(said.Source); err == nil {
			from = netip.AddrPortFrom(a, uint16(said.SourcePort))
			peer = trace.N(balance.RemoteAddr(a))
		}
		ahead = rest
	}
	dialing, cancel := r.c.Env.AfterFunc.WithTimeout(r.base, lane.Name(), streamConnectTimeout)
	server, err := r.c.Env.Dial(dialing, r.c.Host, lane, r.c.To)
	cancel()
	if err != nil && r.base.Err() != nil {
		return
	}
	if err != nil {
		report(trace.FrontError, faultOf(err, "connect()", connecting).text, began)
		return
	}
	if !r.keep(server) {
		return
	}
	defer r.drop(server)
	report(trace.Fronted, string(trace.Connection), began)
	line := proxyproto.Append(nil, netip.AddrPortFrom(from.Addr().Unmap(), from.Port()), to)
	if _, err := server.Write(append(line, ahead...)); err != nil {
		return
	}
	r.pass(lane, client, server)
}

// errNothing is the error of a connection that ended before it said anything.
var errNothing = errors.New("nothing said")

// readHeader reads the PROXY header that a connection begins with.
func readHeader(c net.Conn) (from proxyproto.Header, rest []byte, err error) {
	c.SetReadDeadline(time.Now().Add(streamHeaderTimeout))
	b := make([]byte, proxyproto.Most)
	n, _ := c.Read(b)
	if n == 0 {
		return from, nil, errNothing
	}
	from, length, err := proxyproto.Read(b[:n])
	c.SetReadDeadline(time.Time{})
	return from, b[length:n], err
}

// pass passes bytes both ways until either side ends, which ends both, or
// nothing has passed for too long.
func (r *Stream) pass(lane *trace.Lane, client, server net.Conn) {
	began := time.Now()
	var last atomic.Int64
	var timer host.Timer
	end := func() {
		client.Close()
		server.Close()
	}
	timer = r.c.Env.AfterFunc(lane.Name(), streamTimeout, func() {
		if rest := streamTimeout - (time.Since(began) - time.Duration(last.Load())); rest > 0 {
			timer.Reset(rest)
			return
		}
		end()
	})
	defer timer.Stop()
	half := func(dst, src net.Conn) {
		defer end()
		drain(noting{dst, &last, began}, src)
	}
	back := make(chan struct{})
	r.spawn(func() {
		defer close(back)
		half(client, server)
	})
	half(server, client)
	<-back
}

// noting notes when it was last written to.
type noting struct {
	net.Conn
	last  *atomic.Int64
	began time.Time
}

func (n noting) Write(b []byte) (int, error) {
	n.last.Store(int64(time.Since(n.began)))
	return n.Conn.Write(b)
}
