package run

import (
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"stickylab/sim/scenario"
)

// resultMsg is what a command that works on a run brings back.
type resultMsg struct {
	player *Player
	live   Watched                 // a run that it started; nil means none
	take   func() (tea.Cmd, error) // takes it over; its error is what went wrong with the run
}

// Abandon ends the run that a message brings when no screen wants it any more.
func Abandon(msg tea.Msg) tea.Cmd {
	if msg, ok := msg.(resultMsg); ok && msg.live != nil {
		return func() tea.Msg { msg.live.Close(); return nil }
	}
	return nil
}

// work lets a command work on the current branch. What f returns takes over what
// came of it, when the head of the branch is known.
func (p *Player) work(f func(*branch) func() (tea.Cmd, error)) tea.Cmd {
	b := p.current
	b.busy++
	return func() tea.Msg {
		take := f(b)
		head := headOf(b.live)
		return resultMsg{player: p, take: func() (tea.Cmd, error) {
			b.busy--
			b.head = head
			return take()
		}}
	}
}

// advance runs the current branch to an instant.
func (p *Player) advance(to time.Duration) tea.Cmd {
	asked := to - p.current.head.At
	return p.work(func(b *branch) func() (tea.Cmd, error) {
		began := time.Now()
		err := b.live.Advance(to)
		took := time.Since(began)
		return func() (tea.Cmd, error) { b.tempo(took, asked); return p.advanced(b, err) }
	})
}

// do applies a step at the head of the current branch.
func (m *Model) do(step scenario.Step) tea.Cmd {
	m.riding, m.doing = true, true
	return m.work(func(b *branch) func() (tea.Cmd, error) {
		done, err := b.live.Do(step)
		if m.served != nil && err == nil {
			b.live.Advance(done.At + servedEffect) // its error is told by who serves
		}
		return func() (tea.Cmd, error) { return m.done(b, done, err) }
	})
}

// Newest reports whether the cursor is where the run has come to.
func (p *Player) Newest() bool { return p.Opened() && p.atHead() }

// Do applies a step at the head, where the cursor then is. Whether it could be done is known when Update has its result: if not,
// that is the error, and Refused.
func (p *Player) Do(step scenario.Step) tea.Cmd {
	p.refused = false
	return p.work(func(b *branch) func() (tea.Cmd, error) {
		_, err := b.live.Do(step)
		return func() (tea.Cmd, error) {
			if p.refused = err != nil; p.refused || b != p.current {
				return nil, err
			}
			p.cursor, p.riding = b.head, true
			return p.Refresh(), nil
		}
	})
}

// Refused reports whether the last step of Do could not be done.
func (p *Player) Refused() bool { return p.refused }

// done tells what a step came to.
func (m *Model) done(b *branch, step scenario.Step, err error) (tea.Cmd, error) {
	if b != m.current {
		return nil, nil
	}
	m.doing, m.unseen = false, true
	if m.riding {
		m.cursor = b.head
	}
	if err == nil {
		m.Say(step.String(), false)
	}
	return m.Refresh(), err
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
	b, at, filter, decided := p.current, p.cursor, p.view.filter, p.tooFast()
	return func() tea.Msg {
		f, err := take(b.live, at, filter, decided)
		return resultMsg{player: p, take: func() (tea.Cmd, error) { return p.framed(b, f, err) }}
	}
}

// Update takes what a command brought back; err is what went wrong with the
// run. known is false when the message is not of this player.
func (p *Player) Update(msg tea.Msg) (cmd tea.Cmd, known bool, err error) {
	result, ok := msg.(resultMsg)
	if !ok || result.player != p {
		return nil, false, nil
	}
	cmd, err = result.take()
	return cmd, true, err
}

func (p *Player) advanced(b *branch, err error) (tea.Cmd, error) {
	switch {
	case b != p.current:
		return nil, nil
	case err != nil: // nothing continues, but what has happened can be looked at
		p.Failure, p.playing, p.goal, p.event = err, false, 0, 0
		return p.Refresh(), err
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

func (p *Player) framed(b *branch, f *Frame, err error) (tea.Cmd, error) {
	p.taking = false
	if b == p.current {
		p.Frame = f
	} else {
		p.stale, err = true, nil
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
