package run

import (
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"stickylab/sim/scenario"
)

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
