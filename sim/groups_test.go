package sim

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

// With virtual clients only, all that happens happens to some group: whose
// request a node or the proxy refused, and whose session was lost, is known.
func TestGroupsAddUpToTheRun(t *testing.T) {
	type books struct {
		Lost, Total, Failed, Reconnects, Away       int
		Connected, Absent, Never, DueHeard, DueSaid int
		Arrived, Missed, Duplicates                 int
		Errors                                      map[string]int
	}
	for _, name := range []string{"no-upgrade", "node-dies", "behind-a-cdn", "consistent-hash"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r, err := Run(t.Context(), planOf(t, name, nil), Options{})
			if err != nil {
				t.Fatal(err)
			}
			v, total := r.Final, r.Final.Delivery.Total
			want := books{
				v.Sessions.Lost, v.Requests.Total, v.Requests.Failed, v.Requests.Reconnects, v.Messages.Away,
				v.Clients.Connected, v.Clients.Away, v.Clients.Never, total.Due, total.Due,
				total.Arrived, total.Missed, total.Duplicates, v.Errors,
			}
			got := books{Errors: map[string]int{}}
			for _, g := range v.Groups {
				got.Lost += g.Lost
				got.Total += g.Requests.Total
				got.Failed += g.Requests.Failed
				got.Reconnects += g.Reconnects
				got.Away += g.MissedAway
				got.Connected += g.Polling + g.Websocket
				got.Absent += g.Away
				got.Never += g.Never
				got.DueHeard += g.Received.Due
				got.DueSaid += g.Said.Due
				got.Arrived += g.Received.Arrived
				got.Missed += g.Said.Missed
				got.Duplicates += g.Received.Duplicates
				for text, n := range g.Errors {
					got.Errors[text] += n
				}
			}
			if d := cmp.Diff(want, got); d != "" {
				t.Errorf("the run, and the sum of its groups (-run +groups):\n%s", d)
			}
		})
	}
}
