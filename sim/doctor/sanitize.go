package doctor

import (
	"net/netip"
	"slices"
	"strings"

	"stickylab/cluster/nginx"
	"stickylab/cluster/nginx/syntax"
)

// sanitizer takes out of a text what cannot be simulated.
type sanitizer struct {
	*prepared
	bytes   []byte
	edits   []edit
	version nginx.Version
	set     map[string]string // variables that are set once, to a constant
}

// edit replaces a part of the text.
type edit struct {
	from, to int
	with     string
}

// collect finds the variables that have one value.
func (b *sanitizer) collect(list []*syntax.Directive) {
	for _, s := range list {
		if s.Name == "set" && len(s.Args) == 2 && !strings.Contains(s.Arg(1), "$") {
			if before, ok := b.set[s.Arg(0)]; ok && before != s.Arg(1) {
				b.set[s.Arg(0)] = "$" // it differs
			} else {
				b.set[s.Arg(0)] = s.Arg(1)
			}
		}
		b.collect(s.Block)
	}
}

// walk goes through a block.
func (b *sanitizer) walk(list []*syntax.Directive, in string) {
	for _, s := range list {
		switch {
		case s.Name == "include":
			b.included(s, in)
			b.blank(s.Start, s.End)
			continue
		case in == "" && (s.Name == "stream" || s.Name == "mail"):
			b.note(s.Pos.Line, "%s { } is ignored: Socket.IO goes through http", s.Name)
			b.blank(s.Start, s.End)
			continue
		case foreign(s.Name):
			b.note(s.Pos.Line, "%s belongs to a module that is not simulated", s.Name)
			b.blank(s.Start, s.End)
			continue
		case s.Name == "load_module":
			b.blank(s.Start, s.End)
			continue
		case s.Name == "upstream" && in == "" && len(s.Find("server")) > mostServers:
			b.fewer(s)
		case s.Name == "server" && in == "upstream" && strings.HasPrefix(s.Arg(0), "unix:"):
			b.socket(s)
		case s.Name == "listen" && s.Has("quic"):
			b.blank(s.Start, s.End) // HTTP/3 has its own ports
		case s.Name == "listen":
			if b.listen(s) {
				continue
			}
		case s.Name == "proxy_http_version" && s.Arg(0) == "2":
			b.replace(s, 0, "1.1")
			b.note(s.Pos.Line, "HTTP/2 to the nodes is simulated as HTTP/1.1")
		case s.Name == "proxy_pass":
			b.pass(s)
		case s.Name == "set_real_ip_from":
			b.trust(s)
		case s.Name == "hash" || s.Name == "map" || s.Name == "split_clients":
			for _, name := range []string{"$request_id", "$msec", "$connection", "$pid", "$time_iso8601", "$ssl_session_id"} {
				if strings.Contains(s.Arg(0), name) && !strings.Contains(s.Arg(0), name+"_") {
					b.note(s.Pos.Line, "%s is not simulated: it is empty here", name)
				}
			}
		case s.Name == "if":
			b.note(s.Pos.Line, "the contents of if ( ) { } are not simulated")
		case s.Name == "rewrite":
			b.note(s.Pos.Line, "rewrite is not simulated: if it changes the path of Socket.IO's requests, that was not tried")
		case s.Name == "location" && len(s.Args) > 0 && !compiles(s):
			b.note(s.Pos.Line, "the regular expression %s cannot be simulated; the location was left out", s.Arg(len(s.Args)-1))
			b.blank(s.Start, s.End)
			continue
		}
		inner := s.Name
		if s.Name == "http" {
			inner = ""
		}
		b.walk(s.Block, inner)
	}
}

func (b *sanitizer) blank(from, to int) { b.edits = append(b.edits, edit{from, to, ""}) }

func (b *sanitizer) replace(s *syntax.Directive, i int, with string) {
	b.edits = append(b.edits, edit{s.Args[i].Start, s.Args[i].End, with})
}

