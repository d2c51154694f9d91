package sweep

import (
	"time"

	"stickylab/sim/expect"
	"stickylab/sim/ledger"
	"stickylab/sim/report"
)

// schema is the version of the lines.
const schema = 1

// The kinds of lines.
const (
	kindHeader = "sweep"
	kindPoint  = "point"
)

// Header is the first line of a sweep or shard: all that its points have in common.
type Header struct {
	Schema   int    `json:"schema"`
	Kind     string `json:"kind"`    // "sweep"
	Program  string `json:"program"` // the version that ran it
	Scenario string `json:"scenario"`
	Variant  string `json:"variant,omitempty"`
	Title    string `json:"title"`
	SHA256   string `json:"sha256"` // of the scenario's text
	Seeds    Seeds  `json:"seeds"`
	Axes     []Axis `json:"axes,omitempty"`
	Points   int    `json:"points"` // of the whole sweep
	Shard    *Shard `json:"shard,omitempty"`
}

// Space returns what the sweep goes over.
func (h *Header) Space() Space { return Space{Axes: h.Axes, Seeds: h.Seeds} }

// Record is what one run came to.
type Record struct {
	Schema       int                `json:"schema"`
	Kind         string             `json:"kind"`  // "point"
	Point        int                `json:"point"` // from 0
	Set          []string           `json:"set,omitempty"`
	Seed         uint64             `json:"seed"`
	Verdict      string             `json:"verdict"` // that of the run, or "error"
	Error        string             `json:"error,omitempty"`
	Expectations []Expectation      `json:"expectations"`
	Figures      map[string]float64 `json:"figures"` // by name; one that had nothing to measure is left out
}

// Expectation is one with its verdict in a run, and what was measured.
type Expectation struct {
	That    string  `json:"that"`
	From    float64 `json:"from"` // seconds
	At      float64 `json:"at"`
	Verdict string  `json:"verdict"`
	Values  []Value `json:"values"`
}

// Value is what was measured for a name of an expectation. A truth is 1 or 0.
type Value struct {
	Name  string   `json:"name"`
	Value *float64 `json:"value"` // nil means that there was nothing to measure
}

// broken is the verdict of a run that the program failed in.
const broken = "error"

// figure is a number of a run that every sweep reports.
type figure struct {
	name, label string
	of          func(p *ledger.Snapshot) (value float64, measured bool)
}

// figures are the main figures of a run, over the whole of it and at its end.
var figures = []figure{
	{"delivery.total.ratio", "arrived of expected", func(p *ledger.Snapshot) (float64, bool) {
		d := p.Delivery.Total
		return d.Ratio, d.Arrived+d.Missed > 0
	}},
	{"delivery.total.missed", "missed deliveries", count(func(p *ledger.Snapshot) int { return p.Delivery.Total.Missed })},
	{"sessions.lost", "sessions lost", count(func(p *ledger.Snapshot) int { return p.Sessions.Lost })},
	{"requests.reconnects", "attempts to reconnect", count(func(p *ledger.Snapshot) int { return p.Requests.Reconnects })},
	{"clients.connected", "clients connected", count(func(p *ledger.Snapshot) int { return p.Clients.Connected })},
	{"share.largest", "fullest node's share", func(p *ledger.Snapshot) (float64, bool) {
		largest := 0.0
		for _, n := range p.Nodes {
			largest = max(largest, n.Share)
		}
		return largest, largest > 0
	}},
	{"latency.p50", "latency p50, ms", latency(func(l ledger.Latency) float64 { return l.P50 })},
	{"latency.p99", "latency p99, ms", latency(func(l ledger.Latency) float64 { return l.P99 })},
}

func count(n func(*ledger.Snapshot) int) func(*ledger.Snapshot) (float64, bool) {
	return func(p *ledger.Snapshot) (float64, bool) { return float64(n(p)), true }
}

func latency(of func(ledger.Latency) float64) func(*ledger.Snapshot) (float64, bool) {
	return func(p *ledger.Snapshot) (float64, bool) { return of(p.Latency), p.Latency.Count > 0 }
}

// recordOf returns the record of a point from its result, or from what made it fail.
func recordOf(at Point, set []string, r *report.Result, failed error) *Record {
	out := &Record{Schema: schema, Kind: kindPoint, Point: at.Index, Set: set, Seed: at.Seed, Expectations: []Expectation{}, Figures: map[string]float64{}}
	if failed != nil {
		out.Verdict, out.Error = broken, failed.Error()
		return out
	}
	out.Verdict = r.Verdict.String()
	for _, x := range r.Expectations {
		out.Expectations = append(out.Expectations, expectation(x))
	}
	for _, f := range figures {
		if v, measured := f.of(r.Final); measured {
			out.Figures[f.name] = v
		}
	}
	return out
}

func expectation(x report.Expectation) Expectation {
	out := Expectation{That: x.That, From: x.From.Seconds(), At: x.At.Seconds(), Verdict: x.Verdict.String(), Values: []Value{}}
	for _, v := range x.Values {
		one := Value{Name: v.Name}
		if v.Void == "" {
			one.Value = &v.Number
		}
		out.Values = append(out.Values, one)
	}
	return out
}

// window is the time that an expectation is about.
func (x Expectation) window() (from, at time.Duration) {
	return time.Duration(x.From * float64(time.Second)), time.Duration(x.At * float64(time.Second))
}

// verdictNames are the verdicts of runs, the best first.
var verdictNames = []string{expect.Pass.String(), expect.Inconclusive.String(), expect.NotJudged.String(), expect.Fail.String(), broken}
