package report

import (
	"slices"

	"stickylab/sim/expect"
	"stickylab/sim/format"
	"stickylab/sim/ledger"
)

// Figure is one measure of several runs.
type Figure struct {
	Name  string // in the language of expectations: "delivery.cross"; "" when there is none
	Label string
	Part  string   // the heading above it, "" for none
	Cells []string // one for each run
	Main  bool     // also of interest when it is the same for all
}

// Differs reports whether the runs differ in it.
func (f Figure) Differs() bool {
	return slices.ContainsFunc(f.Cells, func(c string) bool { return c != f.Cells[0] })
}

// The headings of Figures.
const (
	placed = "Placement"
	heard  = "Delivery"
	met    = "Errors"
)

// Figures returns what one compares of runs of a scenario: placement, delivery,
// what was lost, which errors there were, and what it took.
func Figures(runs []*ledger.Snapshot) []Figure {
	c := figures{runs: runs}
	for _, node := range c.nodes() {
		c.add(expect.Name("nodes", node)+".clients", placed, node, true, func(p *ledger.Snapshot) string { return placement(p, node) })
	}
	c.number("clients.connected", placed, "not connected", true, func(p *ledger.Snapshot) int { return p.Clients.Count - p.Clients.Connected })
	c.add("delivery.same", heard, "on the same node", true, func(p *ledger.Snapshot) string { return share(p.Delivery.Same) })
	c.add("delivery.cross", heard, "across nodes", true, func(p *ledger.Snapshot) string { return share(p.Delivery.Cross) })
	c.number("delivery.total.duplicates", heard, "duplicates", false, func(p *ledger.Snapshot) int { return p.Delivery.Total.Duplicates })
	c.unlessNone("delivery.total.extra", heard, "extra, not expected", func(p *ledger.Snapshot) int { return p.Delivery.Total.Extra })
	c.unlessNone("messages.away", heard, "missed while away", func(p *ledger.Snapshot) int { return p.Messages.Away })
	c.unlessNone("messages.outside", heard, "missed outside the room", func(p *ledger.Snapshot) int { return p.Messages.Outside })
	c.unlessNone("messages.repeated", heard, "handled more than once", func(p *ledger.Snapshot) int { return p.Messages.Repeated })
	c.unlessNone("messages.resent", heard, "sent again", func(p *ledger.Snapshot) int { return p.Messages.Resent })
	c.unlessNone("messages.discarded", heard, "given up", func(p *ledger.Snapshot) int { return p.Messages.Discarded })
	c.unlessNone("recovery.recovered", heard, "connections recovered", func(p *ledger.Snapshot) int { return p.Recovery.Recovered })
	c.unlessNone("recovery.failed", heard, "connections not recovered", func(p *ledger.Snapshot) int { return p.Recovery.Failed })
	c.unlessNone("recovery.replayed", heard, "messages replayed", func(p *ledger.Snapshot) int { return p.Recovery.Replayed })
	c.number("sessions.opened", "", "sessions opened", false, func(p *ledger.Snapshot) int { return p.Sessions.Opened })
	c.number("sessions.upgraded", "", "sessions upgraded", false, func(p *ledger.Snapshot) int { return p.Sessions.Upgraded })
	c.number("sessions.lost", "", "sessions lost", true, func(p *ledger.Snapshot) int { return p.Sessions.Lost })
	c.number("requests.reconnects", "", "attempts to reconnect", false, func(p *ledger.Snapshot) int { return p.Requests.Reconnects })
	c.number("requests.total", "", "requests", false, func(p *ledger.Snapshot) int { return p.Requests.Total })
	c.number("requests.peak", "", "requests, busiest second", false, func(p *ledger.Snapshot) int { return p.Requests.Peak })
	c.number("requests.failed", "", "requests that failed", false, func(p *ledger.Snapshot) int { return p.Requests.Failed })
	errors := c.errors()
	for _, e := range errors {
		c.number(expect.Name("errors", e.Text), met, e.Text, false, func(p *ledger.Snapshot) int { return p.Errors[e.Text] })
	}
	if len(errors) == 0 {
		c.number("", "", met, true, func(*ledger.Snapshot) int { return 0 })
	}
	c.unlessNone("redis.relayed", "", "copies received from Redis", func(p *ledger.Snapshot) int { return p.Redis.Relayed })
	c.unlessNone("redis.idle", "", "copies for a node without a receiver", func(p *ledger.Snapshot) int { return p.Redis.Idle })
	c.add("latency.p50", "", "latency p50, ms", false, func(p *ledger.Snapshot) string { return latency(p, p.Latency.P50) })
	c.add("latency.p95", "", "latency p95, ms", false, func(p *ledger.Snapshot) string { return latency(p, p.Latency.P95) })
	return c.out
}

// figures are being collected.
type figures struct {
	runs []*ledger.Snapshot
	out  []Figure
}

func (c *figures) add(name, part, label string, main bool, cell func(*ledger.Snapshot) string) {
	f := Figure{Name: name, Label: label, Part: part, Main: main}
	for _, p := range c.runs {
		f.Cells = append(f.Cells, cell(p))
	}
	c.out = append(c.out, f)
}

func (c *figures) number(name, part, label string, main bool, n func(*ledger.Snapshot) int) {
	c.add(name, part, label, main, func(p *ledger.Snapshot) string { return format.Number(n(p)) })
}

// unlessNone leaves out what is 0 in all runs.
func (c *figures) unlessNone(name, part, label string, n func(*ledger.Snapshot) int) {
	if slices.ContainsFunc(c.runs, func(p *ledger.Snapshot) bool { return n(p) > 0 }) {
		c.number(name, part, label, false, n)
	}
}

// placement returns how many connected clients a node has. It may hold sockets
// whose clients have gone.
func placement(p *ledger.Snapshot, node string) string {
	n, ok := p.Nodes[node]
	switch {
	case !ok:
		return "-"
	case !n.Up:
		return "down"
	}
	clients := 0
	for _, g := range p.Groups {
		clients += g.Nodes[node]
	}
	return format.Number(clients)
}

func latency(p *ledger.Snapshot, v float64) string {
	if p.Latency.Count == 0 {
		return "-"
	}
	return ms(v)
}

// nodes returns those of all runs, in order of appearance.
func (c *figures) nodes() []string {
	var out []string
	for _, p := range c.runs {
		for _, node := range p.Matrix.Nodes {
			if !slices.Contains(out, node) {
				out = append(out, node)
			}
		}
	}
	return out
}

// errors returns the texts of all runs, the most frequent first.
func (c *figures) errors() []format.Count {
	sum := map[string]int{}
	for _, p := range c.runs {
		for text, n := range p.Errors {
			sum[text] += n
		}
	}
	return byCount(sum)
}

// Table lays figures out below each other, a column for each head.
func Table(heads []string, all []Figure, width int) []string {
	t := format.Table{Heads: slices.Concat([]string{""}, heads)}
	part := ""
	for _, f := range all {
		if f.Part != part && f.Part != "" {
			t.Add(f.Part)
		}
		label := f.Label
		if part = f.Part; part != "" {
			label = indent + label
		}
		t.Add(slices.Concat([]string{label}, f.Cells)...)
	}
	return t.Lines(width)
}
