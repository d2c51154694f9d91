package doctor

import (
	"slices"
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

// neverDown lets nginx try a server that was down at once.
func neverDown() fix {
	return changes("let nginx try a server that was down again at once", func(g *target) []syntax.Change {
		var out []syntax.Change
		for _, line := range syntax.Find(g.upstreamLines(), "server") {
			if last := line.Args[len(line.Args)-1]; !slices.ContainsFunc(line.Args, func(a syntax.Word) bool { return strings.HasPrefix(a.Text, "max_fails=") }) {
				out = append(out, syntax.Change{From: last.End, To: last.End, Text: " max_fails=0"})
			} else {
				for _, a := range line.Args {
					if strings.HasPrefix(a.Text, "max_fails=") {
						out = append(out, syntax.Replace(a, "max_fails=0"))
					}
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

// onePool replaces the variable in proxy_pass by the upstream that polls reach, or
// takes an if with another one out.
func onePool() fix {
	return changes("use the same upstream for all requests of a session", func(g *target) []syntax.Change {
		if l := last(g.chain); l != nil && g.location.Proxy.Variable == "" {
			for _, within := range l.Find("if") {
				if len(within.Find("proxy_pass")) > 0 {
					return []syntax.Change{g.source.Remove(within)}
				}
			}
		}
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

// passArgs passes on the arguments of requests, which a proxy_pass with variables
// leaves out unless it names them.
func passArgs() fix {
	return changes("pass the arguments of the request on", func(g *target) []syntax.Change {
		d := g.pass()
		if d == nil || !g.argless || strings.Contains(d.Arg(0), "?") {
			return nil
		}
		return replaceArg(d, d.Arg(0)+"$is_args$args")
	})
}

// notInternal opens a location to requests from outside.
func notInternal() fix {
	return changes("let the location take requests from outside", func(g *target) []syntax.Change {
		if l := g.losing(); l != nil && len(l.Find("internal")) > 0 {
			return []syntax.Change{g.source.Remove(l.Find("internal")[0])}
		}
		return nil
	})
}

// passBody passes on what clients post.
func passBody() fix {
	return changes("pass on what clients post", func(g *target) []syntax.Change {
		off := g.above("proxy_pass_request_body")
		if off == nil || off.Arg(0) != "off" {
			return nil
		}
		out := []syntax.Change{g.source.Remove(off)}
		if h := header(g.allAbove("proxy_set_header"), "Content-Length"); h != nil && h.Arg(1) == "" {
			out = append(out, g.source.Remove(h))
		}
		return out
	})
}

// closePath adds the slash that a location lacks at its end, when its proxy_pass
// has one.
func closePath() fix {
	return changes("end the location's path with /, as that of proxy_pass ends", func(g *target) []syntax.Change {
		d := last(g.chain)
		if d == nil || g.location == nil || len(d.Args) == 0 || !strings.HasSuffix(g.location.Proxy.URI, "/") || strings.HasSuffix(g.location.Path, "/") {
			return nil
		}
		at := d.Args[len(d.Args)-1].End
		return []syntax.Change{{From: at, To: at, Text: "/"}}
	})
}

// model is the location of the server block that others are made like: the last
// that passes Upgrade on, or the last that proxies.
func (g *target) model() (found *syntax.Directive) {
	server := g.serverBlock()
	if server == nil {
		return nil
	}
	upgrades := func(l *syntax.Directive) bool { return header(l.Find("proxy_set_header"), "Upgrade") != nil }
	for _, l := range server.Find("location") {
		if len(l.Find("proxy_pass")) > 0 && len(l.Args) > 0 && (found == nil || upgrades(l) || !upgrades(found)) {
			found = l
		}
	}
	return found
}

// cover adds a location for a path, a copy of the model.
func cover(path string) fix {
	return changes("add a location for "+path, func(g *target) []syntax.Change {
		model := g.model()
		if model == nil {
			return nil
		}
		text := g.source.Text()
		from, to := model.Args[0].Start, model.Args[len(model.Args)-1].End
		copied := text[model.Start:from] + path + text[to:model.End]
		return []syntax.Change{{From: model.Start, To: model.Start, Text: copied + "\n\n" + margin(text, model.Start)}}
	})
}

// proxyHere makes a location that names Socket.IO and proxies nothing do what the
// model does. Another location that takes the path may be in use.
func proxyHere() fix {
	return changes("proxy here, as another location does", func(g *target) []syntax.Change {
		here, model := g.losing(), g.model()
		if here == nil || model == nil || !strings.Contains(strings.ToLower(here.Arg(len(here.Args)-1)), "socket.io") {
			return nil
		}
		var lines []string
		for _, d := range model.Block {
			own := func(o *syntax.Directive) bool {
				return o.Name == d.Name && (d.Name != "proxy_set_header" || strings.EqualFold(o.Arg(0), d.Arg(0)))
			}
			if hasPrefix(d.Name, "proxy_") && !slices.ContainsFunc(here.Block, own) {
				lines = append(lines, strings.TrimSuffix(g.source.Text()[d.Start:d.End], ";"))
			}
		}
		if r := here.Find("return"); len(r) > 0 && len(lines) > 0 {
			next := "; "
			if m := margin(g.source.Text(), r[0].Start); m != "" {
				next = ";\n" + m
			}
			return []syntax.Change{syntax.Rewrite(r[0], strings.Join(lines, next)+";")}
		}
		return []syntax.Change{g.source.InsertInto(here, lines...)}
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

// spreading returns the fixes for clients that all land on one node.
func spreading(x *examination, g *target) []fix {
	by := methodFix(byAddress, "choose the node by the whole address")
	return []fix{by, x.sequence("choose the node by the whole address, and take that from the proxy in front", by, x.realIP())}
}
