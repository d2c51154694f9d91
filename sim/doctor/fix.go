package doctor

import (
	"strings"

	"stickylab/cluster/nginx"
	"stickylab/cluster/nginx/edit"
	"stickylab/cluster/nginx/syntax"
)

// A fix is an edit of a text. It returns the same tree where it does not apply.
type fix struct {
	summary string // what it does, in a sentence
	edit    func(g *target) *syntax.Tree
}

const (
	byAddress = "hash $remote_addr consistent"
	// longTimeout is longer than the heartbeat (25 s) and its grace (20 s).
	longTimeout = "60s"
)

// changes makes a fix of changes to the text.
func changes(summary string, of func(g *target) []syntax.Change) fix {
	return fix{summary, func(g *target) *syntax.Tree { return g.source.Apply(of(g)...) }}
}

// sequence applies one fix after another.
func (x *examination) sequence(summary string, first, second fix) fix {
	return fix{summary, func(g *target) *syntax.Tree {
		if next := x.target(first.edit(g)); next != nil {
			return second.edit(next)
		}
		return g.source
	}}
}

// methodFix sets the balancing method of the target's upstream.
func methodFix(text, summary string) fix {
	return fix{summary, func(g *target) *syntax.Tree {
		if m, err := nginx.ParseMethod(text); err == nil && g.block() != nil {
			if out, err := edit.SetMethod(g.source, g.upstream.Name, m); err == nil {
				return out
			}
		}
		return g.source
	}}
}

// countFails removes max_fails=0 from the server lines.
func countFails() fix {
	return changes("let nginx notice that a server is down", func(g *target) []syntax.Change {
		var out []syntax.Change
		for _, line := range syntax.Find(g.upstreamLines(), "server") {
			for _, a := range line.Args {
				if a.Text == "max_fails=0" {
					out = append(out, g.source.RemoveArg(a))
				}
			}
		}
		return out
	})
}

// set sets the argument of a directive that applies to the site.
func set(name, value, summary string) fix {
	return changes(summary, func(g *target) []syntax.Change { return replaceArg(g.above(name), value) })
}

// longer raises a timeout that applies to the site.
func longer(name string) fix {
	return set(name, longTimeout, "make "+name+" longer than the heartbeat (25 s plus 20 s)")
}

// without removes the directive that find returns, if there is one.
func without(summary string, find func(g *target) *syntax.Directive) fix {
	return changes(summary, func(g *target) []syntax.Change {
		if d := find(g); d != nil {
			return []syntax.Change{g.source.Remove(d)}
		}
		return nil
	})
}

// directive finds the directive of a name that applies to the site.
func directive(name string) func(g *target) *syntax.Directive {
	return func(g *target) *syntax.Directive { return g.above(name) }
}

// replaceArg replaces the first argument of a directive, if there is one.
func replaceArg(d *syntax.Directive, with string) []syntax.Change {
	if d == nil || len(d.Args) == 0 {
		return nil
	}
	return []syntax.Change{syntax.Replace(d.Args[0], with)}
}

// onePool replaces the variable in proxy_pass by the upstream that polls reach.
func onePool() fix {
	return changes("use the same upstream for all requests of a session", func(g *target) []syntax.Change {
		if g.location.Proxy.Variable == "" || len(g.location.Proxy.Choices) < 2 {
			return nil
		}
		return replaceArg(g.pass(), "http://"+g.upstream.Name)
	})
}

// keepPath removes the URI from the proxy_pass.
func keepPath() fix {
	return changes("pass the path on unchanged", func(g *target) []syntax.Change {
		d := g.pass()
		if d == nil || g.location == nil {
			return nil
		}
		return replaceArg(d, strings.TrimSuffix(d.Arg(0), g.location.Proxy.URI))
	})
}

// cover gives a location the path of Socket.IO: the one that looks like it, or a
// copy of the last one that proxies.
func cover(path string) fix {
	return changes("add a location for "+path, func(g *target) []syntax.Change {
		server := g.serverBlock()
		if server == nil {
			return nil
		}
		var like, model *syntax.Directive
		for _, l := range server.Find("location") {
			if len(l.Find("proxy_pass")) == 0 || len(l.Args) == 0 {
				continue
			}
			model = l
			if p := strings.ToLower(l.Arg(len(l.Args) - 1)); strings.Contains(p, "socket") || strings.Contains(p, "/io") || strings.Contains(p, "ws") {
				like = l
			}
		}
		text := g.source.Text()
		switch {
		case like != nil:
			return []syntax.Change{{From: like.Args[0].Start, To: like.Args[len(like.Args)-1].End, Text: path}}
		case model != nil:
			from, to := model.Args[0].Start, model.Args[len(model.Args)-1].End
			copied := text[model.Start:from] + path + text[to:model.End]
			return []syntax.Change{{From: model.Start, To: model.Start, Text: copied + "\n\n" + margin(text, model.Start)}}
		}
		return nil
	})
}

// margin is the white space before an offset, if nothing else precedes it in its
// line.
func margin(text string, at int) string {
	line := text[strings.LastIndexByte(text[:at], '\n')+1 : at]
	if strings.TrimSpace(line) != "" {
		return ""
	}
	return line
}
