package tui

import (
	"fmt"
	"slices"
	"sync/atomic"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"stickylab/sim"
	"stickylab/sim/plan"
	"stickylab/sim/scenario"
	"stickylab/ui/tui/style"
)

// building is a branch on its way: the scenario is run again, with the steps
// by hand so far, up to the instant at which another step is to be done.
type building struct {
	step   scenario.Step
	to     time.Duration
	at     atomic.Int64 // how far it is
	cancel atomic.Bool
}

// builtMsg is the end of a building.
type builtMsg struct {
	building *building
	live     sim.Watched // nil when it was canceled
	head     cursor
	err      error // of the step: then live is nil
}

// branchOff begins a branch at the cursor, with a step done there.
func (m *Model) branchOff(step scenario.Step) tea.Cmd {
	s := m.stage
	to := s.cursor.at
	if s.cursor.n > s.current.live.Before(to) {
		to++ // the cursor is in the middle of an instant, which is to have been
	}
	var hand []scenario.Step
	for _, done := range s.current.live.Hand() {
		if done.At < to {
			hand = append(hand, done)
		}
	}
	b := &building{step: step, to: to}
	s.building = b
	m.under, m.mode = m.mode, modeBuilding
	plan := s.plan
	return func() tea.Msg {
		if err := plan.With(hand...).CheckStep(step); err != nil {
			return builtMsg{building: b, err: err}
		}
		live, err := b.run(plan, hand)
		if err != nil || live == nil {
			return builtMsg{building: b, err: err}
		}
		return builtMsg{building: b, live: live, head: headOf(live)}
	}
}

// run runs the scenario up to the step and does it. Both results are nil when
// it was canceled.
func (b *building) run(plan *plan.Plan, hand []scenario.Step) (sim.Watched, error) {
	live := sim.Open(plan, hand)
	slice := 100 * time.Millisecond
	for at := live.Head(); at < b.to; at = live.Head() {
		b.at.Store(int64(at))
		if b.cancel.Load() {
			live.Close()
			return nil, nil
		}
		began := time.Now()
		if err := live.Advance(min(at+slice, b.to)); err != nil {
			live.Close()
			return nil, err
		}
		if time.Since(began) < 25*time.Millisecond {
			slice *= 2
		} else {
			slice = max(slice/2, time.Millisecond)
		}
	}
	if _, err := live.Do(b.step); err != nil {
		live.Close()
		return nil, err
	}
	return live, nil
}

// built takes over a branch that is there.
func (m *Model) built(msg builtMsg) tea.Cmd {
	s := m.stage
	if s == nil || s.building != msg.building {
		if live := msg.live; live != nil {
			return func() tea.Msg { live.Close(); return nil }
		}
		return nil
	}
	s.building = nil
	if m.mode == modeBuilding {
		m.mode = m.under
	}
	switch {
	case msg.err != nil:
		m.fail(msg.err)
		return nil
	case msg.live == nil:
		m.say("canceled: nothing was done", false)
		return nil
	}
	origin := fmt.Sprintf("%s at %s", msg.building.step, style.Instant(msg.building.to))
	cmd := s.add(msg.live, msg.head, origin)
	m.say("a new branch: "+origin+"   b goes back to the old one", false)
	return tea.Batch(cmd, s.refresh())
}

// cancelBuilding stops building, at the next chance.
func (m *Model) cancelBuilding() tea.Cmd {
	if b := m.stage.building; b != nil {
		b.cancel.Store(true)
	}
	return nil
}

// drawProgress tells how far a building is.
func (s *stage) drawProgress(width int) string {
	b := s.building
	if b == nil {
		return style.Fit("", width)
	}
	at := time.Duration(b.at.Load())
	text := fmt.Sprintf(" again up to here, for a new branch  %s of %s  ", style.Clock(at), style.Clock(b.to))
	bar := style.Bar(int(at/time.Millisecond), int(b.to/time.Millisecond), min(max(width-style.Width(text)-16, 0), 30))
	return style.Fit(style.Paint(style.Strong, text)+bar+"  esc cancels", width)
}

// The list of branches.

func (m *Model) showBranches() tea.Cmd {
	s := m.stage
	if s.served != nil {
		return m.off(s.served.Run.Branch(s.cursor.at))
	}
	m.under, m.mode = m.mode, modeBranches
	m.scroll = slices.Index(s.branches, s.current)
	return nil
}

// chooseBranch goes to the branch that is selected in the list.
func (m *Model) chooseBranch() tea.Cmd {
	s := m.stage
	m.mode = m.under
	b := s.branches[min(max(m.scroll, 0), len(s.branches)-1)]
	if b == s.current {
		return nil
	}
	at := b.left
	if at.at == 0 {
		at = b.head
	}
	s.playing = false
	s.choose(b, at)
	return s.refresh()
}

// drawBranches draws the list of branches.
func (s *stage) drawBranches(chosen, width, height int) []string {
	lines := []string{
		style.Paint(style.Dim, style.Fit("    the runs of this scenario: an action in the past begins a new one", width-4)), "",
	}
	for i, b := range s.branches {
		tip := "  "
		if i == chosen {
			tip = style.Paint(style.Accent, "› ")
		}
		origin := b.origin
		if origin == "" {
			origin = "the scenario as it is"
		}
		now := ""
		if b == s.current {
			now = style.Paint(style.Accent, "here")
		}
		line := fmt.Sprintf("%s%d  %s  %s", tip, b.number, style.Fit(now, 4), style.Fit(origin, 40))
		line += style.Paint(style.Dim, fmt.Sprintf("  as far as %s, %d steps by hand", style.Clock(b.head.at), len(b.live.Hand())))
		lines = append(lines, line)
	}
	return style.Box{Title: "branches", Lines: lines, Width: width, Height: height, Focused: true}.Draw()
}
