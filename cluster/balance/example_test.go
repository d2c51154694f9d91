package balance_test

import (
	"fmt"
	"net/netip"

	"stickylab/cluster/balance"
)

// Three clients meet an upstream with ip_hash and two servers. The first two are
// in one /24, which ip_hash takes for one client.
func Example() {
	upstream, err := balance.New(balance.Method{Name: "ip_hash"}, []balance.Peer{
		{Name: "im-3030", Address: "127.0.0.1:3030", Weight: 1},
		{Name: "im-5080", Address: "127.0.0.1:5080", Weight: 1},
	}, nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, client := range []string{"203.0.113.7", "203.0.113.77", "192.0.2.1"} {
		addr := netip.MustParseAddr(client)
		attempt := upstream.Start(balance.Request{Addr: addr})
		peer, err := attempt.Next()
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Printf("%-12s reads %v -> %s\n", client, balance.Octets(addr), peer.Name)
		attempt.Done(false)
	}
	// Output:
	// 203.0.113.7  reads [203 0 113] -> im-3030
	// 203.0.113.77 reads [203 0 113] -> im-3030
	// 192.0.2.1    reads [192 0 2] -> im-5080
}
