package nginx

import (
	"net"
	"strconv"
	"strings"

	"stickylab/cluster/nginx/syntax"
)

// pass is a proxy_pass line whose upstream is yet to be found: the block may
// follow later in the text.
type pass struct {
	proxy *ProxyPass
	arg   syntax.Word
	addr  address

	stream *Stream // of a server of the stream context; nil for one of http
}

// proxyPass reads a proxy_pass directive (ngx_http_proxy_pass).
func (r *reader) proxyPass(l *Location, d *syntax.Directive, v level) {
	arg := d.Args[0]
	p := &v.proxy
	p.Pos, l.Proxy = d.Pos, p
	if strings.Contains(arg.Text, "$") {
		r.variablePass(p, arg)
		return
	}
	rest, tls, ok := cutScheme(arg.Text)
	if !ok {
		r.Fail(BadValue, arg.Pos, `it begins with "http://"`, "invalid URL prefix")
		return
	}
	port := defaultPort(tls)
	if tls {
		r.unencrypted(p, arg)
	}
	a, wrong := parseAddress(rest, port, true, false)
	if strings.HasPrefix(rest, "unix:") {
		a, wrong = address{host: rest, port: socketPort}, ""
		if i := strings.IndexByte(rest[len("unix:"):], ':'); i >= 0 {
			a.host, a.uri = rest[:len("unix:")+i], rest[len("unix:")+i+1:]
		}
	}
	if wrong != "" {
		r.Fail(BadValue, arg.Pos, "", "%s in upstream %q", wrong, rest)
		return
	}
	p.Upstream, p.URI = strings.TrimSuffix(rest, a.uri), a.uri
	if a.port == port {
		p.Upstream = strings.TrimSuffix(p.Upstream, ":"+strconv.Itoa(port)) // $proxy_host does not name the default
	}
	if strings.HasPrefix(rest, "unix:") {
		p.Upstream = a.host
	}
	if p.URI != "" && (l.Modifier == "~" || l.Modifier == "~*" || l.Modifier == "@") {
		r.misplacedURI(p, arg)
	}
	r.passes = append(r.passes, &pass{proxy: p, arg: arg, addr: a})
}

func (r *reader) misplacedURI(p *ProxyPass, arg syntax.Word) {
	r.Fail(Misplaced, arg.Pos, "leave "+strconv.Quote(p.URI)+" out", `"proxy_pass" cannot have URI part in location given by regular expression, `+
		`or inside named location, or inside "if" statement, or inside "limit_except" block`)
}

// cutScheme takes the scheme off a URL.
func cutScheme(url string) (rest string, tls, ok bool) {
	switch {
	case len(url) >= 7 && strings.EqualFold(url[:7], "http://"):
		return url[7:], false, true
	case len(url) >= 8 && strings.EqualFold(url[:8], "https://"):
		return url[8:], true, true
	}
	return "", false, false
}

func (r *reader) unencrypted(p *ProxyPass, arg syntax.Word) {
	p.TLS = true
	r.Note(Unencrypted, "proxy_pass", arg.Pos, "", `"https://" of "proxy_pass" is simulated unencrypted`)
}

// tie finds the upstream of each proxy_pass (ngx_http_upstream_add).
func (r *reader) tie() {
	for _, p := range r.passes {
		if p.stream != nil {
			r.tieStream(p)
			continue
		}
		if u := r.upstreams[strings.ToLower(p.addr.host)]; u != nil {
			if p.addr.hasPort {
				r.Fail(BadValue, p.arg.Pos, "the ports are those of its server lines", "upstream %q may not have port %d", u.Name, p.addr.port)
			}
			p.proxy.Upstream = u.Name
			continue
		}
		p.proxy.Upstream = r.implicit(p.arg.Pos, p.proxy.Upstream, p.addr).Name
	}
}

// implicit returns the upstream of a literal address. One that is not there yet is
// added under the name.
func (r *reader) implicit(at syntax.Pos, name string, a address) *Upstream {
	key := strings.ToLower(net.JoinHostPort(a.host, strconv.Itoa(a.port))) + " implicit"
	if u := r.upstreams[key]; u != nil {
		return u
	}
	u := newUpstream(at, name)
	u.Implicit = true
	s := newUpstreamServer(at, name)
	s.Host, s.Port = a.host, a.port
	u.Servers = []*UpstreamServer{s}
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

// Blocks returns the names of the upstream blocks, in the order of the text.
func (c *Config) Blocks() []string {
	var names []string
	for _, u := range c.Upstreams {
		if !u.Implicit {
			names = append(names, u.Name)
		}
	}
	return names
}

// UpstreamNames returns the names of all upstreams, in the order of the text.
func (c *Config) UpstreamNames() []string {
	var names []string
	for _, u := range c.Upstreams {
		names = append(names, u.Name)
	}
	return names
}
