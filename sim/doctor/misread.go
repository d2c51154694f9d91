package doctor

import (
	"fmt"
	"net/netip"
	"regexp"
	"slices"
	"strings"

	"stickylab/cluster/nginx"
	"stickylab/cluster/nginx/syntax"
	"stickylab/cluster/spell"
)

// misreadings are the notes of the reader on what is read otherwise than meant.
var misreadings = []syntax.Code{nginx.Swallowed, nginx.NeverMatches, nginx.SuspiciousName, nginx.Conflict, nginx.Redefined, nginx.BadPass}

// misread collects what nginx refuses, or reads otherwise than meant. It is said
// before anything else.
func (p *prepared) misread() {
	for _, n := range p.config.Notes {
		if slices.Contains(misreadings, n.Code) {
			text := n.Text
			if n.Hint != "" {
				text += " (" + n.Hint + ")"
			}
			p.sayFirst(n.Pos.Line, "%s", text)
		}
	}
	var names []string
	for _, u := range p.config.Upstreams {
		if !u.Implicit {
			names = append(names, u.Name)
		}
	}
	for _, u := range p.config.Upstreams {
		if len(u.Servers) == 0 { // a problem of its text
			continue
		}
		host := u.Servers[0].Host
		if near := spell.Nearest(host, names); u.Implicit && near != "" && !strings.ContainsAny(host, ".:") && host != localhost {
			p.sayFirst(u.Servers[0].Pos.Line, "no upstream is called %q, but one is called %q (line %d): if no host has that name either, nginx does not start", host, near, p.config.Upstream(near).Pos.Line)
		}
	}
	slices.SortStableFunc(p.first, func(a, b Note) int { return a.Line - b.Line })
}

func (p *prepared) sayFirst(line int, format string, args ...any) {
	n := Note{Line: line, Text: fmt.Sprintf(format, args...)}
	if !slices.Contains(p.first, n) {
		p.first = append(p.first, n)
	}
}

// gone reports whether nginx of that version does not start with a directive that
// older ones have, and says so first.
func (b *sanitizer) gone(d *syntax.Directive) bool {
	r, ok := b.version.Removed(d.Name)
	if !ok || d.IsBlock {
		return false
	}
	text := fmt.Sprintf("nginx %s does not start with %q, which went with %s", b.version, d.Name, r.Since)
	if r.Instead != "" {
		text += "; write " + r.Instead
	} else {
		text += "; leave it out"
	}
	if old, _ := nginx.ParseVersion("1.22"); old != b.version && !old.Modern() {
		if _, gone := old.Removed(d.Name); !gone {
			text += " (--nginx-version 1.22 reads it as it is)"
		}
	}
	b.first = append(b.first, Note{Line: d.Pos.Line, fatal: true, Text: text})
	return true
}

// script notes a location that takes the client script, which the server gives
// out itself, away from it.
func (g *target) script(s *SiteReport) {
	name := g.path + "socket.io.js"
	if g.plain || g.location == nil {
		return
	}
	l := g.server.Location(name)
	if l == nil || g.config.Reach(netip.AddrPortFrom(g.site.at, uint16(g.port)), g.host, name).Location == g.location {
		return // by way of its files, or an error page, too
	}
	switch {
	case l == g.location:
	case l.Proxy == nil:
		s.note(l.Pos.Line, "location %s takes %s, the client script that the server gives out itself, and looks for a file; pages that load it from there get 404", strings.TrimSpace(l.Modifier+" "+l.Path), name)
	case l.Proxy.Upstream != g.location.Proxy.Upstream:
		s.note(l.Pos.Line, "location %s takes %s, the client script that the server gives out itself, to another upstream", strings.TrimSpace(l.Modifier+" "+l.Path), name)
	}
}

var hostName = regexp.MustCompile(`^[A-Za-z0-9_][A-Za-z0-9._-]*$`)

// host writes a name that can be one in place of a server_name that is a
// placeholder, such as "<your-domain>".
func (b *sanitizer) host(d *syntax.Directive) {
	for _, a := range d.Args {
		name := strings.Trim(a.Text, "*.")
		if a.Text == "" || strings.HasPrefix(a.Text, "~") || a.Text == "_" || strings.Contains(a.Text, "$") || strings.Contains(name, ":") || hostName.MatchString(name) {
			continue
		}
		clean := strings.Trim(strings.Map(func(r rune) rune {
			if r < 0x80 && (r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '.' || r == '-') {
				return r
			}
			return '-'
		}, a.Text), "-.")
		if clean == "" {
			clean = fmt.Sprintf("name-%d", d.Pos.Line)
		}
		b.changes = append(b.changes, syntax.Replace(a, clean))
		b.note(d.Pos.Line, "%s is no host name, and is taken for %s", a.Text, clean)
	}
}

// once leaves the first of the headers that nginx sends twice and that Node.js
// takes the first of.
func (b *sanitizer) once(block []*syntax.Directive) {
	seen := map[string]int{}
	for _, d := range syntax.Find(block, "proxy_set_header") {
		name := strings.ToLower(d.Arg(0))
		if !slices.Contains(firstCounts, name) {
			continue
		}
		if line := seen[name]; line > 0 {
			b.blank(d)
			b.note(d.Pos.Line, "nginx sends %s twice, here and from line %d; Node.js takes the first", d.Arg(0), line)
		}
		seen[name] = d.Pos.Line
	}
}

// firstCounts are the headers of which Node.js takes the first
// (IncomingMessage, _addHeaderLine).
var firstCounts = []string{"host", "authorization", "user-agent", "referer", "content-type", "from"}
