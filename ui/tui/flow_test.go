package tui

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	tea "github.com/charmbracelet/bubbletea"
	"github.com/charmbracelet/x/exp/teatest"

	"stickylab/sim/plan"
)

// flow is the real program, with its own loop and clock.
type flow struct {
	*teatest.TestModel
	t *testing.T
	m *Model
}

func start(t *testing.T, name string) *flow {
	t.Helper()
	m := New(Options{Load: load, Dir: t.TempDir(), Speed: 10})
	if name != "" {
		plan, short, err := load(name)
		if err != nil {
			t.Fatal(err)
		}
		m.enter(name, plan, short)
	}
	f := &flow{teatest.NewTestModel(t, m, teatest.WithInitialTermSize(120, 40)), t, m}
	t.Cleanup(m.Close)
	return f
}

// sees waits until texts have come to the screen.
func (f *flow) sees(texts ...string) {
	f.t.Helper()
	teatest.WaitFor(f.t, f.Output(), func(out []byte) bool {
		return !slices.ContainsFunc(texts, func(text string) bool { return !bytes.Contains(out, []byte(text)) })
	},
		teatest.WithDuration(time.Minute), teatest.WithCheckInterval(20*time.Millisecond))
}

// onTo presses enter until a text has come to the screen: what waits for it may
// not be there yet when a key is pressed.
func (f *flow) onTo(text string) {
	f.t.Helper()
	last := time.Time{}
	teatest.WaitFor(f.t, f.Output(), func(out []byte) bool {
		if bytes.Contains(out, []byte(text)) {
			return true
		}
		if time.Since(last) > time.Second {
			last = time.Now()
			f.press("enter")
		}
		return false
	}, teatest.WithDuration(time.Minute), teatest.WithCheckInterval(20*time.Millisecond))
}

func (f *flow) press(keys ...string) {
	for _, k := range keys {
		f.Send(keyOf(k))
	}
}

// leaves waits for the end of the program.
func (f *flow) leaves() {
	f.t.Helper()
	f.WaitFinished(f.t, teatest.WithFinalTimeout(time.Minute))
}

func TestToggleKillRewindBranchSave(t *testing.T) {
	f := start(t, "two-regions")
	f.sees("who hears whom")
	f.press(" ", "home", "]", "]")
	f.sees("heard 20 of 40")
	f.press("a")
	f.sees("adapter on")
	f.press("]", "]", "]")
	f.sees("heard 40 of 40")
	f.press("tab", "j", "x")
	f.sees("kill im-5080")
	f.press("[")
	f.sees("s back")
	f.press("p")
	f.sees("a new branch: policy")
	f.press("w")
	f.sees("write the scenario with")
	f.press("enter")
	f.sees("written: ")
	files, err := filepath.Glob(filepath.Join(f.m.o.Dir, "two-regions-2.yaml"))
	if err != nil || len(files) != 1 {
		t.Fatalf("written: %v, %v", files, err)
	}
	if _, _, err := load(files[0]); err != nil {
		t.Errorf("what was written can not be read: %v", err)
	}
	f.press("s")
	f.sees(".txt")
	f.press("T")
	f.sees(".trace")
	f.press("q")
	f.sees("made by hand not saved")
	f.press("y")
	f.leaves()
}

func TestFromThePickerAndBack(t *testing.T) {
	f := start(t, "")
	f.sees("two-regions")
	f.press("enter")
	f.sees("who hears whom")
	f.press("esc")
	f.sees("two-regions")
	f.press("ctrl+c")
	f.leaves()
}

// A scenario that can not be loaded is told of in the picker.
func TestBrokenScenario(t *testing.T) {
	path := filepath.Join(t.TempDir(), "broken.yaml")
	if err := os.WriteFile(path, []byte("title: nothing\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	d := sit(t, "", 120, 40)
	d.m.o.Files = []string{path}
	d.m.o.Load = func(string) (*plan.Plan, string, error) { return load(path) }
	d.press("enter")
	if d.m.mode != modePicker || !strings.Contains(d.last(), "broken.yaml") {
		t.Errorf("mode %d, %q", d.m.mode, d.last())
	}
}

func TestResizeAtAnyMoment(t *testing.T) {
	f := start(t, "two-regions")
	f.sees("who hears whom")
	for i := range 40 {
		f.Send(tea.WindowSizeMsg{Width: 10 + i*5, Height: 3 + i})
	}
	f.press("q")
	f.leaves()
}
