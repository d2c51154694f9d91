package doctor

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"stickylab/sim/format"
)

// page is the report as it is being written.
type page struct {
	format.Page
	source    string          // names the text
	described map[string]bool // the experiments whose description was written
}

// WriteText writes the report for people, 100 columns wide. Its error is w's.
func (r *Report) WriteText(w io.Writer) error {
	p := &page{format.Page{Width: 100}, r.options.name(), map[string]bool{}}
	for _, s := range r.Sites {
		p.Gap()
		p.site(s)
	}
	for _, name := range r.Unexamined {
		p.Gap()
		p.Wrap("Not examined: " + name + ". Name it with --server or --upstream.")
	}
	p.notes("About the text", slices.DeleteFunc(slices.Clone(r.Notes), r.saidAbove))
	p.list("Not tried", r.NotTried)
	_, err := p.WriteTo(w)
	return err
}

// saidAbove reports whether a site already says that the file of a note was not
// read.
func (r *Report) saidAbove(n Note) bool {
	return n.unread && slices.ContainsFunc(r.Sites, func(s *SiteReport) bool {
		return slices.ContainsFunc(s.Unread, func(u Note) bool { return u.Line == n.Line })
	})
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

func (p *page) notes(heading string, notes []Note) {
	var items []string
	for _, n := range notes {
		items = append(items, n.String())
	}
	p.list(heading, items)
}

// field writes a text after the word that names it.
func (p *page) field(name, text string) {
	p.Wrap(text, format.Run{Text: "     " + format.Left(name, 8)})
}

// String returns the note with its line: "line 3: ...".
func (n Note) String() string {
	if n.Line == 0 {
		return n.Text
	}
	return fmt.Sprintf("line %d: %s", n.Line, n.Text)
}

func (p *page) site(s *SiteReport) {
	servers := fmt.Sprintf("%d servers, %s", s.Nodes, s.Method)
	if s.Nodes == 1 {
		servers = "one server"
	}
	p.Wrap(fmt.Sprintf("%s: %s -> %s (%s), path %s", p.source, s.Server, s.Upstream, servers, s.Path))
	p.Gap()
	for _, n := range s.Unread {
		p.Wrap(n.String() + ".")
	}
	p.Gap()
	p.Wrap(s.summary())
	for i, f := range s.Findings {
		p.Gap()
		p.finding(i+1, f)
	}
	p.list("Works", s.Works)
	if s.Together != "" {
		title := "All fixes together"
		if slices.ContainsFunc(s.Findings, func(f Finding) bool { return f.Grade == If && f.Fix != nil }) {
			title += ", of which the last is needed only if something is in front of nginx"
		}
		if s.Sound {
			title += "; with them every experiment passes"
		}
		p.Gap()
		p.Wrap(title + ":")
		p.diff("  ", s.Together)
	}
	p.notes("Notes", s.Notes)
	p.list("Tried", s.Tried)
}

// summary counts the findings.
func (s *SiteReport) summary() string {
	breaks, costs, ifs, unread := 0, 0, 0, 0
	for _, f := range s.Findings {
		switch {
		case f.Grade == Breaks:
			breaks++
		case f.Grade == Costs:
			costs++
		case f.unread:
			unread++
		default:
			ifs++
		}
	}
	things := func(n int, verb string) string {
		if n == 1 {
			verb += "s"
		}
		return format.Plural(n, "thing") + " " + verb
	}
	var text string
	switch {
	case breaks > 0 && costs > 0:
		text = things(breaks, "break") + ", " + things(costs, "cost") + " something."
	case breaks > 0:
		text = things(breaks, "break") + "."
	case unread > 0:
		text = "Nothing breaks for certain."
	case len(s.NotSimulated) > 0:
		text = "Nothing breaks in what was tried."
	default:
		text = "Nothing breaks."
	}
	if breaks == 0 && costs > 0 {
		text += " " + things(costs, "cost") + " something."
	}
	if ifs > 0 {
		text += " " + format.Plural(ifs, "thing") + " to know if something is in front of nginx."
	}
	if unread > 0 {
		text += " " + things(unread, "depend") + " on what was not read or simulated."
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
	p.Text(title)
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
	tried := f.Experiment
	if d := descriptions[tried]; !p.described[tried] && d != "" {
		p.described[tried], tried = true, tried+": "+d
	}
	p.field("tried", tried)
	why := f.Cause.Why
	if f.Cause.Missing {
		why = "lacks " + why
	}
	if f.Cause.Line > 0 {
		why = fmt.Sprintf("%s:%d: %s", p.source, f.Cause.Line, why)
	}
	p.field("cause", why)
	if f.Cause.Line > 0 {
		const margin = "             | "
		p.Text(margin + format.Clip(f.Cause.Excerpt, p.Room(len(margin))))
	}
	switch {
	case f.unread:
	case f.Fix == nil:
		p.field("fix", "none found: no change that was tried passes the same experiments")
	default:
		p.field("fix", f.Fix.Summary+"; with it the same experiments pass:")
		p.diff("       ", f.Fix.Diff)
		p.Gap()
	}
	p.field("settle", f.Settle)
	if f.Lesson != "" {
		p.field("learn", "stickylab learn "+f.Lesson)
	}
}

// diff writes a unified diff after an empty line.
func (p *page) diff(margin, text string) {
	p.Gap()
	for line := range strings.Lines(text) {
		p.Text(margin + strings.TrimRight(line, "\r\n"))
	}
}

// WriteJSON writes the report as one line of JSON. Its error is that of w.
func (r *Report) WriteJSON(w io.Writer) error {
	return format.JSONLine(w, struct {
		Schema  int    `json:"schema"`
		Verdict string `json:"verdict"`
		*Report
	}{2, r.Verdict(), r})
}
