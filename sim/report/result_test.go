package report

import "testing"

func TestReplay(t *testing.T) {
	for name, want := range map[string]string{
		"two-regions":    "stickylab run two-regions --seed 7",
		"./my it's.yaml": `stickylab run './my it'\''s.yaml' --seed 7`,
		"":               "stickylab run '' --seed 7",
	} {
		if got := (&Result{Scenario: name, Seed: 7}).Replay(); got != want {
			t.Errorf("%q: %s, want %s", name, got, want)
		}
	}
}

func TestWorst(t *testing.T) {
	of := func(all ...Verdict) Verdict {
		var xs []Expectation
		for _, v := range all {
			xs = append(xs, Expectation{Verdict: v})
		}
		return Worst(xs)
	}
	if of() != Pass || of(Pass, Pass) != Pass || of(Pass, Inconclusive) != Inconclusive || of(Inconclusive, Fail, Pass) != Fail {
		t.Error("the order is fail, inconclusive, pass")
	}
}
