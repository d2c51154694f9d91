package run

import (
	"cmp"
	"fmt"
	"slices"
	"sync/atomic"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"stickylab/sim"
	"stickylab/sim/format"
	"stickylab/sim/plan"
	"stickylab/sim/scenario"
	"stickylab/ui/tui/screen"
	"stickylab/ui/tui/style"
)

// building is a branch on its way: the scenario is run again, with the steps
// done here so far, up to the instant at which another step is to be done.
type building struct {
	step   scenario.Step
	to     time.Duration
	at     atomic.Int64 // how far it is
	cancel atomic.Bool
}

// branchOff begins a branch at the cursor, with a step done there.
func (m *Model) branchOff(step scenario.Step) tea.Cmd {
	to := m.cursor.At
	if m.cursor.N > m.current.live.Before(to) {
		to++ // the cursor is in the middle of an instant, which is to have been
	}
	var hand []scenario.Step
	for _, done := range m.current.live.Hand() {
		if done.At < to {
			hand = append(hand, done)
		}
	}
	b := &building{step: step, to: to}
	m.building = b
	plan := m.Plan
	return func() tea.Msg {
		live, err := b.run(plan, hand)
		return resultMsg{m.Player, live, func() (tea.Cmd, error) { return m.built(b, live, err) }}
	}
}

// run runs the scenario up to the step and does it. Both results are nil when
// it was canceled.
func (b *building) run(plan *plan.Plan, hand []scenario.Step) (Watched, error) {
	if err := plan.With(hand...).CheckStep(b.step); err != nil {
		return nil, err
	}
	live, err := sim.Open(plan, hand)
	if err != nil {
		return nil, err
	}
	tempo := branch{slice: 100 * time.Millisecond}
	for at := live.Head(); at < b.to; at = live.Head() {
		b.at.Store(int64(at))
		if b.cancel.Load() {
			live.Close()
			return nil, nil
		}
		began, slice := time.Now(), tempo.slice
		if err := live.Advance(min(at+slice, b.to)); err != nil {
			live.Close()
			return nil, err
		}
		tempo.tempo(time.Since(began), slice)
	}
	if _, err := live.Do(b.step); err != nil {
		live.Close()
		return nil, err
	}
	return live, nil
}

// built takes over a branch that is there; live is nil when it was canceled, or
// could not be built.
func (m *Model) built(b *building, live Watched, err error) (tea.Cmd, error) {
	if b != m.building {
		return Abandon(resultMsg{live: live}), nil
	}
	m.building = nil
	if err == nil && live == nil {
		m.Say("canceled: nothing was done", false)
	}
	if live == nil {
		return nil, err
	}
	origin := fmt.Sprintf("%s at %s", b.step, style.Instant(b.to))
	cmd := m.add(live, headOf(live), origin)
	m.Say("a new branch: "+origin+"   b goes back to the old one", false)
	return tea.Batch(cmd, m.Refresh()), nil
}

// cancelBuilding stops building, at the next chance.
func (m *Model) cancelBuilding() tea.Cmd {
	m.building.cancel.Store(true)
	return nil
}

// draw tells how far a building is.
func (b *building) draw(width int) string {
	at := time.Duration(b.at.Load())
	text := fmt.Sprintf(" again up to here, for a new branch  %s of %s  ", style.Clock(at), style.Clock(b.to))
	bar := style.Bar(int(at/time.Millisecond), int(b.to/time.Millisecond), min(max(width-style.Width(text)-16, 0), 30))
	return style.Fit(style.Paint(style.Strong, text)+bar+"  esc cancels", width)
}

// showBranches lists the branches, to choose one.
func (m *Model) showBranches() tea.Cmd {
	if m.served != nil {
		return m.off(m.served.Run.Branch(m.cursor.At))
	}
	return m.Cover(&screen.Cover{
		Title: "branches", At: slices.Index(m.branches, m.current), Lines: m.branchLines,
		Size: func() int { return len(m.branches) }, Choose: m.chooseBranch,
	})
}

// chooseBranch goes to a branch, where it was left.
func (m *Model) chooseBranch(n int) tea.Cmd {
	b := m.branches[min(max(n, 0), len(m.branches)-1)]
	if b == m.current {
		return nil
	}
	m.playing = false
	m.choose(b, cmp.Or(b.left, b.head))
	return m.Refresh()
}

// branchLines is the list of branches.
func (p *Player) branchLines(width, chosen int) []string {
	lines := []string{
		style.Paint(style.Dim, style.Fit("    the runs of this scenario: an action in the past begins a new one", width)), "",
	}
	for i, b := range p.branches {
		origin := b.origin
		if origin == "" {
			origin = "the scenario as it is"
		}
		now := ""
		if b == p.current {
			now = style.Paint(style.Accent, "here")
		}
		line := fmt.Sprintf("%s%d  %s  %s", tip(i == chosen), b.number, style.Fit(now, 4), style.Fit(origin, 40))
		line += style.Paint(style.Dim, fmt.Sprintf("  as far as %s, %s done here", style.Clock(b.head.At), format.Plural(len(b.live.Hand()), "step")))
		lines = append(lines, line)
	}
	return lines
}
