// Package screen is what the screens of the terminal program share: keys and
// their help, questions, notices, and the shell that shows one screen.
package screen

import (
	"strings"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"stickylab/ui/tui/style"
)

// Screen is one screen of the program.
type Screen interface {
	// Update takes a key, a click, a Tick, or what a command brought back. known
	// is false when the message is another screen's.
	Update(msg tea.Msg) (cmd tea.Cmd, known bool)

	// Lines draws the top line, and height-1 lines below it.
	Lines(width, height int) []string

	// Footer is the last line, "" for the line of keys.
	Footer(width int) string

	// Keys returns what keys do now.
	Keys() []Key

	// Ready reports whether there is something to see. Until then only the keys
	// that leave do anything at once.
	Ready() bool
}

// Program is the program around a screen.
type Program interface {
	Open(Screen) tea.Cmd // another screen in place of this one
	List() tea.Cmd       // the list of scenarios; the screen stays as it is
	Quit() tea.Cmd
}

// Tick says that time has passed.
type Tick struct {
	Now    time.Time
	Passed time.Duration // since the last one; 100 ms at most
}

// Shell shows a screen and what covers it: a question, a notice, the help.
type Shell struct {
	Program
	Screen        Screen
	Width, Height int
	Now           time.Time // of the last tick
	Dirty         bool      // there is something new to draw
	Still         bool      // nothing moves but numbers

	notice  notice
	prompt  *Prompt
	confirm *confirm
	cover   *Cover
	early   []tea.KeyMsg // typed before there was something to see
	drawn   string
}

// notice is a line shown in place of the help.
type notice struct {
	text string
	loss bool
	ends time.Time
}

// confirm is a question that y answers with yes.
type confirm struct {
	text string
	yes  func() tea.Cmd
}

// Say shows a notice for a while. loss paints it as one.
func (s *Shell) Say(text string, loss bool) {
	text, _, _ = strings.Cut(text, "\n")
	s.notice, s.Dirty = notice{text, loss, s.Now.Add(8 * time.Second)}, true
}

// Fail shows an error.
func (s *Shell) Fail(err error) { s.Say(err.Error(), true) }

// Notice returns the notice on the screen, "" when there is none, and whether
// it tells of a loss.
func (s *Shell) Notice() (text string, loss bool) { return s.notice.text, s.notice.loss }

// Confirm asks for a yes.
func (s *Shell) Confirm(text string, yes func() tea.Cmd) { s.confirm = &confirm{text, yes} }

// Ask asks for a line.
func (s *Shell) Ask(p *Prompt) tea.Cmd {
	p.begin()
	s.prompt = p
	return nil
}

// Asking reports whether a line or a yes is asked for.
func (s *Shell) Asking() bool { return s.prompt != nil || s.confirm != nil }

// Covered returns the title of what covers the screen, "" when nothing does.
func (s *Shell) Covered() string {
	if s.cover == nil {
		return ""
	}
	return s.cover.Title
}

// Show puts a screen in place of the one before.
func (s *Shell) Show(next Screen) {
	s.Screen, s.cover, s.prompt, s.confirm, s.early, s.notice, s.Dirty = next, nil, nil, nil, nil, notice{}, true
}

// Update takes a message. known is false when it is for a screen that is not
// shown.
func (s *Shell) Update(msg tea.Msg) (cmd tea.Cmd, known bool) {
	switch msg := msg.(type) {
	case Tick:
		return s.tick(msg)
	case tea.WindowSizeMsg:
		s.Width, s.Height, s.Dirty = msg.Width, msg.Height, true
		return nil, true
	case tea.KeyMsg:
		s.Dirty = true
		return s.key(msg), true
	case tea.MouseMsg:
		s.Dirty = true
		return s.mouse(msg)
	}
	s.Dirty = true
	return s.Screen.Update(msg)
}

func (s *Shell) tick(msg Tick) (tea.Cmd, bool) {
	if !s.Now.IsZero() {
		msg.Passed = min(max(msg.Now.Sub(s.Now), 0), 100*time.Millisecond)
	}
	s.Now = msg.Now
	if s.notice.text != "" && s.Now.After(s.notice.ends) {
		s.notice, s.Dirty = notice{}, true
	}
	cmd, known := s.Screen.Update(msg)
	if early := s.early; s.Screen.Ready() && len(early) > 0 {
		s.early = nil
		cmds := []tea.Cmd{cmd}
		for _, k := range early {
			cmds = append(cmds, s.key(k))
		}
		return tea.Batch(cmds...), known
	}
	return cmd, known
}

