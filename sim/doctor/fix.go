package doctor

import (
	nginxedit "stickylab/cluster/nginx/edit"
	"stickylab/cluster/nginx/syntax"
	"strings"

	"stickylab/cluster/nginx"
)

// A fix is an edit of a text. It returns the text unchanged where it does not apply.
type fix struct {
	summary string // what it does, in a sentence
	edit    func(g *target) string
}

const (
	byAddress = "hash $remote_addr consistent"
	// longTimeout is longer than the heartbeat (25 s) and its grace (20 s).
	longTimeout = "60s"
)

func (g *target) setMethod(text string) string {
	m, err := nginx.ParseMethod(text)
	if err != nil || g.block() == nil {
		return g.text
	}
	out, err := nginxedit.SetMethod(syntax.Scan(g.text), g.upstream.Name, m)
	if err != nil {
		return g.text
	}
	return out.Text()
}

// methodFix sets the balancing method of the target's upstream.
func methodFix(text, summary string) fix {
	return fix{summary, func(g *target) string { return g.setMethod(text) }}
}

// sequence applies one fix after another.
func (x *examination) sequence(summary string, first, second fix) fix {
	return fix{summary, func(g *target) string {
		next := x.target(first.edit(g))
		if next == nil {
			return g.text
		}
		return second.edit(next)
	}}
}

// longer raises a timeout that applies to the site.
func longer(name string) fix {
	return fix{name + " longer than the heartbeat (25 s plus 20 s)", func(g *target) string {
		if s := g.above(name); s != nil {
			return replaceArg(g.text, s, 0, longTimeout)
		}
		return g.text
	}}
}

// without removes a directive.
func without(name, summary string) fix {
	return fix{summary, func(g *target) string {
		if s := g.above(name); s != nil {
			return remove(g.text, s)
		}
		return g.text
	}}
}

// countFails removes max_fails=0 from the server lines.
func countFails() fix {
	return fix{"let nginx notice that a server is down", func(g *target) string {
		s := nginxedit.Servers{Upstream: g.upstream.Name}
		var off []string
		b := g.block()
		if b == nil {
			return g.text
		}
		for _, line := range b.Find("server") {
			for _, a := range line.Args[1:] {
				if strings.HasPrefix(a.Text, "max_fails=0") {
					s.Addresses, off = append(s.Addresses, line.Arg(0)), append(off, a.Text)
				}
			}
		}
		out, err := nginxedit.SetServers(syntax.Scan(g.text), s, nil, off)
		if err != nil {
			return g.text
		}
		return out.Text()
	}}
}

// onePool replaces the variable in proxy_pass by the upstream that polls reach.
func onePool() fix {
	return fix{"use the same upstream for all requests of a session", func(g *target) string {
		s := g.pass()
		if s == nil || g.location.Proxy.Variable == "" || len(g.location.Proxy.Choices) < 2 {
			return g.text
		}
		return replaceArg(g.text, s, 0, "http://"+g.upstream.Name)
	}}
}

// roomFor raises the body limit to that of Socket.IO.
func roomFor() fix {
	return fix{"accept bodies as large as Socket.IO accepts", func(g *target) string {
		if s := g.above("client_max_body_size"); s != nil {
			return replaceArg(g.text, s, 0, "1m")
		}
		return g.text
	}}
}

// keepPath removes the URI from the proxy_pass.
func keepPath() fix {
	return fix{"pass the path on unchanged", func(g *target) string {
		s := g.pass()
		if s == nil || g.location == nil {
			return g.text
		}
		return replaceArg(g.text, s, 0, strings.TrimSuffix(s.Arg(0), g.location.Proxy.URI))
	}}
}

// cover gives a location the path of Socket.IO.
func cover(path string) fix {
	return fix{"add a location for " + path, func(g *target) string {
		server := g.serverBlock()
		if server == nil {
			return g.text
		}
		var near, any *syntax.Directive
		for _, l := range server.Find("location") {
			if len(l.Find("proxy_pass")) == 0 || len(l.Args) == 0 {
				continue
			}
			any = l
			if p := strings.ToLower(l.Arg(len(l.Args) - 1)); strings.Contains(p, "socket") || strings.Contains(p, "/io") || strings.Contains(p, "ws") {
				near = l
			}
		}
		switch {
		case near != nil:
			return g.text[:near.Args[0].Start] + path + g.text[near.Args[len(near.Args)-1].End:]
		case any != nil:
			return g.text[:any.Start] + strings.Replace(g.text[any.Start:any.End], g.text[any.Args[0].Start:any.Args[len(any.Args)-1].End], path, 1) +
				"\n\n" + margin(g.text, any.Start) + g.text[any.Start:]
		}
		return g.text
	}}
}

// margin is the white space before an offset, if nothing else precedes it in its line.
func margin(text string, at int) string {
	line := text[strings.LastIndexByte(text[:at], '\n')+1 : at]
	if strings.TrimSpace(line) != "" {
		return ""
	}
	return line
}
