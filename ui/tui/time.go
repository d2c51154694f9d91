package tui

import (
	"math"
	"strconv"
	"time"

	tea "github.com/charmbracelet/bubbletea"
)

// beginning is the first instant that is shown: the cluster has started.
const beginning = time.Millisecond

// refreshTime is how often the numbers change while time goes on.
const refreshTime = 250 * time.Millisecond

// tick lets the time that has passed go on in the run, or in what is already
// known of it. moved reports whether the screen has changed.
func (s *stage) tick(now time.Time, passed time.Duration) (cmd tea.Cmd, moved bool) {
	if s.current == nil || s.failure != nil {
		return nil, false
	}
	before := s.cursor
	var step tea.Cmd
	if s.served != nil {
		s.follow()
	} else {
		step = s.move(passed)
	}
	moved = s.cursor != before
	if (s.frame == nil || s.frame.cursor != s.cursor) && !s.taking && now.Sub(s.taken) >= refreshTime {
		s.taken = now
		return tea.Batch(step, s.refresh()), true
	}
	return step, moved
}

// move moves the cursor, or lets the run come to where it wants to be.
func (s *stage) move(passed time.Duration) tea.Cmd {
	b, end := s.current, s.until()
	switch {
	case s.event > 0:
		if b.busy > 0 {
			return nil
		}
		return s.toEvent()
	case s.goal > 0:
		if s.cursor.at >= s.goal {
			s.goal = 0
			return nil
		}
		return s.reach(min(s.goal, end), end)
	case !s.playing:
		return nil
	case s.cursor.at >= end && b.busy == 0:
		s.playing = false
		return nil
	}
	if math.IsInf(s.speed, 1) {
		return s.reach(end, end)
	}
	most := time.Duration(float64(100*time.Millisecond) * s.speed)
	s.owed = min(s.owed+time.Duration(float64(passed)*s.speed), max(most, time.Millisecond))
	want := min((s.cursor.at + s.owed).Truncate(time.Millisecond), end)
	if want <= s.cursor.at {
		return nil
	}
	was := s.cursor.at
	cmd := s.reach(want, end)
	s.owed = max(s.owed-(s.cursor.at-was), 0)
	if cmd != nil {
		s.owed = 0
	}
	return cmd
}

// reach moves the cursor to an instant if that has been, and else lets the run
// go on towards it.
func (s *stage) reach(want, end time.Duration) tea.Cmd {
	b := s.current
	if want <= b.head.at {
		if math.IsInf(s.speed, 1) && s.goal == 0 {
			want = b.head.at
		}
		s.cursor = s.at(want)
		s.riding = want == b.head.at
		return nil
	}
	if b.busy > 0 {
		return nil
	}
	s.cursor, s.riding = b.head, true
	to := min(want, b.head.at+b.slice, end)
	if to <= b.head.at {
		return nil
	}
	return s.advance(to)
}

// toEvent looks for the event that is wanted, and lets the run go on while it
// has not happened.
func (s *stage) toEvent() tea.Cmd {
	b := s.current
	if b.head.n >= s.event {
		if events := b.live.Events(s.event, s.event); len(events) == 1 {
			s.cursor = cursor{s.event, events[0].At}
		}
		s.event, s.riding = 0, false
		return s.refresh()
	}
	if b.head.at >= s.until() {
		s.event = 0
		return nil
	}
	return s.advance(min(b.head.at+min(b.slice, 20*time.Millisecond), s.until()))
}

// seek moves the cursor to an instant, which the run may still have to reach.
func (s *stage) seek(t time.Duration) tea.Cmd {
	t = min(max(t, beginning), s.until())
	s.event, s.owed = 0, 0
	if s.served != nil {
		return s.lookBack(t)
	}
	if t > s.current.head.at {
		s.goal, s.cursor, s.riding = t, s.current.head, true
		return nil
	}
	s.goal, s.cursor = 0, s.at(t)
	s.riding = t == s.current.head.at
	return s.refresh()
}

// The keys of time.

func (m *Model) pause() tea.Cmd {
	s := m.stage
	if s.served != nil {
		return m.off(s.served.Run.Pause())
	}
	s.playing, s.owed = !s.playing, 0
	if s.goal > 0 || s.event > 0 {
		s.goal, s.event, s.playing = 0, 0, false
	}
	if s.playing && s.over() {
		s.playing = false
		m.say("the run is over: [ and home go back in it", false)
	}
	return s.refresh()
}

// over reports whether the cursor is at the end of the run.
func (s *stage) over() bool {
	return s.served == nil && s.current != nil && s.cursor.at >= s.current.live.End()
}

func (m *Model) eventOn() tea.Cmd {
	s := m.stage
	s.playing, s.goal = false, 0
	if s.served != nil && s.cursor.n >= s.current.head.n {
		return s.seek(s.current.head.at)
	}
	s.event = s.cursor.n + 1
	if s.current.busy > 0 {
		return nil
	}
	return s.toEvent()
}

func (m *Model) eventBack() tea.Cmd {
	s := m.stage
	s.playing, s.goal, s.event, s.riding = false, 0, 0, false
	n := s.cursor.n
	if n <= 1 {
		return nil
	}
	events := s.current.live.Events(n-1, n-1)
	if len(events) == 0 {
		m.say("what happened before is no longer kept one by one", false)
		return nil
	}
	s.cursor = cursor{n - 1, events[0].At}
	return s.refresh()
}

func (m *Model) secondsBack() tea.Cmd { return m.seekBack(m.stage.cursor.at - 5*time.Second) }

func (m *Model) secondsOn() tea.Cmd {
	s := m.stage
	return s.seek(max(s.cursor.at, s.goal) + 5*time.Second)
}

func (m *Model) toBeginning() tea.Cmd { return m.seekBack(beginning) }

func (m *Model) toHead() tea.Cmd { return m.stage.seek(m.stage.current.head.at) }

func (m *Model) slower() tea.Cmd {
	return m.setSpeed(nextSpeed(m.stage.speed, false))
}

func (m *Model) faster() tea.Cmd {
	return m.setSpeed(nextSpeed(m.stage.speed, true))
}

func (m *Model) setSpeed(to float64) tea.Cmd {
	s := m.stage
	if s.served != nil {
		return m.off(s.served.Run.Speed(to))
	}
	s.speed, s.owed = to, 0
	return nil
}

// top is what the top line tells of the stage.
func (s *stage) top(readOnly bool) top {
	t := top{
		name: s.name, at: s.cursor.at, end: s.plan.File.Duration, head: s.current.head.at,
		playing: s.playing || s.goal > 0, speed: "max", branches: len(s.branches), readOnly: readOnly,
	}
	if s.riding {
		t.head = t.at
	}
	if s.served != nil {
		t.playing, t.speed, t.end, t.url = s.riding, "live", 0, s.served.URL
		if !s.riding {
			t.speed = "past"
		}
		return t
	}
	if !math.IsInf(s.speed, 1) {
		t.speed = "x" + strconv.FormatFloat(s.speed, 'g', 4, 64)
	}
	for i, b := range s.branches {
		if b == s.current {
			t.branch = i + 1
		}
	}
	return t
}
