package nginx

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"stickylab/cluster/nginx/syntax"
)

// Stream is what a server of the stream context does with a connection: it passes bytes, and
// knows nothing of requests. Its Server has one location, which takes every request.
type Stream struct {
	Pos      syntax.Pos // of proxy_pass
	Upstream string

	ConnectTimeout time.Duration // proxy_connect_timeout; default 60 s
	Timeout        time.Duration // proxy_timeout, between two reads or writes; default 10 min
	HeaderTimeout  time.Duration // proxy_protocol_timeout; default 30 s

	Next        bool // proxy_next_upstream; default on
	NextTries   int  // 0 means no limit
	NextTimeout time.Duration

	Announce bool // proxy_protocol: the server is told the client in a PROXY line
	RealIP   *RealIP
	Access   *Access
}

// streamUnderstood are the directives of the stream context that the proxy acts on.
var streamUnderstood = map[string]bool{
	"upstream": true, "server": true, "hash": true, "least_conn": true, "random": true, "zone": true, "listen": true, "map": true, "geo": true, "split_clients": true,
	"proxy_pass": true, "proxy_connect_timeout": true, "proxy_timeout": true, "proxy_protocol_timeout": true, "proxy_protocol": true,
	"proxy_next_upstream": true, "proxy_next_upstream_tries": true, "proxy_next_upstream_timeout": true,
	"set_real_ip_from": true, "allow": true, "deny": true, "resolver": true, "resolver_timeout": true, "server_name": true,
	"proxy_bind": true, "ssl_preread": true, "tcp_nodelay": true, "return": true, "pass": true, "js_preread": true, "js_access": true, "js_filter": true, "limit_conn": true,
}

// streamSingle are those of them that a block may hold only once.
var streamSingle = map[string]bool{
	"proxy_pass": true, "proxy_connect_timeout": true, "proxy_timeout": true, "proxy_protocol_timeout": true, "proxy_protocol": true,
	"proxy_next_upstream": true, "proxy_next_upstream_tries": true, "proxy_next_upstream_timeout": true, "zone": true,
	"resolver": true, "resolver_timeout": true, "proxy_bind": true, "ssl_preread": true, "tcp_nodelay": true,
}

// streamLevel is what the servers of a stream block inherit.
type streamLevel struct {
	stream Stream
	realIP RealIP
	access []AccessRule
}

// stream reads the body of the stream block.
func (r *reader) stream(block []*syntax.Directive) {
	r.connections = true
	defer func() { r.connections = false }()
	outer := r.streamLevel(block, streamLevel{
		stream: Stream{ConnectTimeout: time.Minute, Timeout: 10 * time.Minute, HeaderTimeout: 30 * time.Second, Next: true},
		realIP: RealIP{Header: ProxyProtocol},
	})
	for _, d := range block {
		if d.Broken {
			continue
		}
		if d.Name == "server" {
			r.streamServer(d, outer)
		} else {
			r.shared(d)
		}
	}
}

