package nginx

import (
	"strings"

	"stickylab/cluster/nginx/syntax"
)

// Redirect is a rule of proxy_redirect: what becomes of the addresses that an upstream
// sends clients to.
type Redirect struct {
	from    string // the beginning that is replaced; may hold variables
	pattern *pattern
	to      string // may hold variables
}

// URLs say how nginx makes a URL of a path that it redirects to.
type URLs struct {
	Relative  bool // absolute_redirect off: the path stays
	OmitPort  bool // port_in_redirect off
	OwnServer bool // server_name_in_redirect: the first server_name, not the host asked for
}

// proxyRedirect reads a proxy_redirect directive (ngx_http_proxy_redirect). The first one
// of a level drops those of the outer level. "default" is worked out with proxy_pass.
func (r *reader) proxyRedirect(d *syntax.Directive, l *level, own map[string]bool) {
	first := !own[d.Name]
	if own[d.Name] = true; first {
		l.redirectOff, l.redirectDefault, l.proxy.Redirects = false, nil, nil
	}
	duplicate := func() { r.Fail(Duplicate, d.Pos, "", "%q directive is duplicate", d.Name) }
	one := Redirect{from: d.Arg(0), to: d.Arg(1)}
	switch {
	case l.redirectOff:
		duplicate()
		return
	case len(d.Args) == 1 && d.Arg(0) == "off":
		if !first {
			duplicate()
		}
		l.redirectOff = true
		return
	case len(d.Args) == 1 && d.Arg(0) == "default":
		l.redirectDefault = d
	case len(d.Args) == 1:
		r.Fail(BadValue, d.Args[0].Pos, "it is default, off, or what is replaced and by what", "invalid parameter %q", d.Arg(0))
		return
	case strings.HasPrefix(one.from, "~"):
		expr, fold := strings.CutPrefix(one.from[1:], "*")
		if one.pattern = r.pattern(d.Args[0].Pos, fold, expr); one.pattern == nil {
			return
		}
		r.captures = true
		r.uses(d.Args[1])
	default:
		r.uses(d.Args[0])
		r.uses(d.Args[1])
	}
	clip := len(l.proxy.Redirects)
	l.proxy.Redirects = append(l.proxy.Redirects[:clip:clip], one)
}

// redirects works out the rules of a location whose proxy_pass is read: the default where
// there are no others, and where it is written (ngx_http_proxy_merge_loc_conf). Locations
// inside inherit the default too.
func (r *reader) redirects(l *Location, pass *syntax.Directive, inner *level) {
	p, d := l.Proxy, inner.redirectDefault
	byDefault := defaultRedirect(l, pass.Arg(0))
	switch {
	case d != nil && p.Variable != "":
		r.Fail(BadValue, d.Pos, "write what is replaced, and by what", `"proxy_redirect default" cannot be used with "proxy_pass" directive with variables`)
	case d != nil && d.Start < pass.Start:
		r.misplacedDefault(d)
	case inner.redirectOff:
		p.Redirects = nil
	case len(p.Redirects) == 0 && p.Variable == "":
		p.Redirects = []Redirect{byDefault}
	case d != nil:
		list := append([]Redirect(nil), p.Redirects...)
		for i := range list {
			if list[i].from == "default" && list[i].to == "" {
				list[i] = byDefault
			}
		}
		p.Redirects = list
	}
	inner.proxy.Redirects, inner.redirectDefault = p.Redirects, nil
}

func (r *reader) misplacedDefault(d *syntax.Directive) {
	r.Fail(Misplaced, d.Pos, "", `"proxy_redirect default" should be placed after the "proxy_pass" directive`)
}

// defaultRedirect is the rule that leads addresses of a proxy_pass back to its location.
func defaultRedirect(l *Location, url string) Redirect {
	if l.Proxy.URI == "" {
		return Redirect{from: url + "/", to: "/"}
	}
	return Redirect{from: url, to: l.Path}
}

// Redirect returns an address that the upstream sends the client to as the client gets it,
// and whether a rule was for it. It begins at prefix of the value
// (ngx_http_proxy_rewrite_redirect).
func (v *Visit) Redirect(p *ProxyPass, value string, prefix int) (string, bool) {
	address := value[prefix:]
	for i := range p.Redirects {
		one := &p.Redirects[i]
		if one.pattern != nil {
			if v.match(one.pattern, address) {
				return value[:prefix] + v.Expand(one.to), true
			}
			continue
		}
		if rest, ok := strings.CutPrefix(address, v.Expand(one.from)); ok {
			return value[:prefix] + v.Expand(one.to) + rest, true
		}
	}
	return value, false
}
