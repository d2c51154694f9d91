package report

import (
	"cmp"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"

	"stickylab/sim/expect"
	"stickylab/sim/format"
	"stickylab/sim/ledger"
)

// widest is the most that a text is set in, in cells: longer lines are hard to
// read.
const widest = 100

// WriteText writes the summary of a run for people, as the screen shows it best.
// It returns the error of w.
func WriteText(w io.Writer, r *Result, screen format.Screen) error {
	p := page{format.Page{Width: min(screen.Width, widest), Color: screen.Color}}
	p.head(r)
	if r.Final != nil {
		p.placement(r.Final)
		p.delivery(r.Final)
		p.missed(r.Final)
		p.errors(r.Final)
		p.recovery(r.Final)
		p.figures(r.Final)
	}
	p.expectations(r)
	p.Section("Replay")
	p.Text(indent + r.Replay())
	if _, err := p.WriteTo(w); err != nil {
		return fmt.Errorf("write summary of %q: %w", r.Scenario, err)
	}
	return nil
}

const indent = "  "

// page is a summary being written.
type page struct{ format.Page }

// verdicts are the styles of the verdicts, and the words: a failure is seen
// without colour too.
var verdicts = map[expect.Verdict]format.Run{
	expect.Pass: {Style: format.Good, Text: "pass"}, expect.Fail: {Style: format.Bad, Text: "FAIL"},
	expect.Inconclusive: {Style: format.Unsure, Text: "inconclusive"}, expect.NotJudged: {Style: format.Bad, Text: "NOT JUDGED"},
}

func (p *page) head(r *Result) {
	if r.Final != nil {
		p.Strong(Sentence(r.Final))
	}
	p.Wrap(r.asExpected())
	v := verdicts[r.Verdict]
	p.Line(format.Run{Style: format.Strong, Text: r.Name()}, format.Run{Text: format.Right("", max(p.Room(format.Width(r.Name()+v.Text)), 2))}, v)
	if r.Title != r.Scenario {
		p.Wrap(r.Title)
	}
	p.Text(fmt.Sprintf("%s of simulated time in %s, seed %d", format.Seconds(r.Virtual), format.Seconds(r.Wall), r.Seed))
}

func (p *page) placement(f *ledger.Snapshot) {
	p.Section("Placement")
	t := format.Table{Heads: slices.Concat([]string{""}, f.Matrix.Nodes, []string{"not connected"})}
	sum := make([]int, len(t.Heads)-1)
	row := func(label string, counts []int) {
		cells := []string{label}
		for _, n := range counts {
			cells = append(cells, format.Number(n))
		}
		t.Add(cells...)
	}
	for _, name := range slices.Sorted(maps.Keys(f.Groups)) {
		g := f.Groups[name]
		counts := make([]int, len(sum))
		for i, node := range f.Matrix.Nodes {
			counts[i] = g.Nodes[node]
		}
		counts[len(counts)-1] = g.Count - g.Connected
		for i, n := range counts {
			sum[i] += n
		}
		row(name, counts)
	}
	switch {
	case len(f.Groups) == 0:
		p.Text(indent + "no clients")
	case len(f.Groups) > 1:
		row("all", sum)
		fallthrough
	default:
		p.Table(len(indent), &t)
	}
	for _, node := range f.Matrix.Nodes {
		if n, ok := f.Nodes[node]; ok && !n.Up {
			p.Text(indent + node + " is down")
		} else if ok && n.Frozen {
			p.Text(indent + node + " is frozen")
		}
	}
	if c := f.Clients; c.Away+c.Never > 0 {
		p.Text(indent + fmt.Sprintf("%s away and reconnecting, %s never connected", format.Number(c.Away), format.Number(c.Never)))
	}
}

func (p *page) delivery(f *ledger.Snapshot) {
	p.Section("Delivery: arrived of expected, by the sender's and the receiver's node")
	t := format.Table{Heads: []string{""}}
	for _, node := range f.Matrix.Nodes {
		t.Heads = append(t.Heads, "to "+node)
	}
	for a, node := range f.Matrix.Nodes {
		cells := []string{"from " + node}
		for _, c := range f.Matrix.Cells[a] {
			cells = append(cells, share(c))
		}
		t.Add(cells...)
	}
	if len(f.Matrix.Nodes) > 0 {
		p.Table(len(indent), &t)
		p.Gap()
	}
	t = format.Table{Heads: []string{"", "arrived", "missed", "in flight", "duplicates", "extra"}}
	for _, x := range []struct {
		label string
		c     ledger.Counts
	}{{"same node", f.Delivery.Same}, {"cross node", f.Delivery.Cross}, {"all", f.Delivery.Total}} {
		t.Add(x.label, share(x.c), format.Number(x.c.Missed), format.Number(x.c.Pending), format.Number(x.c.Duplicates), format.Number(x.c.Extra))
	}
	p.Table(len(indent), &t)
}

// share writes counts of deliveries, "-" when none was expected.
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
	p.Section("Missed, by reason")
	var all []format.Count
	for _, m := range f.Missed {
		all = append(all, format.Count{N: m.Count, Text: m.String()})
	}
	p.Counts(all)
}

