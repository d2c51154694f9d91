package run

import (
	"slices"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"stickylab/sim"
	"stickylab/sim/plan"
)

// Player plays a scenario: it has its runs, the cursor, the frame of it, and
// what the viewer has chosen there.
type Player struct {
	Name    string
	Plan    *plan.Plan
	Frame   *Frame        // what is shown; nil before the first one is there
	Failure error         // of the run
	Limit   time.Duration // the run may not pass it; 0 means its end

	Still bool // nothing moves but numbers

	// Start starts the first run; by default it is on virtual time.
	Start func() (Watched, error)

	served *Served // nil means that its runs are on virtual time

	branches []*branch // oldest first
	current  *branch
	born     int // branches so far
	cursor   Cursor
	riding   bool          // the cursor moves with the head of the current branch
	playing  bool          // time passes by itself
	speed    float64       // virtual seconds in a second
	owed     time.Duration // virtual time that has passed and was not lived yet
	goal     time.Duration // run to this instant as fast as possible; 0 means none
	event    uint64        // run to this event; 0 means none

	taken  time.Time // when the last frame was asked for
	taking bool      // one is being made
	stale  bool      // and is out of date already
	view   view
	motion motion

	doing   bool             // a step is being done
	refused bool             // the last step of Do could not be done
	unseen  bool             // one was done that the frame does not show
	pending []func() tea.Cmd // what waits for it

	drawn   map[Pane][]string // the panes as they were drawn last
	drawnOf map[Pane]drawing
}

// branch is a run of the scenario with its own steps.
type branch struct {
	number int // from 1
	live   Watched
	origin string        // where it left the one before
	head   Cursor        // as last known
	left   Cursor        // where the cursor was when another branch was chosen
	busy   int           // commands that work on it
	slice  time.Duration // how much time it is given at once
	saved  int           // steps done here that are in a file
}

// NewPlayer returns a player of a plan that runs at a speed, 1 being that of
// the clock. It does nothing before Open.
func NewPlayer(name string, plan *plan.Plan, speed float64) *Player {
	return &Player{
		Name: name, Plan: plan, playing: true, riding: true, speed: speed,
		Start: func() (Watched, error) { return sim.Open(plan, nil) },
		drawn: make(map[Pane][]string), drawnOf: make(map[Pane]drawing), view: view{focus: PaneClients},
	}
}

// mostBranches bounds the runs that are kept: each may hold hundreds of
// megabytes of detail.
const mostBranches = 4

// Open starts the first run.
func (p *Player) Open() tea.Cmd {
	return func() tea.Msg {
		live, err := p.Start()
		if err != nil {
			return resultMsg{player: p, take: func() (tea.Cmd, error) { p.Failure = err; return nil, err }}
		}
		head := headOf(live)
		return resultMsg{p, live, func() (tea.Cmd, error) { return tea.Batch(p.add(live, head, ""), p.Refresh()), nil }}
	}
}

// headOf returns the head of a run; nothing may advance it meanwhile.
func headOf(live Watched) Cursor { return Cursor{live.Len(), live.Head()} }

// add makes a run the current branch. The oldest one goes when there are too
// many.
func (p *Player) add(live Watched, head Cursor, origin string) tea.Cmd {
	p.born++
	b := &branch{number: p.born, live: live, head: head, origin: origin, slice: 50 * time.Millisecond}
	p.branches = append(p.branches, b)
	p.choose(b, head)
	if len(p.branches) <= mostBranches {
		return nil
	}
	old := p.branches[0]
	p.branches = slices.Delete(p.branches, 0, 1)
	return func() tea.Msg { old.live.Close(); return nil }
}

// choose makes a branch the current one, at a cursor.
func (p *Player) choose(b *branch, at Cursor) {
	if p.current != nil {
		p.current.left = p.cursor
	}
	p.current, p.cursor, p.goal, p.event, p.owed = b, at, 0, 0, 0
	p.doing, p.unseen, p.pending = false, false, nil
	p.riding = p.served != nil || at.N >= b.head.N && at.At >= b.head.At
}

// Close ends all runs, except one that is served.
func (p *Player) Close() {
	if p.served != nil {
		return
	}
	for _, b := range p.branches {
		b.live.Close()
	}
}

// Unsaved returns how many steps done here are in no file.
func (p *Player) Unsaved() int {
	n := 0
	for _, b := range p.branches {
		n += max(len(b.live.Hand())-b.saved, 0)
	}
	return n
}

// Opened reports whether there is a run.
func (p *Player) Opened() bool { return p.current != nil }

// At returns the instant of the cursor.
func (p *Player) At() time.Duration { return p.cursor.At }

// End returns when the current run ends.
func (p *Player) End() time.Duration { return p.current.live.End() }

// Shown reports whether the frame is that of the cursor.
func (p *Player) Shown() bool { return p.Frame != nil && p.Frame.Cursor == p.cursor }

// until returns the instant up to which the run may be advanced.
func (p *Player) until() time.Duration {
	end := p.End()
	if p.Limit > 0 {
		end = min(end, p.Limit)
	}
	return end
}

// atHead reports whether the cursor is where the run has come to, so that an
// action applies there.
func (p *Player) atHead() bool {
	return p.riding || p.cursor.N >= p.current.head.N && p.cursor.At >= p.current.head.At
}

// at returns the cursor of an instant of the current branch that has been.
func (p *Player) at(t time.Duration) Cursor {
	if t >= p.current.head.At {
		return p.current.head
	}
	return Cursor{p.current.live.Before(t), t}
}
