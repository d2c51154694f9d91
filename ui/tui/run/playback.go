package run

import (
	"cmp"
	"math"
	"slices"
	"strconv"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"stickylab/ui/tui/screen"
)

// Beginning is the first instant that is shown: the cluster has started.
const Beginning = time.Millisecond

// RefreshTime is the time between two frames while time passes.
const RefreshTime = 250 * time.Millisecond

// tick lets the time that has passed pass in the run, or in what is already
// known of it. moved reports whether the screen has changed.
func (p *Player) tick(t screen.Tick) (cmd tea.Cmd, moved bool) {
	if p.current == nil || p.Failure != nil {
		return nil, false
	}
	before := p.cursor
	var step tea.Cmd
	if p.served != nil {
		p.follow()
	} else {
		step = p.move(t.Passed)
	}
	moved = p.cursor != before
	if (p.Frame == nil || p.Frame.Cursor != p.cursor) && !p.taking && t.Now.Sub(p.taken) >= RefreshTime {
		p.taken = t.Now
		return tea.Batch(step, p.Refresh()), true
	}
	return step, moved
}

// move moves the cursor, or lets the run come to where it wants to be.
func (p *Player) move(passed time.Duration) tea.Cmd {
	b, end := p.current, p.until()
	switch {
	case p.event > 0:
		if b.busy > 0 {
			return nil
		}
		return p.toEvent()
	case p.goal > 0:
		if p.cursor.At >= p.goal {
			p.goal = 0
			return nil
		}
		return p.Reach(min(p.goal, end), end)
	case !p.playing:
		return nil
	case p.cursor.At >= end && b.busy == 0:
		p.playing = false
		return nil
	}
	if math.IsInf(p.speed, 1) {
		return p.Reach(end, end)
	}
	most := time.Duration(float64(100*time.Millisecond) * p.speed)
	p.owed = min(p.owed+time.Duration(float64(passed)*p.speed), max(most, time.Millisecond))
	want := min((p.cursor.At + p.owed).Truncate(time.Millisecond), end)
	if want <= p.cursor.At {
		return nil
	}
	was := p.cursor.At
	cmd := p.Reach(want, end)
	p.owed = max(p.owed-(p.cursor.At-was), 0)
	if cmd != nil {
		p.owed = 0
	}
	return cmd
}

// Reach moves the cursor to an instant if that has been, and else advances
// the run towards it.
func (p *Player) Reach(want, end time.Duration) tea.Cmd {
	b := p.current
	if want <= b.head.At {
		if math.IsInf(p.speed, 1) && p.goal == 0 {
			want = b.head.At
		}
		p.cursor = p.at(want)
		p.riding = want == b.head.At
		return nil
	}
	if b.busy > 0 {
		return nil
	}
	p.cursor, p.riding = b.head, true
	to := min(want, b.head.At+b.slice, end)
	if to <= b.head.At {
		return nil
	}
	return p.advance(to)
}

// toEvent looks for the event that is wanted, and advances the run while it
// has not happened.
func (p *Player) toEvent() tea.Cmd {
	b := p.current
	if b.head.N >= p.event {
		if events := b.live.Events(p.event, p.event); len(events) == 1 {
			p.cursor = Cursor{p.event, events[0].At}
		}
		p.event, p.riding = 0, false
		return p.Refresh()
	}
	if b.head.At >= p.until() {
		p.event = 0
		return nil
	}
	return p.advance(min(b.head.At+min(b.slice, 20*time.Millisecond), p.until()))
}

// seek moves the cursor to an instant, which the run may still have to reach.
func (p *Player) seek(t time.Duration) tea.Cmd {
	t = min(max(t, Beginning), p.until())
	p.event, p.owed = 0, 0
	if p.served != nil {
		t = p.kept(t)
	} else if t > p.current.head.At {
		p.goal, p.cursor, p.riding = t, p.current.head, true
		return nil
	}
	p.goal, p.cursor = 0, p.at(t)
	p.riding = t >= p.current.head.At
	return p.Refresh()
}

