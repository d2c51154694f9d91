package tui

import (
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"stickylab/scenarios"
	"stickylab/sim"
	"stickylab/sim/plan"
	"stickylab/sim/virtualtime"
	"stickylab/ui/learn"
	"stickylab/ui/tui/internal/drive"
	"stickylab/ui/tui/lesson"
	"stickylab/ui/tui/run"
	"stickylab/ui/tui/screen"
)

func TestMain(m *testing.M) {
	drive.Colorless()
	os.Exit(m.Run())
}

// desk is a viewer at the whole program.
type desk struct {
	*drive.Desk
	m *Model
}

// sit opens the program, on a scenario or on the list, with its commands
// working apart from it.
func sit(t *testing.T, o Options) *desk {
	t.Helper()
	if o.Load == nil {
		o.Load = drive.Load
	}
	if o.Dir == "" {
		o.Dir = t.TempDir()
	}
	m := New(o)
	t.Cleanup(m.Close)
	if err := m.openFirst(); err != nil {
		t.Fatal(err)
	}
	d := &desk{drive.Sit(t, m.Shell, m.update, 120, 40), m}
	d.Apart()
	if m.begin == nil {
		m.List()
	}
	d.Run(m.begin)
	return d
}

// learning is a course of one lesson.
func learning(t *testing.T) *lesson.Options {
	t.Helper()
	p, err := learn.ReadProgress(filepath.Join(t.TempDir(), "progress.json"))
	if err != nil {
		t.Fatal(err)
	}
	return &lesson.Options{
		Course: []learn.Entry{{Name: "two-regions"}}, Progress: p,
		Load: func(arg string) (*learn.Lesson, error) {
			text, err := scenarios.Read(arg)
			if err != nil {
				return nil, err
			}
			f, problems := plan.Parse(arg, text)
			if len(problems) > 0 {
				return nil, problems
			}
			return learn.New(arg, arg, f, nil)
		},
	}
}

func TestToggleKillRewindBranchSave(t *testing.T) {
	d := sit(t, Options{Arg: "two-regions", Speed: 10})
	d.Sees("who hears whom")
	d.Press(" ", "home", "]", "]")
	d.Sees("adapter off on")
	d.Press("a")
	d.Sees("adapter on")
	d.Press("]", "]", "]")
	d.Sees("40 of 40")
	d.Press("tab", "j", "x")
	d.Sees("kill im-5080")
	d.Press("[")
	d.Sees("s back")
	d.Press("p", "enter")
	d.Sees("a new branch: policy")
	d.Press("w")
	d.Sees("write the scenario with")
	d.Press("enter")
	d.Sees("written: ")
	files, err := filepath.Glob(filepath.Join(d.m.o.Dir, "two-regions-2.yaml"))
	if err != nil || len(files) != 1 {
		t.Fatalf("written: %v, %v", files, err)
	}
	if _, _, err := drive.Load(files[0]); err != nil {
		t.Errorf("what was written cannot be read: %v", err)
	}
	d.Press("s")
	d.Sees(".txt")
	d.Press("T")
	d.Sees(".trace")
	d.Press("q")
	d.Sees("made here not saved")
	d.Press("y")
	d.Until("it ends", func() bool { return d.Quit })
}

// Steps that are in no file are asked about before they are lost.
func TestQuittingAsks(t *testing.T) {
	tests := []struct {
		name  string
		keys  []string
		quits bool
		asks  bool
	}{
		{"nothing was done", []string{"q"}, true, false},
		{"steps are not saved", []string{"a", "q"}, false, true},
		{"no", []string{"a", "q", "n"}, false, false},
		{"yes", []string{"a", "q", "y"}, true, false},
		{"steps are saved", []string{"a", "w", "enter", "q"}, true, false},
		{"from the list", []string{"a", "esc", "ctrl+c"}, false, true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			d := sit(t, Options{Arg: "two-regions"})
			d.Sees("who hears whom")
			d.Press(" ")
			for _, k := range tt.keys {
				d.Press(k)
				d.Wait(time.Second)
			}
			if d.Quit != tt.quits || d.m.Asking() != tt.asks {
				t.Errorf("quits: %v, asks: %v\n%s", d.Quit, d.m.Asking(), d.Screen())
			}
		})
	}
}

func TestFromTheListAndBack(t *testing.T) {
	d := sit(t, Options{})
	d.Sees("two-regions")
	d.Press("enter")
	d.Sees("who hears whom")
	title := d.m.current.Title()
	d.Press("esc")
	d.Sees("choose a scenario", "esc back to "+title)
	d.Press("esc")
	d.Sees("who hears whom")
	d.Press("esc", "ctrl+c")
	d.Until("it ends", func() bool { return d.Quit })
}

