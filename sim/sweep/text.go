package sweep

import (
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"

	"stickylab/sim/expect"
	"stickylab/sim/format"
	"stickylab/sim/report"
	"stickylab/sim/scenario"
)

// Paper is what a report is written for.
type Paper struct {
	format.Screen
	ASCII bool // it shows no characters but those of ASCII
}

// WriteText writes what a sweep came to for people. It returns the error of w.
func WriteText(w io.Writer, t *Tally, paper Paper) error {
	p := &page{Page: format.Page{Width: min(paper.Width, 100), Color: paper.Color}, t: t, heights: blocks}
	if paper.ASCII {
		p.heights = plain
	}
	p.head()
	p.verdicts()
	p.expectations()
	p.figures()
	p.worstRuns()
	_, err := p.WriteTo(w)
	return err
}

// page is a report being written.
type page struct {
	format.Page
	t       *Tally
	heights []rune
}

const indent = "  "

// words are the verdicts as a report has them.
var words = map[string]format.Run{
	"":     {Style: format.Unsure, Text: "no runs"},
	"pass": {Style: format.Good, Text: "pass"}, "inconclusive": {Style: format.Unsure, Text: "inconclusive"},
	"not judged": {Style: format.Bad, Text: "NOT JUDGED"}, "fail": {Style: format.Bad, Text: "FAIL"}, broken: {Style: format.Bad, Text: "ERROR"},
}

func (p *page) head() {
	h, by := p.t.header, p.t.Verdicts()
	p.Strong(p.t.sentence())
	name := (&report.Result{Scenario: h.Scenario, Variant: h.Variant}).Name()
	v := words[p.t.worstVerdict()]
	p.Line(format.Run{Style: format.Strong, Text: name}, format.Run{Text: format.Right("", max(p.Room(format.Width(name+v.Text)), 2))}, v)
	if h.Title != h.Scenario {
		p.Wrap(h.Title)
	}
	text := "seeds " + h.Seeds.String()
	if h.Seeds.From == h.Seeds.To {
		text = "seed " + h.Seeds.String()
	}
	if n := h.Space().Combinations(); n > 1 {
		text += ", " + format.Plural(n, "combination") + " of values"
	}
	if h.Shard != nil {
		text += fmt.Sprintf("; shard %s: %s of %s", h.Shard, format.Number(p.t.records), format.Plural(h.Points, "run"))
	}
	p.Wrap(text)
	if n := by[broken]; n > 0 {
		p.Wrap(fmt.Sprintf("In %s the program itself failed: please report it with the line that replays it.", format.Plural(n, "run")))
	}
}

// sentence says what the runs came to.
func (t *Tally) sentence() string {
	by := t.Verdicts()
	failed := t.records - by["pass"]
	delivered := t.across("delivery.total.ratio")
	text := fmt.Sprintf("%s of %s did not meet all expectations", format.Number(failed), format.Plural(t.records, "run"))
	switch {
	case t.records == 0:
		return "No run belongs to this shard."
	case failed == 0 && t.records == 1:
		text = "The run met all expectations"
	case failed == 0:
		text = fmt.Sprintf("All %s met all expectations", format.Plural(t.records, "run"))
	case failed == t.records:
		text = fmt.Sprintf("None of %s met all expectations", format.Plural(t.records, "run"))
	}
	if len(delivered.values) == 0 {
		return text + "; no delivery was expected in any."
	}
	low, high := delivered.Quantile(0), delivered.Quantile(1000)
	switch {
	case delivered.constant() && low == 1:
		text += "; every message arrived in each"
	case delivered.constant():
		text += fmt.Sprintf("; %s of what was expected arrived in each", number("ratio", low))
	default:
		text += fmt.Sprintf("; from %s to %s of what was expected arrived, the median is %s", number("ratio", low), number("ratio", high), number("ratio", delivered.Quantile(500)))
	}
	return text + "."
}

// worstVerdict is the worst of all runs, "" without any.
func (t *Tally) worstVerdict() string {
	by := t.Verdicts()
	for _, v := range slices.Backward(verdictNames) {
		if by[v] > 0 {
			return v
		}
	}
	return ""
}

// across is a figure of all combinations together.
func (t *Tally) across(name string) *Series {
	out := &Series{}
	for _, c := range t.all {
		if s := c.figures[name]; s != nil {
			out.values = append(out.values, s.values...)
		}
	}
	return out
}

// label names a combination, "all runs" where there is one.
func (p *page) label(i int) string {
	settings := p.t.header.Space().Settings(i)
	if len(settings) == 0 {
		return "all runs"
	}
	return labelOf(settings)
}

