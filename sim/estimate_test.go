package sim

import (
	"testing"

	"stickylab/sim/plan"
)

// What a file is said to cost is what its run then has, give or take: clients that
// cannot connect hear less.
func TestEstimatesAgreeWithRuns(t *testing.T) {
	for _, name := range []string{
		"copies", "drained-for-good", "fan-out", "idle-timeout", "missed-while-away", "redis-adapter", "same-slash24",
		"too-large", "two-apps-one-redis", "two-regions", "websocket-only",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := planOf(t, name, nil)
			r, err := Run(t.Context(), p, Options{})
			if err != nil {
				t.Fatal(err)
			}
			load := plan.Estimate(p)
			for _, c := range []struct {
				what     string
				got, run float64
			}{
				{"deliveries", load.Deliveries, float64(r.Final.Delivery.Total.Due)},
				{"messages", load.Messages, float64(max(r.Final.Messages.Said, r.Final.Messages.Sent))},
				{"clients", float64(load.Clients), float64(r.Final.Clients.Count)},
			} {
				if c.got > 3*c.run || c.run > 2*c.got {
					t.Errorf("%.0f %s are expected, the run has %.0f", c.got, c.what, c.run)
				}
			}
		})
	}
}
