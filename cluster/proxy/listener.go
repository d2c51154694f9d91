package proxy

import (
	"net"
	"net/netip"
	"slices"
	"strconv"
	"time"

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

// accept serves the clients of the socket until it is closed.
func (l *listener) accept() {
	for {
		c, err := l.Accept()
		if err != nil {
			return
		}
		if conn := l.client(c); l.p.admit(conn) {
			if s := conn.gen.config.Server(conn.local, ""); s != nil && s.Stream != nil {
				l.p.spawn((&connection{clientConn: conn, stream: s.Stream}).serve)
				continue
			}
			l.p.spawn(conn.serve)
		} else {
			c.Close()
		}
	}
}

// client is a connection that the socket accepted.
func (l *listener) client(c net.Conn) *clientConn {
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
		came:   time.Now(),
	}
	if conn.gen.config.ProxyProtocol(conn.local) {
		conn.proxyHeader = proxyHeader{due: true}
	}
	return conn
}

func addrPort(a net.Addr) netip.AddrPort {
	if t, ok := a.(*net.TCPAddr); ok {
		return t.AddrPort()
	}
	p, _ := netip.ParseAddrPort(a.String())
	return p
}