// The keys of time.

func (m *Model) pause() tea.Cmd {
	if m.served != nil {
		return m.off(m.served.Run.Pause())
	}
	m.playing, m.owed = !m.playing, 0
	if m.goal > 0 || m.event > 0 {
		m.goal, m.event, m.playing = 0, 0, false
	}
	if m.playing && m.over() {
		m.playing = false
		m.Say("the run is over: [ and home go back in it", false)
	}
	return m.Refresh()
}

// over reports whether the cursor is at the end of the run.
func (p *Player) over() bool {
	return p.served == nil && p.current != nil && p.cursor.At >= p.current.live.End()
}

func (m *Model) eventOn() tea.Cmd {
	m.playing, m.goal = false, 0
	if m.served != nil && m.cursor.N >= m.current.head.N {
		return m.seek(m.current.head.At)
	}
	m.event = m.cursor.N + 1
	if m.current.busy > 0 {
		return nil
	}
	return m.toEvent()
}

func (m *Model) eventBack() tea.Cmd {
	m.playing, m.goal, m.event, m.riding = false, 0, 0, false
	n := m.cursor.N
	if n <= 1 {
		return nil
	}
	events := m.current.live.Events(n-1, n-1)
	if len(events) == 0 {
		m.Say("what happened before is no longer kept one by one", false)
		return nil
	}
	m.cursor = Cursor{n - 1, events[0].At}
	return m.Refresh()
}

// nextSpeed returns what makes time pass faster, or slower.
func (m *Model) nextSpeed(up bool) func() tea.Cmd {
	return func() tea.Cmd {
		to := NextSpeed(m.speed, up)
		if m.served != nil {
			return m.off(m.served.Run.Speed(to))
		}
		m.speed, m.owed = to, 0
		return nil
	}
}

// top returns the part of the top line that is not in the frame.
func (p *Player) top(readOnly bool) top {
	t := top{
		name: p.Name, at: p.cursor.At, end: p.Plan.File.Duration, head: p.current.head.At,
		playing: p.playing || p.goal > 0, branches: len(p.branches), readOnly: readOnly,
	}
	if p.riding {
		t.head = t.at
	}
	if p.served != nil {
		t.playing, t.speed, t.end, t.url = p.riding, "live", 0, p.served.URL
		if !p.riding {
			t.speed = "past"
		}
		return t
	}
	t.speed = SpeedText(p.speed)
	for i, b := range p.branches {
		if b == p.current {
			t.branch = i + 1
		}
	}
	return t
}

// tooFast reports whether time passes too fast to follow a message from hop to hop.
func (p *Player) tooFast() bool {
	return p.served != nil || p.playing && p.speed >= followed || p.goal > 0
}

// followed is the speed below which each message can be followed.
const followed = 0.5

// Play lets time pass, up to a limit.
func (p *Player) Play(limit time.Duration) { p.Limit, p.playing, p.owed = limit, true, 0 }

// Stop lets no more time pass by itself.
func (p *Player) Stop() { p.playing = false }

// Speeds are the speeds that keys choose from.
var Speeds = []float64{0.1, 0.2, 0.5, 1, 2, 4, 10, 20, 50, 100, 200, 500, 1000, math.Inf(1)}

// SpeedText writes a speed: "x2", "max".
func SpeedText(speed float64) string {
	if math.IsInf(speed, 1) {
		return "max"
	}
	return "x" + strconv.FormatFloat(speed, 'g', 4, 64)
}

// NextSpeed returns the next speed above one, or below it.
func NextSpeed(now float64, up bool) float64 {
	i, found := slices.BinarySearchFunc(Speeds, now, cmp.Compare[float64])
	switch {
	case up && found:
		i++
	case !up:
		i--
	}
	return Speeds[min(max(i, 0), len(Speeds)-1)]
}
