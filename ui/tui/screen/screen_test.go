package screen_test

import (
	"errors"
	"os"
	"slices"
	"strings"
	"testing"

	tea "github.com/charmbracelet/bubbletea"

	"stickylab/ui/tui/internal/drive"
	"stickylab/ui/tui/screen"
)

func TestMain(m *testing.M) {
	drive.Colorless()
	os.Exit(m.Run())
}

// page is a screen with a few keys, which asks and tells.
type page struct {
	*screen.Shell
	history []string
	said    []string // what was answered
	typed   string   // so far
}

func (p *page) Update(msg tea.Msg) (tea.Cmd, bool) {
	if key, ok := msg.(tea.KeyMsg); ok {
		_, cmd := screen.Press(p.Keys(), key)
		return cmd, true
	}
	return nil, false
}

func (p *page) Lines(int, int) []string { return []string{"the page"} }
func (p *page) Footer(int) string       { return "" }
func (p *page) Ready() bool             { return true }

func (p *page) Keys() []screen.Key {
	return append(screen.In(screen.Look,
		screen.Key{Keys: ":", Short: "ask", About: "a question", Do: p.ask},
		screen.Key{Keys: "x", Short: "remove", About: "a confirmation", Do: func() tea.Cmd { p.Confirm("sure? y/n", p.say("removed")); return nil }},
		screen.Key{Keys: "f", Short: "fail", About: "an error", Late: true, Do: func() tea.Cmd { p.Fail(errors.New("not today\nin detail")); return nil }},
		screen.Key{Keys: "h", About: "nothing here", Hidden: true, Do: p.say("hidden")},
	), p.Always()...)
}

func (p *page) say(text string) func() tea.Cmd {
	return func() tea.Cmd { p.said = append(p.said, text); return nil }
}

func (p *page) ask() tea.Cmd {
	return p.Ask(&screen.Prompt{
		Label: ":", Hint: "a word", History: &p.history,
		Complete: func(line string) (out []string) {
			for _, word := range []string{"kill", "kiln"} {
				if strings.HasPrefix(word, line) {
					out = append(out, word)
				}
			}
			return out
		},
		Live: func(text string) tea.Cmd { p.typed = text; return nil },
		Answer: func(text string) (tea.Cmd, error) {
			if text == "bad" {
				return nil, errors.New("no such word")
			}
			return p.say(text)(), nil
		},
	})
}

func sit(t *testing.T) (*drive.Desk, *page) {
	h := drive.NewHost()
	p := &page{Shell: h.Shell}
	h.Show(p)
	return drive.Sit(t, h.Shell, h.Update, 60, 14), p
}

func TestPrompt(t *testing.T) {
	d, p := sit(t)
	d.Press(":", "k", "tab") // as far as it is certain
	d.Shows(":kil")
	d.Press("l", "tab", "enter")
	d.Press(":", "b", "a", "d", "enter") // a wrong answer stays, with the reason
	d.Shows("no such word")
	d.Press("ctrl+u", "o", "k")
	if p.typed != "ok" {
		t.Errorf("%q was typed", p.typed)
	}
	d.Press("enter", ":", "up", "up")
	d.Shows(":kill")
	d.Press("down", "enter", ":", "x", "esc", ":", "enter") // dropped, and empty
	if want := []string{"kill", "ok", "ok"}; !slices.Equal(p.said, want) || p.Asking() {
		t.Errorf("answered %q, want %q", p.said, want)
	}
	if p.typed != "" {
		t.Errorf("%q is left of what was dropped", p.typed)
	}
}

func TestConfirm(t *testing.T) {
	d, p := sit(t)
	d.Press("x")
	d.Shows("sure? y/n")
	d.Press("z", "n", "x", "y")
	if len(p.said) != 1 || p.Asking() {
		t.Errorf("confirmed %q", p.said)
	}
}

// A notice is one line, which the next key or some time takes away.
func TestNotice(t *testing.T) {
	d, p := sit(t)
	d.Press("f")
	if text, loss := p.Notice(); text != "not today" || !loss {
		t.Errorf("%q, %v", text, loss)
	}
	d.Shows("not today")
	d.Press("z")
	d.Shows("? keys")
}

// The help has each key under its heading, but no hidden one; the line of keys
// keeps help and quitting when there is no room for all.
func TestHelp(t *testing.T) {
	d, p := sit(t)
	d.Press("?")
	d.Shows("a question")
	if strings.Contains(d.Screen(), "nothing here") || p.Covered() != "keys" {
		t.Errorf("%s", d.Screen())
	}
	d.Press("pgdown", "pgdown")
	d.Shows("the wheel moves")
	d.Press("esc", "q")
	if !d.Quit || p.Covered() != "" {
		t.Error("the help stays")
	}
	if got := screen.HelpLine(p.Keys(), 24); got != ": ask   ? keys   q quit" {
		t.Errorf("the line of keys is %q", got)
	}
	if left := screen.Without(p.Keys(), []screen.Key{{Keys: "j x"}}); len(left) != len(p.Keys())-1 {
		t.Errorf("%d keys are left", len(left))
	}
}

// Keys that come together are pressed one after the other.
func TestTypedFast(t *testing.T) {
	d, p := sit(t)
	d.Press("xyxy")
	if len(p.said) != 2 {
		t.Errorf("confirmed %q", p.said)
	}
}