// streamLevel reads the inherited directives of a block on top of the outer level.
func (r *reader) streamLevel(block []*syntax.Directive, l streamLevel) streamLevel {
	own := map[string]bool{}
	first := func(kind string) bool {
		was := own[kind]
		own[kind] = true
		return !was
	}
	s := &l.stream
	for _, d := range block {
		if d.Broken {
			continue
		}
		switch d.Name {
		case "proxy_connect_timeout":
			s.ConnectTimeout = r.duration(d)
		case "proxy_timeout":
			s.Timeout = r.duration(d)
		case "proxy_protocol_timeout":
			s.HeaderTimeout = r.duration(d)
		case "proxy_next_upstream":
			s.Next = isOn(d)
		case "proxy_next_upstream_timeout":
			s.NextTimeout = r.duration(d)
		case "proxy_next_upstream_tries":
			n, ok := number(d.Arg(0))
			if !ok {
				r.Fail(BadValue, d.Args[0].Pos, fromZero, "%q directive invalid number", d.Name)
			}
			s.NextTries = n
		case "proxy_protocol":
			s.Announce = isOn(d)
		case "set_real_ip_from":
			if first(d.Name) {
				l.realIP.From, l.realIP.Hosts = nil, nil
			}
			r.trust(&l.realIP, d)
		case "allow", "deny":
			if first("access") {
				l.access = nil
			}
			if rule, ok := r.accessRule(d); ok {
				l.access = append(slices.Clip(l.access), rule)
			}
		case "proxy_bind":
			if d.Arg(0) != "off" {
				r.Fail(NotSimulated, d.Args[0].Pos, "leave it out: nodes see the proxy's own address", `"proxy_bind" of a stream is not simulated`)
			}
		case "limit_conn", "ssl_preread", "js_preread", "js_access", "js_filter":
			if d.Arg(0) != "off" {
				r.Note(NoEffect, d.Name, d.Pos, "", "%q is not simulated: it can stop or change a connection", d.Name)
			}
		}
	}
	return l
}

// streamServer reads a server block of the stream context. One that leads to no upstream is
// left out.
func (r *reader) streamServer(d *syntax.Directive, outer streamLevel) {
	l := r.streamLevel(d.Block, outer)
	s := &Server{Pos: d.Pos, Names: []string{""}, Head: defaults(r.version).head, Kept: defaults(r.version).kept}
	stream := &l.stream
	if len(l.realIP.From)+len(l.realIP.Hosts) > 0 {
		stream.RealIP = &l.realIP
	}
	if len(l.access) > 0 {
		stream.Access = &Access{Rules: l.access}
	}
	handled, listens := false, 0
	for _, d := range d.Block {
		if d.Name == "listen" {
			listens++
		}
		if d.Broken {
			handled = handled || d.Name == "proxy_pass"
			continue
		}
		switch d.Name {
		case "listen":
			r.streamListen(s, d)
		case "proxy_pass":
			handled = true
			r.streamPass(stream, d)
		case "return", "pass":
			handled = true
			r.Note(NotSimulated, "stream "+d.Name, d.Pos, "", `%q of a stream is not simulated: the server in line %d is left out`, d.Name, s.Pos.Line)
		}
	}
	switch {
	case !handled:
		r.Fail(BadForm, d.Pos, "it needs proxy_pass", "no handler for server")
		return
	case listens == 0:
		r.Fail(BadForm, d.Pos, "a server of a stream has no default port", `no "listen" is defined for server`)
		return
	case stream.Pos == syntax.Pos{} || len(s.Listen) == 0:
		return
	}
	s.RealIP = stream.RealIP
	s.Stream = stream
	pass := defaults(r.version).proxy
	pass.Pos, pass.Upstream = stream.Pos, stream.Upstream
	pass.ConnectTimeout, pass.ReadTimeout, pass.SendTimeout = stream.ConnectTimeout, stream.Timeout, stream.Timeout
	if !stream.Next {
		pass.NextUpstream.Kinds = []string{"off"}
	}
	pass.NextUpstream.Tries, pass.NextUpstream.Timeout = stream.NextTries, stream.NextTimeout
	s.own = Location{Pos: d.Pos}
	s.Locations = []*Location{{Pos: d.Pos, Path: "/", Proxy: &pass, Stream: stream, RealIP: stream.RealIP, Rules: Rules{Access: stream.Access}}}
	for i := range r.passes {
		if r.passes[i].stream == stream {
			r.passes[i].proxy = &pass
		}
	}
	r.config.Servers = append(r.config.Servers, s)
}

// streamListen reads a listen directive of the stream context (ngx_stream_core_listen).
func (r *reader) streamListen(s *Server, d *syntax.Directive) {
	at := d.Args[0]
	if d.Has("udp") {
		r.Note(NoEffect, "listen udp", at.Pos, "", `"listen %s udp" has no effect here`, at.Text)
		return
	}
	a, wrong := parseAddress(at.Text, 0, false, true)
	if wrong == "" && !a.hasPort { // nginx takes it, and listens on a port that the system chooses
		r.Note(NoEffect, "listen "+at.Text, at.Pos, "write a port", "%q of \"listen\" has no port: it is not listened on", at.Text)
		return
	}
	r.listen(s, d)
}

