package doctor

import (
	"fmt"
	"slices"
	"strings"

	"stickylab/cluster/nginx"
)

// harmless tells whether nothing in an included file can matter to Socket.IO's
// requests, by its usual name.
func harmless(file string) bool {
	switch file[strings.LastIndexByte(file, '/')+1:] {
	case "mime.types", "fastcgi_params", "fastcgi.conf", "uwsgi_params", "scgi_params", "options-ssl-nginx.conf":
		return true
	}
	return false
}

// includes are the lines of a block that name files, which are not read.
func includes(block []*nginx.Statement) []*nginx.Statement {
	var out []*nginx.Statement
	for _, s := range block {
		if s.Name == "include" && !harmless(s.Arg(0)) {
			out = append(out, s)
		}
	}
	return out
}

// around are the blocks that say something about the site's requests, from the
// innermost: without the text's own level when there is an http block, and
// without that in what nginx -T prints, where all that it includes is in place.
func (g *ground) around() [][]*nginx.Statement {
	levels := g.levels()
	if len(g.chain) > 0 && g.chain[0].Name == "http" {
		levels = levels[:len(levels)-1]
		if g.dumped {
			levels = levels[:len(levels)-1]
		}
	}
	return levels
}

// unread are the include lines that may say something about the site.
func (g *ground) unread() []*nginx.Statement {
	var out []*nginx.Statement
	for _, level := range g.around() {
		out = append(out, includes(level)...)
	}
	if b := g.block(); b != nil {
		out = append(out, includes(b.Block)...)
	}
	slices.SortFunc(out, func(a, b *nginx.Statement) int { return a.Pos.Line - b.Pos.Line })
	return out
}

// doubts are the lines that may hold what a finding misses, and that were not
// read or not simulated; none: it is certain.
func (g *ground) doubts(id string, c Cause) []*nginx.Statement {
	if !c.Missing && c.Line > 0 {
		return nil
	}
	var out []*nginx.Statement
	switch id {
	case "sticky":
		if b := g.block(); b != nil {
			out = includes(b.Block)
		}
		return out
	case "upgrade":
		for _, level := range g.around() {
			out = append(out, includes(level)...)
			if slices.ContainsFunc(level, func(s *nginx.Statement) bool { return s.Name == "proxy_set_header" }) {
				break // it hides those of outer blocks
			}
		}
		return out
	}
	for _, level := range g.around() {
		out = append(out, includes(level)...)
	}
	return out
}

// rewrites are the lines that may change the path of Socket.IO's requests.
func (g *ground) rewrites() []*nginx.Statement {
	var out []*nginx.Statement
	if s := g.serverBlock(); s != nil {
		each(s.Block, func(d *nginx.Statement) {
			if d.Name == "rewrite" {
				out = append(out, d)
			}
		})
	}
	return out
}

// doubt makes an if of a finding that hangs on what was not read.
func (f *Finding) doubt(g *ground) bool {
	lines, what := g.doubts(f.ID, f.Cause), "brings what is missing"
	tell := "put the text of the included file there, or give what nginx -T prints"
	if rewrites := g.rewrites(); f.ID == "reach" && len(rewrites) > 0 {
		lines, what, tell = rewrites, "makes it the right path", "rewrite is not simulated: try it without, with the location and the proxy_pass that it comes to"
	}
	if len(lines) == 0 {
		return false
	}
	if f.ID == behind && f.Grade == If {
		tell = "--direct if there is none; else " + tell
	}
	f.Grade, f.Tell, f.unread = If, tell, true
	f.Title = fmt.Sprintf("%s, unless line %d %s", f.Title, lines[0].Pos.Line, what)
	return true
}

// aside are directives around the site that may stop Socket.IO's requests, and
// that are not simulated: "limit_req (line 12)".
func (g *ground) aside() []string {
	var out []string
	seen := map[string]bool{}
	for _, level := range g.around() {
		for _, s := range level {
			if stops(s) && !seen[s.Name] {
				seen[s.Name] = true
				out = append(out, fmt.Sprintf("%s (line %d)", s.Name, s.Pos.Line))
			}
		}
	}
	return out
}

// stops tells whether a directive that is not simulated can turn a request away
// or lead it elsewhere.
func stops(s *nginx.Statement) bool {
	switch s.Name {
	case "deny", "limit_req", "limit_conn", "rewrite", "if", "auth_request", "auth_jwt", "limit_except", "internal":
		return true
	case "auth_basic":
		return s.Arg(0) != "off"
	}
	return false
}
