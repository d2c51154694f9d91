package run

import (
	"strings"
	"time"

	"stickylab/cluster/nginx"
	"stickylab/sim/ledger"
	"stickylab/sim/plan"
	"stickylab/sim/scenario"
	"stickylab/ui/tui/style"
)

// group is the clients of a group, in order of appearance.
type group struct {
	name, where string
	clients     []clientRow
	outside     bool // real clients
}

// clientRow is a client as its mark shows it.
type clientRow struct {
	name, ip, node string
	state          style.State
	socket         string // of a real client, as session
	session        string
}

// groupsOf sorts the clients into their groups.
func groupsOf(plan *plan.Plan, clients []ledger.ClientState, steps []scenario.Step, now time.Duration) []group {
	where := make(map[string]string)
	for _, g := range plan.File.Clients {
		where[g.Name] = rangesOf(g.IP)
	}
	for _, s := range steps {
		switch {
		case s.Verb == scenario.Move && len(s.IP) > 0:
			where[s.Who] = rangesOf(s.IP)
		case s.Verb == scenario.Add && s.Group != nil && where[s.Who] == "":
			where[s.Who] = rangesOf(s.Group.IP)
		}
	}
	due := make(map[string]time.Duration, len(plan.Clients))
	for i := range plan.Clients {
		due[plan.Clients[i].Name] = plan.Clients[i].Connect
	}
	var out []group
	at := make(map[string]int)
	for _, c := range clients {
		i, ok := at[c.Group]
		if !ok {
			i = len(out)
			at[c.Group] = i
			out = append(out, group{name: c.Group, where: where[c.Group]})
		}
		out[i].clients = append(out[i].clients, clientRow{name: c.Name, ip: c.IP, node: c.Node, state: stateOf(c, due[c.Name] > now)})
	}
	return out
}

func rangesOf(list []scenario.Range) string {
	var out []string
	for _, r := range list {
		out = append(out, r.String())
	}
	return strings.Join(out, ", ")
}

// stateOf returns the state of a client, for its mark.
func stateOf(c ledger.ClientState, early bool) style.State {
	switch {
	case c.Presence == ledger.Connected && c.Transport == scenario.Websocket:
		return style.Websocket
	case c.Presence == ledger.Connected:
		return style.Polling
	case c.Presence == ledger.Gone && !c.Trying:
		return style.Gone
	case c.Failure != "":
		return style.Refused
	case c.Presence != ledger.Never:
		return style.Away
	case early:
		return style.Waiting
	}
	return style.Connecting
}

// redisAfter returns the last state of Redis that a step set.
func redisAfter(steps []scenario.Step) (state string) {
	for _, s := range steps {
		if s.Verb == scenario.Redis {
			state = s.Redis
		}
	}
	return state
}

// passesUpgrades reports whether the proxy passes upgrades on.
func passesUpgrades(plan *plan.Plan, config *nginx.Config) bool {
	if config == nil {
		return true
	}
	_, location := config.Select(plan.Entry.Address, plan.Entry.Host, plan.Entry.Location())
	return location != nil && location.Proxy != nil && passesUpgrade(location.Proxy, plan.File.NginxVersion)
}

// passesUpgrade reports whether a location gives an upgrade its two headers and
// the protocol version that it needs (nginx, "WebSocket proxying").
func passesUpgrade(p *nginx.ProxyPass, version nginx.Version) bool {
	http11 := p.HTTPVersion == "1.1" || p.HTTPVersion == "" && version.Modern()
	var upgrade, connection bool
	for _, h := range p.Headers {
		switch {
		case strings.EqualFold(h.Name, "Upgrade"):
			upgrade = h.Value != ""
		case strings.EqualFold(h.Name, "Connection"):
			connection = h.Value != "" && !strings.EqualFold(h.Value, "close")
		}
	}
	return http11 && upgrade && connection
}
