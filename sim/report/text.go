package report

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"

	"stickylab/sim/format"
	"stickylab/sim/ledger"
)

// TextOptions of a summary. The zero value is plain and 80 columns wide.
type TextOptions struct {
	Width int  // in columns, default 80
	Color bool // beside the words, which say it all
}

// WriteText writes the summary of a run for people.
func WriteText(w io.Writer, r *Result, o TextOptions) error {
	if o.Width <= 0 {
		o.Width = 80
	}
	p := page{TextOptions: o}
	p.head(r)
	if r.Final != nil {
		p.placement(r.Final)
		p.matrix(r.Final)
		p.missed(r.Final)
		p.errors(r.Final)
		p.figures(r.Final)
	}
	p.expected(r)
	p.line("")
	p.section("replay")
	p.line(indent + r.Replay())
	if _, err := io.WriteString(w, p.b.String()); err != nil {
		return fmt.Errorf("write summary of %q: %w", r.Scenario, err)
	}
	return nil
}

const indent = "  "

// page is a summary being written.
type page struct {
	TextOptions
	b strings.Builder
}

func (p *page) line(s string) {
	p.b.WriteString(strings.TrimRight(s, " "))
	p.b.WriteByte('\n')
}

// section begins a part of the page.
func (p *page) section(title string) { p.line(p.paint(bold, title)) }

func (p *page) head(r *Result) {
	room := max(p.Width-wide(word(r.Verdict)), wide(r.Name())+2)
	p.line(p.paint(bold, left(r.Name(), room)) + p.verdict(r.Verdict))
	if r.Title != r.Scenario {
		for _, s := range format.Wrap(r.Title, p.Width) {
			p.line(s)
		}
	}
	p.line(fmt.Sprintf("%s of cluster life in %s, seed %d", format.Seconds(r.Virtual), format.Seconds(r.Wall), r.Seed))
}

func (p *page) placement(f *ledger.Snapshot) {
	p.line("")
	p.section("who is where, at the end")
	t := table{heads: append(slices.Clone(f.Matrix.Nodes), "not connected")}
	sum := make([]int, len(t.heads))
	for _, name := range slices.Sorted(maps.Keys(f.Groups)) {
		g := f.Groups[name]
		cells := make([]string, len(t.heads))
		for i, node := range f.Matrix.Nodes {
			sum[i] += g.Nodes[node]
			cells[i] = format.Number(g.Nodes[node])
		}
		off := g.Count - g.Connected
		sum[len(sum)-1] += off
		cells[len(cells)-1] = format.Number(off)
		t.add(name, cells...)
	}
	if len(f.Groups) > 1 {
		cells := make([]string, len(sum))
		for i, n := range sum {
			cells[i] = format.Number(n)
		}
		t.add("all", cells...)
	}
	if len(t.rows) == 0 {
		p.line(indent + "no clients")
	} else {
		p.table(&t)
	}
	for _, node := range f.Matrix.Nodes {
		if n, ok := f.Nodes[node]; ok && !n.Up {
			p.line(indent + node + " is down")
		} else if ok && n.Frozen {
			p.line(indent + node + " stands still")
		}
	}
	if c := f.Clients; c.Away+c.Never > 0 {
		p.line(indent + fmt.Sprintf("%s away and trying again, %s never connected", format.Number(c.Away), format.Number(c.Never)))
	}
}

func (p *page) matrix(f *ledger.Snapshot) {
	p.line("")
	p.section("who hears whom: arrived of due, by the sender's and the receiver's node")
	t := table{}
	for _, node := range f.Matrix.Nodes {
		t.heads = append(t.heads, "heard on "+node)
	}
	for a, node := range f.Matrix.Nodes {
		cells := make([]string, len(t.heads))
		for b := range cells {
			cells[b] = share(f.Matrix.Cells[a][b])
		}
		t.add("said on "+node, cells...)
	}
	if len(t.rows) > 0 {
		p.table(&t)
		p.line("")
	}
	d := f.Delivery
	t = table{heads: []string{"arrived", "missed", "pending", "duplicates", "extra"}}
	for _, x := range []struct {
		label  string
		counts ledger.Counts
	}{{"same node", d.Same}, {"across nodes", d.Cross}, {"all", d.Total}} {
		c := x.counts
		t.add(x.label, share(c), format.Number(c.Missed), format.Number(c.Pending), format.Number(c.Duplicates), format.Number(c.Extra))
	}
	p.table(&t)
}

// share writes counts of deliveries; nothing was due in an empty cell.
func share(c ledger.Counts) string {
	if c.Due == 0 {
		return "-"
	}
	return format.Share(c.Arrived, c.Arrived+c.Missed)
}

func (p *page) missed(f *ledger.Snapshot) {
	if len(f.Missed) == 0 {
		return
	}
	p.line("")
	p.section("missed, and why")
	var t tally
	for _, m := range f.Missed {
		t = append(t, count{m.Count, m.String()})
	}
	p.tally(t)
}

