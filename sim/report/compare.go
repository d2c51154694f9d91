package report

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"

	"stickylab/sim/ledger"
)

// Comparison is several runs of one scenario, side by side.
type Comparison struct {
	Scenario string
	Title    string
	Names    []string // of the columns: variants, or balancing methods
	Results  []*Result
	Judged   bool // the verdicts mean something: each run has expectations of its own
}

// WriteComparison writes a column for each run, with what one compares: who is
// where, who hears whom, what was lost, which errors.
func WriteComparison(w io.Writer, c *Comparison, o TextOptions) error {
	if o.Width <= 0 {
		o.Width = 80
	}
	p := page{TextOptions: o}
	p.line(p.paint(bold, c.Scenario))
	if c.Title != c.Scenario {
		for _, s := range Wrap(c.Title, p.Width) {
			p.line(s)
		}
	}
	r := c.Results[0]
	p.line(fmt.Sprintf("%s of cluster life for each, seed %d", Seconds(r.Virtual), r.Seed))
	p.line("")
	t := c.table()
	for _, s := range t.lines(p.Width) {
		p.line(s)
	}
	if _, err := io.WriteString(w, p.b.String()); err != nil {
		return fmt.Errorf("write comparison of %q: %w", c.Scenario, err)
	}
	return nil
}

// table is the comparison, a column for each run.
func (c *Comparison) table() *table {
	t := &table{heads: c.Names}
	blank := make([]string, len(c.Results))
	add := func(label string, cell func(*ledger.Picture) string) {
		cells := make([]string, len(c.Results))
		for i, r := range c.Results {
			cells[i] = cell(r.Final)
		}
		t.add(label, cells...)
	}
	number := func(label string, n func(*ledger.Picture) int) {
		add(label, func(p *ledger.Picture) string { return Number(n(p)) })
	}

	t.add("who is where, at the end", blank...)
	for _, node := range c.nodes() {
		add(indent+node, func(p *ledger.Picture) string {
			n, ok := p.Nodes[node]
			switch {
			case !ok:
				return "-"
			case !n.Up:
				return "down"
			}
			clients := 0 // connected ones: a node may hold sockets that nobody is behind any more
			for _, g := range p.Groups {
				clients += g.Nodes[node]
			}
			return Number(clients)
		})
	}
	number(indent+"not connected", func(p *ledger.Picture) int { return p.Clients.Count - p.Clients.Connected })

	t.add("heard of what was due", blank...)
	add(indent+"on the same node", func(p *ledger.Picture) string { return share(p.Delivery.Same) })
	add(indent+"across nodes", func(p *ledger.Picture) string { return share(p.Delivery.Cross) })
	number(indent+"duplicates", func(p *ledger.Picture) int { return p.Delivery.Total.Duplicates })

	number("sessions opened", func(p *ledger.Picture) int { return p.Sessions.Opened })
	number("sessions lost", func(p *ledger.Picture) int { return p.Sessions.Lost })
	number("attempts to reconnect", func(p *ledger.Picture) int { return p.Requests.Reconnects })
	number("requests", func(p *ledger.Picture) int { return p.Requests.Total })
	number("requests that failed", func(p *ledger.Picture) int { return p.Requests.Failed })

	t.add("errors", blank...)
	texts := c.errors()
	for _, text := range texts {
		number(indent+text, func(p *ledger.Picture) int { return p.Errors[text] })
	}
	if len(texts) == 0 {
		t.rows[len(t.rows)-1] = row{"errors", slices.Repeat([]string{"0"}, len(c.Results))}
	}

	add("latency p50, ms", func(p *ledger.Picture) string { return latency(p, p.Latency.P50) })
	add("latency p95, ms", func(p *ledger.Picture) string { return latency(p, p.Latency.P95) })
	if c.Judged {
		cells := make([]string, len(c.Results))
		for i, r := range c.Results {
			cells[i] = word(r.Verdict)
		}
		t.add("expected of it", cells...)
	}
	return t
}

func latency(p *ledger.Picture, v float64) string {
	if p.Latency.Count == 0 {
		return "-"
	}
	return ms(v)
}

// nodes are those of all runs, in order of appearance.
func (c *Comparison) nodes() []string {
	var out []string
	for _, r := range c.Results {
		for _, node := range r.Final.Matrix.Nodes {
			if !slices.Contains(out, node) {
				out = append(out, node)
			}
		}
	}
	return out
}

// errors are the texts of all runs, the most frequent first.
func (c *Comparison) errors() []string {
	sum := map[string]int{}
	for _, r := range c.Results {
		for text, n := range r.Final.Errors {
			sum[text] += n
		}
	}
	out := slices.Sorted(maps.Keys(sum))
	slices.SortStableFunc(out, func(a, b string) int { return sum[b] - sum[a] })
	return out
}

// The JSON form of a comparison, schema 1: results are as WriteJSON has them,
// in the order of columns.
type jsonComparison struct {
	Schema   int          `json:"schema"`
	Scenario string       `json:"scenario"`
	Columns  []string     `json:"columns"`
	Results  []jsonResult `json:"results"`
}

// WriteComparisonJSON writes the comparison as one line of JSON.
func WriteComparisonJSON(w io.Writer, c *Comparison) error {
	out := jsonComparison{Schema: 1, Scenario: c.Scenario, Columns: c.Names}
	for _, r := range c.Results {
		one := asJSON(r)
		if !c.Judged {
			one.Verdict = ""
		}
		out.Results = append(out.Results, one)
	}
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(out); err != nil {
		return fmt.Errorf("write json of %q: %w", c.Scenario, err)
	}
	return nil
}
