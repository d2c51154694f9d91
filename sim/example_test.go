package sim_test

import (
	"context"
	"fmt"

	"stickylab/sim"
	"stickylab/sim/plan"
)

const exampleScenario = `
title: Two regions, no adapter
seed: 7
duration: 20s
nodes: [{name: im-3030, listen: 127.0.0.1:3030}, {name: im-5080, listen: 127.0.0.1:5080}]
adapter: none
proxy:
  nginx: |
    upstream im { ip_hash; server 127.0.0.1:3030; server 127.0.0.1:5080; }
    server { listen 192.168.33.10:80; location / { proxy_pass http://im; } }
clients:
  beijing: {count: 5, ip: 203.0.113.0/24, connect: 0s..2s, say: every 5s, transports: [polling]}
  shanghai: {count: 5, ip: 192.0.2.0/25, connect: 0s..2s, say: every 5s, transports: [polling]}
expect:
  - {at: end, that: "nodes['im-3030'].clients == 5 && nodes['im-5080'].clients == 5"}
  - {from: 3s, at: end, that: "delivery.same.ratio == 1"}
  - {from: 3s, at: end, that: "delivery.cross.ratio == 0"}
`

// A scenario file from its text to the verdict on its expectations.
func ExampleRun() {
	file, problems := plan.Parse("example.yaml", []byte(exampleScenario))
	if len(problems) > 0 {
		panic(problems)
	}
	resolved, problems := plan.Resolve(file, nil)
	if len(problems) > 0 {
		panic(problems)
	}
	result, err := sim.Run(context.Background(), resolved, sim.Options{Name: "example"})
	if err != nil {
		panic(err)
	}
	fmt.Println(result.Name(), result.Verdict)
	for _, e := range result.Expectations {
		fmt.Println(e.Verdict, e.That)
	}
	// Output:
	// example pass
	// pass nodes['im-3030'].clients == 5 && nodes['im-5080'].clients == 5
	// pass delivery.same.ratio == 1
	// pass delivery.cross.ratio == 0
}