// mostEarly is how many keys are kept until there is something to see.
const mostEarly = 100

// key does what a key means. Characters typed so fast that they come together
// are keys each.
func (s *Shell) key(msg tea.KeyMsg) tea.Cmd {
	s.notice = notice{}
	if msg.Type == tea.KeyRunes && len(msg.Runes) > 1 && !msg.Paste && s.prompt == nil {
		var cmds []tea.Cmd
		for _, r := range msg.Runes {
			cmds = append(cmds, s.key(tea.KeyMsg{Type: tea.KeyRunes, Runes: []rune{r}, Alt: msg.Alt}))
		}
		return tea.Batch(cmds...)
	}
	switch name := msg.String(); {
	case s.prompt != nil:
		return s.typed(msg)
	case s.confirm != nil:
		_, cmd := Press(s.confirmKeys(), msg)
		return cmd
	case s.cover != nil:
		_, cmd := Press(s.coverKeys(), msg)
		return cmd
	case !s.Screen.Ready() && name != "esc" && name != "q" && name != "ctrl+c":
		if len(s.early) < mostEarly {
			s.early = append(s.early, msg)
		}
		return nil
	}
	cmd, _ := s.Screen.Update(msg)
	return cmd
}

func (s *Shell) confirmKeys() []Key {
	answer := func(yes bool) func() tea.Cmd {
		return func() tea.Cmd {
			asked := s.confirm
			if s.confirm = nil; yes {
				return asked.yes()
			}
			return nil
		}
	}
	return []Key{
		{Keys: "y Y", About: "yes", Do: answer(true)},
		{Keys: "n N esc ctrl+c q", About: "no", Do: answer(false)},
	}
}

func (s *Shell) mouse(msg tea.MouseMsg) (tea.Cmd, bool) {
	switch {
	case !s.Screen.Ready() || s.Asking():
		return nil, true
	case s.cover != nil:
		s.scroll(Wheel(msg))
		return nil, true
	}
	return s.Screen.Update(msg)
}

// Wheel returns how a message turns the wheel: -1 up, 1 down, 0 not at all.
func Wheel(msg tea.MouseMsg) int {
	switch msg.Button {
	case tea.MouseButtonWheelUp:
		return -1
	case tea.MouseButtonWheelDown:
		return 1
	}
	return 0
}

// View draws what is shown.
func (s *Shell) View() string {
	if s.Dirty {
		s.drawn, s.Dirty = strings.Join(s.Lines(), "\n"), false
	}
	return s.drawn
}

// Lines draws what is shown, as many lines and cells as there are.
func (s *Shell) Lines() []string {
	switch {
	case s.Width <= 0 || s.Height <= 0:
		return nil
	case s.Width < 20 || s.Height < 6:
		return style.Block([]string{"stickylab needs", "20x6"}, s.Width, s.Height)
	}
	lines := s.Screen.Lines(s.Width, s.Height-1)
	if s.cover != nil {
		lines = append(lines[:1:1], s.cover.draw(s.Width, s.Height-2)...)
	}
	lines = append(style.Block(lines, s.Width, s.Height-1), s.footer())
	for i, line := range lines {
		if safe := style.Safe(line); safe != line {
			lines[i] = style.Fit(safe, s.Width)
		}
	}
	return lines
}

// footer is the last line.
func (s *Shell) footer() string {
	keys := s.coverKeys
	switch {
	case s.prompt != nil:
		return s.prompt.draw(s.Width)
	case s.confirm != nil:
		return style.Fit(" "+style.Paint(style.Accent, s.confirm.text), s.Width)
	case s.notice.text != "":
		ink := style.Strong
		if s.notice.loss {
			ink = style.Loss
		}
		return style.Fit(" "+style.Paint(ink, style.Cut(s.notice.text, s.Width-2)), s.Width)
	case s.cover == nil:
		if line := s.Screen.Footer(s.Width); line != "" {
			return style.Fit(line, s.Width)
		}
		keys = s.Screen.Keys
	}
	return style.Fit(" "+HelpLine(keys(), s.Width-2), s.Width)
}
