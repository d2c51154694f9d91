package report

import (
	"testing"
	"time"
)

func TestNumber(t *testing.T) {
	for n, want := range map[int]string{0: "0", 7: "7", 999: "999", 1000: "1,000", 2240: "2,240", 1234567: "1,234,567", -1: "-1", -999: "-999", -1000: "-1,000"} {
		if got := Number(n); got != want {
			t.Errorf("Number(%d) = %q, want %q", n, got, want)
		}
	}
}

func TestPercentIsWholeOnlyWhenExact(t *testing.T) {
	for _, c := range []struct {
		part, of int
		want     string
	}{
		{0, 0, "-"}, {0, 40, "0 %"}, {40, 40, "100 %"}, {31, 40, "77 %"}, {1, 1000, "1 %"}, {999, 1000, "99 %"}, {1, 1_000_000, "1 %"}, {1, 2, "50 %"},
	} {
		if got := Percent(c.part, c.of); got != c.want {
			t.Errorf("Percent(%d, %d) = %q, want %q", c.part, c.of, got, c.want)
		}
	}
	if got := Share(31, 40); got != "31/40   77 %" {
		t.Errorf("Share: %q", got)
	}
}

func TestTimes(t *testing.T) {
	for d, want := range map[time.Duration]string{0: "0:00", 19 * time.Second: "0:19", 64250 * time.Millisecond: "1:04.25", 31402118 * time.Microsecond: "0:31.402118", time.Hour: "60:00"} {
		if got := Clock(d); got != want {
			t.Errorf("Clock(%v) = %q, want %q", d, got, want)
		}
	}
	for d, want := range map[time.Duration]string{
		60 * time.Second: "60 s", 910 * time.Millisecond: "0.91 s", 3 * time.Second: "3 s", 10 * time.Minute: "10 min",
		12340 * time.Millisecond: "12.3 s", 150 * time.Second: "2 min 30 s", 64 * time.Minute: "1 h 4 min", 0: "0 s",
	} {
		if got := Seconds(d); got != want {
			t.Errorf("Seconds(%v) = %q, want %q", d, got, want)
		}
	}
}

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
