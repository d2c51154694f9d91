package doctor

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"stickylab/cluster/nginx"
	"stickylab/cluster/nginx/syntax"
	"stickylab/sim/plan"
	"stickylab/sim/scenario"
)

// choice restricts which sites are examined.
type choice struct {
	path, server, upstream string
}

// routes are the sites of a text that are examined, and what is left.
type routes struct {
	sites []*site
	left  []Note
}

// sites finds where Socket.IO is in a text. Of server blocks that behave alike,
// for http and https, one counts. Where the text shows it in one place, another
// without a sign of it is left. Without any route, it returns the server blocks
// that proxy something but not that path.
func (p *prepared) sites(c choice) routes {
	var r routes
	var found []*site
	strongest := noSign
	for i, s := range p.config.Servers {
		if what := otherProtocol(p, s); what != "" && c.upstream == "" {
			r.leave(s.Pos.Line, "the server that listens on port %d: that is the port of %s", s.Listen[0].Port, what)
			continue
		}
		if s.Return != nil || c.server != "" && !slices.Contains(s.Names, strings.ToLower(c.server)) {
			continue
		}
		all := leads(s, c.path, p.php(s), func(path string) *nginx.Location {
			if x := p.site(i, s, lead{path: path}); x != nil {
				return x.location
			}
			return nil
		})
		if len(all) == 0 {
			r.leaveUpgrades(s, p.php(s), func(*nginx.Location) bool { return false })
		}
		for _, l := range all {
			x := p.site(i, s, l)
			if x == nil || x.upstream == nil || c.upstream != "" && !x.reaches(c.upstream) {
				continue
			}
			if slices.ContainsFunc(found, func(o *site) bool { return o.location != nil && x.location != nil && x.same(o) }) {
				continue
			}
			found = append(found, x)
			strongest = max(strongest, x.strength())
		}
	}
	for _, x := range found {
		switch same := func(o *site) bool { return o.upstream == x.upstream && o.strength() == strongest }; {
		case x.strength() == strongest, x.strength() > noSign && strongest >= upgraded && x.strength() >= upgraded, x.strength() == usual && slices.ContainsFunc(found, same):
			r.sites = append(r.sites, x)
		case x.location == nil:
			r.leave(x.server.Pos.Line, "%s: no location that proxies takes %s", x.title(), x.path)
		default:
			r.leave(x.location.Pos.Line, "%s: nothing shows Socket.IO there: no location names it, and %s passes no Upgrade on%s", x.title(), x.location.Path, x.toExamine())
		}
	}
	r.leaveLocations(p, c)
	r.leaveUpstreams(p, c)
	slices.SortStableFunc(r.left, func(a, b Note) int { return a.Line - b.Line })
	return r
}

// php reports whether a server block serves PHP as well.
func (p *prepared) php(s *nginx.Server) (found bool) {
	syntax.Each(p.tree.Directives, func(d *syntax.Directive) {
		if d.Name == "server" && d.IsBlock && d.Pos.Line == s.Pos.Line {
			syntax.Each(d.Block, func(o *syntax.Directive) { found = found || o.Name == "fastcgi_pass" })
		}
	})
	return found
}

// strength is the sign of a site; one that leads to no node has none unless it
// is named.
func (s *site) strength() sign {
	if s.location == nil && s.sign < namesIt {
		return noSign
	}
	return s.sign
}

// reaches reports whether requests may reach an upstream.
func (s *site) reaches(name string) bool {
	return s.location != nil && slices.ContainsFunc(s.pools(), func(u *nginx.Upstream) bool { return strings.EqualFold(u.Name, name) })
}

// toExamine says which option makes the doctor examine a site.
func (s *site) toExamine() string {
	if name := cmp.Or(s.server.Names...); name != "" {
		return "; --server " + name + " examines it"
	}
	return "; --path " + s.path + " examines it"
}

func (r *routes) leave(line int, format string, args ...any) {
	n := Note{Line: line, Text: fmt.Sprintf(format, args...)}
	if !slices.Contains(r.left, n) {
		r.left = append(r.left, n)
	}
}

