package doctor

import (
	"context"
	"fmt"
	"net/netip"
	"slices"
	"time"

	"stickylab/sim"
	"stickylab/sim/ledger"
	"stickylab/sim/plan"
	"stickylab/sim/scenario"
)

// The kinds of clients.
const (
	browser   = "browser"   // polling, then websocket: the default
	websocket = "websocket" // websocket only
	polling   = "polling"   // polling only
	native    = "native"    // polling only, drops cookies
)

var kinds = []string{browser, websocket, polling, native}

// The origins of clients.
const (
	world  = "world"  // addresses of many regions
	office = "office" // one /24
	nat    = "nat"    // one address
)

// An experiment is one run of the simulation with all kinds of clients.
type experiment struct {
	name      string
	duration  time.Duration
	marks     []time.Duration
	adapter   string
	groups    []scenario.Group
	fronts    []scenario.Front
	processes int // behind each address; 0 means one
	steps     func(plan *plan.Plan, victim string) []scenario.Step
}

// labels name the kinds in reports.
var labels = map[string]string{
	browser:   "default clients (polling, then WebSocket)",
	websocket: "WebSocket-only clients",
	polling:   "polling-only clients",
	native:    "native clients (polling, no cookies)",
}

// short are the same in a few words.
var short = map[string]string{browser: "default", websocket: "WebSocket only", polling: "polling only", native: "without cookies"}

// group makes a group of clients that connect in the first three seconds.
func group(kind, origin string, count int) scenario.Group {
	g := scenario.NewGroup(kind + "-" + origin)
	g.Count = count
	g.Connect = scenario.Span{Max: 3 * time.Second}
	g.IP = []scenario.Range{addresses(kind, origin)}
	switch kind {
	case websocket:
		g.Transports = []string{scenario.Websocket}
	case polling:
		g.Transports = []string{scenario.Polling}
	case native:
		g.Transports, g.Kind = []string{scenario.Polling}, scenario.Native
	}
	return g
}

// addresses returns the addresses of a group. No two groups share one; those of
// the office are parts of one /24, and a NAT has one address for each kind.
func addresses(kind, origin string) scenario.Range {
	i := slices.Index(kinds, kind)
	switch origin {
	case office:
		return scenario.Range{Prefix: netip.PrefixFrom(netip.AddrFrom4([4]byte{203, 0, 113, byte(64 * i)}), 26)}
	case nat:
		return scenario.Range{Prefix: netip.PrefixFrom(netip.AddrFrom4([4]byte{198, 51, 100 + byte(i), 7}), 32), Shared: true}
	}
	if origin == madeUp {
		return scenario.Range{Prefix: netip.PrefixFrom(netip.AddrFrom4([4]byte{100, 80 + 8*byte(i), 0, 0}), 16)}
	}
	return scenario.Range{Prefix: netip.PrefixFrom(netip.AddrFrom4([4]byte{64 + byte(16*i), 0, 0, 0}), 12)}
}

// fileOf is a scenario with a text, whose clients go to a site of it. It has no clients yet.
func fileOf(text *prepared, s *site) *scenario.File {
	f := scenario.NewFile()
	f.NginxVersion = text.version
	f.Hosts = text.hosts
	f.URL = s.url()
	f.SocketIO.Path = s.nodePath()
	f.Proxy.Nginx = text.tree.Text()
	return f
}

// try runs an experiment on a prepared text.
func (x *experiment) try(ctx context.Context, text *prepared, s *site, seed uint64) (*outcome, error) {
	if x.processes > 1 {
		text = text.withProcesses(s, x.processes)
	}
	f := fileOf(text, s)
	f.Title = x.name
	f.Seed = seed
	f.Duration = x.duration
	f.Adapter = x.adapter
	f.Clients = x.groups
	f.Fronts = x.fronts
	if x.steps != nil {
		plan, problems := plan.ResolveCached(f, nil, &text.Cache)
		if len(problems) > 0 {
			return nil, problems
		}
		f.Steps = x.steps(plan, s.victim(plan))
	}
	plan, problems := plan.ResolveCached(f, nil, &text.Cache)
	if len(problems) > 0 {
		return nil, problems
	}
	var l *ledger.Ledger
	var windows []*ledger.Window
	result, err := sim.Run(ctx, plan, sim.Options{Name: x.name, Begun: func(begun *ledger.Ledger) { l, windows = begun, x.watch(begun) }})
	if err != nil {
		return nil, fmt.Errorf("experiment %q: %w", x.name, err)
	}
	return x.outcome(plan, result.Final, l, windows), nil
}
