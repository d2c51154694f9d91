package doctor

import (
	"slices"
	"strings"

	"stickylab/cluster/nginx"
)

// target is a text with the examined site in it: the original text, or one that
// a fix has changed.
type target struct {
	text string
	*prepared
	*site
	tree  []*nginx.Statement
	chain []*nginx.Statement // from the http block, or nothing, to the location
}

func (x *examination) read(text string) *target {
	p, problems := prepare(text, x.options.Version)
	if len(problems) > 0 {
		return nil
	}
	for _, s := range p.sites(choice{path: x.options.Path}) {
		if s.number != x.number {
			continue
		}
		g := &target{text: text, prepared: p, site: s}
		g.tree, _ = nginx.Scan(text)
		g.find()
		s.named = g.above("real_ip_header") != nil
		if adapted, ok := p.adapt(s, x.options.Version); ok {
			g.prepared = adapted
		}
		return g
	}
	return nil
}

// adapt gives the nodes the default path: those of the simulation have no other.
func (p *prepared) adapt(s *site, version string) (*prepared, bool) {
	if s.location == nil || s.path == "/socket.io/" || s.location.Proxy.URI != "" {
		return nil, false
	}
	uri := ""
	switch s.location.Path {
	case s.path:
		uri = "/socket.io/"
	case strings.TrimSuffix(s.path, "socket.io/"):
		uri = "/"
	}
	if uri == "" || s.location.Modifier == "~" || s.location.Modifier == "~*" {
		return nil, false
	}
	tree, _ := nginx.Scan(p.text)
	var pass *nginx.Statement
	each(tree, func(d *nginx.Statement) {
		if d.Name == "proxy_pass" && d.Pos == s.location.Proxy.Pos {
			pass = d
		}
	})
	if pass == nil {
		return nil, false
	}
	out := *p
	out.text = nginx.ReplaceArg(p.text, pass, 0, pass.Arg(0)+uri)
	config, problems := nginx.Parse(out.text, nginx.Options{Version: version})
	out.config = config
	return &out, len(problems) == 0
}

func each(list []*nginx.Statement, do func(*nginx.Statement)) {
	for _, s := range list {
		do(s)
		each(s.Block, do)
	}
}

// find walks down to the location of the site, or to its server block.
func (g *target) find() {
	var servers []*nginx.Statement
	for _, s := range g.tree {
		switch {
		case s.Name == "http" && s.IsBlock:
			g.chain = append(g.chain[:0], s)
			servers = append(servers, s.Find("server")...)
		case s.Name == "server" && s.IsBlock:
			servers = append(servers, s)
		}
	}
	list := g.tree
	if g.number < len(servers) && !g.wrap {
		s := servers[g.number]
		g.chain, list = append(g.chain, s), s.Block
	}
	for g.location != nil {
		i := slices.IndexFunc(list, func(s *nginx.Statement) bool { return s.Name == "location" && holds(s, g.location) })
		if i < 0 {
			return
		}
		g.chain, list = append(g.chain, list[i]), list[i].Block
	}
}

// holds reports whether a location block is that one or contains it.
func holds(s *nginx.Statement, l *nginx.Location) bool {
	if s.Pos.Line == l.Pos.Line && len(s.Args) > 0 && s.Args[len(s.Args)-1] != "" && strings.HasSuffix(strings.Join(s.Args, ""), l.Path) {
		return true
	}
	return slices.ContainsFunc(s.Block, func(x *nginx.Statement) bool { return x.Name == "location" && holds(x, l) })
}

// levels returns the blocks from the innermost to the text itself.
func (g *target) levels() [][]*nginx.Statement {
	var out [][]*nginx.Statement
	for i := len(g.chain) - 1; i >= 0; i-- {
		out = append(out, g.chain[i].Block)
	}
	return append(out, g.tree)
}

// above finds the last directive of that name in the nearest block that has
// one; nil means none.
func (g *target) above(name string) *nginx.Statement {
	if list := g.allAbove(name); len(list) > 0 {
		return list[len(list)-1]
	}
	return nil
}

func (g *target) allAbove(name string) []*nginx.Statement {
	for _, level := range g.levels() {
		var out []*nginx.Statement
		for _, s := range level {
			if s.Name == name {
				out = append(out, s)
			}
		}
		if len(out) > 0 {
			return out
		}
	}
	return nil
}

// answering is the location that takes the path of Socket.IO and only returns
// something; nil means none.
func (g *target) answering() *nginx.Statement {
	var found *nginx.Statement
	if g.location != nil || g.lostAt == 0 {
		return nil
	}
	each(g.tree, func(s *nginx.Statement) {
		if s.Name == "location" && s.Pos.Line == g.lostAt && len(s.Find("return")) > 0 {
			found = s
		}
	})
	return found
}

// block finds the block of the used upstream; nil means that proxy_pass names an
// address.
func (g *target) block() *nginx.Statement {
	var found *nginx.Statement
	each(g.tree, func(s *nginx.Statement) {
		if s.Name == "upstream" && s.IsBlock && strings.EqualFold(s.Arg(0), g.upstream.Name) && !g.upstream.Implicit {
			found = s
		}
	})
	return found
}

// serverBlock is the server block of the site; nil means that the text has none.
func (g *target) serverBlock() *nginx.Statement {
	for _, s := range g.chain {
		if s.Name == "server" {
			return s
		}
	}
	return nil
}

// pass is the proxy_pass of the site.
func (g *target) pass() *nginx.Statement {
	if len(g.chain) == 0 {
		return nil
	}
	for _, s := range g.chain[len(g.chain)-1].Block {
		if s.Name == "proxy_pass" {
			return s
		}
	}
	return nil
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

// method is the balancing method's directive; nil means none is written.
func (g *target) method() *nginx.Statement {
	var found *nginx.Statement
	if b := g.block(); b != nil {
		for _, s := range b.Block {
			switch s.Name {
			case "ip_hash", "hash", "least_conn", "random":
				found = s
			}
		}
	}
	return found
}
