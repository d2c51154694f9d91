package sweep

import (
	"bytes"
	"flag"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"stickylab/sim/format"
)

var update = flag.Bool("update", false, "write the expected reports anew")

// invented is a tally of numbers that no run has made.
func invented(axes []Axis, seeds Seeds, shard Shard, change func(i int, r *Record)) *Tally {
	h := NewHeader(Space{Axes: axes, Seeds: seeds}, shard)
	h.Scenario, h.Variant, h.Title = "two-regions", "base", "Two regions, no adapter"
	t := NewTally(h)
	random := rand.New(rand.NewPCG(1, 2))
	for _, at := range shard.Points(h.Space()) {
		missed := 9000 + 40*random.NormFloat64()
		value := 20.0
		r := &Record{Point: at.Index, Seed: at.Seed, Verdict: "pass", Figures: map[string]float64{
			"delivery.total.ratio": 1 - missed/18000, "delivery.total.missed": float64(int(missed)), "sessions.lost": float64(random.IntN(4)), "requests.reconnects": 0,
			"clients.connected": 40, "share.largest": 0.5, "latency.p50": 40 + random.NormFloat64(), "latency.p99": 60 + random.ExpFloat64(),
		}, Expectations: []Expectation{
			{That: "nodes['im-3030'].clients == 20", At: 60, Verdict: "pass", Values: []Value{{"nodes['im-3030'].clients", &value}}},
			{That: "latency.p50 < 100", From: 6, At: 60, Verdict: "pass", Values: []Value{{"latency.p50", nil}}},
		}}
		change(at.Index, r)
		t.Add(r)
	}
	return t
}

func TestReports(t *testing.T) {
	same := func(int, *Record) {}
	for name, tt := range map[string]struct {
		tally *Tally
		paper Paper
	}{
		"pass": {invented(nil, Seeds{1, 400}, Shard{}, same), Paper{}},
		"wide": {invented(nil, Seeds{1, 400}, Shard{}, same), Paper{Screen: format.Screen{Width: 120}, ASCII: true}},
		"combinations": {invented([]Axis{{"adapter", []string{"none", "redis"}}}, Seeds{1, 200}, Shard{}, func(i int, r *Record) {
			if i%50 == 7 {
				r.Verdict, r.Expectations[0].Verdict = "fail", "fail"
				*r.Expectations[0].Values[0].Value = 19
			}
			if i >= 200 {
				r.Figures["delivery.total.ratio"], r.Figures["delivery.total.missed"] = 1, 0
			}
		}), Paper{}},
		"shard": {invented(nil, Seeds{1, 9}, Shard{2, 3}, func(i int, r *Record) {
			switch i {
			case 1:
				r.Verdict, r.Error, r.Figures, r.Expectations = "error", "virtual time is frozen", nil, nil
			case 4:
				r.Verdict, r.Expectations[1].Verdict = "inconclusive", "inconclusive"
			}
		}), Paper{}},
		"nothing":   {invented(nil, Seeds{1, 2}, Shard{3, 3}, same), Paper{}},
		"one-value": {invented(nil, Seeds{1, 1}, Shard{}, func(_ int, r *Record) { r.Figures["delivery.total.ratio"] = 1 }), Paper{}},
	} {
		t.Run(name, func(t *testing.T) {
			var out bytes.Buffer
			if err := WriteText(&out, tt.tally, tt.paper); err != nil {
				t.Fatal(err)
			}
			path := filepath.Join("testdata", name+".golden")
			if *update {
				if err := os.WriteFile(path, out.Bytes(), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(want), out.String()); diff != "" {
				t.Errorf("renew it with -update:\n%s", diff)
			}
			if tt.paper.ASCII {
				for _, c := range out.String() {
					if c > 126 {
						t.Fatalf("%q is not ASCII", c)
					}
				}
			}
		})
	}
}

// A quantile is the nearest rank: one of the numbers.
func TestQuantiles(t *testing.T) {
	s := &Series{}
	for i := range 20 {
		s.add(float64(20 - i)) // 1 to 20
	}
	for permille, want := range map[int]float64{0: 1, 50: 1, 51: 2, 500: 10, 950: 19, 951: 20, 1000: 20} {
		if got := s.Quantile(permille); got != want {
			t.Errorf("%d of 1,000: %v, want %v", permille, got, want)
		}
	}
	if got := s.Mean(); got != 10.5 {
		t.Errorf("the mean is %v", got)
	}
}

// What occurs is seen, however rare; what does not is a gap; the ends are the extremes.
func TestPlot(t *testing.T) {
	s := &Series{}
	for range 100_000 {
		s.add(3)
	}
	s.add(1)
	s.add(6)
	if got := scaleOf([]*Series{s}).plot(s, plain); got != ". #  ." {
		t.Errorf("%q", got)
	}
	wide := &Series{}
	for i := range 1000 {
		wide.add(float64(i) / 7)
	}
	scale := scaleOf([]*Series{wide})
	if scale.columns != mostColumns || scale.column(0) != 0 || scale.column(999.0/7) != mostColumns-1 {
		t.Errorf("%+v", scale)
	}
}

// A share is 0 or 1 only when it is exactly that.
func TestNumbersDoNotFlatter(t *testing.T) {
	for _, tt := range []struct {
		name string
		v    float64
		want string
	}{
		{"delivery.total.ratio", 1, "1"}, {"delivery.total.ratio", 0.999999, ">0.9999"}, {"delivery.total.ratio", 0.00001, "<0.0001"}, {"delivery.total.ratio", 0, "0"},
		{"nodes['a'].share", 0.25, "0.25"}, {"sessions.lost", 12345, "12,345"}, {"sessions.lost", 12345.678, "12,345.68"}, {"sessions.lost", 0.999, "1.00"}, {"latency.p99", 41.26, "41.3"},
	} {
		if got := number(tt.name, tt.v); got != tt.want {
			t.Errorf("%s %v is %q, want %q", tt.name, tt.v, got, tt.want)
		}
	}
}
