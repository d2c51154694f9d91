package doctor

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"

	"stickylab/sim/format"
)

// page is the report as it is being written.
type page struct {
	format.Page
	source string // names the text
	folded bool   // there are so many findings that each has one line
}

// mostLeft bounds how much of what was left a text names.
const mostLeft = 8

// mostWide bounds the width of a report, in cells.
const mostWide = 100

func (r *Report) page(screen format.Screen) *page {
	width := mostWide
	if screen.Width > 0 {
		width = min(width, screen.Width)
	}
	return &page{Page: format.Page{Width: width, Color: screen.Color}, source: r.options.name()}
}

// WriteText writes the report for people: the verdict and the findings in a table,
// first and last, and between them the causes and each change once. Its error is
// w's.
func (r *Report) WriteText(w io.Writer, screen format.Screen) error {
	p := r.page(screen)
	p.folded = r.Findings() > mostFull
	for _, n := range r.First {
		p.Wrap(n.String(), format.Run{Style: format.Bad, Text: "First: "})
	}
	p.verdict(r)
	number := 1
	for _, s := range r.Sites {
		p.Gap()
		p.site(s, number)
		number += len(s.Findings)
	}
	if len(r.Left)+len(r.Notes) > 0 || !p.folded {
		p.Gap()
	}
	for _, n := range r.Left[:min(len(r.Left), mostLeft)] {
		p.Wrap(n.String(), format.Run{Text: "Left: "})
	}
	if more := len(r.Left) - mostLeft; more > 0 {
		p.Wrap(fmt.Sprintf("%s more; --json lists all", format.Number(more)), format.Run{Text: "Left: "})
	}
	p.notes(slices.DeleteFunc(slices.Clone(r.Notes), r.saidAbove))
	if len(r.Left)+len(r.Notes) > 0 || !p.folded {
		p.Gap()
	}
	switch {
	case p.folded:
		p.Wrap("--explain N shows the cause of finding N, its evidence and change, and what was not tried.")
		p.verdict(r)
	case number > 1:
		p.Wrap(strings.Join(r.NotTried, "; ")+".", format.Run{Text: "Not tried: "})
		p.Wrap("--explain N shows the evidence of finding N, its own change, and what was tried.")
		p.verdict(r)
	default:
		p.Wrap(strings.Join(r.NotTried, "; ")+".", format.Run{Text: "Not tried: "})
	}
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

func (p *page) notes(notes []Note) {
	for _, n := range notes {
		p.Wrap(n.String(), format.Run{Text: "Note: "})
	}
}

// styles are those of the grades.
var styles = map[Grade]format.Style{Breaks: format.Bad, If: format.Unsure, Costs: format.Unsure}

// verdict writes what the report comes to, and a line for each finding.
func (p *page) verdict(r *Report) {
	style := format.Good
	switch {
	case len(r.Sites) == 0:
		style = format.Unsure
	case r.Verdict() == Broken:
		style = format.Bad
	case len(r.First) > 0 || len(r.notSimulated()) > 0:
		style = format.Unsure
	}
	p.Gap()
	for _, line := range format.Wrap(r.source()+": "+r.Sentence(), p.Room(0)) {
		p.Line(format.Run{Style: style, Text: line})
	}
	number := 0
	for _, s := range r.Sites {
		for _, f := range s.Findings {
			number++
			at := ""
			if f.Cause.Line > 0 {
				at = fmt.Sprintf("line %d", f.Cause.Line)
			}
			title := f.Title
			if f.Later {
				title += " (once the above is fixed)"
			}
			if p.folded {
				title = format.Clip(title, p.Room(len("99  BREAKS  line 9999 ")))
			}
			p.Wrap(title, format.Run{Text: fmt.Sprintf("%2d  ", number)},
				format.Run{Style: styles[f.Grade], Text: format.Left(strings.ToUpper(string(f.Grade)), 6)}, format.Run{Text: "  " + format.Left(at, 9)})
		}
	}
}

func (r *Report) source() string { return r.options.name() }

// notSimulated lists what may stop or change requests and was not tried.
func (r *Report) notSimulated() (out []string) {
	for _, s := range r.Sites {
		for _, one := range s.NotSimulated {
			if !slices.Contains(out, one) {
				out = append(out, one)
			}
		}
	}
	return out
}

// Sentence says what the findings come to, and what was not tried of the text.
func (r *Report) Sentence() string {
	counts := map[Grade]int{}
	for _, s := range r.Sites {
		for _, f := range s.Findings {
			counts[f.Grade]++
		}
	}
	var parts []string
	for _, c := range []struct {
		grade     Grade
		one, more string
	}{{Breaks, "breaks", "break"}, {Costs, "costs something", "cost something"}, {If, "depends on what the text does not say", "depend on what the text does not say"}} {
		n, verb := counts[c.grade], c.more
		if n == 1 {
			verb = c.one
		}
		switch {
		case n > 0 && len(parts) == 0:
			parts = append(parts, format.Plural(n, "thing")+" "+verb)
		case n > 0:
			parts = append(parts, format.Number(n)+" "+verb)
		}
	}
	if len(r.Sites) == 0 {
		return "Nothing was examined: what shows Socket.IO, or a WebSocket, is at a path that is not known."
	}
	text, not := strings.Join(parts, ", "), ""
	if r.fatal() {
		return strings.TrimSuffix(fmt.Sprintf("nginx %s does not start with it; of the rest: %s", r.Version, cmp.Or(text, "nothing breaks")), ".") + "."
	}
	if list := r.notSimulated(); len(list) > 0 {
		not = "; not tried: " + strings.Join(list, ", ")
	}
	if counts[Breaks] > 0 {
		return text + not + "."
	}
	none := "Nothing breaks"
	if not != "" {
		none = "Nothing breaks in what was tried"
	} else if len(r.First) > 0 {
		none = "Nothing else breaks"
	}
	if text = none + not + ". " + text; len(parts) == 0 {
		return strings.TrimSpace(text)
	}
	return text + "."
}

// heading names the route that was examined.
func (s *SiteReport) heading() string {
	servers := fmt.Sprintf("%d servers, %s", s.Nodes, s.Method)
	if s.Nodes == 1 {
		servers = "one server"
	}
	return fmt.Sprintf("%s -> %s (%s), path %s", s.Server, s.Upstream, servers, s.Path)
}

// site writes the causes and changes of a site whose first finding has a number.
func (p *page) site(s *SiteReport, number int) {
	p.Wrap(s.heading())
	for _, n := range s.Unread {
		p.Wrap(n.String()+".", format.Run{Text: "Note: "})
	}
	if s.Assumed != "" {
		p.Wrap(s.Assumed, format.Run{Text: "Note: "})
	}
	p.notes(s.Notes)
	if !p.folded {
		p.Gap()
	}
	for i, f := range s.Findings {
		if p.folded && f.Grade != Breaks {
			p.fold(f, number+i)
			continue
		}
		p.Wrap(f.sentence(), format.Run{Text: fmt.Sprintf("%2d  ", number+i)})
	}
	p.changes(s)
	if len(s.Works) > 0 && len(s.Findings) == 0 {
		p.Gap()
		p.Wrap(strings.Join(s.Works, "; ")+".", format.Run{Text: "Works: "})
	}
}

// sentence says of a finding why it is, whom it affects and what helps.
func (f Finding) sentence() string {
	text := f.Cause.words()
	if who := f.who(); f.Grade == Breaks && who != "" {
		text += ". " + who
	} else if len(f.Seen) > 0 {
		text += ". Seen: " + strings.Join(f.Seen, ", ")
	}
	switch {
	case f.unread:
	case f.Fix == nil && f.Experiment == "":
	case f.Fix == nil:
		text += ". Fix: none found, no change that was tried passes the same experiments"
	default:
		text += ". Fix: " + f.Fix.Summary
	}
	if f.Settle != "" {
		text += ". To settle: " + f.Settle
	}
	end := "."
	if strings.HasSuffix(text, "?") {
		end = ""
	}
	if f.Lesson != "" {
		text += end + " stickylab learn " + f.Lesson
		end = "."
	}
	return text + end
}

// words are a cause in words, without its line.
func (c Cause) words() string {
	if c.Missing {
		return "lacks " + c.Why
	}
	return c.Why
}

// who says whom a finding affects, kinds alike together.
func (f Finding) who() string {
	var parts []string
	for i, c := range f.Clients {
		if c.Bad == 0 || slices.ContainsFunc(f.Clients[:i], func(o Affected) bool { return o.Bad > 0 && o.alike(c) }) {
			continue
		}
		var names []string
		bad, of := 0, 0
		for _, o := range f.Clients[i:] {
			if o.Bad > 0 && o.alike(c) {
				names = append(names, short[o.Kind])
				bad, of = bad+o.Bad, of+o.Of
			}
		}
		which := ""
		if len(names) < len(f.Clients) {
			which = " (" + strings.Join(names, ", ") + ")"
		}
		parts = append(parts, fmt.Sprintf("%d of %d clients%s: %s", bad, of, which, c.How))
	}
	return strings.Join(parts, "; ")
}

// alike reports whether two kinds are affected in the same way.
func (a Affected) alike(b Affected) bool {
	return a.How == b.How && (a.Bad == a.Of) == (b.Bad == b.Of)
}

// changes writes the changes of a site, each once: all together when they can be.
func (p *page) changes(s *SiteReport) {
	var diffs []string
	for _, f := range s.Findings {
		if f.Fix != nil && f.Fix.Diff != "" {
			diffs = append(diffs, f.Fix.Diff)
		}
	}
	if s.Together != "" {
		diffs = []string{s.Together}
	}
	for _, text := range slices.Compact(diffs) {
		if p.folded {
			p.changed(text)
			continue
		}
		p.Gap()
		p.diff("  ", text)
	}
	if s.Sound && len(diffs) > 0 {
		if !p.folded {
			p.Gap()
		}
		p.Wrap("With this change every experiment passes.")
	}
}

// diff writes a unified diff.
func (p *page) diff(margin, text string) {
	for line := range strings.Lines(text) {
		style := format.Plain
		switch line[0] {
		case '+':
			style = format.Good
		case '-':
			style = format.Bad
		}
		p.Line(format.Run{Text: margin}, format.Run{Style: style, Text: strings.TrimRight(line, "\r\n")})
	}
}

// WriteJSON writes the report as one line of JSON. Its error is that of w.
func (r *Report) WriteJSON(w io.Writer) error {
	return format.JSONLine(w, struct {
		Schema  int     `json:"schema"`
		Verdict Verdict `json:"verdict"`
		*Report
	}{2, r.Verdict(), r})
}
