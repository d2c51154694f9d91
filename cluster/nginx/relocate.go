package nginx

import (
	"errors"
	"strings"
)

// Relocate rewrites where a configuration listens and whom it proxies to: the
// address of each listen directive, of each server line of an upstream, and of
// each proxy_pass to a literal address, by functions that get it as written and
// return it as it shall be. Nothing else of the text is touched; what holds a
// variable or names a unix socket stays.
func Relocate(text string, listen, server func(address string) string) (string, error) {
	var r report
	tree := scanTree(text, &r)
	if len(r.problems) > 0 {
		return "", errors.New(inOrder(r.problems)[0].Text)
	}
	m := move{listen: listen, server: server, upstreams: make(map[string]bool)}
	m.names(tree)
	m.walk(tree, false)
	return edit{text: text}.with(m.changes), nil
}

type move struct {
	listen, server func(string) string
	upstreams      map[string]bool
	changes        []change
}

// names collects the upstream blocks: a proxy_pass to one is no address.
func (m *move) names(list []*directive) {
	for _, d := range list {
		if d.text == "upstream" && len(d.args) == 1 {
			m.upstreams[strings.ToLower(d.args[0].text)] = true
		}
		m.names(d.block)
	}
}

func (m *move) walk(list []*directive, inUpstream bool) {
	for _, d := range list {
		if len(d.args) > 0 {
			w := d.args[0]
			switch {
			case d.isBlock:
			case d.text == "listen":
				m.put(w, m.listen)
			case d.text == "server" && inUpstream:
				m.put(w, m.server)
			case d.text == "proxy_pass":
				m.pass(w)
			}
		}
		m.walk(d.block, d.text == "upstream")
	}
}

func (m *move) put(w word, to func(string) string) {
	if strings.Contains(w.text, "$") || strings.HasPrefix(w.text, "unix:") {
		return
	}
	if moved := to(w.text); moved != w.text {
		m.changes = append(m.changes, change{w.off, w.end, moved})
	}
}

// pass rewrites the address in a URL such as "http://10.0.0.1:3000/chat".
func (m *move) pass(w word) {
	scheme, rest, ok := strings.Cut(w.text, "://")
	if !ok || strings.Contains(w.text, "$") || strings.HasPrefix(rest, "unix:") {
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
		m.changes = append(m.changes, change{w.off, w.end, scheme + "://" + moved + uri})
	}
}

// IsWhole reports whether a text is a whole nginx.conf, with an http block, and
// not only what belongs into one.
func IsWhole(text string) bool {
	var r report
	for _, d := range scanTree(text, &r) {
		if d.text == "http" && d.isBlock {
			return true
		}
	}
	return false
}
