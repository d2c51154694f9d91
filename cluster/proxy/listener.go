package proxy

import (
	"cmp"
	"context"
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strconv"

	"stickylab/cluster/host"
	"stickylab/cluster/nginx"
	"stickylab/cluster/trace"
)

// endpoint is a socket that the configuration wants to listen on.
type endpoint struct {
	addr string
	dual bool // an IPv6 socket that takes IPv4 too, whose clients then have mapped addresses
}

// endpoints lists the sockets of a configuration, in its order. A wildcard
// takes the place of the other addresses of its port, as in nginx.
func endpoints(c *nginx.Config) []endpoint {
	type wildcards struct{ v4, v6, dual bool }
	ports := map[int]*wildcards{}
	for _, s := range c.Servers {
		for _, l := range s.Listen {
			w := ports[l.Port]
			if w == nil {
				w = &wildcards{}
				ports[l.Port] = w
			}
			switch listenHost(l) {
			case "":
				w.v4 = true
			case "::":
				w.v6, w.dual = true, w.dual || l.Dual
			}
		}
	}
	var list []endpoint
	for _, s := range c.Servers {
		for _, l := range s.Listen {
			w, port := ports[l.Port], strconv.Itoa(l.Port)
			var e endpoint
			switch {
			case w.v4 && w.v6:
				e.addr = ":" + port // one socket for both
			case w.v4:
				e.addr = net.JoinHostPort("0.0.0.0", port)
			case w.v6:
				e.addr, e.dual = net.JoinHostPort("::", port), w.dual
			default:
				e.addr = net.JoinHostPort(listenHost(l), port)
			}
			if !slices.ContainsFunc(list, func(o endpoint) bool { return o.addr == e.addr }) {
				list = append(list, e)
			}
		}
	}
	return list
}

// wildcard is the port of an endpoint that takes all addresses, "" for another one.
func (e endpoint) wildcard() string {
	host, port, _ := net.SplitHostPort(e.addr)
	if host != "" && host != "::" && host != "0.0.0.0" {
		return ""
	}
	return port
}

func listenHost(l nginx.Listen) string {
	a := l.Address
	if len(a) > 1 && a[0] == '[' {
		a = a[1 : len(a)-1]
	}
	if a == "*" || a == "0.0.0.0" {
		return ""
	}
	return a
}

// local is the address of the endpoint that a connection came to: what the
// configuration says, wherever the socket really is.
func (e endpoint) local(own netip.Addr) netip.AddrPort {
	host, port, _ := net.SplitHostPort(e.addr)
	n, _ := strconv.ParseUint(port, 10, 16)
	if a, err := netip.ParseAddr(host); err == nil && !a.IsUnspecified() {
		own = a
	}
	return netip.AddrPortFrom(own.Unmap(), uint16(n))
}

// listener is an open socket.
type listener struct {
	net.Listener
	p *Proxy
	e endpoint
}

// clientConn is a client's connection. It belongs to the configuration that
// was in effect when it was accepted, as connections belong to a worker.
type clientConn struct {
	net.Conn
	p           *Proxy
	gen         *generation
	lane        *trace.Lane
	remote      netip.AddrPort
	local       netip.AddrPort
	number      uint64
	proxyHeader proxyHeader
}

func (l *listener) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	remote, local := addrPort(c.RemoteAddr()), addrPort(c.LocalAddr())
	a := remote.Addr()
	switch {
	case l.e.dual && a.Is4():
		a = netip.AddrFrom16(a.As16())
	case !l.e.dual:
		a = a.Unmap()
	}
	conn := &clientConn{
		Conn: c, p: l.p, gen: l.p.generation.Load(), lane: l.p.c.Env.Lane(trace.LaneID{Host: l.p.c.Host, Origin: host.DialOf(c)}),
		remote: netip.AddrPortFrom(a.WithZone(""), remote.Port()),
		local:  l.e.local(local.Addr()),
		number: l.p.accepted.Add(1),
	}
	if conn.gen.config.ProxyProtocol(conn.local) {
		conn.proxyHeader = proxyHeader{due: true}
	}
	return conn, nil
}

func addrPort(a net.Addr) netip.AddrPort {
	if t, ok := a.(*net.TCPAddr); ok {
		return t.AddrPort()
	}
	p, _ := netip.ParseAddrPort(a.String())
	return p
}

type connKey struct{}

func connContext(ctx context.Context, c net.Conn) context.Context {
	cc := c.(*clientConn)
	return context.WithValue(host.WithLane(ctx, cc.lane), connKey{}, cc)
}

func connOf(r *http.Request) *clientConn { return r.Context().Value(connKey{}).(*clientConn) }

// connState keeps the list of clients, upgraded ones aside.
func (p *Proxy) connState(c net.Conn, state http.ConnState) {
	cc := c.(*clientConn)
	p.mu.Lock()
	_, known := p.clients[cc]
	over := state == http.StateClosed || state == http.StateHijacked
	if over {
		delete(p.clients, cc)
	} else {
		p.clients[cc] = state
	}
	p.mu.Unlock()
	switch {
	case over && known:
		p.serving.Done()
	case !over && !known:
		p.serving.Add(1)
	}
	if state == http.StateIdle && p.stale(cc) {
		c.Close()
	}
}

// stale reports whether the connection's configuration is not in effect any more.
func (p *Proxy) stale(c *clientConn) bool { return c.gen != p.generation.Load() }

// closeIdle closes the stale connections that are between two requests.
func (p *Proxy) closeIdle() {
	p.closeClients(func(c *clientConn, state http.ConnState) bool { return state == http.StateIdle && p.stale(c) })
}

// closeClients closes the client connections that match, in the order in which
// they came.
func (p *Proxy) closeClients(match func(*clientConn, http.ConnState) bool) {
	p.mu.Lock()
	var list []*clientConn
	for c, state := range p.clients {
		if match(c, state) {
			list = append(list, c)
		}
	}
	p.mu.Unlock()
	slices.SortFunc(list, func(a, b *clientConn) int { return cmp.Compare(a.number, b.number) })
	for _, c := range list {
		c.Close()
	}
}
