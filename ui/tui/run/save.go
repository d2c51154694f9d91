package run

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"stickylab/sim/format"
	"stickylab/sim/plan"
	"stickylab/sim/report"
	"stickylab/sim/scenario"
	"stickylab/ui/outfile"
	"stickylab/ui/tui/screen"
	"stickylab/ui/tui/style"
)

// savedMsg tells that a file was written.
type savedMsg struct {
	path   string
	branch *branch // whose steps are in the file; nil means that it is no scenario
	steps  int
	err    error
}

// askWrite asks for the name under which what was done here is written.
func (m *Model) askWrite() tea.Cmd {
	b := m.current
	hand := b.live.Hand()
	made := len(m.o.Around) > 0
	if len(hand) == 0 && !made {
		m.Say("nothing was done on this branch", false)
		return nil
	}
	label := "write the scenario as "
	if len(hand) > 0 {
		label = fmt.Sprintf("write the scenario with %s as ", format.Plural(len(hand), "step"))
	}
	return m.Ask(&screen.Prompt{
		Label: label,
		Text:  filepath.Base(freePath(m.o.Dir, m.Name, ".yaml", !made)),
		Answer: func(name string) (tea.Cmd, error) {
			path, err := m.newFile(name, ".yaml")
			if err != nil {
				return nil, err
			}
			text, err := written(m.Plan, hand)
			if err != nil {
				return nil, err
			}
			return func() tea.Msg { return savedMsg{path, b, len(hand), createText(path, text)} }, nil
		},
	})
}

// written is the scenario with the steps done here as a file, as long as they need.
func written(p *plan.Plan, hand []scenario.Step) ([]byte, error) {
	f := *p.File
	f.Seed = p.Seed
	f.Steps = slices.Concat(f.Steps, hand)
	for _, s := range hand {
		if s.At >= f.Duration { // a served run continues beyond its scenario's end
			f.Duration = (s.At + 10*time.Second).Truncate(time.Second)
		}
	}
	return plan.Marshal(&f)
}

// newFile is the path of a file that does not exist yet.
func (m *Model) newFile(name, ending string) (string, error) {
	if name == "" {
		return "", errors.New("a name is needed")
	}
	if filepath.Ext(name) == "" {
		name += ending
	}
	path := name
	if !filepath.IsAbs(name) {
		path = filepath.Join(m.o.Dir, name)
	}
	if _, err := os.Lstat(path); err == nil {
		return "", fmt.Errorf("%s is there already", name)
	}
	return path, nil
}

// create makes a file, which must not exist, of what is written.
func create(path string, write func(io.Writer) error) error {
	f, err := outfile.New(path)
	if err != nil {
		return err
	}
	return f.End(write(f))
}

// createText makes a file of a text.
func createText(path string, text []byte) error {
	return create(path, func(w io.Writer) error { _, err := w.Write(text); return err })
}

var numbered = regexp.MustCompile(`-(\d+)$`)

// freePath returns the path of a file that does not exist: "two-regions.txt",
// "two-regions-2.txt" and so on. With again the first has a number already.
func freePath(dir, name, ending string, again bool) string {
	n := 1
	if again {
		n = 2
		if found := numbered.FindStringSubmatch(name); found != nil {
			if k, err := strconv.Atoi(found[1]); err == nil {
				name, n = strings.TrimSuffix(name, found[0]), k+1
			}
		}
	}
	for ; ; n++ {
		path := filepath.Join(dir, name+ending)
		if n > 1 {
			path = filepath.Join(dir, fmt.Sprintf("%s-%d%s", name, n, ending))
		}
		if _, err := os.Lstat(path); err != nil {
			return path
		}
	}
}

// saveScreen writes the screen as it is, as text.
func (m *Model) saveScreen() tea.Cmd {
	at := m.cursor.At
	name := fmt.Sprintf("%s-%dm%02ds", m.Name, at/time.Minute, at%time.Minute/time.Second)
	lines := m.Shell.Lines()
	var text strings.Builder
	for _, line := range lines[:len(lines)-1] {
		text.WriteString(strings.TrimRight(style.Plainly(line), " "))
		text.WriteByte('\n')
	}
	dir := m.o.Dir
	return func() tea.Msg {
		path := freePath(dir, name, ".txt", false)
		return savedMsg{path: path, err: createText(path, []byte(text.String()))}
	}
}

// saveTrace writes the events of the current branch as JSON Lines.
func (m *Model) saveTrace() tea.Cmd {
	live, dir, name := m.current.live, m.o.Dir, m.Name
	return func() tea.Msg {
		path := freePath(dir, name, ".trace", false)
		return savedMsg{path: path, err: create(path, func(w io.Writer) error { return writeTrace(w, live) })}
	}
}

// writeTrace writes what is kept of a run's trace.
func writeTrace(w io.Writer, live Watched) (err error) {
	var lines []byte
	const some = 8192 // at a time: all of them may be hundreds of megabytes
	for from, end := live.Oldest(), live.Len(); from <= end && err == nil; from += some {
		lines = report.AppendEvents(lines[:0], live.Events(from, min(from+some-1, end)))
		_, err = w.Write(lines)
	}
	return err
}

// saved tells what was written.
func (m *Model) saved(msg savedMsg) {
	if msg.err != nil {
		m.Fail(msg.err)
		return
	}
	if msg.branch != nil {
		msg.branch.saved = msg.steps
	}
	m.Say("written: "+msg.path, false)
}
