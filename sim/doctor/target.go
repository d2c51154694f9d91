package doctor

import (
	"slices"
	"strings"

	"stickylab/cluster/nginx"
	"stickylab/cluster/nginx/syntax"
)

// target is a text with the examined site in it: the original text, or one that
// a fix has changed.
type target struct {
	*prepared
	*site
	source *syntax.Tree        // the text as it is
	chain  []*syntax.Directive // from the http block, or nothing, to the location
}

// read finds the examined site in a text; nil means that it is not there.
func (x *examination) read(source *syntax.Tree) *target {
	p, problems := x.texts.prepare(source)
	if len(problems) > 0 || x.number >= len(p.config.Servers) {
		return nil
	}
	s := p.site(x.number, p.config.Servers[x.number], x.lead)
	if s == nil || s.upstream == nil {
		return nil
	}
	g := &target{prepared: p, site: s, source: source}
	g.find()
	s.named = g.above("real_ip_header") != nil
	return g
}

// find walks down to the location of the site, or to its server block.
func (g *target) find() {
	if g.connects() {
		g.chain = g.streamServer()
		return
	}
	var servers []*syntax.Directive
	for _, d := range g.source.Directives {
		switch {
		case d.Name == "http" && d.IsBlock:
			g.chain = append(g.chain[:0], d)
			servers = append(servers, d.Find("server")...)
		case d.Name == "server" && d.IsBlock:
			servers = append(servers, d)
		}
	}
	list := g.source.Directives
	if g.number < len(servers) && !g.bare {
		s := servers[g.number]
		g.chain, list = append(g.chain, s), s.Block
	}
	for g.location != nil {
		i := slices.IndexFunc(list, func(d *syntax.Directive) bool { return d.Name == "location" && holds(d, g.location) })
		if i < 0 {
			return
		}
		g.chain, list = append(g.chain, list[i]), list[i].Block
	}
}

// holds reports whether a location block is that one or contains it.
func holds(d *syntax.Directive, l *nginx.Location) bool {
	var args strings.Builder
	for _, w := range d.Args {
		args.WriteString(w.Text)
	}
	if d.Pos.Line == l.Pos.Line && len(d.Args) > 0 && d.Arg(len(d.Args)-1) != "" && strings.HasSuffix(args.String(), l.Path) {
		return true
	}
	return slices.ContainsFunc(d.Find("location"), func(x *syntax.Directive) bool { return holds(x, l) })
}

// levels returns the blocks from the innermost to the text itself.
func (g *target) levels() [][]*syntax.Directive {
	var out [][]*syntax.Directive
	for _, d := range slices.Backward(g.chain) {
		out = append(out, d.Block)
	}
	return append(out, g.source.Directives)
}

// above finds the last directive of that name in the nearest block that has
// one; nil means none.
func (g *target) above(name string) *syntax.Directive { return last(g.allAbove(name)) }

// allAbove finds the directives of that name in the nearest block that has one.
func (g *target) allAbove(name string) []*syntax.Directive {
	for _, level := range g.levels() {
		if out := syntax.Find(level, name); len(out) > 0 {
			return out
		}
	}
	return nil
}

// last returns the last of the directives; nil means that there are none.
func last(list []*syntax.Directive) *syntax.Directive {
	if len(list) == 0 {
		return nil
	}
	return list[len(list)-1]
}

// losing is the location that takes the path of Socket.IO and proxies nothing; nil
// means none.
func (g *target) losing() (found *syntax.Directive) {
	if g.location != nil || g.lostAt == 0 {
		return nil
	}
	syntax.Each(g.source.Directives, func(d *syntax.Directive) {
		if d.Name == "location" && d.Pos.Line == g.lostAt {
			found = d
		}
	})
	return found
}

// handlers are the directives of other modules that give requests to a server.
var handlers = []string{"uwsgi_pass", "fastcgi_pass", "scgi_pass", "grpc_pass", "content_by_lua_block", "content_by_lua_file", "content_by_lua", "js_content", "memcached_pass"}

// handler is the directive of another module that takes the requests of the site; nil
// means none.
func (g *target) handler() *syntax.Directive {
	l := g.losing()
	if l == nil {
		return nil
	}
	i := slices.IndexFunc(l.Block, func(d *syntax.Directive) bool { return slices.Contains(handlers, d.Name) })
	if i < 0 {
		return nil
	}
	return l.Block[i]
}

