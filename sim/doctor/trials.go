package doctor

import (
	"net/netip"
	"slices"
	"strings"
	"time"

	"stickylab/cluster/nginx"
	"stickylab/sim/scenario"
)

// The experiments, by name.
const (
	steady = "steady" // everybody comes and talks, the adapter is off
	idle   = "idle"   // an hour in which nobody says a word
	behind = "behind" // all clients come through a proxy in front, the adapter is on
	past   = "past"   // nobody comes through a proxy, though the text reads its headers
	forged = "forged" // one machine names others in X-Forwarded-For
	death  = "death"  // a node dies; later all do, for two seconds
	reload = "reload" // nginx -s reload
	scale  = "scale"  // one server more
	large  = "large"  // messages of 900 KB
)

// descriptions are what the experiments try, for the report.
var descriptions = map[string]string{
	steady: "everybody connects and talks, from many networks, one /24 and single addresses; adapter off",
	idle:   "nobody says a word: only the heartbeat every 25 s",
	behind: "the same clients behind a proxy that adds X-Forwarded-For; adapter on",
	past:   "clients who come past the proxy whose header is the key; the others come through it",
	forged: "one machine, trusted by nobody, sends X-Forwarded-For of its own",
	death:  "one node is killed and comes back; then all are away for two seconds",
	reload: "nginx -s reload with the same text",
	scale:  "one server is added to the upstream",
	large:  "messages of 900 KB, which Socket.IO takes",
}

// order is that in which experiments run and are reported.
var order = []string{steady, behind, past, forged, idle, death, reload, scale, large}

// deathLasts is how long the experiment with a dead node lasts, unless it is
// away for longer than the usual 16 s; that has a bound, mostAway.
const (
	deathLasts = 60 * time.Second
	mostAway   = 5 * time.Minute
)

// tinyBody is the limit of a request's body below which it is not only large
// messages that are refused: a picture or a few messages in one POST are more.
const tinyBody = 64_000

// once tells whether nginx gives up when it can not connect to a server.
func once(n nginx.NextUpstream) bool { return n.Tries == 1 || !slices.Contains(n.Kinds, "error") }

// crowd makes a group of each kind that is wanted.
func crowd(wanted []string, origin string, say time.Duration, counts map[string]int) []scenario.Group {
	var out []scenario.Group
	for _, kind := range kinds {
		if slices.Contains(wanted, kind) && counts[kind] > 0 {
			g := group(kind, origin, counts[kind])
			g.Say = say
			out = append(out, g)
		}
	}
	return out
}

// more are further clients of the same kinds and origin, who say nothing.
func more(groups []scenario.Group, times int) []scenario.Group {
	var out []scenario.Group
	for _, g := range groups {
		if times < 2 {
			break
		}
		kind, origin, _ := strings.Cut(g.Name, "-")
		m := group(kind, origin, g.Count*(times-1))
		m.Name += "-more"
		if origin == world {
			first := m.IP[0].Prefix.Addr().As4()
			first[1] += 16
			m.IP[0].Prefix = netip.PrefixFrom(netip.AddrFrom4(first), m.IP[0].Prefix.Bits())
		}
		out = append(out, m)
	}
	return out
}

