package tui

import (
	"cmp"
	"math"
	"slices"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"stickylab/sim"
	"stickylab/sim/plan"
	"stickylab/sim/scenario"
)

// stage is a scenario that is watched: its runs, the cursor, and what the
// viewer has chosen.
type stage struct {
	arg, name string
	plan      *plan.Plan
	served    *Served // nil: its runs are on virtual time

	branches []*branch // oldest first
	current  *branch
	born     int // branches so far
	cursor   cursor
	riding   bool          // the cursor goes with the head of the current branch
	playing  bool          // time goes on by itself
	speed    float64       // virtual seconds in a second
	owed     time.Duration // virtual time that has passed and was not lived yet
	goal     time.Duration // run on to this instant as fast as it can; 0: none
	limit    time.Duration // the run may not go on beyond it; 0: to its end
	event    uint64        // run on to this event; 0: none

	frame   *frame
	taken   time.Time // when the last frame was asked for
	taking  bool      // one is being made
	stale   bool      // and is out of date already
	gallery gallery
	closer  closerView
	view    view

	doing   bool             // a step is being done
	unseen  bool             // one was done that the frame does not show
	pending []func() tea.Cmd // what waits for it

	building *building
	history  []string // command lines
	failure  error    // of the run
}

// branch is a run of the scenario with steps of its own.
type branch struct {
	number int // from 1
	live   sim.Watched
	origin string        // where it left the one before
	head   cursor        // as last heard
	left   cursor        // where the cursor was when another branch was chosen
	busy   int           // commands that work on it
	slice  time.Duration // how much time it is given at once
	saved  int           // steps by hand that are in a file
}

func newStage(arg, name string, plan *plan.Plan, speed float64) *stage {
	return &stage{
		arg: arg, name: name, plan: plan, playing: true, riding: true, speed: speed,
		gallery: make(gallery), view: view{focus: paneClients},
	}
}

// mostBranches bounds the runs that are kept: each may hold hundreds of
// megabytes of detail.
const mostBranches = 4

// Messages of the commands that work on a run.
type (
	openedMsg struct {
		stage *stage
		live  sim.Watched
		head  cursor
	}
	advancedMsg struct {
		branch *branch
		head   cursor
		took   time.Duration
		asked  time.Duration
		err    error
	}
	doneMsg struct {
		branch *branch
		step   scenario.Step
		head   cursor
		err    error
	}
	frameMsg struct {
		stage  *stage
		branch *branch
		frame  *frame
		err    error
	}
)

// open starts the first run.
func (s *stage) open() tea.Cmd {
	return func() tea.Msg {
		if s.served != nil {
			return openedMsg{s, s.served.Run, headOf(s.served.Run)}
		}
		live := sim.Open(s.plan, nil)
		return openedMsg{s, live, headOf(live)}
	}
}

// headOf is where a run has come to; nobody may let it go on meanwhile.
func headOf(live sim.Watched) cursor { return cursor{live.Len(), live.Head()} }

// add makes a run the current branch. The oldest one goes when there are too
// many.
func (s *stage) add(live sim.Watched, head cursor, origin string) tea.Cmd {
	s.born++
	b := &branch{number: s.born, live: live, head: head, origin: origin, slice: 50 * time.Millisecond}
	s.branches = append(s.branches, b)
	s.choose(b, head)
	if len(s.branches) <= mostBranches {
		return nil
	}
	old := s.branches[0]
	s.branches = slices.Delete(s.branches, 0, 1)
	return func() tea.Msg { old.live.Close(); return nil }
}

// choose makes a branch the current one, at a cursor.
func (s *stage) choose(b *branch, at cursor) {
	if s.current != nil {
		s.current.left = s.cursor
	}
	s.current, s.cursor, s.goal, s.event, s.owed = b, at, 0, 0, 0
	s.doing, s.unseen, s.pending = false, false, nil
	s.riding = s.served != nil || at.n >= b.head.n && at.at >= b.head.at
}

// close ends all runs, but for one that was there before.
func (s *stage) close() {
	if s.served != nil {
		return
	}
	for _, b := range s.branches {
		b.live.Close()
	}
}

// unsaved is how many steps by hand are in no file.
func (s *stage) unsaved() int {
	n := 0
	for _, b := range s.branches {
		n += max(len(b.live.Hand())-b.saved, 0)
	}
	return n
}

// until is how far the run may go.
func (s *stage) until() time.Duration {
	end := s.current.live.End()
	if s.limit > 0 {
		end = min(end, s.limit)
	}
	return end
}

// atHead reports whether the cursor is where the run has come to, so that an
// action applies there.
func (s *stage) atHead() bool {
	return s.riding || s.cursor.n >= s.current.head.n && s.cursor.at >= s.current.head.at
}

// work lets a command work on the current branch.
func (s *stage) work(f func(*branch) tea.Msg) tea.Cmd {
	b := s.current
	b.busy++
	return func() tea.Msg { return f(b) }
}

// advance lets the current branch go on to an instant.
func (s *stage) advance(to time.Duration) tea.Cmd {
	asked := to - s.current.head.at
	return s.work(func(b *branch) tea.Msg {
		began := time.Now()
		err := b.live.Advance(to)
		return advancedMsg{b, headOf(b.live), time.Since(began), asked, err}
	})
}

// do applies a step at the head of the current branch.
func (s *stage) do(step scenario.Step) tea.Cmd {
	s.riding, s.doing = true, true
	served := s.served != nil
	return s.work(func(b *branch) tea.Msg {
		done, err := b.live.Do(step)
		if served && err == nil {
			b.live.Advance(done.At + servedEffect) // its error is told by who serves
		}
		return doneMsg{b, done, headOf(b.live), err}
	})
}

// refresh asks for a frame of where the cursor is.
func (s *stage) refresh() tea.Cmd {
	if s.taking {
		s.stale = true
		return nil
	}
	s.taking, s.stale = true, false
	b, at, filter := s.current, s.cursor, s.view.filter
	return func() tea.Msg {
		f, err := take(b.live, at, filter)
		return frameMsg{s, b, f, err}
	}
}

// tempo keeps how much time a run is given at once such that it takes some
// tens of milliseconds: then it can be stopped at any moment.
func (b *branch) tempo(took, asked time.Duration) {
	switch {
	case took > 60*time.Millisecond:
		b.slice = max(b.slice/2, time.Millisecond)
	case took < 25*time.Millisecond && asked*2 > b.slice:
		b.slice = min(b.slice*2, 5*time.Second)
	}
}

// at returns the cursor of an instant of the current branch that has been.
func (s *stage) at(t time.Duration) cursor {
	if t >= s.current.head.at {
		return s.current.head
	}
	return cursor{s.current.live.Before(t), t}
}

// speeds are those that keys choose from.
var speeds = []float64{0.1, 0.2, 0.5, 1, 2, 4, 10, 20, 50, 100, 200, 500, 1000, math.Inf(1)}

// faster returns the next speed above one, or below it.
func nextSpeed(now float64, up bool) float64 {
	i, found := slices.BinarySearchFunc(speeds, now, func(a, b float64) int { return cmp.Compare(a, b) })
	switch {
	case up && found:
		i++
	case !up:
		i--
	}
	return speeds[min(max(i, 0), len(speeds)-1)]
}
