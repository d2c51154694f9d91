package doctor

import (
	"fmt"
	"io"
	"strings"

	"stickylab/sim/format"
)

// Findings returns how many findings there are.
func (r *Report) Findings() (n int) {
	for _, s := range r.Sites {
		n += len(s.Findings)
	}
	return n
}

// WriteFinding writes the details of a finding, numbered from 1 as in the report,
// and what was tried. Its error is w's.
func (r *Report) WriteFinding(w io.Writer, number int, screen format.Screen) error {
	p := r.page(screen)
	first := 1
	for _, s := range r.Sites {
		if number >= first && number < first+len(s.Findings) {
			p.finding(number, s.Findings[number-first])
			p.list("Works", s.Works)
			p.list("Tried", s.Tried)
		}
		first += len(s.Findings)
	}
	p.list("Not tried", r.NotTried)
	_, err := p.WriteTo(w)
	return err
}

// list writes items below a heading, and nothing without items.
func (p *page) list(heading string, items []string) {
	if len(items) == 0 {
		return
	}
	p.Section(heading)
	for _, text := range items {
		p.Item(text)
	}
}

// field writes a text after the word that names it.
func (p *page) field(name, text string) {
	if text != "" {
		p.Wrap(text, format.Run{Text: "     " + format.Left(name, 8)})
	}
}

func (p *page) finding(n int, f Finding) {
	title := f.Title
	if f.Later {
		title += " (once those before it are fixed)"
	}
	p.Wrap(title, format.Run{Text: fmt.Sprintf("%2d  ", n)}, format.Run{Style: styles[f.Grade], Text: strings.ToUpper(string(f.Grade))}, format.Run{Text: "  "})
	name := "who"
	for _, c := range f.Clients {
		text := fmt.Sprintf("%d of %d %s", c.Bad, c.Of, labels[c.Kind])
		if c.How != "" {
			text += ": " + c.How
		}
		p.field(name, text)
		name = ""
	}
	p.field("seen", strings.Join(f.Seen, ", "))
	if f.Experiment != "" {
		p.field("tried", f.Experiment+": "+descriptions[f.Experiment])
	}
	why := f.Cause.words()
	if f.Cause.Line > 0 {
		why = fmt.Sprintf("%s:%d: %s", p.source, f.Cause.Line, why)
	}
	p.field("cause", why)
	if f.Cause.Line > 0 {
		const margin = "             | "
		p.Line(format.Run{Text: margin}, format.Run{Style: format.Code, Text: format.Clip(f.Cause.Excerpt, p.Room(len(margin)))})
	}
	switch {
	case f.unread || f.Fix == nil && f.Experiment == "":
	case f.Fix == nil:
		p.field("fix", "none found: no change that was tried passes the same experiments")
	case f.Fix.Diff == "":
		p.field("fix", f.Fix.Summary)
	default:
		p.field("fix", f.Fix.Summary+"; with it the same experiments pass:")
		p.Gap()
		p.diff("       ", f.Fix.Diff)
		p.Gap()
	}
	p.field("settle", f.Settle)
	if f.Lesson != "" {
		p.field("learn", "stickylab learn "+f.Lesson)
	}
}
