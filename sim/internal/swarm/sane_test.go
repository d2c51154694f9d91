package swarm

import (
	"slices"
	"strings"
	"testing"
	"time"

	"stickylab/sim/ledger"
	"stickylab/sim/plan"
	"stickylab/sim/scenario"
)

// slowest is the latency, one way, up to which a cluster works with its defaults.
const slowest = 300 * time.Millisecond

// sane reports whether a file describes a cluster that works for as long as nothing
// is done to it, with times that leave room for what the network takes.
func sane(p *plan.Plan) bool {
	f := p.File
	groups := slices.Clone(f.Clients)
	for _, s := range p.Steps {
		if s.Verb == scenario.Add {
			groups = append(groups, s.Newcomers())
		}
		for _, l := range []*scenario.Span{s.Latency.Client, s.Latency.Backend, s.Latency.Redis} {
			if l != nil && l.Max > slowest {
				return false
			}
		}
	}
	for _, g := range groups {
		r := g.Reconnection
		if g.Protocol != scenario.Protocol4 || g.URL != "" || g.Headers != nil || g.Size*2 > f.SocketIO.MaxHTTPBufferSize || r.Off || r.Attempts > 0 {
			return false
		}
	}
	for _, front := range f.Fronts {
		if front.Nginx != "" || front.Latency.Max > slowest {
			return false
		}
	}
	for _, t := range []time.Duration{f.SocketIO.PingInterval, f.SocketIO.PingTimeout, f.SocketIO.UpgradeTimeout, f.SocketIO.ConnectTimeout} {
		if t < 10*time.Second {
			return false
		}
	}
	return f.Proxy.Policy != "" && f.URL == "" && f.SocketIO.MaxHTTPBufferSize >= 1000 && affine(p) && max(f.Network.Client.Max, f.Network.Backend.Max, f.Network.Redis.Max) <= slowest
}

// healed reports whether all that the steps do to the cluster and the clients is over
// so long before the end that the clients have come back.
func healed(p *plan.Plan) bool {
	broken := map[string]bool{} // what is wrong with what
	last := time.Duration(0)
	for _, s := range p.Steps {
		last = max(last, s.At)
		pair := slices.Sorted(slices.Values(s.Hosts))
		switch s.Verb {
		case scenario.Kill, scenario.Close:
			broken["down "+s.Node] = true
			delete(broken, "frozen "+s.Node)
		case scenario.Restart:
			delete(broken, "down "+s.Node)
			delete(broken, "frozen "+s.Node)
		case scenario.Freeze, scenario.Block:
			broken["frozen "+s.Node] = true
		case scenario.Slow, scenario.Refuse:
			broken["slow "+s.Node] = true
		case scenario.Resume:
			delete(broken, "frozen "+s.Node)
			delete(broken, "slow "+s.Node)
		case scenario.Down:
			broken["line "+s.Node] = true
		case scenario.Up:
			delete(broken, "line "+s.Node)
		case scenario.Partition:
			broken["between "+strings.Join(pair, " ")] = true
		case scenario.Heal:
			delete(broken, "between "+strings.Join(pair, " "))
		case scenario.Redis:
			if broken["redis"] = true; s.Redis == scenario.RedisUp {
				delete(broken, "redis")
			}
		case scenario.Disconnect:
			broken["away "+s.Who] = true
		case scenario.Connect:
			delete(broken, "away "+s.Who)
		case scenario.Policy, scenario.Drain, scenario.Scale, scenario.Reload, scenario.DisconnectSockets:
			return false
		case scenario.Add:
			last = max(last, s.At+s.Newcomers().Connect.Max)
		}
	}
	for _, g := range p.File.Clients {
		last = max(last, g.Connect.Max)
	}
	io := p.File.SocketIO
	return len(broken) == 0 && p.File.Duration-last > io.PingInterval+io.PingTimeout+45*time.Second
}

// comesBack checks that a sane cluster has no trouble by itself, and that all
// clients are connected when what was done to it is over.
func (b *books) comesBack(final *ledger.Snapshot) {
	if !sane(b.plan) {
		return
	}
	if b.fault != "" && !b.meddled {
		b.wrong("trouble although nothing was done", "%s", b.fault)
	}
	if c := final.Clients; healed(b.plan) && c.Connected != c.Count {
		b.wrong("clients do not come back", "%d of %d are connected at the end", c.Connected, c.Count)
	}
}

// Among the first random scenarios there are some for each promise that does not hold
// of all.
func TestEveryPromiseIsTried(t *testing.T) {
	s := readSpec(t)
	tried := map[string]int{"affinity": 0, "no trouble": 0, "all come back": 0}
	for seed := uint64(1); seed <= 200; seed++ {
		_, text, _ := s.valid(seed)
		p, _ := parse(text)
		if affine(p) {
			tried["affinity"]++
		}
		if sane(p) && len(p.Steps) == 0 {
			tried["no trouble"]++
		}
		if sane(p) && healed(p) && len(p.Steps) > 0 {
			tried["all come back"]++
		}
	}
	for promise, times := range tried {
		if times < 2 {
			t.Errorf("%s: %d of 200 scenarios", promise, times)
		}
	}
	t.Log(tried)
}
