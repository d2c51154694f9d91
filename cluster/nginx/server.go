package nginx

import (
	"cmp"
	"net"
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"stickylab/cluster/nginx/syntax"
)

// overUnix reports whether a server block listens on unix sockets alone, which no client reaches.
func overUnix(d *syntax.Directive) bool {
	listens := d.Find("listen")
	return len(listens) > 0 && !slices.ContainsFunc(listens, func(d *syntax.Directive) bool { return !strings.HasPrefix(d.Arg(0), "unix:") })
}

// server reads a server block of the http context.
func (r *reader) server(d *syntax.Directive, outer level) {
	if overUnix(d) && r.reachable {
		r.Note(NoEffect, "server "+d.Find("listen")[0].Arg(0), d.Pos, "", "clients cannot reach a unix socket: the server is left out")
		return
	}
	s := &Server{Pos: d.Pos}
	r.config.Servers = append(r.config.Servers, s)
	only := overUnix(d)
	l := r.level(d.Block, outer)
	s.own = Location{Pos: d.Pos}
	s.own.take(&l)
	s.RealIP, s.MaxBody, s.Head, s.Kept = s.own.RealIP, s.own.MaxBody, l.head, s.own.Kept
	for _, d := range d.Block {
		if d.Broken {
			continue
		}
		switch d.Name {
		case "listen":
			if !only && strings.HasPrefix(d.Arg(0), "unix:") {
				r.Note(NoEffect, "listen "+d.Arg(0), d.Pos, "", "clients cannot reach a unix socket: %q of \"listen\" is left out", d.Arg(0))
				continue
			}
			r.listen(s, d)
		case "server_name":
			r.serverNames(s, d)
		case "try_files":
			s.own.TryFiles = r.tryFiles(d)
		}
	}
	if len(s.Listen) == 0 {
		s.Listen = []Listen{{Pos: d.Pos, Port: 80}}
	}
	if len(s.Names) == 0 {
		s.Names = []string{""}
	}
	s.ops = r.script(d.Block, l, nil)
	s.Return = firstReturn(s.ops)
	s.Locations = r.locations(d.Block, l, nil)
}

// listen reads a listen directive (ngx_http_core_listen).
func (r *reader) listen(s *Server, d *syntax.Directive) {
	at := d.Args[0]
	l := Listen{Pos: d.Pos}
	if strings.HasPrefix(at.Text, "unix:") {
		r.Note(Substituted, "listen "+at.Text, at.Pos, "", "clients cannot reach a unix socket: %q of \"listen\" is read as port 80", at.Text)
		at.Text = "80"
	}
	a, wrong := parseAddress(at.Text, 80, false, true)
	l.Port = a.port
	switch ip, err := netip.ParseAddr(a.host); {
	case wrong != "":
		r.Fail(BadValue, at.Pos, "", "%s in %q of the \"listen\" directive", wrong, at.Text)
		return
	case a.host == "" || a.host == "*" || a.host == "0.0.0.0":
	case err == nil:
		l.Address = ip.String()
	case a.host == "localhost":
		l.Address = "127.0.0.1"
	default:
		r.Note(UnknownHost, at.Text, at.Pos, "give an address", "the host of %q of \"listen\" is not looked up: it is read as any address", at.Text)
	}
	r.parameters(d.Args[1:], r.listenParameters(&l))
	for _, other := range s.Listen {
		if other.Address == l.Address && other.Port == l.Port {
			if r.config.Tree.Raw(d.Args[0]) != at.Text || at.Text != d.Args[0].Text {
				return // by a stand-in
			}
			r.Fail(Duplicate, d.Pos, "", "a duplicate listen %s", l.text())
			return
		}
	}
	s.Listen = append(s.Listen, l)
}

// text returns the address as nginx prints it.
func (l Listen) text() string {
	return net.JoinHostPort(cmp.Or(l.Address, "0.0.0.0"), strconv.Itoa(l.Port))
}

// listenParameters is the table of the parameters of listen.
func (r *reader) listenParameters(l *Listen) []parameter {
	known := []parameter{
		{name: "default_server", lacks: r.connections && !r.version.atLeast("1.25.5"), set: given(&l.Default)},
		{name: "default", lacks: r.connections, set: given(&l.Default)},
		{name: "proxy_protocol", set: given(&l.ProxyProtocol)},
		{name: "ssl", set: func(arg syntax.Word) bool {
			l.TLS = true
			r.Note(Unencrypted, "ssl", arg.Pos, "", `"ssl" is simulated unencrypted`)
			return true
		}},
		{name: "ipv6only=", set: func(value syntax.Word) bool {
			if value.Text != "on" && value.Text != "off" {
				r.Fail(BadValue, value.Pos, "", "invalid ipv6only flags %q", value.Text)
			}
			l.Dual = value.Text == "off" && l.Address == "::"
			return true
		}},
	}
	for _, name := range []string{
		"http2", "quic", "reuseport", "deferred", "bind", "backlog=", "rcvbuf=", "sndbuf=", "fastopen=", "setfib=", "accept_filter=", "so_keepalive=", "spdy",
	} {
		known = append(known, parameter{name: name, set: func(arg syntax.Word) bool {
			r.Note(NoEffect, "listen "+name, arg.Pos, "", "%q of \"listen\" has no effect here", strings.TrimSuffix(name, "="))
			return true
		}})
	}
	return known
}

// checkListens looks at all servers together: one default server for each
// address, each name once (ngx_http_optimize_servers).
func (r *reader) checkListens() {
	defaults := map[string]bool{}
	names := map[string]*virtual{}
	left := 100_000 // names times addresses, which a hostile text can make many
	for _, s := range r.config.Servers {
		for _, l := range s.Listen {
			at := l.text()
			if l.Default && defaults[at] {
				r.Fail(Duplicate, l.Pos, "", "a duplicate default server for %s", at)
			}
			defaults[at] = defaults[at] || l.Default
			if left -= len(s.Names); left < 0 {
				return
			}
			if names[at] == nil {
				names[at] = newVirtual()
			}
			for _, name := range s.Names {
				if !strings.HasPrefix(name, "~") && !names[at].add(name, s) {
					r.Note(Conflict, at+" "+name, s.Pos, "the earlier one gets the requests", "conflicting server name %q on %s, ignored", name, at)
				}
			}
		}
	}
}
