package format

import (
	"io"
	"slices"
	"strings"
)

// Page is a text for people that is being written. It makes all that it is given
// printable, begins no line that it is not told to, and ends none with spaces.
type Page struct {
	Width int  // in cells; 0 means 80
	Color bool // the styles are seen

	text strings.Builder
	gap  bool // an empty line comes before the next one
}

// Room returns how many cells a line has after a margin.
func (p *Page) Room(margin int) int {
	if p.Width <= 0 {
		return 80 - margin
	}
	return p.Width - margin
}

// Gap separates what is written next from what was written before, if anything
// was, by one empty line.
func (p *Page) Gap() { p.gap = p.text.Len() > 0 }

// Line writes a line as it is, however wide it may be.
func (p *Page) Line(runs ...Run) {
	if p.gap {
		p.text.WriteByte('\n')
		p.gap = false
	}
	runs = slices.Clone(runs)
	for i, r := range runs {
		runs[i].Text = strings.ReplaceAll(Printable(r.Text), "\n", " ")
	}
	for i := len(runs) - 1; i >= 0; i-- { // no spaces at the end
		if runs[i].Text = strings.TrimRight(runs[i].Text, " "); runs[i].Text != "" {
			break
		}
	}
	for _, r := range runs {
		text := r.Text
		if p.Color {
			text = r.Style.Paint(text)
		}
		p.text.WriteString(text)
	}
	p.text.WriteByte('\n')
}

// Text writes a line in the plain style, however wide it may be.
func (p *Page) Text(s string) { p.Line(Run{Plain, s}) }

// Strong writes a text in the style of headings, broken into lines that fit the
// page.
func (p *Page) Strong(text string) {
	for _, line := range Wrap(Printable(text), p.Room(0)) {
		p.Line(Run{Strong, line})
	}
}

// Section begins a part of the page, after an empty line.
func (p *Page) Section(title string) {
	p.Gap()
	p.Strong(title)
}

// Wrap writes a text broken into lines that fit the page. The first begins with
// head, such as "  - "; those after it are indented by its width.
func (p *Page) Wrap(text string, head ...Run) {
	margin := 0
	for _, r := range head {
		margin += Width(r.Text)
	}
	for _, line := range Wrap(Printable(text), p.Room(margin)) {
		p.Line(append(slices.Clip(head), Run{Plain, line})...)
		head = []Run{{Plain, Spaces(margin)}}
	}
}

// Item writes an item of a list.
func (p *Page) Item(text string) { p.Wrap(text, Run{Plain, "  - "}) }

// Table writes a table after a margin.
func (p *Page) Table(margin int, t *Table) {
	for _, line := range t.Lines(p.Room(margin)) {
		p.Text(Spaces(margin) + line)
	}
}

// Count is how often something happened, told in words.
type Count struct {
	N    int
	Text string
}

// Counts writes counts one below the other, the numbers right-aligned.
func (p *Page) Counts(all []Count) {
	width := 0
	for _, c := range all {
		width = max(width, Width(Number(c.N)))
	}
	for _, c := range all {
		p.Wrap(c.Text, Run{Plain, "  " + Right(Number(c.N), width) + "  "})
	}
}

// String returns what was written.
func (p *Page) String() string { return p.text.String() }

// WriteTo writes the page to w. It returns w's error.
func (p *Page) WriteTo(w io.Writer) (int64, error) {
	if err := Styled(w, p.String()); err != nil {
		return 0, err
	}
	return int64(p.text.Len()), nil
}
