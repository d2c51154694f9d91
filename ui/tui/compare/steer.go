package compare

import (
	"fmt"
	"slices"
	"strings"

	tea "github.com/charmbracelet/bubbletea"

	"stickylab/sim/format"
	"stickylab/sim/scenario"
	"stickylab/ui/tui/run"
	"stickylab/ui/tui/screen"
	"stickylab/ui/tui/style"
)

// actions are the keys that change both runs in the same way, at the same instant.
func (m *Model) actions() []screen.Key {
	keys := screen.In(screen.DoNow,
		screen.Key{Keys: "a", Short: "adapter", About: "adapter on or off, on all nodes of both", Do: m.toggle(m.adapter)},
		screen.Key{Keys: "p", Short: "policy", About: "another policy for the proxy of both", Asks: true, Do: m.choosePolicy},
		screen.Key{Keys: "x", Short: "kill", About: "kill the last node of both, or restart it", Do: m.toggle(m.kill)},
		screen.Key{Keys: "r", Short: "redis", About: "Redis down, or up, in both", Do: m.toggle(m.redis)},
		screen.Key{Keys: "e", Short: "reconnect", About: "everyone reconnects, in both", Late: true, Do: m.toggle(func() (scenario.Step, bool) {
			return scenario.Step{Verb: scenario.Reconnect}, true
		})},
		screen.Key{Keys: "+", Hint: "+ -", Short: "nodes", About: "one node more, in both", Do: m.scale(1)},
		screen.Key{Keys: "-", About: "one node less, in both", Do: m.scale(-1)},
		screen.Key{Keys: "m", Short: "say", About: "say something in both, from the first client that is connected in both", Asks: true, Do: m.askSay},
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
	return m.actEach(step.String(), func(*run.Player) (scenario.Step, error) { return step, nil })
}

// actEach does the step of each run, now; what is what is said of it. A step that one of them
// cannot have is done in neither.
func (m *Model) actEach(what string, step func(*run.Player) (scenario.Step, error)) tea.Cmd {
	var steps [2]scenario.Step
	for i, p := range m.sides {
		if !p.Newest() {
			m.Say("in the past nothing can be done to both: end goes to where they are", false)
			return nil
		}
		var err error
		if steps[i], err = step(p); err != nil {
			m.Fail(fmt.Errorf("%s: %w", p.Name, err))
			return nil
		}
	}
	var cmds []tea.Cmd
	for i, p := range m.sides {
		cmds = append(cmds, p.Do(steps[i]))
	}
	m.Say(what+", in both", false)
	return tea.Batch(cmds...)
}

// scale returns what makes the nodes of both more, or fewer.
func (m *Model) scale(by int) func() tea.Cmd {
	what := "one node more"
	if by < 0 {
		what = "one node less"
	}
	return func() tea.Cmd {
		return m.actEach(what, func(p *run.Player) (scenario.Step, error) { return p.ScaleStep(by), nil })
	}
}

// choosePolicy lists the policies.
func (m *Model) choosePolicy() tea.Cmd {
	names, effects := run.Policies()
	return m.Cover(&screen.Cover{
		Title: "policy of the proxy, in both", Size: func() int { return len(names) },
		Lines: func(width, chosen int) (lines []string) {
			for i, name := range names {
				tip := "  "
				if i == chosen {
					tip = style.Paint(style.Accent, "› ")
				}
				lines = append(lines, tip+style.Paint(style.Strong, name))
				for _, line := range format.Wrap(effects[i], max(width-6, 20)) {
					lines = append(lines, "      "+style.Paint(style.Dim, line))
				}
			}
			return lines
		},
		Choose: func(n int) tea.Cmd {
			name := names[min(max(n, 0), len(names)-1)]
			return m.actEach("policy "+name, func(p *run.Player) (scenario.Step, error) { return p.PolicyStep(name) })
		},
	})
}

// askSay asks what a client says in both.
func (m *Model) askSay() tea.Cmd {
	others := m.sides[1].Talkers()
	for _, name := range m.sides[0].Talkers() {
		if !slices.Contains(others, name) {
			continue
		}
		return m.Ask(&screen.Prompt{
			Label: "say in both as " + name + ": ", Text: scenario.DefaultText, Hint: "enter sends, esc not",
			Answer: func(text string) (tea.Cmd, error) {
				if strings.TrimSpace(text) == "" {
					text = scenario.DefaultText
				}
				return m.act(scenario.Step{Verb: scenario.Say, Who: name, Text: text}), nil
			},
		})
	}
	m.Say("no client is connected in both", false)
	return nil
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
