package inspect

import (
	"strings"
	"testing"
	"time"

	"stickylab/cluster/trace"
)

// TestFrontsOfARequest promises that what a front says about a request stands
// with the request, and that the proxy's own word goes before it.
func TestFrontsOfARequest(t *testing.T) {
	rec := trace.NewRecorder(func([]trace.Event) {})
	lane := rec.Lane(trace.LaneID{Host: "ann-01", Purpose: trace.LanePoll, Client: trace.N("ann-01")})
	front := rec.Lane(trace.LaneID{Host: "cdn", Origin: lane.NextDial()})
	r := request{lane: lane, n: 1, Text: "GET polling", Session: "abc", At: time.Second}
	passed := trace.Event{Kind: trace.Fronted, Lane: front, Node: trace.N("cdn"), Session: trace.N("abc"), Status: 502}
	other := passed
	other.Session = trace.N("else")
	failed := trace.Event{Kind: trace.FrontError, Lane: front, Node: trace.N("cdn"), Text: trace.N("connect() failed (111: Connection refused) while connecting to upstream")}
	if !r.meant(&passed) || r.meant(&other) || !r.meant(&failed) {
		t.Errorf("meant: %v, of another session: %v, error: %v", r.meant(&passed), r.meant(&other), r.meant(&failed))
	}
	for _, e := range []trace.Event{failed, passed} {
		if !aboutRequest(&e, trace.N("ann-01")) || aboutRequest(&e, trace.N("bob-01")) {
			t.Errorf("%v: whose it is", e.Kind)
		}
		r.add(&e)
	}
	r.Status = 502
	if got := r.wrong(); got != "cdn: connect() failed (111: Connection refused)" {
		t.Errorf("wrong: %q", got)
	}
	if got := strings.Join(r.Fronts, ", "); got != "cdn 502" {
		t.Errorf("fronts: %q", got)
	}
}