// experiments are those that make sense for a site; held are the kinds that
// stay connected when nothing happens. Only the first, steady, has all.
func (x *examination) experiment(name string, s *site, config *nginx.Config, held []string) *experiment {
	e := &experiment{name: name, adapter: scenario.AdapterNone, fronts: x.before(s)}
	switch name {
	case steady:
		e.duration, e.marks = 16*time.Second, []time.Duration{9 * time.Second, 15 * time.Second}
		far := crowd(kinds, world, 5*time.Second, map[string]int{browser: 8, websocket: 6, polling: 6, native: 6})
		near := crowd(kinds, office, 0, map[string]int{browser: 6, websocket: 4, polling: 6, native: 4})
		for i := range near {
			near[i].Count *= s.times()
		}
		e.groups = slices.Concat(far, more(far, s.times()), near,
			crowd(kinds, nat, 0, map[string]int{browser: 2, websocket: 2, polling: 2, native: 2}),
		)
	case behind:
		e.duration, e.marks = 12*time.Second, []time.Duration{8 * time.Second, 11 * time.Second}
		e.adapter = scenario.AdapterRedis
		e.fronts = []scenario.Front{x.front(s)}
		e.groups = crowd(held, world, 3*time.Second, map[string]int{browser: 6, websocket: 6, polling: 6, native: 4})
		e.groups = append(e.groups, more(e.groups, s.times())...)
	case past:
		e.duration, e.marks = 12*time.Second, []time.Duration{8 * time.Second, 11 * time.Second}
		e.fronts = nil
		e.groups = crowd(held, world, 0, map[string]int{browser: 6, polling: 6, native: 4})
	case forged:
		e.duration, e.marks = 9*time.Second, []time.Duration{8 * time.Second}
		e.fronts = []scenario.Front{x.forger(s)}
		e.groups = crowd(held, world, 3*time.Second, map[string]int{browser: 8, polling: 8})
	case idle:
		e.duration = time.Hour
		if p := s.location.Proxy; min(p.ReadTimeout, p.SendTimeout) < 45*time.Second {
			e.duration = 5 * time.Minute
		}
		e.marks = []time.Duration{10 * time.Second, e.duration - time.Second}
		e.groups = crowd(held, world, 0, map[string]int{browser: 2, websocket: 2, polling: 2, native: 2})
	case death:
		longer, say := time.Duration(0), time.Duration(0)
		if x.onetry { // it shows each time that nginx tries the dead node again
			for _, u := range s.usable() {
				longer = max(longer, 5*u.FailTimeout/2)
			}
			longer, say = min(longer, mostAway), 5*time.Second
		}
		e.duration = deathLasts + longer
		e.marks = []time.Duration{9 * time.Second, 24 * time.Second, 39*time.Second + longer, 47*time.Second + longer, 59*time.Second + longer}
		e.groups = crowd(held, world, say, map[string]int{browser: 6, websocket: 6, polling: 6, native: 6})
		e.steps = func(plan *scenario.Plan, victim string) []scenario.Step {
			steps := []scenario.Step{
				{At: 10 * time.Second, Verb: scenario.Kill, Node: victim},
				{At: 26*time.Second + longer, Verb: scenario.Restart, Node: victim},
			}
			for _, n := range plan.Nodes {
				steps = append(steps, scenario.Step{At: 40*time.Second + longer, Verb: scenario.Kill, Node: n.Name},
					scenario.Step{At: 42*time.Second + longer, Verb: scenario.Restart, Node: n.Name})
			}
			return steps
		}
	case reload:
		e.duration = 10*time.Second + min(max(config.WorkerShutdownTimeout+6*time.Second, 35*time.Second), 2*time.Hour) // until each poll has ended once
		e.marks = []time.Duration{9 * time.Second, e.duration - time.Second}
		e.groups = crowd(held, world, 0, map[string]int{browser: 4, websocket: 4, polling: 4, native: 2})
		e.steps = func(plan *scenario.Plan, _ string) []scenario.Step {
			return []scenario.Step{{At: 10 * time.Second, Verb: scenario.Reload, Nginx: plan.Nginx}}
		}
	case scale:
		e.duration, e.marks = 45*time.Second, []time.Duration{9 * time.Second, 44 * time.Second} // until each poll has ended once
		e.groups = crowd(held, world, 0, map[string]int{polling: 36, native: 24})
		e.steps = func(plan *scenario.Plan, _ string) []scenario.Step {
			return []scenario.Step{{At: 10 * time.Second, Verb: scenario.Scale, Count: len(plan.Nodes) + 1}}
		}
	case large:
		e.duration, e.marks = 14*time.Second, []time.Duration{9 * time.Second, 13 * time.Second}
		for _, kind := range []string{browser, polling, websocket} {
			for _, g := range crowd(held, world, 4*time.Second, map[string]int{kind: 1}) {
				if g.Room, g.Size = kind, 900_000; x.tiny {
					g.Size = tinyBody
				}
				e.groups = append(e.groups, g)
			}
		}
	}
	return e
}

// before is what stands in front of the site in every experiment: the balancer
// without whose PROXY line nobody gets in, or the proxy that all clients are
// said to come through.
func (x *examination) before(s *site) []scenario.Front {
	switch {
	case s.balanced:
		f := scenario.NewFront(0, x.trusted(s))
		f.ProxyProtocol = true
		return []scenario.Front{f}
	case x.options.From == Behind && s.location != nil:
		return []scenario.Front{x.front(s)}
	}
	return nil
}

