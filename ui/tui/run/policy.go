package run

import (
	"errors"
	"slices"

	tea "github.com/charmbracelet/bubbletea"

	"stickylab/cluster/nginx/edit"
	"stickylab/sim/format"
	"stickylab/sim/scenario"
	"stickylab/ui/tui/screen"
	"stickylab/ui/tui/style"
)

// A policy is one of the proxy, as the key offers it, and what it does to whom.
type policy struct {
	name   string // a balancing method, or stickyCookie
	effect string
	breaks bool // it sends the requests of one session to different nodes
}

// stickyCookie is no method, but a cookie on top of one.
const stickyCookie = "sticky cookie"

// policies are those of the key.
var policies = []policy{
	{name: "ip_hash", effect: "by the first three parts of the address: a client keeps its node, neighbours share one"},
	{name: "round_robin", effect: "in turn, whoever the client is", breaks: true},
	{name: "least_conn", effect: "to the node with the fewest open requests, whoever the client is", breaks: true},
	{name: "random", effect: "to a random node, whoever the client is", breaks: true},
	{name: "hash $remote_addr consistent", effect: "by the whole address: a client keeps its node, and most do when nodes change"},
	{name: stickyCookie, effect: "by a cookie: a client that keeps cookies keeps its node; from nginx 1.29.6 on"},
}

// policyNow returns which of the policies is current, -1 for another.
func (f *Frame) policyNow() int {
	name := f.Policy
	if u := f.proxy.Upstream(); u != nil && u.Sticky != nil {
		name = ""
		if u.Sticky.Mode == "cookie" {
			name = stickyCookie
		}
	}
	return slices.IndexFunc(policies, func(p policy) bool { return p.name == name })
}

// choosePolicy lists the policies: what each would change for whom is said before it is done.
func (m *Model) choosePolicy() tea.Cmd {
	now := m.Frame.policyNow()
	return m.Cover(&screen.Cover{
		Title: "policy of the proxy", At: (now + 1) % len(policies), Lines: m.policyLines,
		Size: func() int { return len(policies) }, Choose: func(n int) tea.Cmd { return m.setPolicy(policies[min(max(n, 0), len(policies)-1)].name) },
	})
}

// policyLines is the list of policies, and what the chosen one would change.
func (m *Model) policyLines(width, chosen int) []string {
	now := m.Frame.policyNow()
	var lines []string
	for i, p := range policies {
		here := ""
		if i == now {
			here = style.Paint(style.Accent, "now")
		}
		lines = append(lines, tip(i == chosen)+style.Fit(style.Paint(style.Strong, p.name), 30)+style.Fit(here, 4))
		for _, line := range format.Wrap(p.effect, max(width-6, 20)) {
			lines = append(lines, "      "+style.Paint(style.Dim, line))
		}
	}
	lines = append(lines, "")
	return append(lines, style.Indent(2, m.Frame.policyChange(policies[min(max(chosen, 0), len(policies)-1)]), width)...)
}

// policyChange says for whom a policy would change something, and when.
func (f *Frame) policyChange(p policy) string {
	sockets, pollers := 0, 0
	for _, n := range f.Nodes {
		sockets += n.Clients - n.Poll
		pollers += n.Poll
	}
	text := format.Plural(sockets, "client") + " on WebSocket stay where they are until they reconnect (e)"
	if sockets == 0 {
		text = "no client is on WebSocket"
	}
	switch {
	case pollers == 0:
		text += "; no client is on polling, each of whose requests is placed anew"
	case p.breaks:
		text += "; " + format.Plural(pollers, "client") + " on polling lose their session with the next request that gets to another node: 400 Session ID unknown"
	default:
		text += "; of " + format.Plural(pollers, "client") + " on polling those lose their session whose next request gets to another node: 400 Session ID unknown"
	}
	return text + "."
}

// Policies returns those that the key offers, each with what it does to whom.
func Policies() (names, effects []string) {
	for _, p := range policies {
		names, effects = append(names, p.name), append(effects, p.effect)
	}
	return names, effects
}

// errNoProxy is the error where a policy has nothing to be a policy of.
var errNoProxy = errors.New("there is no proxy: clients ask the nodes themselves")

// PolicyStep returns the step that makes a policy the proxy's. It fails when there is no proxy,
// and when its text cannot have that policy.
func (p *Player) PolicyStep(name string) (scenario.Step, error) {
	u := p.Frame.proxy.Upstream()
	if u == nil {
		return scenario.Step{}, errNoProxy
	}
	method, parameters := name, ""
	if name == stickyCookie {
		method, parameters = "", "cookie srv_id expires=1h path=/"
	} else if u.Sticky == nil {
		return scenario.Step{Verb: scenario.Policy, Policy: name}, nil
	}
	tree, err := edit.SetSticky(p.Frame.proxy.Config.Tree, u.Name, parameters)
	if err != nil {
		return scenario.Step{}, err
	}
	if method != "" {
		config, problems := p.vocabulary().WithPolicy(tree, u.Name, method)
		if len(problems) > 0 {
			return scenario.Step{}, problems
		}
		tree = config.Tree
	}
	return scenario.Step{Verb: scenario.Reload, Nginx: tree.Text()}, nil
}

// ScaleStep returns the step that makes the nodes more, or fewer.
func (p *Player) ScaleStep(by int) scenario.Step {
	return scenario.Step{Verb: scenario.Scale, Count: len(p.Frame.proxy.Nodes) + by}
}

// Talkers returns the virtual clients that are connected, in the order of the screen.
func (p *Player) Talkers() (names []string) {
	for g, c := range p.Frame.clients {
		if !g.outside && c.state <= style.Polling {
			names = append(names, c.name)
		}
	}
	return names
}

// setPolicy makes a policy the proxy's.
func (m *Model) setPolicy(name string) tea.Cmd {
	step, err := m.PolicyStep(name)
	if err != nil {
		m.Fail(err)
		return nil
	}
	return m.act(step)
}
