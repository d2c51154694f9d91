package tui

import (
	"strings"

	caret "github.com/charmbracelet/bubbles/cursor"
	"github.com/charmbracelet/bubbles/textinput"
	tea "github.com/charmbracelet/bubbletea"

	"stickylab/sim/scenario"
	"stickylab/ui/tui/style"
)

// question is a line that the viewer types.
type question struct {
	label   string
	text    string // to begin with
	hint    string // shown while nothing is typed
	prefix  string // the words of a step that stand before what is typed, for completing
	history bool   // it is the command line
	literal bool   // no step: nothing to complete
	live    func(*Model, string) tea.Cmd
	answer  func(*Model, string) (tea.Cmd, error)

	input   textinput.Model
	failure string
	past    int      // lines back in the history
	listed  *string  // the line of which the list is
	list    []string // of completions
}

// put asks a question.
func (m *Model) put(q *question) tea.Cmd {
	in := textinput.New()
	in.Prompt = ""
	in.CharLimit = 400
	in.Cursor.SetMode(caret.CursorStatic)
	in.SetValue(q.text)
	in.CursorEnd()
	in.Focus()
	q.input = in
	m.question, m.under, m.mode = q, m.mode, modeAsk
	return nil
}

// typed hands a key to the line.
func (q *question) typed(m *Model, msg tea.KeyMsg) tea.Cmd {
	before := q.input.Value()
	q.input, _ = q.input.Update(msg)
	if q.input.Value() == before {
		return nil
	}
	q.failure = ""
	if q.live != nil {
		return q.live(m, q.input.Value())
	}
	return nil
}

// answer takes what was typed. A question with a wrong answer stays.
func (m *Model) answer() tea.Cmd {
	q := m.question
	text := strings.TrimSpace(q.input.Value())
	if text == "" && q.history {
		return m.dropQuestion()
	}
	m.mode = m.under
	cmd, err := q.answer(m, text)
	if err != nil {
		m.mode = modeAsk
		q.failure, _, _ = strings.Cut(err.Error(), "\n")
		return nil
	}
	if q.history && m.stage != nil {
		m.stage.history = append(m.stage.history, text)
	}
	if m.mode != modeAsk {
		m.question = nil
	}
	return cmd
}

func (m *Model) dropQuestion() tea.Cmd {
	q := m.question
	m.question, m.mode = nil, m.under
	if q.live != nil {
		return q.live(m, "")
	}
	return nil
}

// completions are what the last word may become.
func (q *question) completions(s *stage) []string {
	if q.literal || s == nil {
		return nil
	}
	if line := q.prefix + q.input.Value(); q.listed == nil || *q.listed != line {
		q.listed, q.list = &line, scenario.CompleteStep(s.vocabulary().Names(), line)
	}
	return q.list
}

// complete continues the last word as far as it is certain.
func (m *Model) complete() tea.Cmd {
	q := m.question
	list := q.completions(m.stage)
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
	value := q.input.Value()
	head := value[:strings.LastIndexAny(value, " \t")+1]
	if len(head)+len(certain) <= len(value) {
		return nil
	}
	q.input.SetValue(head + certain)
	q.input.CursorEnd()
	q.failure = ""
	return nil
}

// recall brings back an earlier command line.
func (m *Model) recall() tea.Cmd { return m.goThroughHistory(1) }

func (m *Model) recallNext() tea.Cmd { return m.goThroughHistory(-1) }

func (m *Model) goThroughHistory(by int) tea.Cmd {
	q := m.question
	if !q.history || m.stage == nil {
		return nil
	}
	lines := m.stage.history
	q.past = min(max(q.past+by, 0), len(lines))
	text := ""
	if q.past > 0 {
		text = lines[len(lines)-q.past]
	}
	q.input.SetValue(text)
	q.input.CursorEnd()
	return nil
}

// draw draws the question as the last line of the screen.
func (q *question) draw(s *stage, width int) string {
	value, at := []rune(q.input.Value()), q.input.Position()
	under := " "
	after := ""
	if at < len(value) {
		under, after = string(value[at]), string(value[at+1:])
	}
	line := " " + style.Paint(style.Accent, q.label) + string(value[:at]) + style.Reverse(under) + after
	used := style.Width(line)
	note := ""
	switch list := q.completions(s); {
	case q.failure != "":
		note = style.Paint(style.Loss, style.Cut(q.failure, max(width-used-4, width/2)))
	case len(value) == 0 && q.hint != "":
		note = style.Paint(style.Dim, q.hint)
	case len(list) > 0:
		note = style.Paint(style.Dim, strings.Join(list, "  "))
	case q.hint != "":
		note = style.Paint(style.Dim, q.hint)
	}
	if room := width - used - 3; room < style.Width(note) && q.failure == "" {
		note = style.Cut(note, max(room, 0))
	}
	return style.Spread(line, note, width)
}

func (m *Model) askFilter() tea.Cmd {
	return m.put(&question{
		label: "/", text: m.stage.view.filter, literal: true, hint: "a client, an address, a node, a word",
		live: func(m *Model, text string) tea.Cmd { return m.stage.filter(text) },
		answer: func(m *Model, text string) (tea.Cmd, error) {
			return m.stage.filter(text), nil
		},
	})
}

// filter shows only what holds a text.
func (s *stage) filter(text string) tea.Cmd {
	text = strings.ToLower(text)
	if s.view.filter == text {
		return nil
	}
	s.view.filter, s.view.line = text, 0
	return s.refresh()
}
