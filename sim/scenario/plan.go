package scenario

import (
	"net/netip"
	"sort"
	"time"

	"stickylab/cluster/nginx"
	"stickylab/sim/seed"
)

// Plan is a file with everything decided that it leaves open: addresses, times
// of connecting, defaults. The same file and seed give the same plan.
type Plan struct {
	File *File // must not be changed
	Seed uint64

	Nginx    string        // the text; the expansion of the short form
	Config   *nginx.Config // of that text
	Upstream string        // the upstream that clients' requests reach; "" when they go to a node directly

	Nodes []Node           // each with an address
	Hosts []Host           // of the file
	Proxy []netip.AddrPort // where the proxy listens, an address in place of "any"

	// ProxyAddress stands in for "any address" in a listen directive.
	ProxyAddress netip.Addr
	Target       Target
	Clients      []Client
	Steps        []Step // in the order of time
	Expect       []Planned
	Notes        []Problem // what is accepted and has no effect here, with positions in the file

	taken map[netip.Addr]bool // addresses that no client may draw
}

// Target is where clients send their requests.
type Target struct {
	Address netip.AddrPort
	Host    string // the Host header, without the port
	Path    string // "/socket.io/"
}

// Client is one virtual client.
type Client struct {
	Name         string // "beijing-07"
	Group        string
	IP           netip.Addr
	Connect      time.Duration // when it first connects
	Say          time.Duration // period, 0: says nothing
	Phase        time.Duration // of the first say within the period
	Room         string
	Transports   []string
	Reconnection Reconnection
}

// Planned is an expectation, compiled. At is set also for `at: end`.
type Planned struct {
	Expectation
	Check *Check
	Line  int // in the file, 0 without a text
}

// Resolve decides everything that a file leaves open. A seed that is not nil
// goes before the file's. It reports all problems of the file, so a File that
// was built by hand is checked as one that was parsed.
func Resolve(f *File, override *uint64) (*Plan, Errors) {
	r := newResolver(f)
	p := r.resolve()
	if errs := r.errors(); len(errs) > 0 {
		return nil, errs
	}
	p.Seed = f.Seed
	if override != nil {
		p.Seed = *override
	}
	p.draw()
	return p, nil
}

// draw decides what depends on the seed: the clients.
func (p *Plan) draw() {
	for _, g := range p.File.Clients {
		// The resolver has made sure that the ranges are wide enough.
		addresses, _ := Draw(g.IP, g.Count, seed.Rand(p.Seed, g.Name), p.taken)
		for i := range g.Count {
			c := Client{
				Name:         g.Client(i),
				Group:        g.Name,
				IP:           addresses[i],
				Connect:      g.Connect.draw(p.Seed, g.Client(i)+"/connect"),
				Say:          g.Say,
				Room:         g.Room,
				Transports:   g.Transports,
				Reconnection: g.Reconnection,
			}
			if g.Say > 0 {
				c.Phase = time.Duration(seed.Rand(p.Seed, c.Name+"/say").Int64N(int64(g.Say)))
			}
			p.Clients = append(p.Clients, c)
		}
	}
}

// draw takes a duration of the span by name.
func (s Span) draw(from uint64, name string) time.Duration {
	if s.Max <= s.Min {
		return s.Min
	}
	return s.Min + time.Duration(seed.Rand(from, name).Int64N(int64(s.Max-s.Min)+1))
}

// Node returns the node of that name, nil without one.
func (p *Plan) Node(name string) *Node {
	for i := range p.Nodes {
		if p.Nodes[i].Name == name {
			return &p.Nodes[i]
		}
	}
	return nil
}

// NodeAt returns the name of the node that listens on an address such as
// "10.0.0.1:3000", "" without one.
func (p *Plan) NodeAt(address string) string {
	a, err := netip.ParseAddrPort(address)
	if err != nil {
		return ""
	}
	for _, n := range p.Nodes {
		if n.Listen == a {
			return n.Name
		}
	}
	return ""
}

// LookupHost returns the addresses of a host name in nginx text: a node's, or
// those of `hosts:`. It has no other names.
func (p *Plan) LookupHost(name string) ([]netip.Addr, bool) {
	return lookup(name, p.Nodes, p.Hosts)
}

// Targets returns the numbers of the clients that a step's Who names: those of
// a group, or one.
func (p *Plan) Targets(who string) []int {
	var out []int
	for i, c := range p.Clients {
		if c.Group == who || c.Name == who {
			out = append(out, i)
		}
	}
	return out
}

// Move draws the addresses for a move step's targets, in the order of Targets.
// N is how many moves of the same Who came before: each has numbers of its own,
// so that a move made by hand is the same when saved as a step.
func (p *Plan) Move(s Step, n int) ([]netip.Addr, error) {
	targets := p.Targets(s.Who)
	return Draw(s.IP, len(targets), seed.Rand(p.Seed, moveName(s.Who, n)), p.taken)
}

func byTime(steps []Step) []Step {
	out := append([]Step(nil), steps...)
	sort.SliceStable(out, func(i, j int) bool { return out[i].At < out[j].At })
	return out
}
