package inspect

import (
	"strings"
	"testing"
	"time"

	"stickylab/sim/scenario"
)

// What the proxy keeps of a node is on its page: weight, failures, until when
// they disable it, what runs there, and what its server line says.
func TestPeersOfNode(t *testing.T) {
	live := open(t, planOf(t, "node-dies", ""))
	t.Cleanup(func() { live.Close() })
	do := func(at time.Duration, words string) {
		t.Helper()
		if err := live.Advance(at); err != nil {
			t.Fatal(err)
		}
		step, err := scenario.ParseStep(live.Plan().With(live.Hand()...).Names(), words)
		if err == nil {
			_, err = live.Do(step)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	do(25*time.Second, "down im-3030")
	do(26*time.Second, "drain im-7070")
	do(27*time.Second, "up im-7070")
	do(28*time.Second, "scale remove im-5080")
	do(29*time.Second, "scale add im-9090")
	if err := live.Advance(30 * time.Second); err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		node string
		at   float64
		want string
	}{
		{"im-5080", 19.9, "weight 1   fails 0 (max_fails 1)   connections 10"},
		{"im-5080", 21, "weight 1   fails 2 (max_fails 1)   connections 0   disabled until 0:31.000"},
		{"im-3030", 21, "weight 1   fails 0 (max_fails 1)   connections 19"},
		{"im-3030", 25.1, "weight 1   fails 0 (max_fails 1)   connections 0   down"},
		{"im-3030", 25.1, "connections 25 left from before the last reload"},
		{"im-7070", 26.1, "draining"},
		{"im-5080", 26.1, "fails 0 (max_fails 1)"}, // a reload forgets
		{"im-5080", 28.1, "no server line of im leads here"},
		{"im-9090", 29.5, "weight 1   fails 0 (max_fails 1)   connections"},
	}
	for _, tt := range tests {
		at := time.Duration(tt.at * float64(time.Second))
		page := strings.Join(Node(seen(live, at), tt.node, 120), "\n")
		if !strings.Contains(page, tt.want) {
			t.Errorf("%s at %v, want %q:\n%s", tt.node, at, tt.want, page)
		}
	}
}
