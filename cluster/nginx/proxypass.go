package nginx

import (
	"net"
	"stickylab/cluster/nginx/syntax"
	"strconv"
	"strings"
	"time"
)

// pass is a proxy_pass line whose upstream is yet to be found: the block may
// follow later in the text.
type pass struct {
	proxy *ProxyPass
	arg   syntax.Word
	addr  address
}

// proxyPass reads a proxy_pass directive (ngx_http_proxy_pass).
func (r *reader) proxyPass(l *Location, d *syntax.Directive, v level) {
	arg := d.Args[0]
	p := &ProxyPass{
		Pos: d.Pos, HTTPVersion: v.httpVersion, Headers: v.headers, Buffering: v.buffering,
		ConnectTimeout: v.connect, SendTimeout: v.send, ReadTimeout: v.read, NextUpstream: v.next,
	}
	l.Proxy = p
	if strings.Contains(arg.Text, "$") {
		r.variablePass(p, arg)
		return
	}
	rest, port := "", 80
	switch {
	case len(arg.Text) >= 7 && strings.EqualFold(arg.Text[:7], "http://"):
		rest = arg.Text[7:]
	case len(arg.Text) >= 8 && strings.EqualFold(arg.Text[:8], "https://"):
		rest, port, p.TLS = arg.Text[8:], 443, true
		r.Note(Unencrypted, "proxy_pass", arg.Pos, "", `"https://" of "proxy_pass" is simulated unencrypted`)
	default:
		r.Fail(BadValue, arg.Pos, `it begins with "http://"`, "invalid URL prefix")
		return
	}
	if strings.HasPrefix(rest, "unix:") {
		r.Fail(NotSimulated, arg.Pos, "give an address and a port", "unix sockets are not simulated, in upstream %q", rest)
		return
	}
	a, wrong := parseAddress(rest, port, true, false)
	if wrong != "" {
		r.Fail(BadValue, arg.Pos, "", "%s in upstream %q", wrong, rest)
		return
	}
	p.Upstream, p.URI = strings.TrimSuffix(rest, a.uri), a.uri
	if p.URI != "" && (l.Modifier == "~" || l.Modifier == "~*" || l.Modifier == "@") {
		r.Fail(Misplaced, arg.Pos, "leave "+strconv.Quote(p.URI)+" out", `"proxy_pass" cannot have URI part in location given by regular expression, `+
			`or inside named location, or inside "if" statement, or inside "limit_except" block`)
	}
	r.passes = append(r.passes, &pass{p, arg, a})
}

// tie finds the upstream of each proxy_pass, or makes one for its address
// (ngx_http_upstream_add).
func (r *reader) tie() {
	for _, p := range r.passes {
		if u := r.upstreams[strings.ToLower(p.addr.host)]; u != nil {
			if p.addr.hasPort {
				r.Fail(BadValue, p.arg.Pos, "the ports are those of its server lines", "upstream %q may not have port %d", u.Name, p.addr.port)
			}
			p.proxy.Upstream = u.Name
			continue
		}
		key := strings.ToLower(net.JoinHostPort(p.addr.host, strconv.Itoa(p.addr.port))) + " implicit"
		if u := r.upstreams[key]; u != nil {
			p.proxy.Upstream = u.Name
			continue
		}
		r.implicit(p, p.proxy.Upstream, key, p.addr)
	}
}

// implicit adds the upstream of a literal address.
func (r *reader) implicit(p *pass, name, key string, a address) *Upstream {
	u := &Upstream{
		Pos: p.arg.Pos, Name: name, Implicit: true, Keepalive: -1, Method: Method{Pos: p.arg.Pos, Name: "round_robin"},
		Servers: []*UpstreamServer{{
			Pos: p.arg.Pos, Address: name, Host: a.host, Port: a.port,
			Weight: 1, MaxFails: 1, FailTimeout: 10 * time.Second,
		}},
	}
	r.upstreams[key] = u
	r.config.Upstreams = append(r.config.Upstreams, u)
	return u
}

// Upstream returns the upstream of that name, in any case, or nil.
func (c *Config) Upstream(name string) *Upstream {
	for _, u := range c.Upstreams {
		if strings.EqualFold(u.Name, name) {
			return u
		}
	}
	return nil
}
