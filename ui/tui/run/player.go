package run

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

// Player plays a scenario: it has its runs, the cursor, the frame of it, and
// what the viewer has chosen there.
type Player struct {
	Name    string
	Plan    *plan.Plan
	Frame   *Frame // what is shown; nil before the first one is there
	Failure error  // of the run

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
	limit    time.Duration // the run may not pass it; 0 means its end
	event    uint64        // run to this event; 0 means none

	taken  time.Time // when the last frame was asked for
	taking bool      // one is being made
	stale  bool      // and is out of date already
	drawn  map[Pane]drawing
	view   view

	doing   bool             // a step is being done
	unseen  bool             // one was done that the frame does not show
	pending []func() tea.Cmd // what waits for it
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
		drawn: make(map[Pane]drawing), view: view{focus: PaneClients},
	}
}

// mostBranches bounds the runs that are kept: each may hold hundreds of
// megabytes of detail.
const mostBranches = 4

// Messages of the commands that work on a run.
type (
	openedMsg struct {
		player *Player
		live   Watched
		head   Cursor
		err    error // then there is no run
	}
	advancedMsg struct {
		player *Player
		branch *branch
		head   Cursor
		took   time.Duration
		asked  time.Duration
		err    error
	}
	doneMsg struct {
		player *Player
		branch *branch
		step   scenario.Step
		head   Cursor
		err    error
	}
	frameMsg struct {
		player *Player
		branch *branch
		frame  *Frame
		err    error
	}
)

// Abandon ends the run that a message brings when no screen wants it any more.
func Abandon(msg tea.Msg) tea.Cmd {
	var live Watched
	switch msg := msg.(type) {
	case openedMsg:
		live = msg.live
	case builtMsg:
		live = msg.live
	}
	if live == nil {
		return nil
	}
	return func() tea.Msg { live.Close(); return nil }
}

// Open starts the first run.
func (p *Player) Open() tea.Cmd {
	return func() tea.Msg {
		live, err := p.Start()
		if err != nil {
			return openedMsg{player: p, err: err}
		}
		return openedMsg{player: p, live: live, head: headOf(live)}
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
	if p.limit > 0 {
		end = min(end, p.limit)
	}
	return end
}

// atHead reports whether the cursor is where the run has come to, so that an
// action applies there.
func (p *Player) atHead() bool {
	return p.riding || p.cursor.N >= p.current.head.N && p.cursor.At >= p.current.head.At
}

// work lets a command work on the current branch.
func (p *Player) work(f func(*branch) tea.Msg) tea.Cmd {
	b := p.current
	b.busy++
	return func() tea.Msg { return f(b) }
}

// advance runs the current branch to an instant.
func (p *Player) advance(to time.Duration) tea.Cmd {
	asked := to - p.current.head.At
	return p.work(func(b *branch) tea.Msg {
		began := time.Now()
		err := b.live.Advance(to)
		return advancedMsg{p, b, headOf(b.live), time.Since(began), asked, err}
	})
}

// do applies a step at the head of the current branch.
func (p *Player) do(step scenario.Step) tea.Cmd {
	p.riding, p.doing = true, true
	served := p.served != nil
	return p.work(func(b *branch) tea.Msg {
		done, err := b.live.Do(step)
		if served && err == nil {
			b.live.Advance(done.At + servedEffect) // its error is told by who serves
		}
		return doneMsg{p, b, done, headOf(b.live), err}
	})
}

// Taking reports whether a frame is being made.
func (p *Player) Taking() bool { return p.taking }

// Refresh asks for a frame of where the cursor is.
func (p *Player) Refresh() tea.Cmd {
	if p.taking {
		p.stale = true
		return nil
	}
	p.taking, p.stale = true, false
	b, at, filter := p.current, p.cursor, p.view.filter
	return func() tea.Msg {
		f, err := take(b.live, at, filter)
		return frameMsg{p, b, f, err}
	}
}

// Update takes what a command brought back; err is what went wrong with the
// run. known is false when the message is not of this player.
func (p *Player) Update(msg tea.Msg) (cmd tea.Cmd, known bool, err error) {
	switch msg := msg.(type) {
	case openedMsg:
		if msg.player != p {
			return nil, false, nil
		}
		if msg.err != nil {
			p.Failure = msg.err
			return nil, true, msg.err
		}
		return tea.Batch(p.add(msg.live, msg.head, ""), p.Refresh()), true, nil
	case advancedMsg:
		if msg.player != p {
			return nil, false, nil
		}
		cmd, err = p.advanced(msg)
		return cmd, true, err
	case frameMsg:
		if msg.player != p {
			return nil, false, nil
		}
		cmd, err = p.framed(msg)
		return cmd, true, err
	}
	return nil, false, nil
}

func (p *Player) advanced(msg advancedMsg) (tea.Cmd, error) {
	b := msg.branch
	b.busy--
	b.head = msg.head
	b.tempo(msg.took, msg.asked)
	switch {
	case b != p.current:
		return nil, nil
	case msg.err != nil: // nothing continues, but what has happened can be looked at
		p.Failure, p.playing, p.goal, p.event = msg.err, false, 0, 0
		return p.Refresh(), msg.err
	case p.event > 0 && b.busy == 0:
		return p.toEvent(), nil
	case p.riding:
		p.cursor = b.head
	}
	if p.goal > 0 && p.cursor.At >= p.goal {
		p.goal = 0
		return p.Refresh(), nil
	}
	return nil, nil
}

func (p *Player) framed(msg frameMsg) (cmd tea.Cmd, err error) {
	p.taking = false
	if msg.branch == p.current {
		p.Frame, err = msg.frame, msg.err
	} else {
		p.stale = true
	}
	switch {
	case p.stale:
		return p.Refresh(), err
	case !p.doing:
		return p.nextPending(), err
	}
	return nil, err
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
func (p *Player) at(t time.Duration) Cursor {
	if t >= p.current.head.At {
		return p.current.head
	}
	return Cursor{p.current.live.Before(t), t}
}

// Speeds are the speeds that keys choose from.
var Speeds = []float64{0.1, 0.2, 0.5, 1, 2, 4, 10, 20, 50, 100, 200, 500, 1000, math.Inf(1)}

// NextSpeed returns the next speed above one, or below it.
func NextSpeed(now float64, up bool) float64 {
	i, found := slices.BinarySearchFunc(Speeds, now, func(a, b float64) int { return cmp.Compare(a, b) })
	switch {
	case up && found:
		i++
	case !up:
		i--
	}
	return Speeds[min(max(i, 0), len(Speeds)-1)]
}
