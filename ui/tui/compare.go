package tui

import (
	"context"
	"math"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"stickylab/sim/plan"
)

// Side is one of two runs that are shown side by side.
type Side struct {
	Name string // what it is called on the screen: "fixed", "least_conn"
	Plan *plan.Plan
}

// Compare runs the program on two runs side by side, on one clock, until the
// viewer quits or ctx ends. title is what they are variants of. Of the options
// Speed, In and Out are used.
func Compare(ctx context.Context, o Options, title string, left, right Side) error {
	m := New(o)
	m.pair, m.mode = newPair(title, left, right, m.o.Speed), modePair
	m.pair.playing = true
	return m.run(ctx)
}

// pair is two runs side by side on one clock. Neither is ahead of the other.
type pair struct {
	title   string
	sides   [2]*stage // named by what they are called
	at      time.Duration
	end     time.Duration
	playing bool
	speed   float64
	owed    time.Duration
	taken   time.Time // when the last frames were asked for
}

func newPair(title string, left, right Side, speed float64) *pair {
	p := &pair{title: title, at: beginning, speed: speed}
	for i, side := range [2]Side{left, right} {
		s := newStage("", side.Name, side.Plan, 1)
		s.view.whole = true
		p.sides[i] = s
		p.end = max(p.end, side.Plan.File.Duration+side.Plan.File.Settle)
	}
	return p
}

// open starts the two runs.
func (p *pair) open() tea.Cmd { return tea.Batch(p.sides[0].open(), p.sides[1].open()) }

// close ends them.
func (p *pair) close() {
	for _, s := range p.sides {
		s.close()
	}
}

// ready reports whether there is something to show of both.
func (p *pair) ready() bool { return p.sides[0].frame != nil && p.sides[1].frame != nil }

// failure is what went wrong with one of the runs.
func (p *pair) failure() error {
	for _, s := range p.sides {
		if s.failure != nil {
			return s.failure
		}
	}
	return nil
}

// over reports whether both have come to their end, and show it.
func (p *pair) over() bool {
	return p.ready() && p.at >= p.end && p.sides[0].frame.cursor == p.sides[0].cursor && p.sides[1].frame.cursor == p.sides[1].cursor && p.there()
}

// there reports whether both are where the clock is.
func (p *pair) there() bool {
	for _, s := range p.sides {
		if s.current == nil || s.cursor.at != p.instant(s) {
			return false
		}
	}
	return true
}

// instant is where a side is when the clock is where it is: one may end before
// the other.
func (p *pair) instant(s *stage) time.Duration { return min(p.at, s.current.live.End()) }

// tick lets the clock go on once both are where it is.
func (p *pair) tick(now time.Time, passed time.Duration) (cmd tea.Cmd, moved bool) {
	if p.sides[0].current == nil || p.sides[1].current == nil || p.failure() != nil {
		return nil, false
	}
	var cmds []tea.Cmd
	if p.there() {
		if now.Sub(p.taken) >= refreshTime {
			cmds = p.refresh(now)
		}
		if p.playing {
			before := p.at
			p.goOn(passed)
			moved = p.at != before
		}
	}
	for _, s := range p.sides {
		if want := p.instant(s); s.cursor.at != want {
			cmds = append(cmds, s.reach(want, want))
			moved = true
		}
	}
	return tea.Batch(cmds...), moved
}

// refresh asks for frames of both, so that they show the same instant.
func (p *pair) refresh(now time.Time) (cmds []tea.Cmd) {
	if p.sides[0].taking || p.sides[1].taking {
		return nil
	}
	for _, s := range p.sides {
		if s.frame == nil || s.frame.cursor != s.cursor {
			p.taken = now
			cmds = append(cmds, s.refresh())
		}
	}
	return cmds
}

// goOn moves the clock by the time that has passed.
func (p *pair) goOn(passed time.Duration) {
	if p.at >= p.end {
		p.playing = false
		return
	}
	if math.IsInf(p.speed, 1) {
		p.at = p.end
		return
	}
	p.owed += time.Duration(float64(passed) * p.speed)
	step := p.owed.Truncate(time.Millisecond)
	p.owed -= step
	p.at = min(p.at+step, p.end)
}

// seek moves the clock to an instant.
func (p *pair) seek(t time.Duration) { p.at, p.owed = min(max(t, beginning), p.end), 0 }

// heard takes what a command of one of the runs brings back.
func (p *pair) heard(msg tea.Msg) (cmd tea.Cmd, mine bool) {
	for _, s := range p.sides {
		switch msg := msg.(type) {
		case openedMsg:
			if msg.stage == s {
				return tea.Batch(s.add(msg.live, msg.head, ""), s.refresh()), true
			}
		case advancedMsg:
			if msg.branch == s.current {
				msg.branch.busy--
				msg.branch.head = msg.head
				msg.branch.tempo(msg.took, msg.asked)
				s.cursor, s.failure = msg.head, msg.err
				return nil, true
			}
		case frameMsg:
			if msg.stage == s {
				s.taking, s.frame = false, msg.frame
				if msg.err != nil {
					s.failure = msg.err
				}
				return nil, true
			}
		}
	}
	return nil, false
}

// The keys of a pair.

func (m *Model) pairPause() tea.Cmd {
	p := m.pair
	p.playing, p.owed = !p.playing && p.at < p.end, 0
	return nil
}

func (m *Model) pairBack() tea.Cmd { m.pair.seek(m.pair.at - 5*time.Second); return nil }
func (m *Model) pairOn() tea.Cmd   { m.pair.seek(m.pair.at + 5*time.Second); return nil }
func (m *Model) pairHome() tea.Cmd { m.pair.seek(beginning); return nil }
func (m *Model) pairEnd() tea.Cmd  { m.pair.seek(m.pair.end); return nil }

func (m *Model) pairSlower() tea.Cmd { m.pair.speed = nextSpeed(m.pair.speed, false); return nil }
func (m *Model) pairFaster() tea.Cmd { m.pair.speed = nextSpeed(m.pair.speed, true); return nil }

func (m *Model) pairMatrix() tea.Cmd {
	for _, s := range m.pair.sides {
		s.view.whole = !s.view.whole
	}
	return nil
}

// leavePair goes to the list of scenarios, if there is one behind the pair.
func (m *Model) leavePair() tea.Cmd {
	if m.lesson == nil {
		return m.quit()
	}
	return m.toScenarios()
}