// done applies the edits, none of which overlap. A blank keeps the newlines.
func (b *sanitizer) done() string {
	slices.SortStableFunc(b.edits, func(x, y edit) int { return x.from - y.from })
	var out strings.Builder
	at := 0
	for _, e := range b.edits {
		if e.from < at {
			continue
		}
		out.Write(b.bytes[at:e.from])
		at = e.to
		if e.with != "" {
			out.WriteString(e.with)
			continue
		}
		for _, c := range b.bytes[e.from:e.to] {
			if c != '\n' && c != '\r' {
				c = ' '
			}
			out.WriteByte(c)
		}
	}
	out.Write(b.bytes[at:])
	return out.String()
}

// included notes a file that is not read, unless nothing in it can matter.
func (b *sanitizer) included(s *syntax.Directive, in string) {
	file := s.Arg(0)
	if harmless(file) {
		return
	}
	if in == "" && b.dumped {
		return
	}
	text := " is not read: if it contains directives about proxying, insert its text here"
	if in == "" {
		text = " is not read: what it contains was not tried"
	}
	b.add(Note{Line: s.Pos.Line, Text: file + text, unread: true})
}

// mostServers bounds the server lines of an upstream that are simulated: more
// show nothing new, and take longer.
const mostServers = 12

// fewer leaves out the server lines of an upstream beyond mostServers.
func (b *sanitizer) fewer(upstream *syntax.Directive) {
	kept := 0
	for _, s := range upstream.Find("server") {
		if kept < mostServers && !s.Has("down") && !s.Has("backup") {
			kept++
			continue
		}
		b.blank(s.Start, s.End)
	}
	b.note(upstream.Pos.Line, "of the %d servers of %s the first %d are tried", len(upstream.Find("server")), upstream.Arg(0), kept)
}

// socket gives a unix socket an address: to the simulation it is a node like
// any other.
func (b *sanitizer) socket(s *syntax.Directive) {
	b.replace(s, 0, b.address().String()+":80")
	b.note(s.Pos.Line, "%s is simulated as a node with an address", s.Arg(0))
}

func (p *prepared) address() netip.Addr {
	a := p.next
	p.next = p.next.Next()
	return a
}

// listen leaves out a unix socket, and reports whether it did.
func (b *sanitizer) listen(s *syntax.Directive) bool {
	if strings.HasPrefix(s.Arg(0), "unix:") {
		b.note(s.Pos.Line, "listen %s is not simulated", s.Arg(0))
		b.blank(s.Start, s.End)
		return true
	}
	return false
}

// pass rewrites a proxy_pass with a variable or to a socket so that it can be
// simulated.
func (b *sanitizer) pass(s *syntax.Directive) {
	to := s.Arg(0)
	if rest, ok := strings.CutPrefix(to, "$scheme://"); ok && !strings.Contains(rest, "$") {
		b.replace(s, 0, "http://"+rest)
		return
	}
	if strings.Contains(to, "$") {
		constant := nginx.Expand(to, func(name string) string {
			if v := b.set["$"+name]; v != "" && v != "$" {
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
			b.replace(s, 0, constant)
		}
		return
	}
	scheme, rest, ok := strings.Cut(to, "://")
	if ok && strings.HasPrefix(rest, "unix:") {
		socket, uri, _ := strings.Cut(strings.TrimPrefix(rest, "unix:"), ":")
		b.replace(s, 0, scheme+"://"+b.address().String()+":80"+uri)
		b.note(s.Pos.Line, "unix:%s is simulated as a node with an address", socket)
	}
}

// foreign reports whether a directive belongs to a module that many builds have
// and that decides nothing here.
func foreign(name string) bool {
	for _, prefix := range []string{"brotli", "modsecurity", "vhost_traffic_status", "pagespeed", "passenger", "nchan_", "opentracing", "opentelemetry", "zstd", "vod", "security_headers", "ndk_"} {
		if strings.HasPrefix(name, prefix) {
			return true
		}
	}
	return false
}
