package tui

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	tea "github.com/charmbracelet/bubbletea"
	"github.com/google/go-cmp/cmp"
	"github.com/muesli/termenv"

	"stickylab/scenarios"
	"stickylab/sim/plan"
	"stickylab/ui/tui/style"
)

func TestMain(m *testing.M) {
	style.Setup(termenv.Ascii, true)
	os.Exit(m.Run())
}

// load reads a built-in scenario, or a file.
func load(arg string) (*plan.Plan, string, error) {
	text, err := scenarios.Read(arg)
	if strings.HasSuffix(arg, ".yaml") {
		text, err = os.ReadFile(arg)
	}
	if err != nil {
		return nil, "", err
	}
	f, errs := plan.Parse(arg, text)
	if len(errs) > 0 {
		return nil, "", errs
	}
	p, errs := plan.Resolve(f, nil)
	if len(errs) > 0 {
		return nil, "", errs
	}
	return p, strings.TrimSuffix(filepath.Base(arg), ".yaml"), nil
}

// desk is somebody at the program, whose time goes on only when told.
type desk struct {
	testing.TB
	m    *Model
	now  time.Time
	quit bool
}

// sit opens the program on a scenario, paused at the beginning.
func sit(t testing.TB, arg string, width, height int) *desk {
	t.Helper()
	d := &desk{TB: t, m: New(Options{Load: load, Dir: t.TempDir()}), now: time.Unix(1, 0)}
	t.Cleanup(d.m.Close)
	d.send(tea.WindowSizeMsg{Width: width, Height: height})
	if arg == "" {
		return d
	}
	plan, name, err := load(arg)
	if err != nil {
		t.Fatal(err)
	}
	d.run(d.m.enter(arg, plan, name))
	d.press(" ")
	return d
}

// send gives the program a message, and carries out what it wants done.
func (d *desk) send(msg tea.Msg) {
	_, cmd := d.m.Update(msg)
	d.run(cmd)
}

// run carries out a command and all that follows from it.
func (d *desk) run(cmd tea.Cmd) {
	if cmd == nil {
		return
	}
	switch msg := cmd().(type) {
	case nil:
	case tea.BatchMsg:
		for _, c := range msg {
			d.run(c)
		}
	case tea.QuitMsg:
		d.quit = true
	default:
		d.send(msg)
	}
}

// named are the keys that are not a character.
var named = map[string]tea.KeyType{
	"enter": tea.KeyEnter, "esc": tea.KeyEsc, "tab": tea.KeyTab, "shift+tab": tea.KeyShiftTab, "home": tea.KeyHome, "end": tea.KeyEnd,
	"up": tea.KeyUp, "down": tea.KeyDown, "left": tea.KeyLeft, "right": tea.KeyRight, "ctrl+c": tea.KeyCtrlC, " ": tea.KeySpace,
	"ctrl+u": tea.KeyCtrlU, "backspace": tea.KeyBackspace, "pgdown": tea.KeyPgDown, "pgup": tea.KeyPgUp,
}

func keyOf(name string) tea.KeyMsg {
	if k, ok := named[name]; ok {
		msg := tea.KeyMsg{Type: k}
		if k == tea.KeySpace {
			msg.Runes = []rune{' '}
		}
		return msg
	}
	return tea.KeyMsg{Type: tea.KeyRunes, Runes: []rune(name)}
}

func (d *desk) press(keys ...string) {
	for _, k := range keys {
		d.send(keyOf(k))
	}
}

// typeIn types a text, character by character.
func (d *desk) typeIn(text string) {
	for _, r := range text {
		d.press(string(r))
	}
}

// wait lets real time pass at the desk, in ticks.
func (d *desk) wait(long time.Duration) {
	for ; long > 0; long -= frameTime {
		d.now = d.now.Add(frameTime)
		d.run(d.m.tick(d.now))
	}
}

// until waits until something is so.
func (d *desk) until(what string, so func() bool) {
	d.Helper()
	for range 3000 {
		if so() {
			return
		}
		d.wait(frameTime)
	}
	d.Fatalf("never: %s\n%s", what, d.screen())
}

// to goes to an instant of the run.
func (d *desk) to(at time.Duration) {
	d.Helper()
	d.run(d.m.stage.seek(at))
	d.until("at "+at.String(), func() bool { return d.m.stage.cursor.at == at })
	d.settle()
}

// settle waits until the screen shows where the cursor is.
func (d *desk) settle() {
	d.Helper()
	d.until("the frame of the cursor", func() bool { return d.m.stage.frame.cursor == d.m.stage.cursor })
}

// screen is what is seen, without spaces at the ends of lines.
func (d *desk) screen() string {
	lines := strings.Split(d.m.View(), "\n")
	for i := range lines {
		lines[i] = strings.TrimRight(style.Plainly(lines[i]), " ")
	}
	return strings.Join(lines, "\n") + "\n"
}

// last is the last line of the screen.
func (d *desk) last() string {
	lines := strings.Split(strings.TrimRight(d.screen(), "\n"), "\n")
	return lines[len(lines)-1]
}

func (d *desk) shows(text string) {
	d.Helper()
	if s := d.screen(); !strings.Contains(s, text) {
		d.Errorf("%q is not on the screen:\n%s", text, s)
	}
}

// golden compares the screen with a file; -update writes it.
func (d *desk) golden(name string) {
	d.Helper()
	for i, line := range strings.Split(d.m.View(), "\n") {
		if w := style.Width(line); w > d.m.width {
			d.Errorf("line %d is %d cells wide, the screen %d", i, w, d.m.width)
		}
	}
	path := filepath.Join("testdata", name+".golden")
	got := d.screen()
	if f := flag.Lookup("update"); f != nil && f.Value.String() == "true" {
		if err := os.MkdirAll("testdata", 0o755); err != nil {
			d.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			d.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		d.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		d.Errorf("%s: another screen (-want +got):\n%s", path, diff)
	}
}
