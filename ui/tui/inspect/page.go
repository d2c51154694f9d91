package inspect

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"stickylab/sim/format"
	"stickylab/sim/ledger"
	"stickylab/ui/tui/style"
)

// Window returns height lines of a page from line top on, each of width cells.
// Top is moved so that there is as much to see as fits.
func Window(lines []string, top, width, height int) []string {
	top = max(0, min(top, len(lines)-height))
	return style.Block(lines[top:], width, height)
}

// labels is the width of the column of labels.
const labels = 13

// page is lines that are written one after the other, none wider than it.
type page struct {
	width   int
	direct  bool // clients ask a node themselves, there is no proxy between
	at      *ledger.Ledger
	palette *style.Palette
	lines   []string
}

func newPage(s *Source, width int) *page {
	at := s.Ledger
	var nodes []string
	for _, n := range at.Nodes() {
		nodes = append(nodes, n.Name)
	}
	return &page{width: max(width, 1), direct: len(s.Plan().UsedBy(s.Plan().Config)) == 0, at: at, palette: style.NewPalette(nodes)}
}

// add writes lines, cut to the width.
func (p *page) add(lines ...string) {
	for _, l := range lines {
		p.lines = append(p.lines, strings.TrimRight(style.Cut(l, p.width), " "))
	}
}

// gap writes an empty line, unless there is one or nothing above it.
func (p *page) gap() {
	if n := len(p.lines); n > 0 && p.lines[n-1] != "" {
		p.lines = append(p.lines, "")
	}
}

// indent is the width of the column of labels here: narrow pages have none,
// labels stand above.
func (p *page) indent() int {
	if p.width < 56 {
		return 2
	}
	return labels
}

// room is the width next to the labels.
func (p *page) room() int { return max(p.width-p.indent(), 1) }

// field writes lines next to a label. Those without paint are wrapped.
func (p *page) field(label string, lines ...string) {
	indent := strings.Repeat(" ", p.indent())
	first := indent
	if label != "" {
		if p.indent() < labels {
			p.add(style.Paint(style.Dim, label))
		} else {
			first = style.Paint(style.Dim, style.Fit(label, labels))
		}
	}
	for _, l := range lines {
		parts := []string{l}
		if !strings.Contains(l, "\x1b") && style.Width(l) > p.room() {
			parts = hang(l, p.room())
		}
		for _, part := range parts {
			p.add(first + part)
			first = indent
		}
	}
}

// list writes lines next to a label, each of them cut to the room there.
func (p *page) list(label string, lines []string) {
	for i, line := range lines {
		lines[i] = style.Cut(line, p.room())
	}
	p.field(label, lines...)
}

// hang breaks a line whose first column ends in two spaces, or that has none;
// what does not fit stands below the second one.
func hang(line string, width int) []string {
	head := line[:len(line)-len(strings.TrimLeft(line[strings.Index(line+"  ", "  "):], " "))]
	if len(head) > width/2 {
		head = ""
	}
	return style.Hang(head, format.Wrap(line[len(head):], width-len(head)))
}

// flow writes parts one after the other, on as many lines as it takes; those
// after the first are set in by two.
func (p *page) flow(parts ...string) {
	p.add(rows(p.width, "  ", parts)...)
}

// rows puts parts into lines of a width, three spaces between them. Empty
// parts are left out.
func rows(width int, indent string, parts []string) []string {
	var out []string
	line := ""
	for _, part := range parts {
		switch {
		case part == "":
		case line == "":
			line = part
		case style.Width(line)+3+style.Width(part) <= width:
			line += "   " + part
		default:
			out = append(out, line)
			line = indent + part
		}
	}
	if line != "" {
		out = append(out, line)
	}
	return out
}

// label is a node's letter and name, "-" of none.
func (p *page) label(node string) string {
	if node == "" {
		return "-"
	}
	return p.palette.Label(node)
}

// mark is a node's letter, "-" of none.
func (p *page) mark(node string) string {
	if node == "" {
		return "-"
	}
	return p.palette.Mark(node)
}

func dim(text string) string    { return style.Paint(style.Dim, text) }
func loss(text string) string   { return style.Paint(style.Loss, text) }
func strong(text string) string { return style.Paint(style.Strong, text) }

// missed writes a count of what did not arrive: in the ink of loss unless it
// is 0.
func missed(text string, n int) string {
	text += " " + format.Number(n)
	if n > 0 {
		return loss(text)
	}
	return text
}

// cut tells how a search fell short, "" when it did not.
func (e end) text() string {
	switch e {
	case aged:
		return "what was before is no longer kept in detail"
	case tooFar:
		return "what was long before is not looked through"
	}
	return ""
}

// peopleShown bounds the names, or runs of them, that are written.
const peopleShown = 24

// people writes a list of names in their order, runs of numbered ones as "a-01
// to a-20". A name that is there more than once is followed by how often.
func people(names []string) string {
	names = slices.Sorted(slices.Values(names))
	for i := range names {
		names[i] = format.Line(names[i])
	}
	var out []string
	for i := 0; i < len(names); {
		if len(out) >= peopleShown {
			out = append(out, "and "+format.Number(len(names)-i)+" more")
			break
		}
		same, last := i, i
		for same+1 < len(names) && names[same+1] == names[i] {
			same++
		}
		repeats := func(k int) bool { return k+1 < len(names) && names[k+1] == names[k] }
		for last+1 < len(names) && follows(names[last], names[last+1]) && !repeats(last+1) {
			last++
		}
		switch {
		case same > i:
			out = append(out, fmt.Sprintf("%s (%d times)", names[i], same-i+1))
			last = same
		case last > i+1:
			out = append(out, names[i]+" to "+names[last])
		default:
			out = append(out, names[i:last+1]...)
		}
		i = last + 1
	}
	return strings.Join(out, ", ")
}

// follows reports whether b is a with the next number.
func follows(a, b string) bool {
	i := len(a)
	for i > 0 && a[i-1] >= '0' && a[i-1] <= '9' {
		i--
	}
	if i == len(a) || len(a)-i > 9 || !strings.HasPrefix(b, a[:i]) {
		return false
	}
	n := 0
	for _, c := range a[i:] {
		n = n*10 + int(c-'0')
	}
	return b[i:] == fmt.Sprintf("%0*d", len(a)-i, n+1)
}

// interval writes two instants, of which the second leaves out what is equal.
func interval(first, last time.Duration) string {
	a, b := style.Instant(first), style.Instant(last)
	if a == b {
		return a
	}
	return a + " to " + b
}

// sentence is an event in words, without whom it is about; a loss is painted.
func sentence(d ledger.Description) string {
	if d.Loss {
		return loss(d.What) + strings.TrimPrefix(d.Rest(), d.What)
	}
	return d.Rest()
}
