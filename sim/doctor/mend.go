package doctor

import (
	"strings"

	"stickylab/cluster/nginx"
)

// A mend changes a text. It returns it as it is where it does not apply.
type mend struct {
	say  string // what it does, in a sentence
	edit func(g *ground) string
}

const (
	byAddress = "hash $remote_addr consistent"
	// sure is longer than the 25 s of the heartbeat and the 20 s that it waits.
	sure = "60s"
)

func (g *ground) setMethod(text string) string {
	m, err := nginx.ParseMethod(text)
	if err != nil || g.block() == nil {
		return g.text
	}
	out, err := nginx.SetMethod(g.text, g.upstream.Name, m)
	if err != nil {
		return g.text
	}
	return out
}

func methodMend(text, say string) mend {
	return mend{say, func(g *ground) string { return g.setMethod(text) }}
}

// then does one mend after another.
func (x *examination) then(say string, first, second mend) mend {
	return mend{say, func(g *ground) string {
		next := x.ground(first.edit(g))
		if next == nil {
			return g.text
		}
		return second.edit(next)
	}}
}

// longer raises a time-out that applies to the site.
func longer(name string) mend {
	return mend{name + " longer than the heartbeat (25 s and 20 s more)", func(g *ground) string {
		if s := g.above(name); s != nil {
			return nginx.ReplaceArg(g.text, s, 0, sure)
		}
		return g.text
	}}
}

// without takes a directive out.
func without(name, say string) mend {
	return mend{say, func(g *ground) string {
		if s := g.above(name); s != nil {
			return nginx.Remove(g.text, s)
		}
		return g.text
	}}
}

// countFails takes max_fails=0 off the server lines.
func countFails() mend {
	return mend{"let nginx notice that a server is gone", func(g *ground) string {
		s := nginx.Servers{Upstream: g.upstream.Name}
		var off []string
		b := g.block()
		if b == nil {
			return g.text
		}
		for _, line := range b.Find("server") {
			for _, a := range line.Args[1:] {
				if strings.HasPrefix(a, "max_fails=0") {
					s.Addresses, off = append(s.Addresses, line.Arg(0)), append(off, a)
				}
			}
		}
		out, err := nginx.SetServers(g.text, s, nil, off)
		if err != nil {
			return g.text
		}
		return out
	}}
}

// onePool names the upstream that polls reach, in the place of a variable.
func onePool() mend {
	return mend{"the same upstream for all requests of a session", func(g *ground) string {
		s := g.pass()
		if s == nil || g.location.Proxy.Variable == "" || len(g.location.Proxy.Choices) < 2 {
			return g.text
		}
		return nginx.ReplaceArg(g.text, s, 0, "http://"+g.upstream.Name)
	}}
}

// roomFor raises the limit of a request's body to that of Socket.IO.
func roomFor() mend {
	return mend{"take bodies as large as Socket.IO takes", func(g *ground) string {
		if s := g.above("client_max_body_size"); s != nil {
			return nginx.ReplaceArg(g.text, s, 0, "1m")
		}
		return g.text
	}}
}

// keepPath takes the URI off the proxy_pass.
func keepPath() mend {
	return mend{"pass the path on as it came", func(g *ground) string {
		s := g.pass()
		if s == nil || g.location == nil {
			return g.text
		}
		return nginx.ReplaceArg(g.text, s, 0, strings.TrimSuffix(s.Arg(0), g.location.Proxy.URI))
	}}
}

// cover has a location take the path of Socket.IO.
func cover(path string) mend {
	return mend{"a location for " + path, func(g *ground) string {
		server := g.serverBlock()
		if server == nil {
			return g.text
		}
		var near, any *nginx.Statement
		for _, l := range server.Find("location") {
			if len(l.Find("proxy_pass")) == 0 || len(l.Args) == 0 {
				continue
			}
			any = l
			if p := strings.ToLower(l.Args[len(l.Args)-1]); strings.Contains(p, "socket") || strings.Contains(p, "/io") || strings.Contains(p, "ws") {
				near = l
			}
		}
		switch {
		case near != nil:
			return g.text[:near.ArgsAt[0][0]] + path + g.text[near.ArgsAt[len(near.Args)-1][1]:]
		case any != nil:
			return g.text[:any.Start] + strings.Replace(g.text[any.Start:any.End], g.text[any.ArgsAt[0][0]:any.ArgsAt[len(any.Args)-1][1]], path, 1) +
				"\n\n" + margin(g.text, any.Start) + g.text[any.Start:]
		}
		return g.text
	}}
}

// margin is the white space before an offset in its line.
func margin(text string, at int) string {
	line := text[strings.LastIndexByte(text[:at], '\n')+1 : at]
	if strings.TrimSpace(line) != "" {
		return ""
	}
	return line
}
