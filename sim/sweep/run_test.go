package sweep

import (
	"bytes"
	"context"
	"errors"
	"math/rand/v2"
	"strings"
	"testing"

	"stickylab/cluster/nginx"
	"stickylab/sim"
	"stickylab/sim/format"
	"stickylab/sim/plan"
)

// small is a scenario that fails with some seeds and without the adapter.
const small = `
title: Small
duration: 4s
nodes: 2
adapter: redis
proxy: {policy: hash $remote_addr}
clients: {a: {count: 3, ip: 203.0.113.0/24, connect: 0s..1s, say: every 1s, transports: [websocket]}}
steps: [{at: 2s, kill: im-1}]
expect:
  - {from: 1s, at: end, that: "delivery.total.ratio == 1"}
  - {at: 1s, that: "delivery.cross.ratio == 1 || nodes['im-1'].up"}
`

func plans(t *testing.T, space Space) []*plan.Plan {
	t.Helper()
	var out []*plan.Plan
	texts := &nginx.Cache{}
	for i := range space.Combinations() {
		f, problems, err := plan.ParseSet("small.yaml", []byte(small), "", space.Settings(i))
		if err != nil || len(problems) > 0 {
			t.Fatal(problems, err)
		}
		p, problems := plan.ResolveCached(f, nil, texts)
		if len(problems) > 0 {
			t.Fatal(problems)
		}
		out = append(out, p)
	}
	return out
}

var smallSpace = Space{Axes: []Axis{{"adapter", []string{"redis", "none"}}}, Seeds: Seeds{1, 8}}

func smallHeader(shard Shard) *Header {
	h := NewHeader(smallSpace, shard)
	h.Program, h.Scenario, h.Title, h.SHA256 = "test", "small.yaml", "Small", "00"
	return h
}

// lines runs a shard and returns what it writes.
func lines(t *testing.T, shard Shard, jobs int) string {
	t.Helper()
	all := plans(t, smallSpace)
	var out bytes.Buffer
	write := func(v any) error { return format.JSONLine(&out, v) }
	if err := write(smallHeader(shard)); err != nil {
		t.Fatal(err)
	}
	err := Run(t.Context(), smallSpace, shard.Points(smallSpace), jobs, func(i int) *plan.Plan { return all[i] }, func(r *Record) error { return write(r) })
	if err != nil {
		t.Fatal(err)
	}
	return out.String()
}

// merged merges texts and returns the lines and the report of the whole.
func merged(t *testing.T, texts ...string) (string, string) {
	t.Helper()
	var m Merge
	for _, text := range texts {
		if err := m.Read("shard", strings.NewReader(text)); err != nil {
			t.Fatal(err)
		}
	}
	h, records, err := m.Whole()
	if err != nil {
		t.Fatal(err)
	}
	var out, report bytes.Buffer
	tally := NewTally(h)
	if err := format.JSONLine(&out, h); err != nil {
		t.Fatal(err)
	}
	for _, i := range rand.Perm(len(records)) {
		tally.Add(records[i])
	}
	for _, r := range records {
		if err := format.JSONLine(&out, r); err != nil {
			t.Fatal(err)
		}
	}
	if err := WriteText(&report, tally, Paper{}); err != nil {
		t.Fatal(err)
	}
	return out.String(), report.String()
}

// Three shards in any order are one sweep, byte for byte, however many ran at once.
func TestMergedShardsAreTheWhole(t *testing.T) {
	whole := lines(t, Shard{}, 1)
	one, two, three := lines(t, Shard{1, 3}, 2), lines(t, Shard{2, 3}, 1), lines(t, Shard{3, 3}, 4)
	want, report := merged(t, whole)
	if want != whole {
		t.Errorf("a sweep read back is\n%s\nand was\n%s", want, whole)
	}
	for _, order := range [][]string{{one, two, three}, {three, one, two}, {two + three, one}} {
		got, text := merged(t, order...)
		if got != whole {
			t.Errorf("merged\n%s\nwant\n%s", got, whole)
		}
		if text != report {
			t.Errorf("merged, the report is\n%s\nwant\n%s", text, report)
		}
	}
	if !strings.Contains(whole, `"verdict":"pass"`) || !strings.Contains(whole, `"verdict":"fail"`) {
		t.Errorf("not both verdicts in\n%s", whole)
	}
}

// A record has what a run of the same file and seed has.
func TestRecordIsThatOfTheRun(t *testing.T) {
	all := plans(t, smallSpace)
	at := smallSpace.At(11)
	var got *Record
	err := Run(t.Context(), smallSpace, []Point{at}, 1, func(i int) *plan.Plan { return all[i] }, func(r *Record) error { got = r; return nil })
	if err != nil {
		t.Fatal(err)
	}
	p := plans(t, smallSpace)[at.Combination]
	p, problems := plan.Resolve(p.File, &at.Seed)
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	want, err := sim.Run(t.Context(), p, sim.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if got.Verdict != want.Verdict.String() || got.Seed != 4 || got.Set[0] != "adapter=none" || got.Figures["delivery.total.missed"] != float64(want.Final.Delivery.Total.Missed) || got.Figures["delivery.total.missed"] == 0 {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

// A context that ends, and an error of each, end the sweep.
func TestRunEndsEarly(t *testing.T) {
	all := plans(t, smallSpace)
	planOf := func(i int) *plan.Plan { return all[i] }
	points := Shard{}.Points(smallSpace)
	ctx, cancel := context.WithCancel(t.Context())
	n := 0
	err := Run(ctx, smallSpace, points, 2, planOf, func(*Record) error {
		if n++; n == 2 {
			cancel()
		}
		return nil
	})
	if !errors.Is(err, sim.ErrStopped) || n == len(points) {
		t.Errorf("%v after %d runs", err, n)
	}
	full := errors.New("the disk is full")
	if err := Run(t.Context(), smallSpace, points, 2, planOf, func(*Record) error { return full }); !errors.Is(err, full) {
		t.Error(err)
	}
}