// exact is a location with "=" that names Socket.IO and takes another path; nil means
// none.
func (g *target) exact() *syntax.Directive {
	server := g.serverBlock()
	if g.location != nil || server == nil {
		return nil
	}
	for _, d := range server.Find("location") {
		if d.Arg(0) == "=" && d.Arg(1) != g.path && strings.Contains(strings.ToLower(d.Arg(1)), "socket.io") {
			return d
		}
	}
	return nil
}

// block finds the block of the used upstream; nil means that proxy_pass names an
// address.
func (g *target) block() *syntax.Directive {
	if g.upstream.Implicit {
		return nil
	}
	return g.source.Upstream(g.upstream.Name)
}

// upstreamLines returns what is in the block of the used upstream.
func (g *target) upstreamLines() []*syntax.Directive {
	if b := g.block(); b != nil {
		return b.Block
	}
	return nil
}

// serverBlock is the server block of the site; nil means that the text has none.
func (g *target) serverBlock() *syntax.Directive { return last(syntax.Find(g.chain, "server")) }

// pass is the proxy_pass of the site; nil means none.
func (g *target) pass() *syntax.Directive {
	if d := last(g.chain); d != nil {
		return last(d.Find("proxy_pass"))
	}
	return nil
}

// otherPass is the proxy_pass of an if in the location, or that of the site.
func (g *target) otherPass() *syntax.Directive {
	if l := last(g.chain); l != nil {
		for _, within := range l.Find("if") {
			if d := last(within.Find("proxy_pass")); d != nil {
				return d
			}
		}
	}
	return g.pass()
}

// clientHeaders are the headers in which proxies name the client.
var clientHeaders = []string{"X-Forwarded-For", "X-Real-IP", "CF-Connecting-IP", "True-Client-IP", "X-Client-IP", "Fastly-Client-IP", "X-Original-Forwarded-For"}

// names lists which of the clientHeaders a value with variables reads.
func names(value string) []string {
	var out []string
	nginx.Expand(value, func(name string) string {
		for _, h := range clientHeaders {
			if strings.EqualFold(name, "http_"+strings.ReplaceAll(h, "-", "_")) {
				out = append(out, h)
			}
		}
		return ""
	})
	return out
}

// proxied reports whether the text shows that something is in front of nginx.
func (g *target) proxied() bool {
	if g.balanced || g.above("set_real_ip_from") != nil || g.above("real_ip_header") != nil {
		return true
	}
	return len(g.keyHeaders())+len(g.prepared.mapped) > 0
}

// methods are the directives that set a balancing method.
var methods = map[string]bool{"ip_hash": true, "hash": true, "least_conn": true, "random": true}

// method is the balancing method's directive; nil means none is written.
func (g *target) method() (found *syntax.Directive) {
	for _, d := range g.upstreamLines() {
		if methods[d.Name] {
			found = d
		}
	}
	return found
}

// key returns the variables of the hash method's key, without "$".
func (s *site) key() (out []string) {
	if m := s.upstream.Method; m.Name == "hash" && len(m.Args) > 0 {
		nginx.Expand(m.Args[0], func(name string) string {
			out = append(out, name)
			return ""
		})
	}
	return out
}

// carried returns the variables of the key that are empty unless the application
// sends something that Socket.IO does not.
func (s *site) carried() []string {
	return slices.DeleteFunc(s.key(), func(name string) bool {
		if arg, ok := strings.CutPrefix(name, "arg_"); ok {
			return slices.Contains([]string{"EIO", "transport", "t", "sid"}, arg)
		}
		return !hasPrefix(name, "cookie_", "http_") || len(names("$"+name)) > 0 || slices.Contains(usualHeaders, name)
	})
}

// usualHeaders are the variables of headers that every browser sends.
var usualHeaders = []string{"http_user_agent", "http_accept", "http_accept_language", "http_accept_encoding", "http_host", "http_connection", "http_upgrade", "http_origin", "http_referer"}

// alike returns the variables of the key that differ among clients in the world,
// but not by client, when it has no others.
func (s *site) alike() []string {
	key := s.key()
	for _, name := range key {
		if !hasPrefix(name, "http_user_agent", "http_accept") {
			return nil
		}
	}
	for i := range key {
		key[i] = "$" + key[i]
	}
	return key
}
