package tui

import (
	"strings"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"stickylab/sim"
	"stickylab/ui/tui/style"
)

// Served is a cluster that real clients use: its run goes by the wall clock,
// and is neither opened nor closed by the program.
type Served struct {
	Run   ServedRun
	Name  string        // of the scenario
	URL   string        // where clients connect: "http://127.0.0.1:8080/"
	About string        // in lines: where everything is, and a client to begin with
	Notes <-chan string // what is to be told beside what happens; nil: nothing
}

// ServedRun is a run whose time nobody steers; the last three tell why not.
type ServedRun interface {
	sim.Watched
	Pause() error
	Speed(float64) error
	Branch(time.Duration) error
}

var _ ServedRun = (*sim.Served)(nil)

// servedEffect is how long a step is given before the screen shows what came
// of it: a few times what events take to be recorded.
const servedEffect = 30 * time.Millisecond

// noteMsg is one of the Notes.
type noteMsg string

// listen waits for the next of the Notes.
func (v *Served) listen() tea.Msg {
	if note, ok := <-v.Notes; ok {
		return noteMsg(note)
	}
	return nil
}

// follow goes with the clock, unless the past is looked at.
func (s *stage) follow() {
	s.current.head = headOf(s.current.live)
	if s.riding {
		s.cursor = s.current.head
	}
}

// lookBack moves the cursor to an instant that has been and is kept. It stands
// still there, while the cluster goes on.
func (s *stage) lookBack(t time.Duration) tea.Cmd {
	live := s.current.live
	if n := live.Oldest(); n > 1 {
		if first := live.Events(n, n); len(first) == 1 {
			t = max(t, first[0].At)
		}
	}
	s.goal, s.cursor = 0, s.at(t)
	s.riding = t >= s.current.head.at
	return s.refresh()
}

// seekBack goes to an instant in the past, or as near as it is kept.
func (m *Model) seekBack(t time.Duration) tea.Cmd {
	s := m.stage
	cmd := s.seek(t)
	if s.served == nil {
		return cmd
	}
	if s.cursor.at > max(t, beginning) {
		m.say("what was before is no longer kept", false)
	} else {
		m.say("the past, to look at: the cluster goes on, and end goes to it", false)
	}
	return cmd
}

// off tells why something is not to be had here.
func (m *Model) off(why error) tea.Cmd {
	m.say(why.Error(), false)
	return nil
}

// showEntry shows how clients get in.
func (m *Model) showEntry() tea.Cmd {
	m.under, m.mode, m.scroll = m.mode, modeEntry, 0
	return nil
}

func (m *Model) entryLines() []string {
	return strings.Split(strings.TrimRight(m.o.Served.About, "\n"), "\n")
}

// drawEntry draws how clients get in.
func (m *Model) drawEntry(width, height int) []string {
	lines := m.entryLines()
	_, h := style.Inside(width, height)
	m.scroll = max(min(m.scroll, len(lines)-h), 0)
	return style.Box{Title: "for clients", Lines: lines[m.scroll:], Width: width, Height: height, Focused: true}.Draw()
}
