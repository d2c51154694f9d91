// Package drive drives screens of the terminal program in tests: it presses
// keys, lets time pass that only tests move, and reads the screen.
package drive

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
	"stickylab/ui/tui/screen"
	"stickylab/ui/tui/style"
)

var update = flag.Bool("update", false, "write the golden files again")

// frameTime is the time between two ticks.
const frameTime = time.Second / 30

// Desk is a viewer at a program, whose time moves only when told.
type Desk struct {
	testing.TB
	Shell  *screen.Shell
	Update func(tea.Msg) tea.Cmd
	Now    time.Time
	Quit   bool // the program was ended

	flying  int // commands in goroutines
	results chan tea.Msg
}

// Sit returns a desk at a program of a size. What commands bring back has
// arrived when a key was pressed.
func Sit(t testing.TB, shell *screen.Shell, update func(tea.Msg) tea.Cmd, width, height int) *Desk {
	d := &Desk{TB: t, Shell: shell, Update: update, Now: time.Unix(1, 0)}
	d.Size(width, height)
	return d
}

// Apart lets commands work apart from the program from now on, as outside
// of tests: what they bring back arrives while time passes.
func (d *Desk) Apart() { d.results = make(chan tea.Msg) }

// Send gives the program a message, and carries out what it wants done.
func (d *Desk) Send(msg tea.Msg) { d.Run(d.Update(msg)) }

// Run carries out a command and all that follows from it.
func (d *Desk) Run(cmd tea.Cmd) {
	switch {
	case cmd == nil:
	case d.results == nil:
		d.take(cmd())
	default:
		d.flying++
		go func() { d.results <- cmd() }()
	}
}

func (d *Desk) take(msg tea.Msg) {
	switch msg := msg.(type) {
	case nil:
	case tea.BatchMsg:
		for _, c := range msg {
			d.Run(c)
		}
	case tea.QuitMsg:
		d.Quit = true
	default:
		d.Send(msg)
	}
}

// Size makes the screen of a size.
func (d *Desk) Size(width, height int) { d.Send(tea.WindowSizeMsg{Width: width, Height: height}) }

// KeyOf returns the message of a key that is named as Bubble Tea does, or "space".
func KeyOf(name string) tea.KeyMsg {
	if name == " " || name == "space" {
		return tea.KeyMsg{Type: tea.KeySpace, Runes: []rune{' '}}
	}
	for k := tea.KeyType(-100); k < 128; k++ {
		if k.String() == name {
			return tea.KeyMsg{Type: k}
		}
	}
	return tea.KeyMsg{Type: tea.KeyRunes, Runes: []rune(name)}
}

// Press presses keys, one after the other.
func (d *Desk) Press(keys ...string) {
	for _, k := range keys {
		d.Send(KeyOf(k))
	}
}

// Type types a text, character by character.
func (d *Desk) Type(text string) {
	for _, r := range text {
		d.Press(string(r))
	}
}

// Click presses the left button of the mouse.
func (d *Desk) Click(x, y int) { d.Wheel(x, y, tea.MouseButtonLeft) }

// Wheel turns the wheel of the mouse, or presses another button.
func (d *Desk) Wheel(x, y int, button tea.MouseButton) {
	d.Send(tea.MouseMsg{X: x, Y: y, Button: button, Action: tea.MouseActionPress})
}

// Wait lets time pass at the desk, in ticks.
func (d *Desk) Wait(long time.Duration) {
	for ; long > 0; long -= frameTime {
		d.Now = d.Now.Add(frameTime)
		d.Send(screen.Tick{Now: d.Now})
		if d.flying > 0 {
			d.Shell.View() // while they work
			msg := <-d.results
			d.flying--
			d.take(msg)
		}
	}
}

// Until lets time pass until something is so.
func (d *Desk) Until(what string, so func() bool) {
	d.Helper()
	for range 3000 {
		if so() {
			return
		}
		d.Wait(frameTime)
	}
	d.Fatalf("never: %s\n%s", what, d.Screen())
}

// Sees lets time pass until texts are on the screen.
func (d *Desk) Sees(texts ...string) {
	d.Helper()
	for _, text := range texts {
		d.Until("on the screen: "+text, func() bool { return strings.Contains(d.Screen(), text) })
	}
}

