package learn

import (
	"strings"
	"unicode"

	"github.com/charmbracelet/x/ansi"
)

// Style is how a piece of Markdown stands out.
type Style uint8

// The styles.
const (
	Plain Style = iota
	Bold
	Code
)

// Paint paints a piece of text that has no line breaks.
type Paint func(Style, string) string

// Markdown breaks a text into lines of at most width cells, but for fenced
// blocks, which stay as they are, and words that are longer. It knows what
// lessons are written in: paragraphs, headings, lists, fenced blocks, bold,
// code and links. Without paint, code keeps its backquotes.
func Markdown(text string, width int, paint Paint) []string {
	m := &markdown{width: max(width, 1), paint: paint}
	fenced := false
	for _, line := range strings.Split(printable(text), "\n") {
		bare := strings.TrimSpace(line)
		switch {
		case strings.HasPrefix(bare, "```"):
			m.flush()
			if fenced = !fenced; fenced {
				m.apart()
			}
		case fenced && bare == "":
			m.lines = append(m.lines, "")
		case fenced:
			m.lines = append(m.lines, m.painted(piece{Code, "  " + strings.TrimRight(line, " ")}))
		case bare == "":
			m.flush()
			m.gap = true
		case strings.HasPrefix(bare, "#"):
			m.flush()
			m.words("**"+strings.TrimSpace(strings.TrimLeft(bare, "#"))+"**", "")
			m.flush()
		default:
			if mark := bullet(bare); mark != "" {
				m.flush()
				m.words(strings.TrimSpace(bare[len(mark):]), mark)
				continue
			}
			m.words(bare, "")
		}
	}
	m.flush()
	return m.lines
}

// Line is a text on one line, without what would steer a terminal.
func Line(text string) string {
	return strings.TrimSpace(strings.ReplaceAll(printable(text), "\n", " "))
}

// printable takes out what would steer a terminal; lines stay.
func printable(text string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n':
			return r
		case unicode.IsControl(r), unicode.Is(unicode.Bidi_Control, r):
			return ' '
		}
		return r
	}, text)
}

// bullet returns what an item of a list begins with: "- ", "2. ".
func bullet(line string) string {
	for _, mark := range []string{"- ", "* ", "+ "} {
		if strings.HasPrefix(line, mark) {
			return mark
		}
	}
	digits := strings.IndexFunc(line, func(r rune) bool { return r < '0' || r > '9' })
	if digits > 0 && digits < 4 && strings.HasPrefix(line[digits:], ". ") {
		return line[:digits+2]
	}
	return ""
}

// piece is a run of text in one style.
type piece struct {
	style Style
	text  string
}

// markdown is a text being laid out.
type markdown struct {
	width int
	paint Paint
	lines []string
	mark  string  // of the item of a list that is being read
	block []piece // the paragraph that is being read
	gap   bool    // an empty line comes before the next one
}

// apart begins a new block, after an empty line if there was one in the text.
func (m *markdown) apart() {
	if m.gap && len(m.lines) > 0 {
		m.lines = append(m.lines, "")
	}
	m.gap = false
}

// words adds a line of the text to the paragraph. A style ends with its line
// if nothing closes it.
func (m *markdown) words(line, mark string) {
	if mark != "" {
		m.mark = strings.Replace(mark, "* ", "- ", 1)
	}
	if len(m.block) > 0 {
		m.block = append(m.block, piece{Plain, " "})
	}
	m.block = append(m.block, inline(line)...)
}

// inline splits a line into its pieces.
func inline(line string) (out []piece) {
	add := func(style Style, text string) {
		if text != "" {
			out = append(out, piece{style, text})
		}
	}
	from := 0
	for i := 0; i < len(line); {
		rest := line[i:]
		style, text, n := Plain, "", 0
		switch {
		case rest[0] == '`':
			if end := strings.IndexByte(rest[1:], '`'); end > 0 {
				style, text, n = Code, rest[1:end+1], end+2
			}
		case strings.HasPrefix(rest, "**"):
			if end := strings.Index(rest[2:], "**"); end > 0 {
				style, text, n = Bold, rest[2:end+2], end+4
			}
		case rest[0] == '[':
			if label, after, ok := strings.Cut(rest[1:], "]("); ok && !strings.Contains(label, "[") {
				if address, _, ok := strings.Cut(after, ")"); ok {
					text, n = label+" ("+address+")", len(label)+len(address)+4
				}
			}
		}
		if n == 0 {
			i++
			continue
		}
		add(Plain, line[from:i])
		add(style, text)
		i += n
		from = i
	}
	add(Plain, line[from:])
	return out
}

func (m *markdown) painted(p piece) string {
	switch {
	case p.text == "":
		return ""
	case m.paint != nil:
		return m.paint(p.style, p.text)
	}
	return p.text
}

// flush lays the paragraph out.
func (m *markdown) flush() {
	if len(m.block) == 0 {
		m.mark = ""
		return
	}
	m.apart()
	indent := strings.Repeat(" ", ansi.StringWidth(m.mark))
	line, used := m.mark, len(indent)
	begun := false // a word stands on the line
	for _, word := range m.split() {
		w := 0
		for _, p := range word {
			w += ansi.StringWidth(p.text)
		}
		switch {
		case begun && used+1+w > m.width:
			m.lines = append(m.lines, line)
			line, used = indent, len(indent)
		case begun:
			line, used = line+" ", used+1
		}
		for _, p := range word {
			line += m.painted(p)
		}
		used, begun = used+w, true
	}
	m.lines = append(m.lines, line)
	m.block, m.mark = nil, ""
}

// split splits the paragraph at its spaces, into words that may be of several
// pieces.
func (m *markdown) split() (words [][]piece) {
	var word []piece
	end := func() {
		if len(word) > 0 {
			words = append(words, word)
		}
		word = nil
	}
	for _, p := range m.block {
		if p.style == Code && m.paint == nil {
			p.text = "`" + p.text + "`"
		}
		for i, part := range strings.Split(p.text, " ") {
			if i > 0 {
				end()
			}
			if part != "" {
				word = append(word, piece{p.style, part})
			}
		}
	}
	end()
	return words
}
