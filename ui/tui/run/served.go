package run

import (
	"strings"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"stickylab/sim"
	"stickylab/ui/tui/screen"
)

// Served is a cluster that real clients use: its run goes by the wall clock,
// and is neither opened nor closed by the program.
type Served struct {
	Run   ServedRun
	Name  string        // of the scenario
	URL   string        // where clients connect: "http://127.0.0.1:8080/"
	About string        // in lines: where everything is, and a client to begin with
	Notes <-chan string // what is to be told besides what happens; nil means nothing
}

// ServedRun is a run whose time cannot be steered; the last three tell why not.
type ServedRun interface {
	Watched
	Pause() error
	Speed(float64) error
	Branch(time.Duration) error
}

var _ ServedRun = (*sim.Served)(nil)

// servedEffect is the time that a step is given before the screen shows its
// effect: a few times what events take to be recorded.
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
func (p *Player) follow() {
	p.current.head = headOf(p.current.live)
	if p.riding {
		p.cursor = p.current.head
	}
}

// kept returns an instant, or the first that is kept when that is later.
func (p *Player) kept(t time.Duration) time.Duration {
	live := p.current.live
	if n := live.Oldest(); n > 1 {
		if first := live.Events(n, n); len(first) == 1 {
			return max(t, first[0].At)
		}
	}
	return t
}

// seekBack goes to an instant in the past, or as near as it is kept.
func (m *Model) seekBack(t time.Duration) tea.Cmd {
	cmd := m.seek(t)
	if m.served == nil {
		return cmd
	}
	if m.cursor.At > max(t, Beginning) {
		m.Say("what was before is no longer kept", false)
	} else {
		m.Say("the past, to look at: the cluster continues, and end returns to it", false)
	}
	return cmd
}

// off tells why something is not to be had here.
func (m *Model) off(why error) tea.Cmd {
	m.Say(why.Error(), false)
	return nil
}

// showEntry shows how clients get in.
func (m *Model) showEntry() tea.Cmd {
	lines := strings.Split(strings.TrimRight(m.served.About, "\n"), "\n")
	return m.Cover(&screen.Cover{Title: "for clients", Lines: func(int, int) []string { return lines }})
}
