// Package plan decides what a scenario file leaves open: addresses, routes, times. It
// checks the file as a whole, and each step against what the steps before it have
// changed.
package plan

import (
	"fmt"
	"net/netip"
	"net/url"
	"slices"
	"sort"
	"strings"
	"time"

	"stickylab/cluster/nginx"
	"stickylab/sim/expect"
	"stickylab/sim/scenario"
	"stickylab/sim/scenario/yamltree"
	"stickylab/sim/seed"
)

// Plan is a file with everything decided that it leaves open: addresses, times
// of connecting, defaults. The same file and seed give the same plan.
type Plan struct {
	File *scenario.File // must not be changed
	Seed uint64

	Config   *nginx.Config // of the file's nginx text, or that of the short form
	Upstream string        // the upstream that clients' requests reach; "" when they go to a node directly

	Nodes []scenario.Node  // each with an address
	Hosts []scenario.Host  // of the file
	Proxy []netip.AddrPort // where the proxy listens, an address in place of "any"

	// ProxyAddress stands in for "any address" in a listen directive, and
	// ProxyAddress6 for "any IPv6 address"; that one is zero unless the proxy
	// listens for IPv6.
	ProxyAddress  netip.Addr
	ProxyAddress6 netip.Addr

	// NodePath is the path of the nodes where the text implies it; "" means that of the file.
	NodePath string

	Target Target       // of clients whose group has no own URL
	Entry  Target       // where requests enter the proxy: Target, but for a front
	Fronts []*FrontPlan // in the order of the file

	Clients []Client
	Steps   []scenario.Step // in the order of time
	Expect  []Planned
	Asked   []Asked            // the predictions of the lesson
	Notes   []yamltree.Problem // what is accepted and has no effect here, with positions in the file

	texts *nginx.Cache        // nil means that each is read again
	taken map[netip.Addr]bool // addresses that no client may draw
	later []scenario.Node     // that steps add
	urls  []string            // of groups
}

// RedisAddress is the address of the embedded Redis, in a benchmarking range.
const RedisAddress = "198.18.0.1:6379"

var redisHost = netip.MustParseAddrPort(RedisAddress).Addr()

// Target is where clients send their requests.
type Target struct {
	Address  netip.AddrPort
	Address6 netip.AddrPort // for clients with an IPv6 address; zero: Address
	Host     string         // the Host header, without the port
	Path     string         // as requests have it, with its escapes: "/socket.io/"
	Query    string         // of the user's own, that every request has: "room=tea", or ""
}

// URI returns the path with the user's own query.
func (t Target) URI() string {
	if t.Query == "" {
		return t.Path
	}
	return t.Path + "?" + t.Query
}

// Location returns the path as nginx looks for its location: decoded.
func (t Target) Location() string {
	path, _ := url.PathUnescape(t.Path) // parseURL has made sure of it
	return path
}

// For returns the address for a client.
func (t Target) For(client netip.Addr) netip.AddrPort {
	if client.Is6() && t.Address6.IsValid() {
		return t.Address6
	}
	return t.Address
}

// Client is one virtual client.
type Client struct {
	Name    string // "beijing-07"
	Group   string
	IP      netip.Addr
	Connect time.Duration // when it first connects
	Phase   time.Duration // of the first say within the period
	Target  Target        // where its URL leads
	scenario.Settings
}

// Planned is an expectation, compiled. At is set also for `at: end`.
type Planned struct {
	scenario.Expectation
	Check *expect.Check
	Line  int // in the file, 0 without a text
}

// Resolve decides everything that a file leaves open. A seed that is not nil
// overrides the file's. It reports all problems of the file, so a File that
// was built in code is checked as one that was parsed.
func Resolve(f *scenario.File, override *uint64) (*Plan, yamltree.Errors) {
	return ResolveCached(f, override, nil)
}

// ResolveCached is Resolve with the nginx texts that were read before: many files
// with the same ones, or plans that run it, read each once.
func ResolveCached(f *scenario.File, override *uint64, texts *nginx.Cache) (*Plan, yamltree.Errors) {
	r := newResolver(f)
	r.plan.texts = texts
	p := r.resolve()
	if errs := r.Errors(); len(errs) > 0 {
		return nil, errs
	}
	p.Seed = f.Seed
	if override != nil {
		p.Seed = *override
	}
	p.draw()
	return p, nil
}

// Seeded returns the plan with another seed. Both may run at the same time.
func (p *Plan) Seeded(seed uint64) *Plan {
	own := *p
	own.Seed, own.Clients = seed, nil
	own.draw()
	return &own
}

// draw decides what depends on the seed: the clients.
func (p *Plan) draw() {
	for _, g := range p.File.Clients {
		// The resolver has made sure that the ranges are wide enough.
		addresses, _ := Draw(g.IP, g.Count, seed.Rand(p.Seed, g.Name), p.taken)
		way, _ := p.route(g.URL)
		for i := range g.Count {
			p.Clients = append(p.Clients, p.client(g, g.Client(i), way.Target, addresses[i]))
		}
	}
}

// Node returns the node of that name, also one that a step adds; nil without
// one.
func (p *Plan) Node(name string) *scenario.Node {
	for _, list := range [][]scenario.Node{p.Nodes, p.later} {
		for i := range list {
			if list[i].Name == name {
				return &list[i]
			}
		}
	}
	return nil
}

// Taken reports whether no client can have an address: it is that of a node, a host, a front,
// the proxy or Redis.
func (p *Plan) Taken(a netip.Addr) bool {
	return p.taken[a]
}

// NoteTexts returns the texts of the notes.
func (p *Plan) NoteTexts() (texts []string) {
	for _, n := range p.Notes {
		texts = append(texts, n.Text)
	}
	return texts
}

// NodeAt returns the name of the node that listens on an address such as
// "10.0.0.1:3000", "" without one.
func (p *Plan) NodeAt(address string) string {
	a, err := netip.ParseAddrPort(address)
	if err != nil {
		return ""
	}
	for _, n := range slices.Concat(p.Nodes, p.later) {
		if n.Listen == a {
			return n.Name
		}
	}
	return ""
}

// LookupHost returns the addresses of a host name in nginx text: a node's, or
// those of `hosts:`. It has no other names. A unix socket that neither has is one that
// is not there: connections to it are refused.
func (p *Plan) LookupHost(name string) ([]netip.Addr, bool) {
	found, ok := lookup(name, p.Nodes, p.Hosts)
	if !ok && strings.HasPrefix(name, "unix:") {
		return []netip.Addr{nobody}, true
	}
	return found, ok
}

// nobody is an address that no host has (RFC 7600).
var nobody = netip.AddrFrom4([4]byte{192, 0, 0, 8})

// MoveTo draws the addresses for so many targets of a move step, in the order of
// Targets. N is how many moves of the same Who came before: each has its own numbers,
// so that a manual move is the same when saved as a step. It fails when the ranges
// have too few free addresses.
func (p *Plan) MoveTo(s scenario.Step, n, targets int) ([]netip.Addr, error) {
	return Draw(s.IP, targets, seed.Rand(p.Seed, fmt.Sprintf("%s/move/%d", s.Who, n)), p.taken)
}

func byTime(steps []scenario.Step) []scenario.Step {
	out := append([]scenario.Step(nil), steps...)
	sort.SliceStable(out, func(i, j int) bool { return out[i].At < out[j].At })
	return out
}
