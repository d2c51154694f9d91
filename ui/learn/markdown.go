package learn

import (
	"strings"

	"stickylab/sim/format"
)

// Paint paints a piece of text that has no line breaks.
type Paint func(format.Style, string) string

// Markdown breaks a text into lines of at most width cells, except for fenced
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
			m.lines = append(m.lines, m.painted(format.Run{Style: format.Code, Text: "  " + strings.TrimRight(line, " ")}))
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

// printable returns a text that cannot steer a terminal; lines stay.
func printable(text string) string {
	return format.Printable(strings.ReplaceAll(strings.ReplaceAll(text, "\r\n", "\n"), "\t", " "))
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

// markdown is a text being laid out.
type markdown struct {
	width int
	paint Paint
	lines []string
	mark  string       // of the item of a list that is being read
	block []format.Run // the paragraph that is being read
	gap   bool         // an empty line comes before the next one
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
	runs := inline(line)
	if n := len(m.block); n > 0 && len(runs) > 0 && !format.Joins(m.block[n-1].Text, runs[0].Text) {
		m.block = append(m.block, format.Run{Text: " "})
	}
	m.block = append(m.block, runs...)
}

// inline splits a line into its pieces.
func inline(line string) (out []format.Run) {
	add := func(style format.Style, text string) {
		if text != "" {
			out = append(out, format.Run{Style: style, Text: text})
		}
	}
	from := 0
	for i := 0; i < len(line); {
		rest := line[i:]
		style, text, n := format.Plain, "", 0
		switch {
		case rest[0] == '`':
			if end := strings.IndexByte(rest[1:], '`'); end > 0 {
				style, text, n = format.Code, rest[1:end+1], end+2
			}
		case strings.HasPrefix(rest, "**"):
			if end := strings.Index(rest[2:], "**"); end > 0 {
				style, text, n = format.Strong, rest[2:end+2], end+4
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
		add(format.Plain, line[from:i])
		add(style, text)
		i += n
		from = i
	}
	add(format.Plain, line[from:])
	return out
}

func (m *markdown) painted(r format.Run) string {
	if m.paint == nil {
		return r.Text
	}
	return m.paint(r.Style, r.Text)
}

// flush lays the paragraph out.
func (m *markdown) flush() {
	if len(m.block) == 0 {
		m.mark = ""
		return
	}
	m.apart()
	if m.paint == nil {
		for i, r := range m.block {
			if r.Style == format.Code {
				m.block[i].Text = "`" + r.Text + "`"
			}
		}
	}
	margin := format.Width(m.mark)
	lines := format.WrapRuns(m.block, m.width-margin)
	if len(lines) == 0 {
		lines = [][]format.Run{nil} // an item without a text
	}
	for _, runs := range lines {
		line := m.mark
		for _, r := range runs {
			line += m.painted(r)
		}
		m.lines = append(m.lines, strings.TrimRight(line, " "))
		m.mark = format.Spaces(margin)
	}
	m.block, m.mark = nil, ""
}