func labelOf(settings []scenario.Setting) string {
	var parts []string
	for _, s := range settings {
		parts = append(parts, s.String())
	}
	return strings.Join(parts, ", ")
}

func (p *page) verdicts() {
	p.Section("Verdicts")
	table := format.Table{Heads: slices.Concat([]string{"", "runs"}, verdictNames)}
	row := func(label string, by map[string]int) {
		sum, cells := 0, []string{}
		for i, v := range verdictNames {
			sum += by[v]
			cells = append(cells, "")
			if n := by[v]; n > 0 || i == 0 || v == expect.Fail.String() {
				cells[i] = format.Number(n)
			}
		}
		table.Add(slices.Concat([]string{label, format.Number(sum)}, cells)...)
	}
	for i, c := range p.t.all {
		row(p.label(i), c.verdicts)
	}
	if len(p.t.all) > 1 {
		row("all runs", p.t.Verdicts())
	}
	p.Table(len(indent), &table)
}

// row is a series with what it is called.
type row struct {
	label  string
	series *Series
}

var quantiles = []struct {
	head     string
	permille int
}{{"min", 0}, {"p5", 50}, {"median", 500}, {"p95", 950}, {"max", 1000}}

// distributions writes a table of the rows, and plots those that vary. Kind is what their
// numbers are.
func (p *page) distributions(margin int, rows []row, kind func(i int) string, together bool) {
	table := format.Table{Heads: []string{""}}
	for _, q := range quantiles {
		table.Heads = append(table.Heads, q.head)
	}
	table.Heads = append(table.Heads, "mean")
	for i, r := range rows {
		if len(r.series.values) == 0 {
			table.Add(r.label, "-", "-", "-", "-", "-", "-")
			continue
		}
		cells := []string{r.label}
		for _, q := range quantiles {
			cells = append(cells, number(kind(i), r.series.Quantile(q.permille)))
		}
		table.Add(append(cells, mean(kind(i), r.series))...)
	}
	p.Table(margin, &table)
	var varied []*Series
	width := 0
	for _, r := range rows {
		if !r.series.constant() || together && len(r.series.values) > 0 {
			varied = append(varied, r.series)
			width = max(width, format.Width(r.label))
		}
	}
	shared := scaleOf(varied)
	if len(varied) == 0 || together && shared.low == shared.high {
		return
	}
	p.Gap()
	for i, r := range rows {
		if !slices.Contains(varied, r.series) {
			continue
		}
		s := shared
		if !together {
			s = scaleOf([]*Series{r.series})
		}
		low, high := number(kind(i), s.low), number(kind(i), s.high)
		p.Text(format.Spaces(margin) + format.Left(r.label, width) + "   " + format.Right(low, 6) + " |" + s.plot(r.series, p.heights) + "| " + high)
	}
}

func (p *page) figures() {
	p.Section("Distributions")
	if len(p.t.all) == 1 {
		var rows []row
		for _, f := range figures {
			rows = append(rows, row{f.label, seriesOf(p.t.all[0].figures, f.name)})
		}
		p.distributions(len(indent), rows, func(i int) string { return figures[i].name }, false)
		return
	}
	for i, f := range figures {
		if i > 0 {
			p.Gap()
		}
		p.Text(indent + f.label)
		var rows []row
		for i, c := range p.t.all {
			rows = append(rows, row{p.label(i), seriesOf(c.figures, f.name)})
		}
		p.distributions(2*len(indent), rows, func(int) string { return f.name }, true)
	}
}

func seriesOf(all map[string]*Series, name string) *Series {
	if s := all[name]; s != nil {
		return s
	}
	return &Series{}
}

// expectations writes what was measured for each expectation. Combinations that change the
// expectations themselves have theirs one after the other.
func (p *page) expectations() {
	p.Section("Expectations")
	seen := false
	for i := 0; ; i++ {
		var firsts []Expectation
		for _, c := range p.t.all {
			if i < len(c.expects) {
				if f := c.expects[i].first; !slices.ContainsFunc(firsts, f.same) {
					firsts = append(firsts, f)
				}
			}
		}
		if len(firsts) == 0 {
			break
		}
		for _, f := range firsts {
			if seen {
				p.Gap()
			}
			seen = true
			p.expectation(i, f)
		}
	}
	if !seen {
		p.Text(indent + "none")
	}
}

// same reports whether two expectations expect the same.
func (x Expectation) same(y Expectation) bool {
	return x.That == y.That && x.From == y.From && x.At == y.At
}

