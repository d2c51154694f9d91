package sim

import (
	"testing"
	"time"

	"stickylab/sim/expect"
)

const asking = `
title: Asking
duration: 20s
nodes: 2
proxy: {policy: ip_hash}
clients: {users: {count: 10, ip: 172.16.0.0/12, say: every 2s}}
lesson:
  topic: trials
  cause: a node knows only its own sockets
  predictions:
    - at: 5s
      ask: Who hears the other node?
      choices:
        - {say: Everybody, that: "delivery.cross.ratio == 1"}
        - {say: Nobody, that: "delivery.cross.ratio == 0"}
    - at: 5s
      until: 10s
      ask: Who goes away?
      choices:
        - {say: Somebody, that: "clients.away > 0"}
        - {say: Nobody, that: "clients.away == 0"}
        - {say: Nobody at all, that: "clients.connected == 10"}
`

// The right choice is the one that the run makes true, and it is known when the
// window has settled, not before.
func TestARunAnswersPredictions(t *testing.T) {
	plan := parse(t, "asking.yaml", asking, nil)
	r, err := Run(t.Context(), plan, Options{})
	if err != nil {
		t.Fatal(err)
	}
	if len(r.Predictions) != 2 || r.Predictions[0].Right() != 1 || r.Predictions[1].Right() != -1 {
		t.Errorf("%+v", r.Predictions)
	}

	live := open(t, plan, nil)
	defer live.Close()
	for _, tt := range []struct {
		at   int // seconds
		want expect.Verdict
	}{{5, ""}, {11, ""}, {13, expect.Pass}} {
		at := time.Duration(tt.at) * time.Second
		if err := live.Advance(at); err != nil {
			t.Fatal(err)
		}
		got, err := live.Predictions(live.Ledger(live.Len(), at))
		if err != nil {
			t.Fatal(err)
		}
		if v := got[1].Choices[1].Verdict; v != tt.want {
			t.Errorf("at %v: %q, want %q", at, v, tt.want)
		}
	}
}
