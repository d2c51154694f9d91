package report

import (
	"fmt"
	"io"
	"slices"

	"stickylab/sim/format"
	"stickylab/sim/ledger"
)

// Comparison is several runs of one scenario, next to each other.
type Comparison struct {
	Scenario string
	Title    string
	Names    []string // of the columns: variants, or balancing methods
	Results  []*Result
	Judged   bool // the verdicts mean something: each run has its own expectations
}

// WriteComparison writes what happened in each run, and a column for each with
// what one compares: placement, delivery, what was lost, which errors. It returns
// the error of w.
func WriteComparison(w io.Writer, c *Comparison, screen format.Screen) error {
	p := format.Page{Width: screen.Width, Color: screen.Color}
	for i, r := range c.Results {
		p.Wrap(Sentence(r.Final), format.Run{Style: format.Strong, Text: c.Names[i] + ": "})
	}
	p.Section(c.Scenario)
	if c.Title != "" && c.Title != c.Scenario {
		p.Wrap(c.Title)
	}
	for i, r := range c.Results {
		switch each := fmt.Sprintf("%s of simulated time", format.Seconds(r.Virtual)); {
		case !c.alike():
			p.Text(fmt.Sprintf("%s: %s, seed %d", c.Names[i], each, r.Seed))
		case i == 0:
			p.Text(fmt.Sprintf("%s for each, seed %d", each, r.Seed))
		}
	}
	p.Gap()
	for _, line := range Table(c.Names, c.figures(), p.Room(0)) {
		p.Text(line)
	}
	if _, err := p.WriteTo(w); err != nil {
		return fmt.Errorf("write comparison of %q: %w", c.Scenario, err)
	}
	return nil
}

// alike reports whether the runs last equally long and have the same seed.
func (c *Comparison) alike() bool {
	first := c.Results[0]
	return !slices.ContainsFunc(c.Results, func(r *Result) bool { return r.Virtual != first.Virtual || r.Seed != first.Seed })
}

// figures returns those of the runs, and their verdicts.
func (c *Comparison) figures() []Figure {
	var runs []*ledger.Snapshot
	judged := Figure{Label: "as its expectations say"}
	for _, r := range c.Results {
		runs = append(runs, r.Final)
		judged.Cells = append(judged.Cells, verdicts[r.Verdict].Text)
	}
	out := Figures(runs)
	if c.Judged {
		out = append(out, judged)
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

// WriteComparisonJSON writes the comparison as one line of JSON. It fails when w
// does.
func WriteComparisonJSON(w io.Writer, c *Comparison) error {
	out := jsonComparison{Schema: 1, Scenario: c.Scenario, Columns: c.Names}
	for _, r := range c.Results {
		one := asJSON(r)
		if !c.Judged {
			one.Verdict = nil
		}
		out.Results = append(out.Results, one)
	}
	if err := format.JSONLine(w, out); err != nil {
		return fmt.Errorf("write json of %q: %w", c.Scenario, err)
	}
	return nil
}
