package doctor

import (
	"slices"
	"strings"

	"stickylab/cluster/nginx"
	"stickylab/cluster/nginx/syntax"
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
	return changes("take the client's address from the proxy in front"+x.placeholderHint(), func(g *target) []syntax.Change {
		want := "X-Forwarded-For"
		if g.balanced { // the balancer in front does not speak HTTP
			want = nginx.ProxyProtocol
		}
		var out []syntax.Change
		var add []string
		from, header := g.above("set_real_ip_from"), g.above("real_ip_header")
		if header != nil && g.balanced != strings.EqualFold(header.Arg(0), nginx.ProxyProtocol) {
			out = replaceArg(header, want)
		}
		if r := g.location.RealIP; from == nil || r == nil || x.options.known && !trusts(r, x.options.Front) {
			add = append(add, "set_real_ip_from "+x.options.Front.String())
		}
		if header == nil {
			add = append(add, "real_ip_header "+want)
		}
		if g.above("real_ip_recursive") == nil && !g.balanced {
			add = append(add, "real_ip_recursive on")
		}
		switch {
		case len(add) == 0:
			return out
		case from != nil:
			return append(out, g.source.InsertAfter(from, add...))
		}
		return append(out, g.insertInServer(add...)...)
	})
}

// insertInServer inserts directives after the listen and server_name lines, or
// into the location of a text without a server block.
func (g *target) insertInServer(lines ...string) []syntax.Change {
	block := g.serverBlock()
	if block == nil {
		if block = last(g.chain); block == nil {
			return nil
		}
		return []syntax.Change{g.source.InsertInto(block, lines...)}
	}
	for _, d := range slices.Backward(block.Block) {
		if d.Name == "listen" || d.Name == "server_name" {
			return []syntax.Change{g.source.InsertAfter(d, lines...)}
		}
	}
	return []syntax.Change{g.source.InsertInto(block, lines...)}
}

// trustOnly replaces the lines that trust every address by one that trusts the
// proxy in front.
func (x *examination) trustOnly() fix {
	return changes("trust only the proxy in front"+x.placeholderHint(), func(g *target) []syntax.Change {
		var out []syntax.Change
		for i, d := range g.wide() {
			if i == 0 {
				out = replaceArg(d, x.options.Front.String())
			} else {
				out = append(out, g.source.Remove(d))
			}
		}
		return out
	})
}

// wide are the set_real_ip_from lines that trust a large part of all addresses.
func (g *target) wide() []*syntax.Directive {
	var out []*syntax.Directive
	for _, d := range g.allAbove("set_real_ip_from") {
		if _, bits, ok := strings.Cut(d.Arg(0), "/"); ok && len(bits) == 1 && bits < "8" {
			out = append(out, d)
		}
	}
	return out
}

// upgradeHeaders are the headers that a WebSocket needs: the value that a fix
// writes, and those that do as well.
var upgradeHeaders = []struct {
	name, value string
	good        []string
}{
	{"Upgrade", "$http_upgrade", []string{"$http_upgrade"}},
	{"Connection", `"upgrade"`, []string{"upgrade", "Upgrade", "$http_connection"}},
}

// passUpgrade passes the Upgrade and Connection headers on.
func passUpgrade(summary string) fix {
	return changes(summary, func(g *target) []syntax.Change {
		headers, anchor := g.allAbove("proxy_set_header"), g.pass()
		if anchor == nil {
			return nil
		}
		var out []syntax.Change
		var add []string
		version := g.above("proxy_http_version")
		if version != nil && version.Arg(0) == "1.0" {
			out = replaceArg(version, "1.1")
		}
		for _, need := range upgradeHeaders {
			h := header(headers, need.name)
			switch {
			case h == nil:
				add = append(add, "proxy_set_header "+need.name+" "+need.value)
			case slices.Contains(need.good, h.Arg(1)):
			case len(h.Args) != 2:
				return nil
			default:
				out = append(out, syntax.Replace(h.Args[1], need.value))
			}
		}
		if version == nil && (len(add) > 0 || !g.version.Modern()) { // newer ones have it by default
			add = append([]string{"proxy_http_version 1.1"}, add...)
		}
		if len(add) == 0 {
			return out
		}
		if h := last(headers); h != nil { // after those: the headers of a block hide those of outer ones
			anchor = h
		}
		return append(out, g.source.InsertAfter(anchor, add...))
	})
}

// header returns the last proxy_set_header of a name, or nil.
func header(lines []*syntax.Directive, name string) *syntax.Directive {
	for _, d := range slices.Backward(lines) {
		if strings.EqualFold(d.Arg(0), name) {
			return d
		}
	}
	return nil
}
