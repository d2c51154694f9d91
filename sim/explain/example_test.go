package explain_test

import (
	"fmt"
	"net/netip"

	"stickylab/cluster/nginx"
	"stickylab/sim/explain"
)

// Which server an address leads to, and the arithmetic.
func ExampleUpstream_Choose() {
	config, problems := nginx.Parse(`
upstream im { ip_hash; server 10.0.0.1:3000; server 10.0.0.2:3000; }
server { location / { proxy_pass http://im; } }`, nginx.Options{})
	for _, p := range problems {
		fmt.Println(p)
	}
	upstream, err := explain.New(config, explain.Options{})
	if err != nil {
		panic(err)
	}
	choice := upstream.Choose(netip.MustParseAddr("203.0.113.7"))
	for _, step := range choice.Steps {
		fmt.Println("hash", step.Hash, "slot", step.Slot, "server", step.Server)
	}
	fmt.Println(choice.Address, "->", choice.Server.Address)
	// Output:
	// hash 2592 slot 0 server 1
	// 203.0.113.7 -> 10.0.0.1:3000
}