// expectation writes one, for the combinations that have it.
func (p *page) expectation(i int, first Expectation) {
	met, judged := 0, 0
	var labels []string
	var having []*expected
	for k, c := range p.t.all {
		if i < len(c.expects) && c.expects[i].first.same(first) {
			labels, having = append(labels, p.label(k)), append(having, c.expects[i])
			for v, n := range c.expects[i].verdicts {
				judged += n
				if v == expect.Pass.String() {
					met += n
				}
			}
		}
	}
	p.Wrap(first.That, format.Run{Text: indent})
	from, at := first.window()
	when := "at " + format.Clock(at)
	if from > 0 {
		when = "from " + format.Clock(from) + " to " + format.Clock(at)
	}
	p.Text(indent + fmt.Sprintf("%s, met in %s of %s", when, format.Number(met), format.Plural(judged, "run")))
	if len(having) == 0 {
		return
	}
	var names []string
	for _, e := range having {
		for name := range e.values {
			if !slices.Contains(names, name) {
				names = append(names, name)
			}
		}
	}
	slices.Sort(names)
	if len(p.t.all) == 1 {
		var rows []row
		for _, name := range names {
			rows = append(rows, row{name, seriesOf(having[0].values, name)})
		}
		p.distributions(2*len(indent), rows, func(i int) string { return names[i] }, false)
		return
	}
	for _, name := range names {
		p.Text(indent + indent + name)
		var rows []row
		for k, e := range having {
			rows = append(rows, row{labels[k], seriesOf(e.values, name)})
		}
		p.distributions(3*len(indent), rows, func(int) string { return name }, true)
	}
}

// mostGood is how many runs are listed where all met what was expected.
const mostGood = 3

// worstRuns lists runs to look at, and how to run each again.
func (p *page) worstRuns() {
	h := p.t.header
	show := p.t.worst
	if p.t.worstVerdict() != "pass" {
		show = slices.DeleteFunc(slices.Clone(show), func(r *Record) bool { return r.Verdict == "pass" })
	} else if p.t.across("delivery.total.ratio").constant() && p.t.across("sessions.lost").constant() && p.t.across("requests.reconnects").constant() {
		return // all are alike
	} else {
		show = show[:min(len(show), mostGood)]
	}
	p.Section("The worst runs")
	for _, r := range show {
		settings := h.Space().Settings(h.Space().At(r.Point).Combination)
		var notes []string
		for _, one := range []struct{ figure, singular, plural string }{
			{"delivery.total.missed", "missed delivery", "missed deliveries"}, {"sessions.lost", "lost session", "lost sessions"}, {"requests.reconnects", "attempt to reconnect", "attempts to reconnect"},
		} {
			if n, ok := r.Figures[one.figure]; ok {
				noun := one.plural
				if n == 1 {
					noun = one.singular
				}
				notes = append(notes, format.Number(int(n))+" "+noun)
			}
		}
		if r.Error != "" {
			notes = []string{r.Error}
		}
		v := words[r.Verdict]
		p.Wrap(strings.Join(notes, ", "), format.Run{Text: indent}, v, format.Run{Text: indent})
		bad := slices.DeleteFunc(slices.Clone(r.Expectations), func(x Expectation) bool { return x.Verdict == "pass" })
		if len(bad) > 0 {
			text := bad[0].Verdict + ": " + bad[0].That
			if more := len(bad) - 1; more > 0 {
				text += fmt.Sprintf(" (and %s more)", format.Number(more))
			}
			p.Wrap(text, format.Run{Text: indent + indent})
		}
		p.Text(indent + indent + (&report.Result{Scenario: h.Scenario, Variant: h.Variant, Set: settings, Seed: r.Seed}).Replay())
	}
}

// number writes a number of a name: what is a share or a ratio is 0 or 1 only when it is
// exactly that.
func number(name string, v float64) string {
	share := strings.HasSuffix(name, "ratio") || strings.HasPrefix(name, "share") || strings.HasSuffix(name, ".share")
	rounded := math.Round(v*10_000) / 10_000
	switch {
	case share && rounded == 0 && v > 0:
		return "<0.0001"
	case share && rounded == 1 && v < 1:
		return ">0.9999"
	case v == math.Trunc(v) && math.Abs(v) < 1<<53:
		return format.Number(int(v))
	case share:
		return strconv.FormatFloat(rounded, 'f', -1, 64)
	case strings.HasPrefix(name, "latency"):
		return strconv.FormatFloat(v, 'f', 1, 64)
	}
	whole, part := math.Modf(math.Round(v*100) / 100)
	return format.Number(int(whole)) + strings.TrimPrefix(strconv.FormatFloat(math.Abs(part), 'f', 2, 64), "0")
}

func mean(name string, s *Series) string {
	if s.constant() {
		return number(name, s.Quantile(500))
	}
	return number(name, s.Mean())
}
