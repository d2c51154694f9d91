package report

import (
	"fmt"
	"io"
	"maps"

	"stickylab/sim/expect"
	"stickylab/sim/format"
	"stickylab/sim/ledger"
)

// The JSON form, schema 1: one object on one line for each scenario. Only
// wall_seconds differs between two runs with the same seed. Times are seconds;
// counts of deliveries are by when the message was sent, from 0 to the end,
// and the state of nodes and groups is that at the end.
type jsonResult struct {
	Schema       int                            `json:"schema"`
	Scenario     string                         `json:"scenario"`
	Variant      string                         `json:"variant,omitempty"`
	Set          []string                       `json:"set,omitempty"`     // "adapter=redis": values in the place of the file's
	Verdict      *expect.Verdict                `json:"verdict,omitempty"` // nil means that the run was not to be judged
	Seed         uint64                         `json:"seed"`
	Virtual      float64                        `json:"virtual_seconds"`
	Wall         float64                        `json:"wall_seconds"`
	Nodes        map[string]jsonNode            `json:"nodes"`
	Groups       map[string]jsonGroup           `json:"groups"`
	Delivery     jsonDelivery                   `json:"delivery"`
	Matrix       map[string]map[string]jsonCell `json:"matrix"`
	Errors       map[string]int                 `json:"errors"`
	Code         *jsonCode                      `json:"code,omitempty"`     // nil where all is 0
	Recovery     *jsonRecovery                  `json:"recovery,omitempty"` // nil where no client came back to a node that recovers connections
	Expectations []jsonExpectation              `json:"expectations"`
}

type jsonNode struct {
	Clients  int `json:"clients"`
	Sessions int `json:"sessions"`
}

type jsonGroup struct {
	Count      int      `json:"count"`
	Connected  int      `json:"connected"`
	Lost       int      `json:"lost"`
	Heard      jsonCell `json:"heard"`
	Said       jsonCell `json:"said"`
	MissedAway int      `json:"missed_away"`
}

// jsonCode counts what comes of how the code of clients is written.
type jsonCode struct {
	Outside   int `json:"outside"`
	Repeated  int `json:"repeated"`
	Resent    int `json:"resent"`
	Discarded int `json:"discarded"`
}

type jsonRecovery struct {
	ledger.Recovery
	Reasons map[string]int `json:"reasons"` // why connections were not recovered
}

type jsonDelivery struct {
	Total jsonCounts `json:"total"`
	Same  jsonCounts `json:"same"`
	Cross jsonCounts `json:"cross"`
}

type jsonCounts struct {
	Due        int `json:"due"`
	Arrived    int `json:"arrived"`
	Duplicates int `json:"duplicates"`
	Extra      int `json:"extra"`
	Pending    int `json:"pending"`
}

type jsonCell struct {
	Due     int `json:"due"`
	Arrived int `json:"arrived"`
}

type jsonExpectation struct {
	That    string         `json:"that"`
	From    float64        `json:"from"`
	At      float64        `json:"at"`
	Verdict expect.Verdict `json:"verdict"`
	Actual  string         `json:"actual"`
	Why     string         `json:"why"`
}

// WriteJSON writes the result as one line of JSON, and returns the error of w. Maps are sorted by key;
// they and the lists may be empty and are never null.
func WriteJSON(w io.Writer, r *Result) error {
	if err := format.JSONLine(w, asJSON(r)); err != nil {
		return fmt.Errorf("write json of %q: %w", r.Scenario, err)
	}
	return nil
}

func asJSON(r *Result) jsonResult {
	out := jsonResult{
		Schema: 1, Scenario: r.Scenario, Variant: r.Variant, Verdict: &r.Verdict, Seed: r.Seed,
		Virtual: r.Virtual.Seconds(), Wall: r.Wall.Seconds(),
		Nodes: map[string]jsonNode{}, Groups: map[string]jsonGroup{}, Matrix: map[string]map[string]jsonCell{}, Errors: map[string]int{},
		Expectations: []jsonExpectation{},
	}
	for _, s := range r.Set {
		out.Set = append(out.Set, s.String())
	}
	if p := r.Final; p != nil {
		for name, n := range p.Nodes {
			out.Nodes[name] = jsonNode{Clients: n.Clients, Sessions: n.Sessions}
		}
		for name, g := range p.Groups {
			out.Groups[name] = jsonGroup{g.Count, g.Connected, g.Lost, cell(g.Received), cell(g.Said), g.MissedAway}
		}
		out.Delivery = jsonDelivery{Total: counts(p.Delivery.Total), Same: counts(p.Delivery.Same), Cross: counts(p.Delivery.Cross)}
		for a, from := range p.Matrix.Nodes {
			out.Matrix[from] = map[string]jsonCell{}
			for b, to := range p.Matrix.Nodes {
				out.Matrix[from][to] = cell(p.Matrix.Cells[a][b])
			}
		}
		maps.Copy(out.Errors, p.Errors)
		if m := p.Messages; m.Outside+m.Repeated+m.Resent+m.Discarded > 0 {
			out.Code = &jsonCode{m.Outside, m.Repeated, m.Resent, m.Discarded}
		}
		if p.Recovery != (ledger.Recovery{}) {
			out.Recovery = &jsonRecovery{p.Recovery, map[string]int{}}
			for _, f := range p.Failures {
				out.Recovery.Reasons[f.Failure.String()] = f.Count
			}
		}
	}
	for _, x := range r.Expectations {
		out.Expectations = append(out.Expectations, jsonExpectation{x.That, x.From.Seconds(), x.At.Seconds(), x.Verdict, x.Actual, x.Why})
	}
	return out
}

func cell(c ledger.Counts) jsonCell { return jsonCell{c.Due, c.Arrived} }

func counts(c ledger.Counts) jsonCounts {
	return jsonCounts{c.Due, c.Arrived, c.Duplicates, c.Extra, c.Pending}
}
