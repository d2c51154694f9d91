package run

import (
	"strings"

	tea "github.com/charmbracelet/bubbletea"

	"stickylab/sim/plan"
	"stickylab/sim/scenario"
	"stickylab/ui/tui/inspect"
	"stickylab/ui/tui/screen"
)

// act does a step: at the head if the cursor is there, and else on a new branch.
func (m *Model) act(step scenario.Step) tea.Cmd {
	if m.Failure != nil {
		m.Fail(m.Failure)
		return nil
	}
	if m.acting() {
		return m.later(func() tea.Cmd { return m.act(step) })
	}
	m.goal, m.event = 0, 0
	if m.atHead() {
		return m.do(step)
	}
	if m.served != nil {
		return m.off(m.served.Run.Branch(m.cursor.At))
	}
	return m.branchOff(step)
}

// acting reports whether a step is being done, or is not on the screen yet: what
// a key does depends on what is seen.
func (p *Player) acting() bool { return p.doing || p.unseen }

// later does something once what was done before it is on the screen.
func (p *Player) later(do func() tea.Cmd) tea.Cmd {
	p.pending = append(p.pending, do)
	return nil
}

// nextPending does what waits, now that the screen shows how things are.
func (p *Player) nextPending() tea.Cmd {
	if p.unseen = false; len(p.pending) == 0 {
		return nil
	}
	do := p.pending[0]
	p.pending = p.pending[1:]
	cmd := do()
	if !p.acting() {
		cmd = tea.Batch(cmd, p.nextPending())
	}
	return cmd
}

// actWords does a step that is given in words.
func (m *Model) actWords(words string) (tea.Cmd, error) {
	step, err := scenario.ParseStep(m.names(), words)
	if err != nil {
		return nil, err
	}
	return m.act(step), nil
}

// vocabulary is the plan with the names that steps done here have brought.
func (p *Player) vocabulary() *plan.Plan {
	if p.current == nil {
		return p.Plan
	}
	return p.Plan.With(p.current.live.Hand()...)
}

// names are those that steps in words may use.
func (p *Player) names() *scenario.Names {
	if p.current == nil {
		return p.Plan.Names()
	}
	return p.current.live.Names()
}

func (m *Model) toggleAdapter() tea.Cmd {
	return m.act(scenario.Step{Verb: scenario.Adapter, Adapter: m.Frame.Live.Plan().File.NextAdapter(m.Frame.Adapter())})
}

func (m *Model) toggleNodeAdapter() tea.Cmd {
	n, ok := m.selectedNode()
	if !ok {
		return nil
	}
	if !n.Up {
		m.Say(n.Name+" is down: x restarts it", false)
		return nil
	}
	return m.act(scenario.Step{Verb: scenario.Adapter, Adapter: m.Frame.Live.Plan().File.NextAdapter(n.AdapterText()), Node: n.Name})
}

// everyoneReconnects lets all virtual clients reconnect.
func (m *Model) everyoneReconnects() tea.Cmd {
	return m.act(scenario.Step{Verb: scenario.Reconnect})
}

func (m *Model) killOrRestart() tea.Cmd {
	n, ok := m.selectedNode()
	switch {
	case !ok:
		return nil
	case m.Frame.proxy.Standing(n.Name) == inspect.Removed:
		return m.takenAway(n.Name)
	case n.Up:
		return m.act(scenario.Step{Verb: scenario.Kill, Node: n.Name})
	}
	return m.act(scenario.Step{Verb: scenario.Restart, Node: n.Name})
}

// downOrUp takes the selected node's server lines down in the proxy, or up
// again.
func (m *Model) downOrUp() tea.Cmd {
	n, ok := m.selectedNode()
	if !ok {
		return nil
	}
	step := scenario.Step{Verb: scenario.Down, Node: n.Name}
	switch m.Frame.proxy.Standing(n.Name) {
	case inspect.Removed:
		return m.takenAway(n.Name)
	case inspect.Down, inspect.Draining:
		step.Verb = scenario.Up
	}
	return m.act(step)
}

func (m *Model) takenAway(node string) tea.Cmd {
	m.Say(node+" was taken away: + brings back the last that was", false)
	return nil
}

// scale returns what makes the nodes more, or fewer.
func (m *Model) scale(by int) func() tea.Cmd {
	return func() tea.Cmd {
		return m.act(m.ScaleStep(by))
	}
}

// toggleRedis takes Redis down, or up again.
func (m *Model) toggleRedis() tea.Cmd {
	state := scenario.RedisDown
	if m.Frame.redis == scenario.RedisDown {
		state = scenario.RedisUp
	}
	return m.act(scenario.Step{Verb: scenario.Redis, Redis: state})
}

func (m *Model) askSay() tea.Cmd {
	client := m.selectedClient()
	if client == "" {
		return nil
	}
	if _, c := m.Frame.find(client); c.socket != "" {
		m.Say(client+" is a real client: it says what its user says", false)
		return nil
	}
	return m.Ask(&screen.Prompt{
		Label: "say as " + client + ": ", Text: scenario.DefaultText, Hint: "enter sends, esc not",
		Answer: func(text string) (tea.Cmd, error) {
			if strings.TrimSpace(text) == "" {
				text = scenario.DefaultText
			}
			return m.act(scenario.Step{Verb: scenario.Say, Who: client, Text: text}), nil
		},
	})
}

func (m *Model) askClients() tea.Cmd {
	return m.askWords("more clients: ", "add ", m.freshGroup()+" 10 "+m.freshRange()+" ", "group, count, range: extra 10 198.51.100.0/24 say 5s", nil)
}

func (m *Model) askMove() tea.Cmd {
	g, _ := m.Frame.find(m.selectedClient())
	if g == nil {
		return nil
	}
	if g.outside {
		m.Say("real clients have the addresses that they come from: they cannot be moved", false)
		return nil
	}
	return m.askWords("move "+g.name+" to ", "move "+g.name+" ", "", "an address for all of them, or a range: 192.0.2.128/25", nil)
}

func (m *Model) askCommand() tea.Cmd {
	return m.askWords(":", "", "", "a step, as in a scenario file: slow im-3030 200ms", &m.history)
}

// askWords asks for the words of a step after those of the prefix, and does it.
func (m *Model) askWords(label, prefix, text, hint string, history *[]string) tea.Cmd {
	return m.Ask(&screen.Prompt{
		Label: label, Text: text, Hint: hint, History: history,
		Complete: func(line string) []string { return scenario.CompleteStep(m.names(), prefix+line) },
		Answer:   func(text string) (tea.Cmd, error) { return m.actWords(prefix + text) },
	})
}