// A scenario that cannot be loaded is told of in the list.
func TestBrokenScenario(t *testing.T) {
	path := filepath.Join(t.TempDir(), "broken.yaml")
	if err := os.WriteFile(path, []byte("title: nothing\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	d := sit(t, Options{Files: []string{path}, Load: func(string) (*plan.Plan, string, error) { return drive.Load(path) }})
	d.Press("enter")
	if d.m.current != nil || !strings.Contains(d.Last(), "broken.yaml") {
		t.Errorf("%q", d.Last())
	}
}

// What a command brings back after another scenario was opened is dropped, and
// the runs of the first one end.
func TestAnotherScenario(t *testing.T) {
	d := sit(t, Options{Arg: "two-regions"})
	d.Sees("who hears whom")
	for range 3 {
		d.Press("esc")
		d.Type("/redis-adapter")
		d.Press("enter", "enter")
	}
	d.Until("it is there", d.m.current.Ready)
	d.Wait(time.Second)
	d.Shows("redis-adapter")
	if d.m.current.Title() != "redis-adapter" {
		t.Errorf("%s is shown", d.m.current.Title())
	}
}

// From the list, a scenario is watched or learned; a lesson is left by
// watching something.
func TestLearnFromTheList(t *testing.T) {
	d := sit(t, Options{Learn: learning(t)})
	d.Type("/two-regions")
	d.Press("enter", "l")
	if _, ok := d.m.current.(*lesson.Model); !ok {
		t.Fatalf("%T: %s", d.m.current, d.Last())
	}
	d.Sees("enter begin")
	d.Press("enter")
	d.Sees("up down choose")
	d.Press("esc")
	d.Sees("esc back to two-regions")
	d.Press("esc")
	d.Sees("up down choose")
	d.Press("esc")
	d.Type("/two-regions")
	d.Press("enter", "enter")
	if _, ok := d.m.current.(*run.Model); !ok {
		t.Errorf("%T is shown", d.m.current)
	}
}

func TestResizeAtAnyMoment(t *testing.T) {
	d := sit(t, Options{Arg: "two-regions", Speed: 10})
	for i := range 40 {
		d.Size(10+i*5, 3+i)
		d.Wait(100 * time.Millisecond)
	}
	d.Press("q")
	d.Until("it ends", func() bool { return d.Quit })
}

// served is a served run whose clock does not move.
type served struct {
	*sim.Live
	closed bool
}

func (*served) Pause() error               { return sim.ErrNoPause }
func (*served) Speed(float64) error        { return sim.ErrNoSpeed }
func (*served) Branch(time.Duration) error { return sim.ErrNoBranch }

func (r *served) Close() error {
	r.closed = true
	return nil
}

// The program of a served run ends when its owner says so, and leaves the run
// to the owner.
func TestServedProgramEnds(t *testing.T) {
	plan, _, err := drive.Load("two-regions")
	if err != nil {
		t.Fatal(err)
	}
	opened, err := sim.Open(plan, nil)
	if err != nil {
		t.Fatal(err)
	}
	live := &served{Live: opened}
	t.Cleanup(func() { live.Live.Close() })
	ctx, cancel := context.WithCancelCause(t.Context())
	notes := make(chan string)
	ended := make(chan error, 1)
	in, keys := io.Pipe()
	go func() {
		ended <- Run(ctx, Options{Served: &run.Served{Run: live, Notes: notes}, In: in, Out: new(strings.Builder)})
	}()
	notes <- "told"
	close(notes)
	enough := errors.New("enough")
	cancel(enough)
	if err := <-ended; !errors.Is(err, enough) {
		t.Errorf("it ends with %v", err)
	}
	keys.Close()
	if live.closed {
		t.Error("the run was closed")
	}
}

// A panic in a command, also in one of a batch, or in the model ends the program
// with the terminal as it was, and is its error.
func TestAPanicIsTheError(t *testing.T) {
	ouch := func() tea.Msg { panic("ouch") }
	for name, begin := range map[string]tea.Cmd{
		"command": ouch, "batch": tea.Batch(tea.Batch(ouch, tick()), tick()), "model": func() tea.Msg { return tea.KeyMsg{Type: tea.KeyRunes, Runes: []rune("!")} },
	} {
		in, keys := io.Pipe()
		var out strings.Builder
		m := New(Options{In: in, Out: &out, Load: drive.Load})
		m.List()
		m.begin = begin
		if name == "model" {
			m.Shell.Screen = broken{m.Shell.Screen}
		}
		err := m.run(t.Context())
		keys.Close()
		var panicked *virtualtime.PanicError
		if !errors.As(err, &panicked) || panicked.Value != "ouch" || !strings.Contains(panicked.Detail(), "flow_test.go") {
			t.Errorf("%s: %v", name, err)
		}
		if strings.Contains(out.String(), "ouch") || !strings.Contains(out.String(), "\x1b[?1049l") {
			t.Errorf("%s: it wrote %q", name, out.String())
		}
	}
}

// broken is a screen that panics.
type broken struct{ screen.Screen }

func (broken) Update(msg tea.Msg) (tea.Cmd, bool) {
	if _, ok := msg.(tea.KeyMsg); ok {
		panic("ouch")
	}
	return nil, true
}
