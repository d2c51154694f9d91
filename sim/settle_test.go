package sim

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"stickylab/sim/expect"
	"stickylab/sim/report"
)

const hasty = `title: T
duration: 10s
settle: 0s
nodes: 2
proxy: {policy: ip_hash}
clients: {a: {count: 3, ip: 203.0.113.0/24, say: every 1s}}
expect:
  - {at: end, that: "clients.connected == 3"}
  - {at: end, that: "clients.connected == 99"}
  - {at: 5s, that: "clients.connected == 98"}
  - {at: 5s, that: "delivery.total.pending == 0"}
`

func verdictsOf(all []report.Expectation) string {
	var out []string
	for _, x := range all {
		out = append(out, x.Verdict.String())
	}
	return strings.Join(out, ", ")
}

// Without a time to settle, expectations are judged by what has arrived by then.
func TestNoTimeToSettle(t *testing.T) {
	r, err := Run(t.Context(), parse(t, "hasty.yaml", hasty, nil), Options{})
	if err != nil {
		t.Fatal(err)
	}
	if got := verdictsOf(r.Expectations); got != "pass, fail, fail, pass" || r.Verdict != expect.Fail {
		t.Errorf("verdicts %s, in all %s", got, r.Verdict)
	}
}

// What a run has not come to is not judged, in whatever way it ended before.
func TestWhatARunHasNotComeToIsNotJudged(t *testing.T) {
	p := parse(t, "hasty.yaml", hasty, nil)
	live := open(t, p, nil)
	if err := live.Advance(6 * time.Second); err != nil {
		t.Fatal(err)
	}
	r, err := live.Result("hasty")
	if err != nil {
		t.Fatal(err)
	}
	if got := verdictsOf(r.Expectations); got != "not judged, not judged, fail, pass" {
		t.Errorf("a run that was left: %s", got)
	}
	if err := live.Close(); err != nil {
		t.Fatal(err)
	}

	stopped, stop := context.WithCancel(t.Context())
	stop()
	if _, err = Run(stopped, p, Options{}); !errors.Is(err, ErrStopped) {
		t.Fatal(err)
	}
	r = Unjudged(p, "hasty", err)
	if got := verdictsOf(r.Expectations); got != "not judged, not judged, not judged, not judged" || r.Verdict != expect.NotJudged {
		t.Errorf("a run that was stopped: %s, in all %s", got, r.Verdict)
	}

	served := strings.NewReplacer("duration: 10s", "duration: 1h", "at: 5s", "at: 1m").Replace(hasty)
	var all []report.Expectation
	v := serve(t, served, ServeOptions{NoClients: true, Judged: func(x report.Expectation) { all = append(all, x) }})
	if err := v.Close(); err != nil {
		t.Fatal(err)
	}
	if got := verdictsOf(all); got != "not judged, not judged, not judged, not judged" {
		t.Errorf("a cluster that was closed: %s", got)
	} else if want := "not measured: closed at 0:00, due at 1:00"; all[2].Actual != want {
		t.Errorf("%q, want %q", all[2].Actual, want)
	}
}
