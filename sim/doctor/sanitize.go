package doctor

import (
	"cmp"
	"net/netip"
	"regexp"
	"slices"
	"strings"

	"stickylab/cluster/nginx"
	"stickylab/cluster/nginx/syntax"
)

// sanitizer blanks out or replaces what cannot be simulated.
type sanitizer struct {
	*prepared
	changes []syntax.Change
	set     map[string]string // variables to their one value
	loops   []syntax.Span     // of templates
	own     map[string]string // those that the block sets itself
}

// sanitize makes the text one that can be simulated, and notes what that changed.
func (p *prepared) sanitize() {
	b := &sanitizer{prepared: p, set: map[string]string{}, loops: syntax.Loops(p.tree.Text())}
	syntax.Each(p.tree.Directives, func(d *syntax.Directive) {
		switch {
		case d.Name == "map":
			p.mapped = append(p.mapped, names(d.Arg(0))...)
		case d.Name == "set" && len(d.Args) == 2 && !strings.Contains(d.Arg(1), "$"):
			if before, ok := b.set[d.Arg(0)]; ok && before != d.Arg(1) {
				b.set[d.Arg(0)] = "" // it differs
			} else {
				b.set[d.Arg(0)] = d.Arg(1)
			}
		}
	})
	p.overStream = passesOn(p.tree.Directives)
	b.walk(p.tree.Directives, "")
	p.tree = p.tree.Apply(b.changes...)
}

// walk goes through a block.
func (b *sanitizer) walk(list []*syntax.Directive, in string) {
	b.once(list)
	own := map[string]string{}
	for _, d := range syntax.Find(list, "set") {
		if len(d.Args) == 2 && !strings.Contains(d.Arg(1), "$") {
			own[d.Arg(0)] = d.Arg(1)
		}
	}
	for _, d := range list {
		b.own = own
		if b.directive(d, in) {
			b.blank(d)
			continue
		}
		inner := d.Name
		if inner == "http" || inner == "stream" {
			inner = ""
		}
		b.walk(d.Block, inner)
	}
}

// unsimulated are variables that are empty in the simulation.
var unsimulated = []string{"$pid", "$ssl_session_id"}

// directive changes a directive, and reports whether it is to be blanked out.
func (b *sanitizer) directive(d *syntax.Directive, in string) (blank bool) {
	switch d.Name {
	case "allow", "deny", "auth_basic", "satisfy", "limit_req", "limit_conn", "limit_except", "auth_request":
		b.withheld = append(b.withheld, d.Name) // who may come, and how often, is asked for: see hazards
		return true
	case "if":
		if b.toHTTPS(d) {
			return true
		}
	case "server_name":
		b.host(d)
	case "include":
		b.included(d, in)
		return true
	case "load_module":
		return true
	case "stream":
		if in == "" && !b.overStream {
			b.note(d.Pos.Line, "stream { } is left out: Socket.IO is looked for in http")
			return true
		}
	case "http":
		if in == "" && b.overStream {
			b.note(d.Pos.Line, "http { } is left out: it proxies nothing, and stream { } does")
			return true
		}
	case "mail":
		if in == "" {
			b.note(d.Pos.Line, "%s { } is ignored: Socket.IO goes through http", d.Name)
			return true
		}
	case "proxy_bind":
		if b.overStream {
			b.note(d.Pos.Line, "proxy_bind is not simulated: nodes see the address of nginx")
			return true
		}
	case "upstream":
		if servers := d.Find("server"); in == "" && len(servers) > mostServers {
			b.fewer(d, servers)
		}
	case "server":
		if in == "upstream" && !d.IsBlock {
			b.repeat(d)
		}
		if in == "upstream" && strings.HasPrefix(d.Arg(0), "unix:") {
			b.replace(d, b.socket(d.Arg(0)).String()+":80")
			b.note(d.Pos.Line, "%s is simulated as a node with an address", d.Arg(0))
		}
	case "listen":
		if strings.HasPrefix(d.Arg(0), "unix:") {
			b.note(d.Pos.Line, "listen %s: no client reaches it; the server is judged by its other addresses, or else port 80", d.Arg(0))
			return true
		}
		return d.Has("quic") // HTTP/3 has its own ports
	case "proxy_http_version":
		if d.Arg(0) == "2" {
			b.replace(d, "1.1")
			b.note(d.Pos.Line, "HTTP/2 to the nodes is simulated as HTTP/1.1")
		}
	case "proxy_pass":
		b.pass(d)
	case "set_real_ip_from":
		b.trust(d)
	case "hash", "map", "split_clients":
		for _, name := range unsimulated {
			if strings.Contains(d.Arg(0), name) && !strings.Contains(d.Arg(0), name+"_") {
				b.note(d.Pos.Line, "%s is not simulated: it is empty here", name)
			}
		}
	}
	if !slices.Contains([]string{"map", "geo", "split_clients", "types"}, in) && b.gone(d) { // their lines are no directives
		return true
	}
	if foreign(d.Name) {
		b.note(d.Pos.Line, "%s belongs to a module that is not simulated", d.Name)
		return true
	}
	return false
}

