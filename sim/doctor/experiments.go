package doctor

import (
	"cmp"
	"net/netip"
	"slices"
	"strings"
	"time"

	"stickylab/cluster/nginx"
	"stickylab/sim/plan"
	"stickylab/sim/scenario"
)

// The experiments, by name.
const (
	steady    = "steady"    // every client connects and talks, the adapter is off
	idle      = "idle"      // five minutes in which no client says anything
	behind    = "behind"    // all clients come through a proxy in front, the adapter is on
	bypass    = "bypass"    // no client comes through a proxy, though the text reads its headers
	spoofed   = "spoofed"   // one machine claims other addresses in X-Forwarded-For
	death     = "death"     // a node dies; later all do, for two seconds
	reload    = "reload"    // nginx -s reload
	scale     = "scale"     // a server is added
	processes = "processes" // several of them behind each address
	large     = "large"     // messages of 900 KB
)

// descriptions say what the experiments try, for the report.
var descriptions = map[string]string{
	steady:    "every client connects and talks, from many networks, one /24 and single addresses; adapter off",
	idle:      "no client says anything: only the heartbeat every 25 s",
	behind:    "the same clients behind a proxy that adds X-Forwarded-For; adapter on",
	bypass:    "clients that bypass the proxy whose header is the key; the others come through it",
	spoofed:   "one machine, which nothing trusts, sends its own X-Forwarded-For",
	death:     "one node is killed and comes back; then all are down for two seconds",
	reload:    "nginx -s reload with the same text",
	scale:     "one server is added to the upstream",
	processes: "several processes behind each address of the text",
	large:     "messages of 900 KB, which Socket.IO accepts",
}

// order is the order in which experiments run and are reported.
var order = []string{steady, processes, behind, bypass, spoofed, idle, death, reload, scale, large}

// In most experiments the clients connect in the first three seconds, and have
// their transport and their node when they have settled.
const (
	settled     = 6 * time.Second
	steadyLasts = 12 * time.Second
)

// deathLasts is how long the experiment with a dead node lasts, unless it is
// down for longer than the usual 16 s, up to mostAway.
const (
	deathLasts = 60 * time.Second
	mostAway   = 5 * time.Minute
)

// tinyBody is the body limit, in bytes, below which ordinary traffic is refused
// too: a picture or a few messages in one POST are more.
const tinyBody = 64_000

// triesOnce reports whether nginx gives up when it cannot connect to a server.
func triesOnce(n nginx.NextUpstream) bool { return n.Tries == 1 || !slices.Contains(n.Kinds, "error") }

