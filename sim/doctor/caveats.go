package doctor

import (
	"fmt"
	"slices"
	"strings"

	"stickylab/cluster/nginx"
	"stickylab/cluster/nginx/syntax"
)

// harmless reports whether an included file of that name cannot matter to
// Socket.IO's requests.
func harmless(file string) bool {
	switch file[strings.LastIndexByte(file, '/')+1:] {
	case "mime.types", "fastcgi_params", "fastcgi.conf", "uwsgi_params", "scgi_params", "options-ssl-nginx.conf":
		return true
	}
	return false
}

// includes returns the lines of blocks that include files that matter.
func includes(blocks ...[]*syntax.Directive) []*syntax.Directive {
	return slices.DeleteFunc(syntax.Find(slices.Concat(blocks...), "include"), func(d *syntax.Directive) bool { return harmless(d.Arg(0)) })
}

// around returns the blocks that affect the site's requests, from the innermost:
// without the top level when there is an http block, and without that block in
// the output of nginx -T, where all that it includes is in place.
func (g *target) around() [][]*syntax.Directive {
	levels := g.levels()
	if len(g.chain) > 0 && g.chain[0].Name == "http" {
		levels = levels[:len(levels)-1]
		if g.dumped {
			levels = levels[:len(levels)-1]
		}
	}
	return levels
}

// unread returns the include lines that may affect the site.
func (g *target) unread() []*syntax.Directive {
	out := includes(append(g.around(), g.upstreamLines())...)
	slices.SortFunc(out, func(a, b *syntax.Directive) int { return a.Pos.Line - b.Pos.Line })
	return out
}

// doubts returns the lines that may bring what a finding misses, and that were
// not read or not simulated.
func (g *target) doubts(id string, c Cause) []*syntax.Directive {
	blocks := g.around()
	switch {
	case !c.Missing && c.Line > 0:
		return nil
	case id == "sticky":
		return includes(g.upstreamLines())
	case id == "upgrade":
		hides := func(block []*syntax.Directive) bool { return len(syntax.Find(block, "proxy_set_header")) > 0 }
		if i := slices.IndexFunc(blocks, hides); i >= 0 {
			blocks = blocks[:i+1] // it hides those of outer blocks
		}
	}
	return includes(blocks...)
}

// doubt lowers the grade to If when the finding depends on what was not read, and
// reports whether it did.
func (f *Finding) doubt(g *target) bool {
	lines, what := g.doubts(f.ID, f.Cause), "brings what is missing"
	settle := "insert the text of the included file, or give the output of nginx -T"
	if len(lines) == 0 {
		return false
	}
	if f.ID == behind && f.Grade == If {
		settle = "--direct if there is none; else " + settle
	}
	f.Grade, f.Settle, f.unread = If, settle, true
	f.Title = fmt.Sprintf("%s, unless line %d %s", f.Title, lines[0].Pos.Line, what)
	return true
}

// notSimulated lists directives around the site that may stop or change the
// requests of Socket.IO and that the simulation does not act on: "limit_req (line
// 12)".
func (g *target) notSimulated() []string {
	var out []string
	seen := map[string]bool{}
	for _, d := range slices.Concat(g.levels()...) {
		if nginx.Decisive(d) && g.idle(d) && !seen[d.Name] {
			seen[d.Name] = true
			out = append(out, fmt.Sprintf("%s (line %d)", d.Name, d.Pos.Line))
		}
	}
	return out
}
