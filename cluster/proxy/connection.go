package proxy

import (
	"net"
	"net/netip"
	"strconv"
	"strings"
	"time"

	"stickylab/cluster/balance"
	"stickylab/cluster/nginx"
	"stickylab/cluster/proxyproto"
	"stickylab/cluster/trace"
)

// connection is a client's connection to a server of the stream context. One choice is made for
// it, whatever comes over it.
type connection struct {
	*clientConn
	stream *nginx.Stream

	from    netip.AddrPort // the client, as far as is known
	peer    trace.Name
	node    trace.Name
	began   time.Time
	attempt balance.Attempt
}

// What nginx logs as the status of a connection.
const (
	streamDone       = 200
	streamForbidden  = 403
	streamBadGateway = 502
)

// idleConnection is what nginx logs when proxy_timeout is over.
const idleConnection = "connection timed out (110: Connection timed out) while proxying connection"

// serve runs the phases of a connection, and connects it to a server.
func (c *connection) serve() {
	defer c.p.leave(c.clientConn)
	c.began, c.from = time.Now(), c.remote
	c.peer = trace.N(balance.RemoteAddr(c.from.Addr()))
	if !c.readHeader() {
		c.Close()
		return
	}
	c.from = realIP(c.clientConn, c.stream.RealIP, nil)
	c.peer = trace.N(balance.RemoteAddr(c.from.Addr()))
	if c.stream.Access.Permits(c.from.Addr(), false) != 0 {
		c.log("access forbidden by rule", streamForbidden)
		c.end(streamForbidden)
		return
	}
	server, status := c.connect()
	if server == nil {
		c.end(status)
		return
	}
	c.report(streamDone)
	c.tie(server)
}

// end closes the connection before it is passed on. No status is reported when it is 0.
func (c *connection) end(status int32) {
	if status != 0 {
		c.report(status)
	}
	c.Close()
}

// readHeader reads the PROXY header that the connection must begin with, if it must.
func (c *connection) readHeader() bool {
	h := &c.proxyHeader
	if !h.due {
		return true
	}
	c.SetReadDeadline(time.Now().Add(c.stream.HeaderTimeout))
	err := h.read(c.clientConn)
	c.SetReadDeadline(time.Time{})
	return err == nil
}

// connect connects to one server after another, as long as there is one to try
// (ngx_stream_proxy_next_upstream). It returns nil and the status when none takes the connection.
func (c *connection) connect() (server net.Conn, status int32) {
	s, up := c.stream, c.gen.upstreams[strings.ToLower(c.stream.Upstream)]
	q := balance.Request{Addr: c.from.Addr(), MaxTries: s.NextTries}
	if m := up.Method; m.Name == "hash" && len(m.Args) > 0 {
		q.Key = c.gen.config.Expand(m.Args[0], c.Variable)
	}
	up.peers.StartIn(&c.attempt, q)
	for {
		peer, err := c.attempt.Next()
		if err != nil {
			c.node = trace.Name{}
			c.log(noLive, streamBadGateway)
			return nil, streamBadGateway
		}
		c.node = trace.N(c.p.c.NodeAt(peer.Address))
		if c.node == (trace.Name{}) {
			c.node = trace.N(peer.Address)
		}
		dialing, cancel := c.p.c.Env.AfterFunc.WithTimeout(c.p.base, c.lane.Name(), s.ConnectTimeout)
		server, err := c.p.c.Env.Dial(dialing, c.p.c.Host, c.lane, peer.Address)
		cancel()
		if err == nil {
			c.attempt.Connected()
			return server, streamDone
		}
		if c.p.base.Err() != nil {
			c.attempt.Done(false)
			return nil, 0
		}
		c.log(faultOf(err, "connect()", connecting).text, streamBadGateway)
		if c.attempt.Done(true) {
			c.log(disabled+connecting, 0)
		}
		if c.attempt.TriesLeft() == 0 || !s.Next || s.NextTimeout > 0 && time.Since(c.began) >= s.NextTimeout {
			return nil, streamBadGateway
		}
	}
}

// tie passes bytes between the client and the server until either ends. What the client said
// before goes first, after the line that names it to the server.
func (c *connection) tie(server net.Conn) {
	t := &tunnel{
		p: c.p, gen: c.gen, client: c.Conn, upstream: server, lane: c.lane, peer: c.peer, node: c.node,
		attempt: c.attempt, timeout: c.stream.Timeout, status: streamDone, idle: idleConnection, learn: func() {},
	}
	var first []byte
	if c.stream.Announce {
		first = proxyproto.Append(nil, netip.AddrPortFrom(c.from.Addr().Unmap(), c.from.Port()), c.local)
	}
	t.run(append(first, c.proxyHeader.ahead...), nil)
}

// Variable returns the value of one of nginx's variables of the stream context.
func (c *connection) Variable(name string) string {
	h := &c.proxyHeader.from
	switch name {
	case "remote_addr":
		return balance.RemoteAddr(c.from.Addr())
	case "binary_remote_addr":
		return string(c.from.Addr().AsSlice())
	case "remote_port":
		return strconv.Itoa(int(c.from.Port()))
	case "realip_remote_addr":
		return balance.RemoteAddr(c.remote.Addr())
	case "realip_remote_port":
		return strconv.Itoa(int(c.remote.Port()))
	case "server_addr":
		return balance.RemoteAddr(c.local.Addr())
	case "server_port":
		return strconv.Itoa(int(c.local.Port()))
	case "proxy_protocol_addr":
		return h.Source
	case "proxy_protocol_port":
		return portText(h.SourcePort)
	case "proxy_protocol_server_addr":
		return h.Destination
	case "proxy_protocol_server_port":
		return portText(h.DestinationPort)
	case "protocol":
		return "TCP"
	case "hostname":
		return c.p.c.Host
	case "nginx_version":
		return c.p.c.Version.Release()
	}
	return ""
}

// report tells that the connection has its server, or that none takes it.
func (c *connection) report(status int32) {
	c.p.emit(c.lane, trace.Event{
		Kind: trace.Proxied, Peer: c.peer, Node: c.node, Status: status, Text: trace.Connection.Name(), Value: time.Since(c.began),
	})
}

// log reports what nginx writes to its error log.
func (c *connection) log(text string, status int32) {
	c.p.emit(c.lane, trace.Event{Kind: trace.ProxyError, Peer: c.peer, Node: c.node, Status: status, Text: trace.N(text)})
}