// groupsOf makes a group of each kind that is wanted.
func groupsOf(wanted []string, origin string, say time.Duration, counts map[string]int) []scenario.Group {
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

// moreClients ends the names of groups that more makes.
const moreClients = "-more"

// more makes groups of further clients of the same kinds and origin, which say
// nothing.
func more(groups []scenario.Group, times int) []scenario.Group {
	var out []scenario.Group
	for _, g := range groups {
		if times < 2 {
			break
		}
		kind, origin, _ := strings.Cut(g.Name, "-")
		m := group(kind, origin, g.Count*(times-1))
		m.Name += moreClients
		if origin == world {
			first := m.IP[0].Prefix.Addr().As4()
			first[1] += 16
			m.IP[0].Prefix = netip.PrefixFrom(netip.AddrFrom4(first), m.IP[0].Prefix.Bits())
		}
		out = append(out, m)
	}
	return out
}

// experiment sets up an experiment for a site; held are the kinds that stay
// connected when nothing happens. Only the first, steady, has all.
func (x *examination) experiment(name string, s *site, config *nginx.Config, held []string) *experiment {
	users := x.options.Clients != nil
	times := s.times()
	if name == steady {
		times *= crowded
	}
	groups := func(wanted []string, origin string, say time.Duration, counts map[string]int) []scenario.Group {
		return x.groups(s, wanted, origin, say, counts, times)
	}
	more := func(list []scenario.Group, times int) []scenario.Group {
		if users { // there are as many of these from the beginning
			return nil
		}
		return more(list, times)
	}
	e := &experiment{name: name, adapter: cmp.Or(x.options.Adapter, scenario.AdapterNone), fronts: x.before(s)}
	switch name {
	case steady:
		e.duration, e.marks = steadyLasts, []time.Duration{settled, steadyLasts - time.Second}
		far := groups(held, world, 0, map[string]int{browser: 8, websocket: 6, polling: 6, native: 6})
		for i := range far { // one kind is enough to hear from each node
			if kind, _ := parseGroup(far[i].Name); strings.HasPrefix(far[0].Name, kind) {
				far[i].Say = 3 * time.Second
			}
		}
		near := groups(held, office, 0, map[string]int{browser: 6, websocket: 4, polling: 6, native: 4})
		for i := range near {
			near[i].Count *= s.times()
		}
		e.groups = slices.Concat(far, more(far, s.times()), near,
			groups(held, nat, 0, map[string]int{browser: 2, websocket: 2, polling: 2, native: 2}),
		)
	case processes:
		e.duration, e.marks = settled+4*time.Second, []time.Duration{settled, settled + 3*time.Second}
		e.processes = x.options.Processes
		e.groups = groups(held, world, 0, map[string]int{browser: 8, polling: 8, native: 8})
	case behind:
		e.duration, e.marks = settled+4*time.Second, []time.Duration{settled, settled + 3*time.Second}
		e.adapter = cmp.Or(x.options.Adapter, scenario.AdapterRedis)
		e.fronts = []scenario.Front{x.front(s)}
		e.groups = groups(held, world, 0, map[string]int{browser: 6, websocket: 6, polling: 6, native: 4})
		e.groups = append(e.groups, more(e.groups, s.times())...)
	case bypass:
		e.duration, e.marks = settled+4*time.Second, []time.Duration{settled, settled + 3*time.Second}
		e.fronts = nil
		e.groups = groups(held, world, 0, map[string]int{browser: 6, polling: 6, native: 4})
	case spoofed:
		e.duration, e.marks = settled+time.Second, []time.Duration{settled}
		e.fronts = []scenario.Front{x.spoofer(s)}
		e.groups = groups(held, world, 0, map[string]int{browser: 8, polling: 8})
	case idle:
		e.duration = 5 * time.Minute // twelve heartbeats: more of them are alike
		e.marks = []time.Duration{10 * time.Second, e.duration - time.Second}
		e.groups = groups(held, world, 0, map[string]int{browser: 2, websocket: 2, polling: 2, native: 2})
	case death:
		longer, say := time.Duration(0), time.Duration(0)
		if x.oneTry { // it shows every time nginx tries the dead node again
			for _, u := range s.usable() {
				longer = max(longer, 5*u.FailTimeout/2)
			}
			longer, say = min(longer, mostAway), 5*time.Second
		}
		e.duration = deathLasts + longer
		e.marks = []time.Duration{9 * time.Second, 24 * time.Second, 39*time.Second + longer, 47*time.Second + longer, 59*time.Second + longer}
		e.groups = groups(held, world, say, map[string]int{browser: 6, websocket: 6, polling: 6, native: 6})
		e.steps = func(plan *plan.Plan, victim string) []scenario.Step {
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
		e.groups = groups(held, world, 0, map[string]int{browser: 4, websocket: 4, polling: 4, native: 2})
		e.steps = func(plan *plan.Plan, _ string) []scenario.Step {
			return []scenario.Step{{At: 10 * time.Second, Verb: scenario.Reload, Nginx: plan.Config.Tree.Text()}}
		}
	case scale:
		e.duration, e.marks = 45*time.Second, []time.Duration{9 * time.Second, 44 * time.Second} // until each poll has ended once
		e.groups = groups(held, world, 0, map[string]int{polling: 36, native: 24})
		e.steps = func(plan *plan.Plan, _ string) []scenario.Step {
			return []scenario.Step{{At: 10 * time.Second, Verb: scenario.Scale, Count: len(plan.Nodes) + 1}}
		}
	case large:
		e.duration, e.marks = 14*time.Second, []time.Duration{9 * time.Second, 13 * time.Second}
		for _, kind := range []string{browser, polling, websocket} {
			for _, g := range groups(held, world, 4*time.Second, map[string]int{kind: 1}) {
				if g.Room, g.Size = kind, 900_000; x.tiny {
					g.Size = tinyBody
				}
				e.groups = append(e.groups, g)
			}
		}
	}
	return e
}

// before returns what is in front of the site in every experiment: the balancer
// whose PROXY line nginx requires, or the proxy that all clients come through
// according to the options.
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

// fronted reports whether all clients reach the site through something else.
func (x *examination) fronted(s *site) bool { return s.balanced || x.options.From == Behind }

// wanted reports whether an experiment can show anything.
func (x *examination) wanted(name string, s *site, held []string) bool {
	several := s.several()
	sticks := slices.Contains(held, browser) && slices.Contains(held, polling)
	if only := x.options.only; only != nil && !slices.Contains(only, name) {
		return false
	}
	switch name {
	case processes:
		return x.options.Processes > 1 && slices.Contains(held, polling)
	case behind:
		return several && sticks && !s.balanced && x.options.From != Direct
	case bypass:
		return x.bypass && several && sticks && !s.balanced
	case spoofed:
		return several && sticks && !s.balanced && s.location != nil && s.location.RealIP != nil && x.options.From != Direct
	case idle, reload:
		return len(held) > 0
	case death:
		return s.spare() && len(held) > 0
	case large:
		return x.small && slices.Contains(held, polling)
	case scale:
		return s.spare() && sticks && slices.Contains(held, native) && !s.upstream.Implicit
	}
	return false
}

// placeholder is the address of the proxy in front when the text does not name
// it: RFC 5737 reserves it for examples.
var placeholder = netip.MustParseAddr("192.0.2.10")

// front is a proxy in front of nginx.
func (x *examination) front(s *site) scenario.Front {
	ip := x.trusted(s)
	f := scenario.NewFront(0, ip)
	f.Nginx = frontConfig(s, ip, "$proxy_add_x_forwarded_for", "$remote_addr")
	return f
}

// trusted returns the address of what is in front of nginx: the one in the
// options, else one that the text trusts.
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

// orPlaceholder returns an address, or the placeholder when it is taken.
func (s *substitutes) orPlaceholder(ip netip.Addr) netip.Addr {
	if s.free(ip) {
		return ip
	}
	return placeholder
}

// spoofing is the address of that machine.
var spoofing = netip.MustParseAddr("203.0.114.66")

// spoofer is a machine that nothing should trust, and that claims other addresses.
func (x *examination) spoofer(s *site) scenario.Front {
	f := scenario.NewFront(0, spoofing)
	f.Nginx = frontConfig(s, spoofing, "$remote_addr", "$remote_addr")
	return f
}

func trusts(r *nginx.RealIP, a netip.Addr) bool {
	return slices.ContainsFunc(r.From, func(p netip.Prefix) bool { return p.Contains(a) })
}

// frontConfig is the nginx.conf of a front: it passes everything on and names the
// client in X-Forwarded-For, and in the headers that the text behind it reads.
func frontConfig(s *site, ip netip.Addr, forwarded, own string) string {
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