func (p *page) errors(f *ledger.Snapshot) {
	p.line("")
	p.section("errors")
	var t tally
	for _, text := range slices.Sorted(maps.Keys(f.Errors)) {
		t = append(t, count{f.Errors[text], text})
	}
	slices.SortStableFunc(t, func(a, b count) int { return b.n - a.n })
	if len(t) == 0 {
		p.line(indent + "none")
		return
	}
	p.tally(t)
}

func (p *page) figures(f *ledger.Snapshot) {
	p.line("")
	s, m, r := f.Sessions, f.Messages, f.Requests
	attempts := format.Number(r.Reconnects) + " attempts"
	if r.Reconnects == 1 {
		attempts = "1 attempt"
	}
	p.figure("sessions", "%s opened, %s upgraded, %s lost", format.Number(s.Opened), format.Number(s.Upgraded), format.Number(s.Lost))
	p.figure("messages", "%s said, %s sent, %s unsent%s", format.Number(m.Said), format.Number(m.Sent), format.Number(m.Unsent), underWay(f))
	p.figure("requests", "%s made, %s failed, %s to reconnect", format.Number(r.Total), format.Number(r.Failed), attempts)
	if f.Latency.Count == 0 {
		p.figure("latency", "nothing arrived")
		return
	}
	p.figure("latency", "p50 %s ms, p95 %s ms, p99 %s ms", ms(f.Latency.P50), ms(f.Latency.P95), ms(f.Latency.P99))
}

// underWay says what makes the counts of messages add up: what was said in the
// window and accepted after it, without what was said before the window and
// accepted in it. Only the difference is known, unless nothing came before.
func underWay(f *ledger.Snapshot) string {
	m := f.Messages
	switch n := m.Said - m.Sent - m.Unsent; {
	case n > 0 && f.From == 0:
		return fmt.Sprintf(", %s under way at the end", format.Number(n))
	case n > 0:
		return fmt.Sprintf(", %s more under way at the end than at the start", format.Number(n))
	case n < 0:
		return fmt.Sprintf(", %s fewer under way at the end than at the start", format.Number(-n))
	}
	return ""
}

func (p *page) figure(label, pattern string, args ...any) {
	for i, s := range format.Wrap(fmt.Sprintf(pattern, args...), max(p.Width-10, 20)) {
		if i > 0 {
			label = ""
		}
		p.line(p.paint(bold, left(label, 10)) + s)
	}
}

func ms(v float64) string { return fmt.Sprintf("%.1f", v) }

func (p *page) expected(r *Result) {
	p.line("")
	p.section("expected")
	if len(r.Expectations) == 0 {
		p.line(indent + "nothing")
		return
	}
	verdicts := 4
	for _, x := range r.Expectations {
		verdicts = max(verdicts, wide(word(x.Verdict)))
	}
	margin := strings.Repeat(" ", len(indent)+verdicts+2)
	room := max(p.Width-len(margin)-8, 12)
	for _, x := range r.Expectations {
		first := indent + p.verdict(x.Verdict) + strings.Repeat(" ", verdicts-wide(word(x.Verdict))+2)
		for i, s := range format.Wrap(x.That, room+8) {
			if i > 0 {
				first = margin + indent
			}
			p.line(first + s)
		}
		p.detail(margin, "actual", x.Actual, room)
		p.detail(margin, "why", x.Why, room)
		p.detail(margin, "when", r.span(x), room)
	}
}

func (p *page) detail(margin, label, text string, room int) {
	for i, s := range format.Wrap(text, room) {
		if i > 0 {
			label = ""
		}
		p.line(margin + left(label, 8) + s)
	}
}

func (p *page) table(t *table) {
	for _, s := range t.lines(p.Width - len(indent)) {
		p.line(indent + s)
	}
}

// count is a number of something told in words.
type count struct {
	n    int
	text string
}

type tally []count

// tally writes counts one below the other, right-aligned.
func (p *page) tally(t tally) {
	width := 0
	for _, x := range t {
		width = max(width, wide(format.Number(x.n)))
	}
	for _, x := range t {
		label := right(format.Number(x.n), width)
		for _, s := range format.Wrap(x.text, p.Width-len(indent)-width-2) {
			p.line(indent + label + indent + s)
			label = strings.Repeat(" ", width)
		}
	}
}

// WriteTotal writes one line about all runs: "3 scenarios in 2.1 s: 2 pass, 1
// fail".
func WriteTotal(w io.Writer, results []*Result) error {
	by := make(map[Verdict]int)
	var wall time.Duration
	for _, r := range results {
		by[r.Verdict]++
		wall += r.Wall
	}
	var parts []string
	for _, v := range []Verdict{Pass, Fail, Inconclusive} {
		if by[v] > 0 {
			parts = append(parts, format.Number(by[v])+" "+string(v))
		}
	}
	noun := "scenarios"
	if slices.ContainsFunc(results, func(r *Result) bool { return r.Variant != "" }) {
		noun = "runs"
	}
	if len(results) == 1 {
		noun = strings.TrimSuffix(noun, "s")
	}
	if _, err := fmt.Fprintf(w, "%s %s in %s: %s\n", format.Number(len(results)), noun, format.Seconds(wall), strings.Join(parts, ", ")); err != nil {
		return fmt.Errorf("write total: %w", err)
	}
	return nil
}
