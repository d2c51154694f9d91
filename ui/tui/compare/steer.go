package compare

import (
	tea "github.com/charmbracelet/bubbletea"

	"stickylab/sim/scenario"
	"stickylab/ui/tui/run"
	"stickylab/ui/tui/screen"
)

// actions are the keys that change both runs in the same way, at the same instant.
func (m *Model) actions() []screen.Key {
	keys := screen.In(screen.DoNow,
		screen.Key{Keys: "a", Short: "adapter", About: "adapter on or off, on all nodes of both", Do: m.toggle(m.adapter)},
		screen.Key{Keys: "x", Short: "kill", About: "kill the last node of both, or restart it", Do: m.toggle(m.kill)},
		screen.Key{Keys: "r", Short: "redis", About: "Redis down, or up, in both", Do: m.toggle(m.redis)},
		screen.Key{Keys: "e", Short: "reconnect", About: "everyone reconnects, in both", Late: true, Do: m.toggle(func() (scenario.Step, bool) {
			return scenario.Step{Verb: scenario.Reconnect}, true
		})},
		screen.Key{Keys: ":", Short: "command", About: "any step in words, in both; tab completes", Asks: true, Do: m.askCommand},
	)
	for i := range keys {
		keys[i].Verb = true
	}
	return keys
}

// toggle returns what does the step of a key.
func (m *Model) toggle(step func() (scenario.Step, bool)) func() tea.Cmd {
	return func() tea.Cmd {
		if s, ok := step(); ok {
			return m.act(s)
		}
		return nil
	}
}

// act does a step in both runs, now.
func (m *Model) act(step scenario.Step) tea.Cmd {
	var cmds []tea.Cmd
	for _, p := range m.sides {
		if !p.Newest() {
			m.Say("in the past nothing can be done to both: end goes to where they are", false)
			return nil
		}
	}
	for _, p := range m.sides {
		cmds = append(cmds, p.Do(step))
	}
	m.Say(step.String()+", in both", false)
	return tea.Batch(cmds...)
}

func (m *Model) adapter() (scenario.Step, bool) {
	now := m.sides[0].Frame.Adapter()
	if m.sides[1].Frame.Adapter() != now {
		now = "off"
	}
	return scenario.Step{Verb: scenario.Adapter, Adapter: m.sides[0].Frame.Live.Plan().File.NextAdapter(now)}, true
}

// kill is about the last node that both runs have.
func (m *Model) kill() (scenario.Step, bool) {
	a, b := m.sides[0].Frame.Nodes, m.sides[1].Frame.Nodes
	for i := len(a) - 1; i >= 0; i-- {
		for k := range b {
			switch {
			case a[i].Name != b[k].Name:
			case a[i].Up && b[k].Up:
				return scenario.Step{Verb: scenario.Kill, Node: a[i].Name}, true
			case !a[i].Up && !b[k].Up:
				return scenario.Step{Verb: scenario.Restart, Node: a[i].Name}, true
			}
		}
	}
	m.Say("they have no node in common that is up, or down, in both", false)
	return scenario.Step{}, false
}

func (m *Model) redis() (scenario.Step, bool) {
	state := scenario.RedisDown
	if m.sides[0].Frame.Stage.Redis.State == scenario.RedisDown {
		state = scenario.RedisUp
	}
	return scenario.Step{Verb: scenario.Redis, Redis: state}, true
}

func (m *Model) askCommand() tea.Cmd {
	names := m.sides[0].Plan.Names()
	return m.Ask(&screen.Prompt{
		Label: "in both: ", Hint: "a step, as in a scenario file: slow im-3030 200ms",
		Complete: func(line string) []string { return scenario.CompleteStep(names, line) },
		Answer: func(text string) (tea.Cmd, error) {
			step, err := scenario.ParseStep(names, text)
			if err != nil {
				return nil, err
			}
			return m.act(step), nil
		},
	})
}

// follow moves the clock to where a step has taken the runs.
func (m *Model) follow(p *run.Player) {
	if p.Opened() {
		m.at = max(m.at, min(p.At(), m.end))
	}
}