// leaveLocations names the locations of examined server blocks where Socket.IO
// could be as well.
func (r *routes) leaveLocations(p *prepared, c choice) {
	if c.path != "" {
		return
	}
	for _, x := range r.sites {
		taken := func(l *nginx.Location) bool {
			return slices.ContainsFunc(r.sites, func(o *site) bool { return o.location == l })
		}
		if root := x.server.Location(scenario.DefaultPath); root != nil && root.Proxy != nil && !taken(root) && root.Pos.Line != x.lostAt {
			r.leave(root.Pos.Line, "location %s takes %s; --path %[2]s examines it", root.Path, scenario.DefaultPath)
		}
		r.leaveUpgrades(x.server, p.php(x.server), taken)
	}
}

// wordsOf parts the words of a pattern by slashes.
var wordsOf = strings.NewReplacer("(", "/", ")", "/", "?", "/", "$", "/", "|", "/", `\`, "")

// leaveUpgrades names the locations that pass Upgrade on and are not taken.
func (r *routes) leaveUpgrades(s *nginx.Server, php bool, taken func(*nginx.Location) bool) {
	for l := range s.All() {
		path, _ := below(s, l, php)
		switch name := strings.TrimSpace(l.Modifier + " " + l.Path); {
		case !passesUpgrade(l) || taken(l) || r.loses(l) || l.Path == "/" || l.Modifier == "@":
		case path != "":
			r.leave(l.Pos.Line, "location %s passes Upgrade on, too; --path %s examines it", name, path)
		case plainPath.MatchString(wordsOf.Replace(l.Path)):
			r.leave(l.Pos.Line, "location %s is taken for a WebSocket that is not Socket.IO, at a path that clients of Socket.IO do not ask for", name)
		default:
			r.leave(l.Pos.Line, "location %s passes Upgrade on; --path PATH examines a path that it takes", name)
		}
	}
}

// loses reports whether a location is the one in which the requests of a site end.
func (r *routes) loses(l *nginx.Location) bool {
	return slices.ContainsFunc(r.sites, func(x *site) bool { return x.location == nil && x.lostAt == l.Pos.Line })
}

// leaveUpstreams names the upstreams that no examined request reaches.
func (r *routes) leaveUpstreams(p *prepared, c choice) {
	if c.server != "" || c.upstream != "" || len(r.sites) == 0 {
		return
	}
	var names []string
	line := 0
	for _, u := range p.config.Upstreams {
		if !u.Implicit && !slices.ContainsFunc(r.sites, func(s *site) bool { return slices.Contains(s.pools(), u) }) {
			names, line = append(names, u.Name), cmp.Or(line, u.Pos.Line)
		}
	}
	switch len(names) {
	case 0:
	case 1:
		r.leave(line, "upstream %s: no examined request reaches it", names[0])
	default:
		r.leave(line, "upstreams %s: no examined request reaches them", strings.Join(names, ", "))
	}
}

// site finds how a path of a server block is reached; nil means that requests do
// not come to the block.
func (p *prepared) site(number int, s *nginx.Server, l lead) *site {
	proxy := plan.ProxyAddress(p.config, nil)
	var first *site
	for _, listen := range s.Listen {
		at := plan.ListenAddress(listen, proxy)
		x := &site{
			substitutes: p.substitutes, lead: l, mapped: p.mapped, hosts: p.hosts, number: number, server: s, port: listen.Port, at: at.Addr(), host: plan.HostFor(s, listen, proxy),
			balanced: p.config.ProxyProtocol(at),
		}
		reached := p.config.Reach(at, x.host, l.path)
		location := reached.Location
		if reached.Server != s {
			continue
		}
		x.asked, _, x.argless = strings.Cut(reached.Target, "?")
		x.argless = reached.Target != "" && !x.argless
		if location != nil && location.Return == nil && location.Proxy != nil {
			x.location = location
			x.upstream = p.config.Upstream(location.Proxy.Upstream)
			for _, name := range location.Upstreams() {
				if u := p.config.Upstream(name); u != nil && u != x.upstream {
					x.others = append(x.others, u)
				}
			}
			return x
		}
		if first == nil {
			if location != nil {
				x.lostAt = location.Pos.Line
			}
			first = x
		}
	}
	if first != nil {
		first.upstream = p.config.Upstream(s.FirstUpstream())
	}
	return first
}
