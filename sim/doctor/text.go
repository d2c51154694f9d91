package doctor

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"stickylab/sim/report"
)

const width = 100

// WriteText writes the report for people.
func (r *Report) WriteText(w io.Writer) error {
	p := &page{source: r.options.name()}
	for i, s := range r.Sites {
		if i > 0 {
			p.line("")
		}
		p.site(s)
	}
	for _, name := range r.Unexamined {
		p.line("")
		p.wrap("", "Not examined: "+name+". Name it with --server or --upstream.")
	}
	if len(r.Notes) > 0 {
		p.line("")
		p.line("About the text")
		for _, n := range r.Notes {
			p.item(p.noted(n))
		}
	}
	p.line("")
	p.line("Not tried")
	for _, text := range r.NotTried {
		p.item(text)
	}
	_, err := io.WriteString(w, printable(p.b.String()))
	return err
}

// printable keeps control characters of the file from reaching a terminal.
func printable(s string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' && r != '\n' && r != '\t' || r >= 0x7f && r < 0xa0 {
			return '?'
		}
		return r
	}, s)
}

// page is a text being written.
type page struct {
	source string
	b      strings.Builder
}

func (p *page) line(format string, args ...any) {
	p.b.WriteString(strings.TrimRight(fmt.Sprintf(format, args...), " "))
	p.b.WriteByte('\n')
}

func (p *page) wrap(indent, text string) {
	for _, l := range report.Wrap(text, width-len(indent)) {
		p.line("%s%s", indent, l)
	}
}

func (p *page) item(text string) {
	for i, l := range report.Wrap(text, width-4) {
		mark := "    "
		if i == 0 {
			mark = "  - "
		}
		p.line("%s%s", mark, l)
	}
}

// field writes a text behind a word that names it.
func (p *page) field(name, text string) {
	for i, l := range report.Wrap(text, width-13) {
		if i > 0 {
			name = ""
		}
		p.line("     %-8s%s", name, l)
	}
}

func (p *page) noted(n Note) string {
	if n.Line == 0 {
		return n.Text
	}
	return fmt.Sprintf("line %d: %s", n.Line, n.Text)
}

func (p *page) site(s *SiteReport) {
	servers := fmt.Sprintf("%d servers", s.Nodes)
	method := ", " + s.Method
	if s.Nodes == 1 {
		servers, method = "one server", ""
	}
	p.wrap("", fmt.Sprintf("%s: %s -> %s (%s%s), path %s", p.source, s.Server, s.Upstream, servers, method, s.Path))
	p.line("")
	p.line("%s", s.summary())
	for i, f := range s.Findings {
		p.line("")
		p.finding(i+1, f)
	}
	if len(s.Works) > 0 {
		p.line("")
		p.line("Works")
		for _, text := range s.Works {
			p.item(text)
		}
	}
	if s.Together != "" {
		p.line("")
		if s.Sound {
			p.wrap("", "All mends together; with them every experiment passes:")
		} else {
			p.wrap("", "All mends together:")
		}
		p.line("")
		p.diff("  ", s.Together)
	}
	if len(s.Notes) > 0 {
		p.line("")
		p.line("Notes")
		for _, n := range s.Notes {
			p.item(p.noted(n))
		}
	}
	p.line("")
	p.line("Tried")
	for _, text := range s.Tried {
		p.item(text)
	}
}

// summary counts the findings.
func (s *SiteReport) summary() string {
	breaks, costs := 0, 0
	for _, f := range s.Findings {
		if f.Grade == Breaks {
			breaks++
		} else {
			costs++
		}
	}
	things := func(n int, verb string) string {
		if n == 1 {
			return "1 thing " + verb + "s"
		}
		return fmt.Sprintf("%d things %s", n, verb)
	}
	switch {
	case breaks+costs == 0:
		return "Nothing breaks."
	case costs == 0:
		return things(breaks, "break") + "."
	case breaks == 0:
		return "Nothing breaks. " + things(costs, "cost") + " something."
	}
	return things(breaks, "break") + ", " + things(costs, "cost") + " something."
}

func (p *page) finding(n int, f Finding) {
	title := fmt.Sprintf("%2d  %s  %s", n, strings.ToUpper(string(f.Grade)), f.Title)
	if f.Later {
		title += " (once the above is mended)"
	}
	p.line("%s", title)
	name := "who"
	for _, c := range f.Clients {
		text := fmt.Sprintf("%d of %d %s", c.Bad, c.Of, labels[c.Kind])
		if c.How != "" {
			text += ": " + c.How
		}
		p.field(name, text)
		name = ""
	}
	if len(f.Seen) > 0 {
		p.field("seen", strings.Join(f.Seen, ", "))
	}
	p.field("tried", f.Experiment)
	c := f.Cause
	switch {
	case c.Line == 0:
		p.field("cause", c.Why)
	case c.Missing:
		p.field("cause", fmt.Sprintf("%s:%d: missing here: %s", p.source, c.Line, c.Why))
		p.line("             | %s", clip(c.Excerpt))
	default:
		p.field("cause", fmt.Sprintf("%s:%d: %s", p.source, c.Line, c.Why))
		p.line("             | %s", clip(c.Excerpt))
	}
	if f.Mend == nil {
		p.field("mend", "none that was tried passes the same experiments")
	} else {
		p.field("mend", f.Mend.Say+"; the same experiments, run again with it, pass:")
		p.line("")
		p.diff("       ", f.Mend.Diff)
	}
	if f.Lesson != "" {
		if f.Mend != nil {
			p.line("")
		}
		p.field("learn", "stickylab learn "+f.Lesson)
	}
}

// clip cuts a line of the text that would break the page.
func clip(s string) string {
	const most = width - 15
	if r := []rune(s); len(r) > most {
		return string(r[:most-3]) + "..."
	}
	return s
}

func (p *page) diff(indent, text string) {
	for _, l := range strings.Split(strings.TrimSuffix(text, "\n"), "\n") {
		p.line("%s%s", indent, strings.TrimRight(l, "\r"))
	}
}

// WriteJSON writes the report as one line of JSON.
func (r *Report) WriteJSON(w io.Writer) error {
	return json.NewEncoder(w).Encode(struct {
		Schema  int    `json:"schema"`
		Verdict string `json:"verdict"`
		*Report
	}{1, r.Verdict(), r})
}
