package edit

import (
	"strings"

	"stickylab/cluster/nginx/syntax"
)

// Relocate changes where a configuration listens and where it proxies to: the
// address of each listen directive, of each server line of an upstream, and of
// each proxy_pass to a literal address, by functions that get it as written and
// return the new one. What holds a variable or names a unix socket stays.
//
// It fails when the text is malformed.
func Relocate(t *syntax.Tree, listen, server func(address string) string) (*syntax.Tree, error) {
	if len(t.Problems) > 0 {
		return nil, t.Problems[0]
	}
	m := move{listen: listen, server: server, upstreams: make(map[string]bool)}
	syntax.Each(t.Directives, func(d *syntax.Directive) {
		if d.Name == "upstream" && len(d.Args) == 1 {
			m.upstreams[strings.ToLower(d.Args[0].Text)] = true
		}
	})
	m.walk(t.Directives, false)
	return t.Apply(m.changes...), nil
}

type move struct {
	listen, server func(string) string
	upstreams      map[string]bool // a proxy_pass to one is no address
	changes        []syntax.Change
}

func (m *move) walk(list []*syntax.Directive, inUpstream bool) {
	for _, d := range list {
		if len(d.Args) > 0 {
			w := d.Args[0]
			switch {
			case d.IsBlock:
			case d.Name == "listen":
				m.put(w, m.listen)
			case d.Name == "server" && inUpstream:
				m.put(w, m.server)
			case d.Name == "proxy_pass":
				m.pass(w)
			}
		}
		m.walk(d.Block, d.Name == "upstream")
	}
}

func (m *move) put(w syntax.Word, to func(string) string) {
	if strings.Contains(w.Text, "$") || strings.HasPrefix(w.Text, "unix:") {
		return
	}
	if moved := to(w.Text); moved != w.Text {
		m.changes = append(m.changes, syntax.Replace(w, moved))
	}
}

// pass rewrites the address in a URL such as "http://10.0.0.1:3000/chat".
func (m *move) pass(w syntax.Word) {
	scheme, rest, ok := strings.Cut(w.Text, "://")
	if !ok || strings.Contains(w.Text, "$") || strings.HasPrefix(rest, "unix:") {
		return
	}
	address, uri := rest, ""
	if i := strings.IndexByte(rest, '/'); i >= 0 {
		address, uri = rest[:i], rest[i:]
	}
	if m.upstreams[strings.ToLower(address)] {
		return
	}
	if moved := m.server(address); moved != address {
		m.changes = append(m.changes, syntax.Replace(w, scheme+"://"+moved+uri))
	}
}
