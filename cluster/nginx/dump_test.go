package nginx

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"stickylab/cluster/nginx/syntax"
)

// dump writes a configuration as text, one fact a line, defaults left out.
func dump(c *Config) string {
	var b strings.Builder
	if c.WorkerShutdownTimeout != 0 {
		fmt.Fprintf(&b, "worker_shutdown_timeout %v\n", c.WorkerShutdownTimeout)
	}
	for _, u := range c.Upstreams {
		dumpUpstream(&b, u)
	}
	for _, m := range c.Maps {
		fmt.Fprintf(&b, "map %s $%s at %s default=%q", m.Source, m.Variable, at(m.Pos), m.Default)
		for _, group := range []map[string]string{m.exact, m.names} {
			for _, key := range slices.Sorted(maps.Keys(group)) {
				fmt.Fprintf(&b, " %q=%q", key, group[key])
			}
		}
		for _, s := range m.shares {
			fmt.Fprintf(&b, " <%d=%q", s.below, s.value)
		}
		for _, p := range m.patterns {
			fmt.Fprintf(&b, " /%s/=%q", p.pattern, p.value)
		}
		b.WriteString("\n")
	}
	for _, s := range c.Servers {
		fmt.Fprintf(&b, "server at %s names=%q", at(s.Pos), s.Names)
		for _, l := range s.Listen {
			fmt.Fprintf(&b, " %s", l.text())
			for _, flag := range []struct {
				on   bool
				name string
			}{{l.Default, "default"}, {l.TLS, "tls"}, {l.Dual, "dual"}, {l.ProxyProtocol, "proxy_protocol"}} {
				if flag.on {
					b.WriteString("," + flag.name)
				}
			}
		}
		dumpReturn(&b, s.Return)
		dumpRealIP(&b, s.RealIP)
		dumpMaxBody(&b, s.MaxBody)
		dumpKept(&b, s.Kept, 75*time.Second)
		if s.Head != defaults("").head {
			fmt.Fprintf(&b, " head=%v", s.Head)
		}
		if x := s.Stream; x != nil {
			fmt.Fprintf(&b, " stream %s connect=%v timeout=%v next=%v,%d,%v announce=%v access=%v\n", x.Upstream, x.ConnectTimeout, x.Timeout, x.Next, x.NextTries, x.NextTimeout, x.Announce, x.Access)
			continue
		}
		b.WriteString("\n")
		dumpLocations(&b, s.Locations, "  ")
	}
	for _, n := range c.Notes {
		fmt.Fprintf(&b, "note %s\n", n)
	}
	return b.String()
}

func at(p syntax.Pos) string { return fmt.Sprintf("%d:%d", p.Line, p.Column) }

func dumpUpstream(b *strings.Builder, u *Upstream) {
	fmt.Fprintf(b, "upstream %s at %s %s", u.Name, at(u.Pos), u.Method)
	if u.Implicit {
		b.WriteString(" implicit")
	}
	if u.Keepalive >= 0 {
		fmt.Fprintf(b, " keepalive=%d", u.Keepalive)
	}
	dumpKept(b, u.Kept, time.Minute)
	if u.Zone != "" {
		fmt.Fprintf(b, " zone=%s", u.Zone)
	}
	b.WriteString("\n")
	if s := u.Sticky; s != nil {
		shown := *s
		shown.Pos = syntax.Pos{}
		fmt.Fprintf(b, "  sticky at %s %+v\n", at(s.Pos), shown)
	}
	for _, s := range u.Servers {
		fmt.Fprintf(b, "  server %s at %s %s|%d", s.Address, at(s.Pos), s.Host, s.Port)
		for _, number := range []struct {
			name            string
			value, standard int
		}{{"weight", s.Weight, 1}, {"max_conns", s.MaxConns, 0}, {"max_fails", s.MaxFails, 1}} {
			if number.value != number.standard {
				fmt.Fprintf(b, " %s=%d", number.name, number.value)
			}
		}
		if s.FailTimeout != 10*time.Second {
			fmt.Fprintf(b, " fail_timeout=%v", s.FailTimeout)
		}
		for _, flag := range []struct {
			on   bool
			name string
		}{{s.Backup, "backup"}, {s.Down, "down"}, {s.Drain, "drain"}, {s.Route != "", "route=" + s.Route}} {
			if flag.on {
				b.WriteString(" " + flag.name)
			}
		}
		b.WriteString("\n")
	}
}