// streamPass reads a proxy_pass directive of the stream context (ngx_stream_proxy_pass).
func (r *reader) streamPass(s *Stream, d *syntax.Directive) {
	arg := d.Args[0]
	s.Pos = d.Pos
	if strings.Contains(arg.Text, "$") {
		r.uses(arg)
		r.Fail(NotSimulated, arg.Pos, "name the upstream, or its address", "where %s of a stream leads to is not simulated", arg.Text)
		return
	}
	a, wrong := parseAddress(arg.Text, 0, false, false)
	if strings.HasPrefix(arg.Text, "unix:") {
		a, wrong = address{host: arg.Text, port: socketPort, hasPort: true}, ""
	}
	if wrong != "" {
		hint := ""
		if i := strings.Index(arg.Text, "://"); i >= 0 {
			hint = fmt.Sprintf("a stream passes bytes: leave %q out", arg.Text[:i+3])
		}
		r.Fail(BadValue, arg.Pos, hint, "%s in upstream %q", wrong, arg.Text)
		return
	}
	s.Upstream = arg.Text
	r.passes = append(r.passes, &pass{arg: arg, addr: a, stream: s})
}

// tieStream finds the upstream of a proxy_pass of the stream context
// (ngx_stream_upstream_add).
func (r *reader) tieStream(p *pass) {
	name := ""
	switch u := r.upstreams[streamScope+strings.ToLower(p.addr.host)]; {
	case u != nil && p.addr.hasPort:
		r.Fail(BadValue, p.arg.Pos, "the ports are those of its server lines", "upstream %q may not have port %d", u.Name, p.addr.port)
		return
	case u != nil:
		name = u.Name
	case !p.addr.hasPort:
		r.Fail(BadValue, p.arg.Pos, "there is no upstream block of that name in stream", "no port in upstream %q", p.arg.Text)
		return
	default:
		name = r.implicit(p.arg.Pos, p.arg.Text, p.addr).Name
	}
	p.stream.Upstream = name
	if p.proxy != nil {
		p.proxy.Upstream = name
	}
}

// streamScope begins the keys of upstreams of the stream context, which http does not know.
const streamScope = "stream "

// scope begins the key of an upstream in the context that is read.
func (r *reader) scope() string {
	if r.connections {
		return streamScope
	}
	return ""
}

// checkSockets looks for addresses on which both http and stream listen, and, before 1.25.5,
// two servers of stream.
func (r *reader) checkSockets() {
	taken := map[string]bool{} // whether it is of stream
	for _, s := range r.config.Servers {
		for _, l := range s.Listen {
			stream := s.Stream != nil
			switch was, known := taken[l.text()]; {
			case known && was != stream:
				r.Fail(Duplicate, l.Pos, "http and stream cannot both listen there", "bind() to %s failed (98: Address already in use)", l.text())
			case known && stream && !r.version.atLeast("1.25.5"):
				r.Fail(Duplicate, l.Pos, "", "duplicate %q address and port pair", l.text())
			}
			taken[l.text()] = stream
		}
	}
}

// Streams reports whether a server of the stream context is among the servers.
func (c *Config) Streams() bool {
	return slices.ContainsFunc(c.Servers, func(s *Server) bool { return s.Stream != nil })
}

// PassesUpgrade reports whether the location proxies and passes on that a client asks for a
// WebSocket.
func (l *Location) PassesUpgrade() bool {
	return l != nil && l.Proxy != nil && (l.Stream != nil || slices.ContainsFunc(l.Proxy.Headers, func(h Header) bool {
		return strings.EqualFold(h.Name, "Upgrade") && h.Value != ""
	}))
}
