package explain_test

import (
	"fmt"
	"net/netip"

	"stickylab/cluster/nginx"
	"stickylab/sim/explain"
)

func ExampleUpstream_Choose() {
	config, _ := nginx.Parse("upstream im { ip_hash; server 127.0.0.1:3030; server 127.0.0.1:5080; }", nginx.DefaultVersion)
	upstream, err := explain.New(config, explain.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	choice := upstream.Choose(netip.MustParseAddr("203.0.113.77"))
	fmt.Println(choice.Server.Address)
	for _, row := range upstream.Arithmetic(choice, nil) {
		fmt.Printf("%-5s %s\n", row.Label, row.Text)
	}
	// Output:
	// 127.0.0.1:3030
	// hash  (89 * 113 + 203) % 6271 = 3989
	//       (3989 * 113 + 0) % 6271 = 5516
	//       (5516 * 113 + 113) % 6271 = 2592
	// slot  2592 % 2 = 0, first server
}
