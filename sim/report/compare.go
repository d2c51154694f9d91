package report

import (
	"encoding/json"
	"fmt"
	"io"

	"stickylab/sim/format"
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
		for _, s := range format.Wrap(c.Title, p.Width) {
			p.line(s)
		}
	}
	r := c.Results[0]
	p.line(fmt.Sprintf("%s of cluster life for each, seed %d", format.Seconds(r.Virtual), r.Seed))
	p.line("")
	for _, s := range Table(c.Names, c.figures(), p.Width) {
		p.line(s)
	}
	if _, err := io.WriteString(w, p.b.String()); err != nil {
		return fmt.Errorf("write comparison of %q: %w", c.Scenario, err)
	}
	return nil
}

// figures are those of the runs, and their verdicts.
func (c *Comparison) figures() []Figure {
	var runs []*ledger.Snapshot
	verdicts := Figure{Label: "expected of it"}
	for _, r := range c.Results {
		runs = append(runs, r.Final)
		verdicts.Cells = append(verdicts.Cells, word(r.Verdict))
	}
	out := Figures(runs)
	if c.Judged {
		out = append(out, verdicts)
	}
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
