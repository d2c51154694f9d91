package nginx

import (
	"slices"
	"strings"

	"stickylab/cluster/nginx/syntax"
)

// Part says what a text is the inside of.
type Part string

const (
	Whole          Part = ""         // a whole configuration
	InsideHTTP     Part = "http"     // server, upstream and map blocks
	InsideServer   Part = "server"   // locations, and what stands around them
	InsideLocation Part = "location" // proxy_pass, and what stands around it
	InsideStream   Part = "stream"   // server and upstream blocks that pass connections on
)

// outside are the blocks and directives that belong outside of a server block,
// wherever a part has them.
func (r *reader) outside(d *syntax.Directive) bool {
	masks, _ := r.version.lookup(d.Name)
	return !allowed(masks, serverContext) && !allowed(masks, locationContext)
}

// arrange puts the blocks around a part that its text lacks. The directives keep
// their places in the text.
func (r *reader) arrange(list []*syntax.Directive) []*syntax.Directive {
	part := r.partOf(list)
	r.config.Part = part
	if part == InsideStream {
		return []*syntax.Directive{around("stream", list)}
	}
	if part != InsideServer && part != InsideLocation {
		return list
	}
	var out, inner, within []*syntax.Directive
	for _, d := range list {
		masks, _ := r.version.lookup(d.Name)
		switch {
		case r.outside(d) && masks != nil:
			out = append(out, d)
		case part == InsideLocation && d.Name != "listen" && d.Name != "server_name" && d.Name != "location" && !d.IsBlock:
			within = append(within, d)
		default:
			inner = append(inner, d)
		}
	}
	if len(within) > 0 {
		l := around("location", within)
		l.Args = []syntax.Word{{Text: "/", Pos: l.Pos, Start: l.Start, End: l.Start}}
		inner = append(inner, l)
	}
	return append(out, around("server", inner))
}

// around returns a block that the text does not have, around directives.
func around(name string, list []*syntax.Directive) *syntax.Directive {
	first, last := list[0], list[len(list)-1]
	return &syntax.Directive{Name: name, Block: list, IsBlock: true, Pos: first.Pos, Start: first.Start, End: last.End, Inner: first.Start, Close: last.End}
}

// partOf finds what a text is the inside of. Next to a server block a directive
// that belongs into one is misplaced.
func (r *reader) partOf(list []*syntax.Directive) Part {
	has := func(name string) bool {
		return slices.ContainsFunc(list, func(d *syntax.Directive) bool { return d.Name == name && d.IsBlock })
	}
	part := InsideHTTP
	switch {
	case has("http"):
		return Whole
	case passesConnections(list):
		return InsideStream
	case has("server"):
		return InsideHTTP
	case has("stream") && !has("upstream") && !has("location"):
		return Whole
	}
	for _, d := range list {
		masks, _ := r.version.lookup(d.Name)
		switch {
		case masks == nil || allowed(masks, fragmentContext) || d.Name == "include":
		case allowed(masks, serverContext) && part == InsideHTTP:
			part = InsideServer
		case allowed(masks, locationContext) && !allowed(masks, serverContext) && d.Name != "location":
			part = InsideLocation
		}
	}
	return part
}

// passesConnections reports whether server blocks have proxy_pass themselves, which only those
// of the stream context do.
func passesConnections(list []*syntax.Directive) bool {
	found := false
	for _, d := range syntax.Find(list, "server") {
		if len(d.Find("location")) > 0 {
			return false
		}
		found = found || len(d.Find("proxy_pass")) > 0
	}
	return found
}

// partial reports whether parts of the configuration are not in the text, so that
// names may be defined there.
func (r *reader) partial() bool { return r.config.Part != Whole || r.unread }

// include notes a file that is included and not in the text.
func (r *reader) include(d *syntax.Directive) {
	d.Broken = true
	file := d.Arg(0)
	switch {
	case len(d.Args) != 1:
		r.Fail(BadForm, d.Pos, "", `invalid number of arguments in "include" directive`)
	case r.config.Tree.Whole() && strings.ContainsAny(file, "*?["): // it matched nothing
	default:
		r.unread = true
		if !idle[file[strings.LastIndexByte(file, '/')+1:]] {
			r.Note(NotRead, file, d.Pos, "put its text here", "%q is not read: what it contains has no effect here", file)
		}
	}
}

// idle are files that are commonly included and say nothing about proxying.
var idle = map[string]bool{
	"mime.types": true, "fastcgi_params": true, "fastcgi.conf": true, "uwsgi_params": true, "scgi_params": true, "options-ssl-nginx.conf": true,
}

// usualMap defines $connection_upgrade in most configurations.
const usualMap = "map $http_upgrade $connection_upgrade { default upgrade; '' close; }"

// assume adds the usual map where a part of a configuration takes its variable from
// elsewhere.
func (r *reader) assume() {
	if r.assumed {
		r.config.Maps = append(r.config.Maps, &Map{
			Source: "$http_upgrade", Variable: "connection_upgrade", Default: "upgrade", exact: map[string]string{"": "close"}, values: []string{"upgrade", "close"},
		})
	}
}

// undefined notes a variable that a part takes from elsewhere.
func (r *reader) undefined(name string, at syntax.Pos) {
	if name == "connection_upgrade" {
		r.assumed = true
		r.Note(Undefined, name, at, "", "$%s is defined nowhere in this text; it is assumed to come from the usual map (%s)", name, usualMap)
		return
	}
	r.Note(Undefined, name, at, "add the part that defines it", "$%s is defined nowhere in this text: it is empty here", name)
}
