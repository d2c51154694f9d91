package sweep

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"stickylab/sim/format"
)

// made is the lines of a shard with records that no run has made.
func made(shard Shard, change func(*Header), skip ...int) string {
	var out bytes.Buffer
	h := smallHeader(shard)
	if change != nil {
		change(h)
	}
	format.JSONLine(&out, h)
points:
	for _, at := range shard.Points(smallSpace) {
		for _, s := range skip {
			if s == at.Index {
				continue points
			}
		}
		set := smallSpace.Settings(at.Combination)[0].String()
		format.JSONLine(&out, &Record{Schema: schema, Kind: kindPoint, Point: at.Index, Set: []string{set}, Seed: at.Seed, Verdict: "pass", Expectations: []Expectation{}, Figures: map[string]float64{}})
	}
	return out.String()
}

// What does not make one sweep is said, with file and line.
func TestWhatCannotBeMerged(t *testing.T) {
	a, b := made(Shard{1, 2}, nil), made(Shard{2, 2}, nil)
	for _, tt := range []struct {
		name  string
		files []string
		want  string
	}{
		{"twice", []string{a, b, a}, "3.jsonl:2: run 0 is in 1.jsonl already"},
		{"overlapping", []string{a, made(Shard{2, 3}, nil)}, "2.jsonl:3: run 4 is in 1.jsonl already"},
		{"a missing shard", []string{a}, "8 of 16 runs missing: seed 2 with adapter=redis; seed 4 with adapter=redis; seed 6 with adapter=redis; seed 8 with adapter=redis; seed 2 with adapter=none; ...; a shard is not there"},
		{"a shard that was cut off", []string{a, made(Shard{2, 2}, nil, 15)}, "1 of 16 runs missing: seed 8 with adapter=none"},
		{"another text", []string{a, made(Shard{2, 2}, func(h *Header) { h.SHA256 = "ff" })}, "2.jsonl:1: this is another sweep than that of 1.jsonl: another text of the scenario"},
		{"another version", []string{a, made(Shard{2, 2}, func(h *Header) { h.Program = "v2" })}, "another version of stickylab (v2, and test there)"},
		{"other seeds", []string{a, made(Shard{2, 2}, func(h *Header) { h.Seeds = Seeds{2, 9} })}, "another seeds (2..9, and 1..8 there)"},
		{"another schema", []string{strings.Replace(a, `"schema":1`, `"schema":2`, 1)}, "1.jsonl:1: schema 2, and this program reads schema 1"},
		{"not JSON", []string{"hello\n"}, "1.jsonl:1: this is no line of stickylab sweep --out"},
		{"the output of run", []string{`{"schema":1,"scenario":"x"}`}, "1.jsonl:1: this is no line of stickylab sweep --out"},
		{"empty", []string{"\n"}, "1.jsonl: the file is empty"},
		{"no header", []string{a[strings.Index(a, "\n")+1:]}, "1.jsonl:1: a run before the line of its sweep"},
		{"a run of another shard", []string{strings.Replace(a, `"i":1`, `"i":2`, 1)}, "1.jsonl:2: run 0 is not one of shard 2/2"},
		{"another number of points", []string{strings.Replace(a, `"points":16`, `"points":17`, 1)}, "17 runs are said, and its seeds and values make 16"},
		{"a run beyond the last", []string{made(Shard{}, nil) + `{"schema":1,"kind":"point","point":99,"seed":1,"verdict":"pass"}`}, "1.jsonl:18: run 99 of 16"},
		{"another seed", []string{strings.Replace(a, `"seed":3`, `"seed":4`, 1)}, "1.jsonl:3: run 2 has seed 4"},
		{"another verdict", []string{strings.Replace(a, `"pass"`, `"good"`, 1)}, `1.jsonl:2: verdict "good"`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var m Merge
			var err error
			for i, text := range tt.files {
				if err = m.Read(fmt.Sprintf("%d.jsonl", i+1), strings.NewReader(text)); err != nil {
					break
				}
			}
			if err == nil {
				_, _, err = m.Whole()
			}
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %v, want %q", err, tt.want)
			}
		})
	}
}

// No file makes the reader panic, and one that is whole can be reported.
func FuzzMerge(f *testing.F) {
	f.Add(made(Shard{}, nil))
	f.Add(made(Shard{1, 2}, nil) + made(Shard{2, 2}, nil))
	f.Add(`{"schema":1,"kind":"sweep","seeds":{"from":0,"to":18446744073709551615},"points":0}`)
	f.Add(`{"schema":1,"kind":"sweep","seeds":{"from":1,"to":1},"axes":[{"key":"a","values":[]}],"points":1,"shard":{"i":1,"n":0}}`)
	f.Fuzz(func(t *testing.T, text string) {
		var m Merge
		if m.Read("fuzz", strings.NewReader(text)) != nil {
			return
		}
		h, records, err := m.Whole()
		if err != nil {
			return
		}
		tally := NewTally(h)
		for _, r := range records {
			tally.Add(r)
		}
		if err := WriteText(&bytes.Buffer{}, tally, Paper{}); err != nil {
			t.Error(err)
		}
	})
}
