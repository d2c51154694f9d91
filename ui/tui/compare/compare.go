// Package compare is the screen of two runs side by side, on one clock.
package compare

import (
	"math"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"stickylab/sim/plan"
	"stickylab/ui/tui/run"
	"stickylab/ui/tui/screen"
)

// Side is one of two runs that are shown side by side.
type Side struct {
	Name string // what it is called on the screen: "fixed", "least_conn"
	Plan *plan.Plan
}

// Model is two runs side by side on one clock. Neither is ahead of the other.
type Model struct {
	*screen.Shell
	Playing bool
	Steered bool // keys change both runs

	title string
	sides [2]*run.Player
	leave func() tea.Cmd // what esc does
	at    time.Duration
	end   time.Duration
	speed float64
	owed  time.Duration
	taken time.Time // when the last frames were asked for
}

// New returns the screen of two runs, which is paused until it is Playing.
// title is what they are variants of; leave is what esc does.
func New(shell *screen.Shell, title string, left, right Side, speed float64, leave func() tea.Cmd) *Model {
	m := &Model{Shell: shell, title: title, at: run.Beginning, speed: speed, leave: leave}
	for i, side := range [2]Side{left, right} {
		p := run.NewPlayer(side.Name, side.Plan, 1)
		p.Still = shell.Still
		p.SwitchMatrix()
		m.sides[i] = p
		m.end = max(m.end, side.Plan.File.Duration+side.Plan.File.Settle)
	}
	return m
}

// Init starts the two runs.
func (m *Model) Init() tea.Cmd { return tea.Batch(m.sides[0].Open(), m.sides[1].Open()) }

// Close ends them.
func (m *Model) Close() {
	for _, p := range m.sides {
		p.Close()
	}
}

// Title returns what is compared.
func (m *Model) Title() string { return m.title }

// Unsaved returns how many steps would be lost by quitting: none can be saved.
func (m *Model) Unsaved() int { return 0 }

// Ready reports whether there is something to show of both.
func (m *Model) Ready() bool { return m.sides[0].Frame != nil && m.sides[1].Frame != nil }

// failure returns the error of a run that failed.
func (m *Model) failure() error {
	for _, p := range m.sides {
		if p.Failure != nil {
			return p.Failure
		}
	}
	return nil
}

// Settled reports whether both are where the clock is, and show it.
func (m *Model) Settled() bool { return m.there() && m.sides[0].Shown() && m.sides[1].Shown() }

// Over reports whether both have come to their end, and show it.
func (m *Model) Over() bool { return m.at >= m.end && m.Settled() }

// there reports whether both are where the clock is.
func (m *Model) there() bool {
	for _, p := range m.sides {
		if !p.Opened() || p.At() != m.instant(p) {
			return false
		}
	}
	return true
}

// instant returns the instant of a side at the time of the clock: one may end
// before the other.
func (m *Model) instant(p *run.Player) time.Duration { return min(m.at, p.End()) }

// Update takes a key, a tick, or what a command of one of the runs brought back.
func (m *Model) Update(msg tea.Msg) (cmd tea.Cmd, known bool) {
	switch msg := msg.(type) {
	case screen.Tick:
		return m.tick(msg), true
	case tea.KeyMsg:
		_, cmd := screen.Press(m.Keys(), msg)
		return cmd, true
	case tea.MouseMsg:
		return nil, true
	}
	for _, p := range m.sides {
		if cmd, known, err := p.Update(msg); known {
			switch {
			case err != nil && p.Refused():
				m.Fail(err)
			case err != nil:
				p.Failure = err
			}
			m.follow(p)
			return cmd, true
		}
	}
	return nil, false
}

// tick moves the clock once both are where it is.
func (m *Model) tick(t screen.Tick) tea.Cmd {
	if !m.sides[0].Opened() || !m.sides[1].Opened() || m.failure() != nil {
		return nil
	}
	var cmds []tea.Cmd
	if m.there() {
		if t.Now.Sub(m.taken) >= run.RefreshTime {
			cmds = m.refresh(t.Now)
		}
		if m.Playing {
			m.pass(t.Passed)
		}
	}
	for _, p := range m.sides {
		if want := m.instant(p); p.At() != want {
			cmds = append(cmds, p.Reach(want, want))
			m.Dirty = true
		}
	}
	return tea.Batch(cmds...)
}

// refresh asks for frames of both, so that they show the same instant.
func (m *Model) refresh(now time.Time) (cmds []tea.Cmd) {
	if m.sides[0].Taking() || m.sides[1].Taking() {
		return nil
	}
	for _, p := range m.sides {
		if !p.Shown() {
			m.taken = now
			cmds = append(cmds, p.Refresh())
		}
	}
	return cmds
}

// pass moves the clock by the time that has passed.
func (m *Model) pass(passed time.Duration) {
	switch before := m.at; {
	case m.at >= m.end:
		m.Playing = false
	case math.IsInf(m.speed, 1):
		m.at = m.end
	default:
		m.owed += time.Duration(float64(passed) * m.speed)
		step := m.owed.Truncate(time.Millisecond)
		m.owed -= step
		m.at = min(m.at+step, m.end)
		m.Dirty = m.Dirty || m.at != before
	}
}

// Seek moves the clock to an instant.
func (m *Model) Seek(t time.Duration) tea.Cmd {
	m.at, m.owed = min(max(t, run.Beginning), m.end), 0
	return nil
}

// ToEnd moves the clock to the end of both.
func (m *Model) ToEnd() tea.Cmd { return m.Seek(m.end) }

// Keys returns what keys do.
func (m *Model) Keys() []screen.Key {
	seek := func(to func() time.Duration) func() tea.Cmd {
		return func() tea.Cmd { return m.Seek(to()) }
	}
	speed := func(up bool) func() tea.Cmd {
		return func() tea.Cmd { m.speed = run.NextSpeed(m.speed, up); return nil }
	}
	var keys []screen.Key
	if m.Steered {
		keys = m.actions()
	}
	keys = append(keys, screen.In(screen.Time,
		screen.Key{Keys: "space", Short: "pause", First: true, About: "pause and resume", Do: m.pause},
		screen.Key{Keys: "[", Hint: "[ ]", Short: "5 s", About: "five seconds back", Do: seek(func() time.Duration { return m.at - 5*time.Second })},
		screen.Key{Keys: "]", About: "five seconds on", Do: seek(func() time.Duration { return m.at + 5*time.Second })},
		screen.Key{Keys: "<", Hint: "< >", Short: "speed", About: "slower", Do: speed(false)},
		screen.Key{Keys: ">", About: "faster, up to as fast as it can", Do: speed(true)},
		screen.Key{Keys: "home", About: "to the beginning", Do: seek(func() time.Duration { return run.Beginning })},
		screen.Key{Keys: "end", About: "to the end", Do: m.ToEnd},
	)...)
	keys = append(keys, screen.In(screen.Look,
		screen.Key{Keys: "v", About: "matrix since the last switch, or of the whole run", Do: m.switchMatrix},
		screen.Key{Keys: "esc", About: "back", Do: m.leave},
	)...)
	return append(keys, m.Always()...)
}

func (m *Model) pause() tea.Cmd {
	m.Playing, m.owed = !m.Playing && m.at < m.end, 0
	return nil
}

func (m *Model) switchMatrix() tea.Cmd {
	for _, p := range m.sides {
		p.SwitchMatrix()
	}
	return nil
}