func dumpReturn(b *strings.Builder, r *Return) {
	if r != nil {
		fmt.Fprintf(b, " return=%d,%q", r.Status, r.Body)
	}
}

func dumpRealIP(b *strings.Builder, r *RealIP) {
	if r != nil {
		fmt.Fprintf(b, " realip=%v,%s,%v", r.From, r.Header, r.Recursive)
		for _, h := range r.Hosts {
			fmt.Fprintf(b, ",%s at %s", h.Name, at(h.Pos))
		}
	}
}

func dumpMaxBody(b *strings.Builder, size int64) {
	if size != 1<<20 {
		fmt.Fprintf(b, " body=%d", size)
	}
}

func dumpKept(b *strings.Builder, k Kept, timeout time.Duration) {
	if k != (Kept{Requests: 1000, Timeout: timeout, Time: time.Hour}) {
		fmt.Fprintf(b, " kept=%v", k)
	}
}

// dumpAnswers writes what is done to the answers of an upstream, where it is not the default.
func dumpAnswers(b *strings.Builder, l *Location, margin string) {
	p := l.Proxy
	if p.BufferSize != 4<<10 {
		fmt.Fprintf(b, "%sbuffer %d\n", margin, p.BufferSize)
	}
	if len(p.HideHeaders)+len(p.PassHeaders)+len(p.IgnoreHeaders) > 0 {
		fmt.Fprintf(b, "%shidden %q passed %q ignored %q\n", margin, p.HideHeaders, p.PassHeaders, p.IgnoreHeaders)
	}
	if l.URLs != (URLs{}) {
		fmt.Fprintf(b, "%surls %+v\n", margin, l.URLs)
	}
	usual := len(p.Redirects) == 0 && p.Variable != "" || len(p.Redirects) == 1 && p.Redirects[0].from+p.URI == "http://"+p.Upstream+"/"
	for _, one := range p.Redirects {
		if one.pattern != nil {
			one.from = "~ " + one.pattern.String()
		}
		if !usual {
			fmt.Fprintf(b, "%sredirect %s to %s\n", margin, one.from, one.to)
		}
	}
	if len(p.Redirects) == 0 && p.Variable == "" {
		fmt.Fprintf(b, "%sno redirects\n", margin)
	}
}

func dumpLocations(b *strings.Builder, ls []*Location, margin string) {
	for _, l := range ls {
		fmt.Fprintf(b, "%slocation %s|%s at %s", margin, l.Modifier, l.Path, at(l.Pos))
		dumpReturn(b, l.Return)
		dumpRealIP(b, l.RealIP)
		dumpMaxBody(b, l.MaxBody)
		dumpKept(b, l.Kept, 75*time.Second)
		if l.Auth != "" || len(l.AuthSet) > 0 {
			fmt.Fprintf(b, " auth=%s%v", l.Auth, l.AuthSet)
		}
		b.WriteString("\n")
		if p := l.Proxy; p != nil {
			fmt.Fprintf(b, "%s  proxy %s|%s at %s", margin, p.Upstream, p.URI, at(p.Pos))
			if p.Variable != "" {
				fmt.Fprintf(b, " choices=%q of %s", p.Choices, p.Variable)
			}
			if p.TLS {
				b.WriteString(" tls")
			}
			if p.HTTPVersion != "" {
				fmt.Fprintf(b, " http=%s", p.HTTPVersion)
			}
			if !p.Buffering {
				b.WriteString(" unbuffered")
			}
			fmt.Fprintf(b, " timeouts=%v,%v,%v next=%v,%d,%v\n", p.ConnectTimeout, p.SendTimeout, p.ReadTimeout,
				p.NextUpstream.Kinds, p.NextUpstream.Tries, p.NextUpstream.Timeout)
			for _, h := range p.Headers {
				fmt.Fprintf(b, "%s  header %s: %s at %s\n", margin, h.Name, h.Value, at(h.Pos))
			}
			dumpAnswers(b, l, margin+"  ")
		}
		dumpLocations(b, l.Locations, margin+"  ")
	}
}
