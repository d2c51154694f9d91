package doctor

import (
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"stickylab/sim/format"
	"strings"
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
	notes := slices.DeleteFunc(slices.Clone(r.Notes), r.saidAbove)
	if len(notes) > 0 {
		p.line("")
		p.line("About the text")
		for _, n := range notes {
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

// saidAbove reports whether a site already says that the file of a note was not read.
func (r *Report) saidAbove(n Note) bool {
	return strings.Contains(n.Text, " is not read: ") && slices.ContainsFunc(r.Sites, func(s *SiteReport) bool {
		return slices.ContainsFunc(s.Unread, func(u Note) bool { return u.Line == n.Line })
	})
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
	for _, l := range format.Wrap(text, width-len(indent)) {
		p.line("%s%s", indent, l)
	}
}

func (p *page) item(text string) {
	for i, l := range format.Wrap(text, width-4) {
		mark := "    "
		if i == 0 {
			mark = "  - "
		}
		p.line("%s%s", mark, l)
	}
}

// field writes a text after a word that names it.
func (p *page) field(name, text string) {
	for i, l := range format.Wrap(text, width-13) {
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
	for _, n := range s.Unread {
		p.wrap("", p.noted(n)+".")
	}
	if len(s.Unread) > 0 {
		p.line("")
	}
	p.wrap("", s.summary())
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
		title := "All fixes together"
		if slices.ContainsFunc(s.Findings, func(f Finding) bool { return f.Grade == If && f.Fix != nil }) {
			title += ", of which the last is needed only if something is in front of nginx"
		}
		if s.Sound {
			title += "; with them every experiment passes"
		}
		p.wrap("", title+":")
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
	breaks, costs, ifs, unread := 0, 0, 0, 0
	for _, f := range s.Findings {
		switch f.Grade {
		case Breaks:
			breaks++
		case Costs:
			costs++
		default:
			if f.unread {
				unread++
			} else {
				ifs++
			}
		}
	}
	things := func(n int, verb string) string {
		if n == 1 {
			return "1 thing " + verb + "s"
		}
		return fmt.Sprintf("%d things %s", n, verb)
	}
	text := "Nothing breaks."
	if unread > 0 {
		text = "Nothing breaks for certain."
	} else if len(s.NotSimulated) > 0 {
		text = "Nothing breaks in what was tried."
	}
	switch {
	case breaks > 0 && costs > 0:
		text = things(breaks, "break") + ", " + things(costs, "cost") + " something."
	case breaks > 0:
		text = things(breaks, "break") + "."
	case costs > 0:
		text += " " + things(costs, "cost") + " something."
	}
	switch {
	case ifs == 1:
		text += " 1 thing to know if something is in front of nginx."
	case ifs > 1:
		text += fmt.Sprintf(" %d things to know if something is in front of nginx.", ifs)
	}
	switch {
	case unread == 1:
		text += " 1 thing depends on what was not read or simulated."
	case unread > 1:
		text += fmt.Sprintf(" %d things depend on what was not read or simulated.", unread)
	}
	if len(s.NotSimulated) > 0 {
		text += " Not simulated here: " + strings.Join(s.NotSimulated, ", ") + "."
	}
	return text
}

func (p *page) finding(n int, f Finding) {
	title := fmt.Sprintf("%2d  %s  %s", n, strings.ToUpper(string(f.Grade)), f.Title)
	if f.Later {
		title += " (once the above is fixed)"
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
	switch {
	case f.unread:
	case f.Fix == nil:
		p.field("fix", "none found: no change that was tried passes the same experiments")
	default:
		p.field("fix", f.Fix.Summary+"; with it the same experiments pass:")
		p.line("")
		p.diff("       ", f.Fix.Diff)
	}
	if f.Fix != nil && f.Settle+f.Lesson != "" {
		p.line("")
	}
	if f.Settle != "" {
		p.field("settle", f.Settle)
	}
	if f.Lesson != "" {
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
	}{2, r.Verdict(), r})
}
