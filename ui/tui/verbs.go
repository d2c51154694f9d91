package tui

import (
	"strings"

	tea "github.com/charmbracelet/bubbletea"

	"stickylab/sim/plan"
	"stickylab/sim/scenario"
	"stickylab/ui/tui/inspect"
)

// act does a step: at the head if the cursor is there, and else on a new branch.
func (m *Model) act(step scenario.Step) tea.Cmd {
	s := m.stage
	if m.o.ReadOnly {
		m.say("read only: the run is looked at, not changed", false)
		return nil
	}
	if s.failure != nil {
		m.fail(s.failure)
		return nil
	}
	if s.acting() {
		return s.later(func() tea.Cmd { return m.act(step) })
	}
	s.goal, s.event = 0, 0
	if s.atHead() {
		return s.do(step)
	}
	if s.served != nil {
		return m.off(s.served.Run.Branch(s.cursor.at))
	}
	return m.branchOff(step)
}

// acting tells whether a step is being done, or is not on the screen yet: what
// a key does depends on what is seen.
func (s *stage) acting() bool { return s.doing || s.unseen }

// later does something once what was done before it is on the screen.
func (s *stage) later(do func() tea.Cmd) tea.Cmd {
	s.pending = append(s.pending, do)
	return nil
}

// nextPending does what waits, now that the screen shows how things are.
func (s *stage) nextPending() tea.Cmd {
	if s.unseen = false; len(s.pending) == 0 {
		return nil
	}
	do := s.pending[0]
	s.pending = s.pending[1:]
	cmd := do()
	if !s.acting() {
		cmd = tea.Batch(cmd, s.nextPending())
	}
	return cmd
}

// actWords does a step that is given in words.
func (m *Model) actWords(words string) (tea.Cmd, error) {
	step, err := scenario.ParseStep(m.stage.vocabulary().Names(), words)
	if err != nil {
		return nil, err
	}
	return m.act(step), nil
}

// vocabulary is the plan with the names that steps by hand have brought.
func (s *stage) vocabulary() *plan.Plan {
	if s.current == nil {
		return s.plan
	}
	return s.plan.With(s.current.live.Hand()...)
}

func (m *Model) toggleAdapter() tea.Cmd {
	return m.act(scenario.Step{Verb: scenario.Adapter, Adapter: adapterIf(m.stage.frame.adapter() != "on")})
}

func (m *Model) toggleNodeAdapter() tea.Cmd {
	n, ok := m.stage.selectedNode()
	if !ok {
		return nil
	}
	if !n.Up {
		m.say(n.Name+" is down: x restarts it", false)
		return nil
	}
	return m.act(scenario.Step{Verb: scenario.Adapter, Adapter: adapterIf(!n.Adapter), Node: n.Name})
}

func adapterIf(on bool) string {
	if on {
		return scenario.AdapterRedis
	}
	return scenario.AdapterNone
}

// policies are those that the key goes through.
var policies = []string{"ip_hash", "round_robin", "least_conn", "random", "hash $remote_addr consistent"}

func (m *Model) nextPolicy() tea.Cmd {
	next := policies[0]
	for i, p := range policies {
		if p == m.stage.frame.policy {
			next = policies[(i+1)%len(policies)]
		}
	}
	return m.act(scenario.Step{Verb: scenario.Policy, Policy: next})
}

func (m *Model) killOrRestart() tea.Cmd {
	n, ok := m.stage.selectedNode()
	switch {
	case !ok:
		return nil
	case m.stage.frame.proxy.Standing(n.Name) == inspect.Removed:
		return m.takenAway(n.Name)
	case n.Up:
		return m.act(scenario.Step{Verb: scenario.Kill, Node: n.Name})
	}
	return m.act(scenario.Step{Verb: scenario.Restart, Node: n.Name})
}

// downOrUp takes the selected node's server lines down in the proxy, or up
// again.
func (m *Model) downOrUp() tea.Cmd {
	n, ok := m.stage.selectedNode()
	if !ok {
		return nil
	}
	step := scenario.Step{Verb: scenario.Down, Node: n.Name}
	switch m.stage.frame.proxy.Standing(n.Name) {
	case inspect.Removed:
		return m.takenAway(n.Name)
	case inspect.Down, inspect.Draining:
		step.Verb = scenario.Up
	}
	return m.act(step)
}

func (m *Model) takenAway(node string) tea.Cmd {
	m.say(node+" was taken away: + brings back the last that was", false)
	return nil
}

func (m *Model) oneMore() tea.Cmd { return m.scale(1) }
func (m *Model) oneLess() tea.Cmd { return m.scale(-1) }

func (m *Model) scale(by int) tea.Cmd {
	return m.act(scenario.Step{Verb: scenario.Scale, Count: len(m.stage.frame.proxy.Nodes) + by})
}

// toggleRedis takes Redis down, or up again.
func (m *Model) toggleRedis() tea.Cmd {
	state := scenario.RedisDown
	if m.stage.frame.redis == scenario.RedisDown {
		state = scenario.RedisUp
	}
	return m.act(scenario.Step{Verb: scenario.Redis, Redis: state})
}

func (m *Model) askSay() tea.Cmd {
	client := m.stage.selectedClient()
	if client == "" {
		return nil
	}
	if one, _ := m.stage.frame.person(client); one.socket != "" {
		m.say(client+" is a real client: it says what its user says", false)
		return nil
	}
	return m.put(&question{
		label: "say as " + client + ": ", text: scenario.DefaultText, literal: true, hint: "enter sends, esc not",
		answer: func(m *Model, text string) (tea.Cmd, error) {
			if strings.TrimSpace(text) == "" {
				text = scenario.DefaultText
			}
			return m.act(scenario.Step{Verb: scenario.Say, Who: client, Text: text}), nil
		},
	})
}

func (m *Model) askClients() tea.Cmd {
	return m.put(&question{
		label: "more clients: ", prefix: "add ", text: m.stage.freshGroup() + " 10 " + m.stage.freshRange() + " ",
		hint:   "group, count, range: extra 10 198.51.100.0/24 say 5s",
		answer: func(m *Model, text string) (tea.Cmd, error) { return m.actWords("add " + text) },
	})
}

func (m *Model) askMove() tea.Cmd {
	g, _, ok := m.stage.frame.find(m.stage.selectedClient())
	if !ok {
		return nil
	}
	name := m.stage.frame.groups[g].name
	if m.stage.frame.groups[g].outside {
		m.say("real clients have the addresses that they come from: nobody moves them", false)
		return nil
	}
	return m.put(&question{
		label: "move " + name + " to ", prefix: "move " + name + " ",
		hint:   "an address for all of them, or a range: 192.0.2.128/25",
		answer: func(m *Model, text string) (tea.Cmd, error) { return m.actWords("move " + name + " " + text) },
	})
}

func (m *Model) askCommand() tea.Cmd {
	return m.put(&question{
		label: ":", history: true, hint: "a step, as in a scenario file: slow im-3030 200ms",
		answer: func(m *Model, text string) (tea.Cmd, error) { return m.actWords(text) },
	})
}