// Screen returns what is seen, without spaces at the ends of lines.
func (d *Desk) Screen() string {
	lines := strings.Split(d.Shell.View(), "\n")
	for i := range lines {
		lines[i] = strings.TrimRight(style.Plainly(lines[i]), " ")
	}
	return strings.Join(lines, "\n") + "\n"
}

// Last returns the last line of the screen.
func (d *Desk) Last() string {
	lines := strings.Split(strings.TrimRight(d.Screen(), "\n"), "\n")
	return lines[len(lines)-1]
}

// Shows checks that a text is on the screen.
func (d *Desk) Shows(text string) {
	d.Helper()
	if !strings.Contains(d.Screen(), text) {
		d.Errorf("%q is not on the screen:\n%s", text, d.Screen())
	}
}

// Point returns where a text is on the screen.
func (d *Desk) Point(text string) (x, y int) {
	d.Helper()
	for y, line := range strings.Split(d.Screen(), "\n") {
		if i := strings.Index(line, text); i >= 0 {
			return style.Width(line[:i]), y
		}
	}
	d.Fatalf("%q is not on the screen:\n%s", text, d.Screen())
	return 0, 0
}

// Fits checks that the screen is no larger than the terminal, at sizes that far
// apart.
func (d *Desk) Fits(what string, dw, dh int) {
	d.Helper()
	for w := 1; w <= 200; w += dw {
		for h := 1; h <= 60; h += dh {
			d.Size(w, h)
			d.fits(what)
		}
	}
}

func (d *Desk) fits(what string) {
	d.Helper()
	lines := strings.Split(d.Shell.View(), "\n")
	if len(lines) > d.Shell.Height {
		d.Fatalf("%s, %dx%d: %d lines", what, d.Shell.Width, d.Shell.Height, len(lines))
	}
	for i, line := range lines {
		if got := style.Width(line); got > d.Shell.Width {
			d.Fatalf("%s, %dx%d: line %d is %d cells wide: %q", what, d.Shell.Width, d.Shell.Height, i, got, line)
		}
	}
}

// Golden compares the screen with a file in testdata; -update writes it.
func (d *Desk) Golden(name string) {
	d.Helper()
	d.fits(name)
	path := filepath.Join("testdata", name+".golden")
	if *update {
		if err := os.WriteFile(path, []byte(d.Screen()), 0o644); err != nil {
			d.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		d.Fatal(err)
	}
	if diff := cmp.Diff(string(want), d.Screen()); diff != "" {
		d.Errorf("%s: another screen (-want +got):\n%s", path, diff)
	}
}

// Colorless draws without colours, as the golden files are.
func Colorless() { style.Setup(termenv.Ascii, true) }

// Host is a program of one screen, for tests of that screen.
type Host struct {
	*screen.Shell
	Listed int           // how often the list was asked for
	Next   screen.Screen // what was opened last
}

// NewHost returns a program that shows nothing yet.
func NewHost() *Host {
	h := &Host{Shell: &screen.Shell{Dirty: true}}
	h.Program = h
	return h
}

// Update takes a message.
func (h *Host) Update(msg tea.Msg) tea.Cmd {
	cmd, _ := h.Shell.Update(msg)
	return cmd
}

// Open notes what was opened.
func (h *Host) Open(s screen.Screen) tea.Cmd { h.Next = s; return nil }

// List counts that the list was asked for.
func (h *Host) List() tea.Cmd { h.Listed++; return nil }

// Quit ends the program.
func (h *Host) Quit() tea.Cmd { return tea.Quit }

// Load reads a built-in scenario, or a file.
func Load(arg string) (*plan.Plan, string, error) {
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

// CheckKeys checks that no key means two things.
func CheckKeys(t testing.TB, keys []screen.Key) {
	t.Helper()
	seen := make(map[string]string)
	for _, k := range keys {
		if k.Do == nil {
			t.Errorf("%s has no meaning", k.Keys)
		}
		for _, name := range k.Names() {
			if other, twice := seen[name]; twice {
				t.Errorf("%q is %q and %q", name, other, k.About)
			}
			seen[name] = k.About
		}
	}
	if len(seen) == 0 {
		t.Error("there are no keys")
	}
}
