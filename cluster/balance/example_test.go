package balance_test

import (
	"fmt"
	"net/netip"
	"time"

	"stickylab/cluster/balance"
)

func peers(names ...string) []balance.Peer {
	var list []balance.Peer
	for _, name := range names {
		list = append(list, balance.Peer{Name: name, Address: name, Weight: 1, MaxFails: 1, FailTimeout: 10 * time.Second})
	}
	return list
}

// With ip_hash the address decides, and only its first three bytes count.
func ExampleUpstream_Start() {
	upstream, err := balance.New(balance.Method{Name: "ip_hash"}, peers("im-1:3000", "im-2:3000"), nil)
	if err != nil {
		panic(err)
	}
	for _, addr := range []string{"203.0.113.7", "203.0.113.99", "192.0.2.1"} {
		attempt := upstream.Start(balance.Request{Addr: netip.MustParseAddr(addr)})
		peer, err := attempt.Next()
		if err != nil {
			panic(err)
		}
		fmt.Println(addr, peer.Name)
		attempt.Done(false)
	}
	// Output:
	// 203.0.113.7 im-1:3000
	// 203.0.113.99 im-1:3000
	// 192.0.2.1 im-2:3000
}

// A peer that failed is disabled, and the request goes to the next one.
func ExampleAttempt_Next() {
	upstream, err := balance.New(balance.Method{Name: "round_robin"}, peers("im-1:3000", "im-2:3000"), nil)
	if err != nil {
		panic(err)
	}
	attempt := upstream.Start(balance.Request{})
	for {
		peer, err := attempt.Next()
		if err != nil {
			fmt.Println(err)
			break
		}
		fmt.Println(peer.Name, "fails")
		attempt.Done(true)
	}
	// Output:
	// im-1:3000 fails
	// im-2:3000 fails
	// no live upstreams
}
