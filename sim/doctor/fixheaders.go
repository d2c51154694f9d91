package doctor

import (
	"slices"
	"stickylab/cluster/nginx/syntax"
	"strings"
)

// placeholderHint asks for the real addresses where a fix had to make one up.
func (x *examination) placeholderHint() string {
	if x.options.known {
		return ""
	}
	return " (replace " + x.options.Front.String() + " with its addresses)"
}

// realIP makes nginx take the client's address from the proxy in front.
func (x *examination) realIP() fix {
	front := x.options.Front.String()
	return fix{"take the client's address from the proxy in front" + x.placeholderHint(), func(g *target) string {
		var add []string
		text := g.text
		want := "X-Forwarded-For"
		if g.balanced { // the balancer in front does not speak HTTP
			want = "proxy_protocol"
		}
		from, header, recursive := g.above("set_real_ip_from"), g.above("real_ip_header"), g.above("real_ip_recursive")
		if header != nil && g.balanced != strings.EqualFold(header.Arg(0), "proxy_protocol") {
			text = replaceArg(text, header, 0, want)
			if g = x.target(text); g == nil {
				return text
			}
			from, header, recursive = g.above("set_real_ip_from"), g.above("real_ip_header"), g.above("real_ip_recursive")
		}
		if r := g.location.RealIP; from == nil || r == nil || x.options.known && !trusts(r, x.options.Front) {
			add = append(add, "set_real_ip_from "+front)
		}
		if header == nil {
			add = append(add, "real_ip_header "+want)
		}
		if recursive == nil && !g.balanced {
			add = append(add, "real_ip_recursive on")
		}
		if len(add) == 0 {
			return text
		}
		if from != nil {
			return insertAfter(text, from, add...)
		}
		return g.insertInServer(add...)
	}}
}

// insertInServer inserts directives after the listen and server_name lines, or
// into the location of a text without a server block.
func (g *target) insertInServer(lines ...string) string {
	block := g.serverBlock()
	if block == nil {
		if len(g.chain) == 0 {
			return g.text
		}
		return insertInto(g.text, g.chain[len(g.chain)-1], lines...)
	}
	var last *syntax.Directive
	for _, s := range block.Block {
		if s.Name == "listen" || s.Name == "server_name" {
			last = s
		}
	}
	if last == nil {
		return insertInto(g.text, block, lines...)
	}
	return insertAfter(g.text, last, lines...)
}

// trustOnly replaces the lines that trust every address by one that trusts the
// proxy in front.
func (x *examination) trustOnly() fix {
	front := x.options.Front.String()
	return fix{"trust only the proxy in front" + x.placeholderHint(), func(g *target) string {
		text, done := g.text, false
		wide := g.wide()
		for i := len(wide) - 1; i >= 0; i-- {
			if !done && i == 0 {
				text = replaceArg(text, wide[i], 0, front)
				done = true
			} else {
				text = remove(text, wide[i])
			}
		}
		return text
	}}
}

// wide are the set_real_ip_from lines that trust a large part of all addresses.
func (g *target) wide() []*syntax.Directive {
	var out []*syntax.Directive
	for _, s := range g.allAbove("set_real_ip_from") {
		if _, bits, ok := strings.Cut(s.Arg(0), "/"); ok && len(bits) == 1 && bits < "8" {
			out = append(out, s)
		}
	}
	return out
}

// upgrade passes the Upgrade and Connection headers on.
func (g *target) upgrade() string {
	pass := g.pass()
	if pass == nil {
		return g.text
	}
	text := g.text
	var have, add []string
	headers := g.allAbove("proxy_set_header")
	for i := len(headers) - 1; i >= 0; i-- {
		h := headers[i]
		name := strings.ToLower(h.Arg(0))
		want := map[string]string{"upgrade": "$http_upgrade", "connection": `"upgrade"`}[name]
		if want == "" || slices.Contains(have, name) {
			continue
		}
		have = append(have, name)
		if good := map[string][]string{"upgrade": {"$http_upgrade"}, "connection": {"upgrade", "Upgrade", "$http_connection"}}[name]; !slices.Contains(good, h.Arg(1)) {
			if len(h.Args) != 2 {
				return g.text
			}
			text = replaceArg(text, h, 1, want)
		}
	}
	if !slices.Contains(have, "upgrade") {
		add = append(add, "proxy_set_header Upgrade $http_upgrade")
	}
	if !slices.Contains(have, "connection") {
		add = append(add, `proxy_set_header Connection "upgrade"`)
	}
	version := g.above("proxy_http_version")
	if version != nil && version.Arg(0) == "1.0" {
		if tree, _ := scan(text); tree != nil {
			each(tree, func(s *syntax.Directive) {
				if s.Name == "proxy_http_version" && s.Pos.Line == version.Pos.Line && s.Arg(0) == "1.0" {
					text = replaceArg(text, s, 0, "1.1")
				}
			})
		}
	}
	if version == nil && g.old {
		add = append([]string{"proxy_http_version 1.1"}, add...)
	}
	if len(add) == 0 {
		return text
	}
	// After the existing headers: those of a block hide those of outer ones.
	anchor := pass
	if len(headers) > 0 {
		anchor = headers[len(headers)-1]
	}
	if tree, problems := scan(text); len(problems) == 0 {
		var found *syntax.Directive
		each(tree, func(s *syntax.Directive) {
			if s.Name == anchor.Name && s.Pos.Line == anchor.Pos.Line && s.Arg(0) == anchor.Arg(0) {
				found = s
			}
		})
		if found != nil {
			return insertAfter(text, found, add...)
		}
	}
	return text
}