func (p *page) errors(f *ledger.Snapshot) {
	p.Section("Errors")
	if len(f.Errors) == 0 {
		p.Text(indent + "none")
	}
	p.Counts(byCount(f.Errors))
}

// recovery says what became of the clients that came back, where connections are
// recovered.
func (p *page) recovery(f *ledger.Snapshot) {
	r := f.Recovery
	if r == (ledger.Recovery{}) {
		return
	}
	p.Section("Recovery")
	p.Text(indent + format.Plural(r.Recovered, "connection") + " recovered, " + format.Number(r.Failed) + " not, " + format.Plural(r.Replayed, "message") + " replayed")
	var why []format.Count
	for _, x := range f.Failures {
		why = append(why, format.Count{N: x.Count, Text: x.Failure.Because()})
	}
	p.Counts(why)
}

// byCount returns counts, the largest first, those of one size by their text.
func byCount(counts map[string]int) []format.Count {
	var all []format.Count
	for text, n := range counts {
		all = append(all, format.Count{N: n, Text: text})
	}
	slices.SortFunc(all, func(a, b format.Count) int { return cmp.Or(cmp.Compare(b.N, a.N), cmp.Compare(a.Text, b.Text)) })
	return all
}

func (p *page) figures(f *ledger.Snapshot) {
	p.Gap()
	s, m, r, n := f.Sessions, f.Messages, f.Requests, format.Number
	p.figure("sessions", n(s.Opened)+" opened, "+n(s.Upgraded)+" upgraded, "+n(s.Lost)+" lost")
	p.figure("messages", n(m.Said)+" said, "+n(m.Sent)+" sent, "+n(m.Unsent)+" unsent"+notAccepted(f))
	if m.Outside+m.Repeated+m.Resent+m.Discarded > 0 {
		p.figure("clients", n(m.Outside)+" missed outside the room, "+n(m.Repeated)+" handled again, "+n(m.Resent)+" sent again, "+n(m.Discarded)+" given up")
	}
	p.figure("requests", n(r.Total)+" made, "+n(r.Failed)+" failed, "+format.Plural(r.Reconnects, "attempt")+" to reconnect")
	l := f.Latency
	if l.Count == 0 {
		p.figure("latency", "nothing arrived")
		return
	}
	p.figure("latency", fmt.Sprintf("p50 %s ms, p95 %s ms, p99 %s ms", ms(l.P50), ms(l.P95), ms(l.P99)))
}

// notAccepted says what makes the counts of messages add up: what was said in the
// window and accepted after it, without what was said before the window and
// accepted in it. Only the difference is known, unless nothing came before.
func notAccepted(f *ledger.Snapshot) string {
	m := f.Messages
	switch n := m.Said - m.Sent - m.Unsent; {
	case n > 0 && f.From == 0:
		return fmt.Sprintf(", %s not yet accepted at the end", format.Number(n))
	case n > 0:
		return fmt.Sprintf(", %s more not yet accepted at the end than at the start", format.Number(n))
	case n < 0:
		return fmt.Sprintf(", %s fewer not yet accepted at the end than at the start", format.Number(-n))
	}
	return ""
}

func (p *page) figure(label, text string) {
	p.Wrap(text, format.Run{Style: format.Strong, Text: format.Left(label, 10)})
}

func ms(v float64) string { return fmt.Sprintf("%.1f", v) }

func (p *page) expectations(r *Result) {
	p.Section("Expectations")
	if len(r.Expectations) == 0 {
		p.Text(indent + "none")
		return
	}
	width := 0
	for _, x := range r.Expectations {
		width = max(width, format.Width(verdicts[x.Verdict].Text))
	}
	margin := format.Spaces(len(indent) + width + 2)
	for _, x := range r.Expectations {
		v := verdicts[x.Verdict]
		p.Wrap(x.That, format.Run{Text: indent}, v, format.Run{Text: margin[len(indent)+format.Width(v.Text):]})
		for _, detail := range [][2]string{{"actual  ", x.Actual}, {"why     ", x.Why}, {"when    ", r.span(x)}} {
			p.Wrap(detail[1], format.Run{Text: margin + detail[0]})
		}
	}
}

// WriteTotal writes one line about all runs, which took wall together: "3
// scenarios in 2.1 s: 2 pass, 1 fail". It returns the error of w.
func WriteTotal(w io.Writer, results []*Result, wall time.Duration) error {
	by := make(map[expect.Verdict]int)
	noun := "scenario"
	for _, r := range results {
		by[r.Verdict]++
		if r.Variant != "" {
			noun = "run"
		}
	}
	var parts []string
	for _, v := range []expect.Verdict{expect.Pass, expect.Fail, expect.Inconclusive, expect.NotJudged} {
		if by[v] > 0 {
			parts = append(parts, format.Number(by[v])+" "+v.String())
		}
	}
	if _, err := fmt.Fprintf(w, "%s in %s: %s\n", format.Plural(len(results), noun), format.Seconds(wall), strings.Join(parts, ", ")); err != nil {
		return fmt.Errorf("write total: %w", err)
	}
	return nil
}