// fronted tells whether nobody comes to the site but through something else.
func (x *examination) fronted(s *site) bool { return s.balanced || x.options.From == Behind }

// wanted tells whether an experiment can show anything.
func (x *examination) wanted(name string, s *site, held []string) bool {
	several := len(s.usable()) > 1
	sticks := slices.Contains(held, browser) && slices.Contains(held, polling)
	switch name {
	case steady:
		return true
	case behind:
		return several && sticks && !s.balanced && x.options.From != Direct
	case past:
		return x.past && several && sticks && !s.balanced
	case forged:
		return several && sticks && !s.balanced && s.location != nil && s.location.RealIP != nil && x.options.From != Direct
	case idle, reload:
		return len(held) > 0
	case death:
		return several && len(held) > 0
	case large:
		return x.small && slices.Contains(held, polling)
	case scale:
		return several && sticks && slices.Contains(held, native) && !s.upstream.Implicit
	}
	return false
}

// placeholder is the address of the proxy in front, which the text does not
// tell: RFC 5737 keeps it for examples.
var placeholder = netip.MustParseAddr("192.0.2.10")

// front is a proxy in front of nginx.
func (x *examination) front(s *site) scenario.Front {
	ip := x.trusted(s)
	f := scenario.NewFront(0, ip)
	f.Nginx = fronted(s, ip, "$proxy_add_x_forwarded_for", "$remote_addr")
	return f
}

// trusted is the address of who stands in front of nginx: the one that is named,
// else one that the text trusts.
func (x *examination) trusted(s *site) netip.Addr {
	ip := x.options.Front
	if other, ok := s.stand[ip]; ok {
		return other
	}
	var from []netip.Prefix
	if s.location != nil && s.location.RealIP != nil {
		from = s.location.RealIP.From
	}
	if x.options.known && s.free(ip) || len(from) == 0 || trusts(s.location.RealIP, ip) && s.free(ip) {
		return s.orPlaceholder(ip)
	}
	for _, p := range from {
		if x.options.known && !p.Contains(ip) {
			continue
		}
		if a, ok := s.in(p); ok {
			return a
		}
	}
	return s.orPlaceholder(ip)
}

// orPlaceholder is an address, or the placeholder when something else has it.
func (s *standIns) orPlaceholder(ip netip.Addr) netip.Addr {
	if s.free(ip) {
		return ip
	}
	return placeholder
}

// forger is a machine that nobody has reason to trust, and that names others.
func (x *examination) forger(s *site) scenario.Front {
	ip := netip.MustParseAddr("203.0.114.66")
	f := scenario.NewFront(0, ip)
	f.Nginx = fronted(s, ip, "$remote_addr", "$remote_addr")
	return f
}

func trusts(r *nginx.RealIP, a netip.Addr) bool {
	return slices.ContainsFunc(r.From, func(p netip.Prefix) bool { return p.Contains(a) })
}

// fronted is the text of a front: it passes everything on and names the client
// in X-Forwarded-For, and in the header that the text behind it asks for.
func fronted(s *site, ip netip.Addr, forwarded, own string) string {
	var sent []string
	send := func(name string) {
		if name != "" && !strings.EqualFold(name, "X-Forwarded-For") && !strings.EqualFold(name, "proxy_protocol") &&
			!slices.ContainsFunc(sent, func(o string) bool { return strings.EqualFold(o, name) }) {
			sent = append(sent, name)
		}
	}
	if r := s.location.RealIP; r != nil && s.named {
		send(r.Header)
	}
	for _, name := range s.keyHeaders() {
		send(name)
	}
	header := ""
	for _, name := range sent {
		header += "proxy_set_header " + name + " " + own + "; "
	}
	return `upstream origin { server ` + s.entry() + `; }
server {
    listen ` + netAddress(ip.String(), s.port) + `;
    location / {
        proxy_pass http://origin;
        proxy_http_version 1.1;
        proxy_read_timeout 1h;
        proxy_set_header Host $host;
        proxy_set_header X-Forwarded-For ` + forwarded + `;
        ` + header + `
        proxy_set_header Upgrade $http_upgrade;
        proxy_set_header Connection "upgrade";
    }
}
`
}
