package expect

import (
	"encoding/json"
	"testing"
)

// Whatever no check has judged is worse than all but a failure, and says so.
func TestTheWorstVerdict(t *testing.T) {
	var zero Verdict
	for _, tt := range []struct {
		all  []Verdict
		want Verdict
	}{
		{nil, Pass},
		{[]Verdict{Pass, Pass}, Pass},
		{[]Verdict{Pass, Inconclusive}, Inconclusive},
		{[]Verdict{zero}, NotJudged},
		{[]Verdict{Pass, zero, Inconclusive}, NotJudged},
		{[]Verdict{"no verdict at all", Pass}, NotJudged},
		{[]Verdict{Inconclusive, zero, Fail, Pass}, Fail},
	} {
		if got := Worst(tt.all...); got != tt.want {
			t.Errorf("the worst of %q is %q, want %q", tt.all, got, tt.want)
		}
	}
	if text, err := json.Marshal([]Verdict{zero, Pass}); err != nil || string(text) != `["not judged","pass"]` {
		t.Errorf("as JSON: %s, %v", text, err)
	}
}
