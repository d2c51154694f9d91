package screen

import (
	"strings"

	caret "github.com/charmbracelet/bubbles/cursor"
	"github.com/charmbracelet/bubbles/textinput"
	tea "github.com/charmbracelet/bubbletea"

	"stickylab/ui/tui/style"
)

// Prompt is a line that the viewer types.
type Prompt struct {
	Label string
	Text  string // to begin with
	Hint  string // shown while nothing is typed

	Complete func(line string) []string // the possible ends of the last word; nil means none
	History  *[]string                  // the lines typed before, the newest last; nil keeps none

	Live   func(text string) tea.Cmd          // called with each change; may be nil
	Answer func(text string) (tea.Cmd, error) // after an error the prompt stays

	input   textinput.Model
	failure string
	back    int      // lines back in the history
	listed  *string  // the line of which the list is
	list    []string // of completions
}

func (p *Prompt) begin() {
	in := textinput.New()
	in.Prompt = ""
	in.CharLimit = 400
	in.Cursor.SetMode(caret.CursorStatic)
	in.SetValue(p.Text)
	in.CursorEnd()
	in.Focus()
	p.input = in
}

func (s *Shell) promptKeys() []Key {
	return []Key{
		{Keys: "enter", About: "that is it", Do: s.answer},
		{Keys: "esc ctrl+c", About: "never mind", Do: s.dropPrompt},
		{Keys: "tab", About: "complete", Do: s.complete},
		{Keys: "up", About: "what was typed before", Do: func() tea.Cmd { s.prompt.recall(1); return nil }},
		{Keys: "down", About: "what was typed after it", Do: func() tea.Cmd { s.prompt.recall(-1); return nil }},
	}
}

// typed hands a key to the line.
func (s *Shell) typed(msg tea.KeyMsg) tea.Cmd {
	if found, cmd := Press(s.promptKeys(), msg); found {
		return cmd
	}
	p := s.prompt
	before := p.input.Value()
	p.input, _ = p.input.Update(msg)
	if p.input.Value() == before {
		return nil
	}
	p.failure = ""
	if p.Live != nil {
		return p.Live(p.input.Value())
	}
	return nil
}

// answer takes what was typed.
func (s *Shell) answer() tea.Cmd {
	p := s.prompt
	text := strings.TrimSpace(p.input.Value())
	if text == "" && p.History != nil {
		return s.dropPrompt()
	}
	s.prompt = nil
	cmd, err := p.Answer(text)
	if err != nil {
		s.prompt = p
		p.failure, _, _ = strings.Cut(err.Error(), "\n")
		return nil
	}
	if p.History != nil {
		*p.History = append(*p.History, text)
	}
	return cmd
}

func (s *Shell) dropPrompt() tea.Cmd {
	p := s.prompt
	s.prompt = nil
	if p.Live != nil {
		return p.Live("")
	}
	return nil
}

// completions returns the possible ends of the last word.
func (p *Prompt) completions() []string {
	if p.Complete == nil {
		return nil
	}
	if line := p.input.Value(); p.listed == nil || *p.listed != line {
		p.listed, p.list = &line, p.Complete(line)
	}
	return p.list
}

// complete continues the last word as far as it is certain.
func (s *Shell) complete() tea.Cmd {
	p := s.prompt
	list := p.completions()
	if len(list) == 0 {
		return nil
	}
	certain := list[0]
	for _, c := range list {
		for !strings.HasPrefix(c, certain) {
			certain = certain[:len(certain)-1]
		}
	}
	if len(list) == 1 {
		certain += " "
	}
	value := p.input.Value()
	head := value[:strings.LastIndexAny(value, " \t")+1]
	if len(head)+len(certain) <= len(value) {
		return nil
	}
	p.input.SetValue(head + certain)
	p.input.CursorEnd()
	p.failure = ""
	return nil
}

// recall brings back an earlier line, or a later one.
func (p *Prompt) recall(by int) {
	if p.History == nil {
		return
	}
	lines := *p.History
	p.back = min(max(p.back+by, 0), len(lines))
	text := ""
	if p.back > 0 {
		text = lines[len(lines)-p.back]
	}
	p.input.SetValue(text)
	p.input.CursorEnd()
}

// draw draws the prompt as the last line of the screen.
func (p *Prompt) draw(width int) string {
	value, at := []rune(p.input.Value()), p.input.Position()
	under := " "
	after := ""
	if at < len(value) {
		under, after = string(value[at]), string(value[at+1:])
	}
	line := " " + style.Paint(style.Accent, p.Label) + string(value[:at]) + style.Reverse(under) + after
	used := style.Width(line)
	note := style.Paint(style.Dim, p.Hint)
	switch list := p.completions(); {
	case p.failure != "":
		note = style.Paint(style.Loss, style.Cut(p.failure, max(width-used-4, width/2)))
	case len(value) > 0 && len(list) > 0 || p.Hint == "":
		note = style.Paint(style.Dim, strings.Join(list, "  "))
	}
	if room := width - used - 3; room < style.Width(note) && p.failure == "" {
		note = style.Cut(note, max(room, 0))
	}
	return style.Spread(line, note, width)
}
