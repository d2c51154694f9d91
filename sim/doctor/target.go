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
	text string
	*prepared
	*site
	tree  []*syntax.Directive
	chain []*syntax.Directive // from the http block, or nothing, to the location
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
		g.tree, _ = scan(text)
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
func (p *prepared) adapt(s *site, version nginx.Version) (*prepared, bool) {
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
	tree, _ := scan(p.text)
	var pass *syntax.Directive
	each(tree, func(d *syntax.Directive) {
		if d.Name == "proxy_pass" && d.Pos == s.location.Proxy.Pos {
			pass = d
		}
	})
	if pass == nil {
		return nil, false
	}
	out := *p
	out.text = replaceArg(p.text, pass, 0, pass.Arg(0)+uri)
	config, problems := nginx.Parse(out.text, nginx.Options{Version: version})
	out.config = config
	return &out, len(problems) == 0
}

func each(list []*syntax.Directive, do func(*syntax.Directive)) {
	for _, s := range list {
		do(s)
		each(s.Block, do)
	}
}

// find walks down to the location of the site, or to its server block.
func (g *target) find() {
	var servers []*syntax.Directive
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
		i := slices.IndexFunc(list, func(s *syntax.Directive) bool { return s.Name == "location" && holds(s, g.location) })
		if i < 0 {
			return
		}
		g.chain, list = append(g.chain, list[i]), list[i].Block
	}
}

// holds reports whether a location block is that one or contains it.
func holds(s *syntax.Directive, l *nginx.Location) bool {
	if s.Pos.Line == l.Pos.Line && len(s.Args) > 0 && s.Arg(len(s.Args)-1) != "" && strings.HasSuffix(strings.Join(argTexts(s), ""), l.Path) {
		return true
	}
	return slices.ContainsFunc(s.Block, func(x *syntax.Directive) bool { return x.Name == "location" && holds(x, l) })
}

// levels returns the blocks from the innermost to the text itself.
func (g *target) levels() [][]*syntax.Directive {
	var out [][]*syntax.Directive
	for i := len(g.chain) - 1; i >= 0; i-- {
		out = append(out, g.chain[i].Block)
	}
	return append(out, g.tree)
}

// above finds the last directive of that name in the nearest block that has
// one; nil means none.
func (g *target) above(name string) *syntax.Directive {
	if list := g.allAbove(name); len(list) > 0 {
		return list[len(list)-1]
	}
	return nil
}

func (g *target) allAbove(name string) []*syntax.Directive {
	for _, level := range g.levels() {
		var out []*syntax.Directive
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
func (g *target) answering() *syntax.Directive {
	var found *syntax.Directive
	if g.location != nil || g.lostAt == 0 {
		return nil
	}
	each(g.tree, func(s *syntax.Directive) {
		if s.Name == "location" && s.Pos.Line == g.lostAt && len(s.Find("return")) > 0 {
			found = s
		}
	})
	return found
}

// block finds the block of the used upstream; nil means that proxy_pass names an
// address.
func (g *target) block() *syntax.Directive {
	var found *syntax.Directive
	each(g.tree, func(s *syntax.Directive) {
		if s.Name == "upstream" && s.IsBlock && strings.EqualFold(s.Arg(0), g.upstream.Name) && !g.upstream.Implicit {
			found = s
		}
	})
	return found
}

// serverBlock is the server block of the site; nil means that the text has none.
func (g *target) serverBlock() *syntax.Directive {
	for _, s := range g.chain {
		if s.Name == "server" {
			return s
		}
	}
	return nil
}

// pass is the proxy_pass of the site.
func (g *target) pass() *syntax.Directive {
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
func (g *target) method() *syntax.Directive {
	var found *syntax.Directive
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

// argTexts lists the arguments of a directive.
func argTexts(d *syntax.Directive) []string {
	var out []string
	for _, w := range d.Args {
		out = append(out, w.Text)
	}
	return out
}
