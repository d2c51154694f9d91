package sim

import (
	"fmt"
	"testing"

	"stickylab/cluster/adapter"
)

// What a delivery costs with each adapter, and how many messages Redis hands out for each
// broadcast: to how many other nodes, and of these to how many that have no such room. The room has nine
// members, distributed round-robin: of 20 nodes eleven have none.
func BenchmarkAdapters(b *testing.B) {
	for _, nodes := range []int{3, 20} {
		for _, kind := range adapter.Names() {
			for _, mode := range []string{"dynamic", "static"} {
				if kind != string(adapter.Sharded) && mode == "static" {
					continue
				}
				name := kind
				if kind == string(adapter.Sharded) {
					name += "-" + mode
				}
				b.Run(fmt.Sprintf("%d-nodes/%s", nodes, name), func(b *testing.B) {
					text := fmt.Sprintf(`
title: Cost
seed: 3
duration: 20s
nodes: %d
adapter: %s
adapter_options: {subscription_mode: %s}
proxy: {policy: round_robin}
network: {client: 5ms, backend: 500us, redis: 500us}
clients:
  everyone: {count: 9, ip: 10.1.0.0/16, connect: 0s..1s, say: every 500ms, room: lobby, transports: [websocket]}
`, nodes, kind, mode)
					deliveries, published, relayed, idle := 0, 0, 0, 0
					for b.Loop() {
						result, err := Run(b.Context(), parse(b, "cost.yaml", text, nil), Options{})
						if err != nil {
							b.Fatal(err)
						}
						p := result.Final
						deliveries += p.Delivery.Total.Arrived
						published, relayed, idle = published+p.Redis.Published, relayed+p.Redis.Relayed, idle+p.Redis.Idle
					}
					b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(deliveries), "ns/delivery")
					if published > 0 {
						b.ReportMetric(float64(relayed)/float64(published), "relays/broadcast")
						b.ReportMetric(float64(idle)/float64(published), "idle/broadcast")
					}
				})
			}
		}
	}
}