// overHTTPS are the variables that say whether a client came over https.
var overHTTPS = regexp.MustCompile(`\$(http_x_forwarded_proto|http_x_forwarded_ssl|http_cloudfront_forwarded_proto|scheme|https|ssl_protocol)\b`)

// toHTTPS notes an if that sends clients to https, and reports whether it is one: the
// clients here are taken to have come over it.
func (b *sanitizer) toHTTPS(d *syntax.Directive) bool {
	var args []string
	for _, a := range d.Args {
		args = append(args, a.Text)
	}
	sends := slices.ContainsFunc(d.Block, func(o *syntax.Directive) bool {
		return (o.Name == "return" || o.Name == "rewrite") && slices.ContainsFunc(o.Args, func(a syntax.Word) bool { return strings.HasPrefix(a.Text, "https://") })
	})
	if !sends || !overHTTPS.MatchString(strings.Join(args, " ")) {
		return false
	}
	b.note(d.Pos.Line, "clients that did not come over https are sent there: all are taken to have come over it")
	return true
}

func (b *sanitizer) blank(d *syntax.Directive) { b.changes = append(b.changes, b.tree.Blank(d)) }

// replace replaces the first argument of a directive, if it has one.
func (b *sanitizer) replace(d *syntax.Directive, with string) {
	if len(d.Args) > 0 {
		b.changes = append(b.changes, syntax.Replace(d.Args[0], with))
	}
}

// included notes a file that is not read, unless nothing in it can matter.
func (b *sanitizer) included(d *syntax.Directive, in string) {
	text := " is not read: if it contains directives about proxying, insert its text here"
	if in == "" {
		text = " is not read: what it contains was not tried"
	}
	if !harmless(d.Arg(0)) && !(in == "" && b.dumped) {
		b.add(Note{Line: d.Pos.Line, Text: d.Arg(0) + text, unread: true})
	}
}

// mostServers bounds the server lines of an upstream that are simulated: more
// show nothing new, and take longer.
const mostServers = 12

// fewer leaves out the server lines of an upstream beyond mostServers.
func (b *sanitizer) fewer(upstream *syntax.Directive, servers []*syntax.Directive) {
	kept := 0
	for _, s := range servers {
		if kept < mostServers && !s.Has("down") && !s.Has("backup") {
			kept++
			continue
		}
		b.blank(s)
	}
	b.note(upstream.Pos.Line, "of the %d servers of %s the first %d are tried", len(servers), upstream.Arg(0), kept)
}

// pass rewrites a proxy_pass with a variable or to a socket so that it can be
// simulated.
func (b *sanitizer) pass(d *syntax.Directive) {
	to := d.Arg(0)
	if rest, ok := strings.CutPrefix(to, "$scheme://"); ok && !strings.Contains(rest, "$") {
		b.replace(d, "http://"+rest)
		return
	}
	if strings.Contains(to, "$") {
		constant := nginx.Expand(to, func(name string) string {
			if v := cmp.Or(b.own["$"+name], b.set["$"+name]); v != "" {
				return v
			}
			return "$" + name
		})
		for _, tail := range []string{"$request_uri", "$uri$is_args$args"} {
			if cut, ok := strings.CutSuffix(constant, tail); ok {
				constant = cut
			}
		}
		if constant != to && !strings.Contains(constant, "$") {
			b.replace(d, constant)
		}
		return
	}
	scheme, rest, ok := strings.Cut(to, "://")
	if ok && strings.HasPrefix(rest, "unix:") {
		socket, uri, _ := strings.Cut(strings.TrimPrefix(rest, "unix:"), ":")
		b.replace(d, scheme+"://"+b.socket("unix:"+socket).String()+":80"+uri)
		b.note(d.Pos.Line, "unix:%s is simulated as a node with an address", socket)
	}
}

// socket gives a unix socket an address.
func (b *sanitizer) socket(name string) netip.Addr {
	a := b.address()
	if b.sockets == nil {
		b.sockets = map[string]string{}
	}
	b.sockets[a.String()] = name
	return a
}

// foreign reports whether a directive belongs to a module that many builds have
// and that decides nothing here.
func foreign(name string) bool {
	return hasPrefix(name, "brotli", "modsecurity", "vhost_traffic_status", "pagespeed", "passenger", "nchan_", "opentracing", "opentelemetry", "zstd", "vod", "security_headers", "ndk_")
}
