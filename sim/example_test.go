package sim_test

import (
	"context"
	"fmt"

	"stickylab/sim"
	"stickylab/sim/plan"
)

// A scenario file becomes a plan, and the plan is run and judged: a minute of two
// chat nodes behind a proxy, in a moment.
func ExampleRun() {
	file, problems := plan.Parse("two-nodes.yaml", []byte(`
title: Two nodes without an adapter
duration: 1m
nodes: 2
adapter: none
proxy: {policy: ip_hash}
clients:
  beijing: {count: 5, ip: 203.0.113.0/24, say: every 5s}
  shanghai: {count: 5, ip: 192.0.2.0/24, say: every 5s}
expect:
  - {at: end, that: "clients.connected == 10"}
  - {at: end, that: "delivery.cross.ratio == 1"}
`))
	if len(problems) > 0 {
		fmt.Println(problems)
		return
	}
	p, problems := plan.Resolve(file, nil)
	if len(problems) > 0 {
		fmt.Println(problems)
		return
	}
	result, err := sim.Run(context.Background(), p, sim.Options{Name: "two-nodes"})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, x := range result.Expectations {
		fmt.Printf("%s: %s (%s)\n", x.Verdict, x.That, x.Actual)
	}
	// Output:
	// pass: clients.connected == 10 (clients.connected = 10)
	// fail: delivery.cross.ratio == 1 (delivery.cross.ratio = 0 (0/599))
}
