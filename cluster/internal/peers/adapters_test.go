//go:build peers

package peers

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/gomodule/redigo/redis"

	"stickylab/cluster/adapter"
	"stickylab/cluster/adapter/sharded"
)

// Node servers with the adapters of the official family and ours on one Redis.
func TestAdaptersOfTheFamily(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name    string
		lib     string
		kind    adapter.Kind
		ours    adapter.Options
		options map[string]any
	}{
		{"sharded, dynamic", "redis", adapter.Sharded, adapter.Options{}, nil},
		{"sharded, dynamic, ioredis", "ioredis", adapter.Sharded, adapter.Options{}, nil},
		{"sharded, private", "redis", adapter.Sharded, adapter.Options{SubscriptionMode: sharded.DynamicPrivate}, map[string]any{"subscriptionMode": "dynamic-private"}},
		{"sharded, static", "redis", adapter.Sharded, adapter.Options{SubscriptionMode: sharded.Static}, map[string]any{"subscriptionMode": "static"}},
		{"streams", "redis", adapter.Streams, adapter.Options{}, nil},
		{"streams, ioredis", "ioredis", adapter.Streams, adapter.Options{Block: time.Second, ReadCount: 7, MaxLen: 50}, map[string]any{"maxLen": 50}},
	} {
		t.Run(c.name, func(t *testing.T) {
			backends(t, func(t *testing.T, w *world, addr string) {
				if c.options == nil {
					c.options = map[string]any{}
				}
				a := allyWith(t, w, c.lib, addr, c.kind, c.ours, c.options)
				a.settled(c.kind, c.ours.SubscriptionMode)
				parts := []part{
					{"broadcasts", testBroadcasts}, {"values", testValues}, {"acknowledgements", testBroadcastAcks},
					{"state", testFamilyState}, {"server-side events", testServerSide}, {"vanished", testVanished},
				}
				if c.kind != adapter.Sharded || c.ours.SubscriptionMode == sharded.Static {
					// Elsewhere a room that is new has to be subscribed to first.
					parts = slices.Insert(parts, 3, part{"oddities", testOddities}, part{"orders", testOrders})
				}
				a.parts(parts...)
			})
		})
	}
}

type part struct {
	name string
	test func(*alliance)
}

// parts runs parts of a test, to the first that fails.
func (a *alliance) parts(parts ...part) {
	outer := a.T
	for _, p := range parts {
		b := *a
		ok := outer.Run(p.name, func(t *testing.T) {
			b.T, b.node.T, b.clients.T, b.ours.T, b.other.T = t, t, t, t, t
			p.test(&b)
		})
		b.node.T, b.clients.T, b.ours.T, b.other.T = outer, outer, outer, outer
		if !ok {
			return // the rest would only tell of it again
		}
	}
}

// settled waits until the servers have subscribed to what they need.
func (a *alliance) settled(kind adapter.Kind, mode sharded.Mode) {
	if kind != adapter.Sharded || mode == sharded.Static {
		return
	}
	c, err := redis.Dial("tcp", a.addr)
	if err != nil {
		a.Fatal(err)
	}
	defer c.Close()
	channels := []any{"SHARDNUMSUB", "socket.io#/#red#"}
	if mode == sharded.DynamicPrivate {
		for _, id := range a.ids {
			channels = append(channels, "socket.io#/#"+id+"#")
		}
	}
	eventually(a.T, "subscribed", func() bool {
		reply, err := redis.Values(c.Do("PUBSUB", channels...))
		if err != nil {
			a.Fatal(err)
		}
		for i := 1; i < len(reply); i += 2 {
			if n := reply[i].(int64); n != 3 && (i == 1 || n != 1) {
				return false
			}
		}
		return true
	})
}

// testFamilyState asks for the sockets and the number of servers.
func testFamilyState(a *alliance) {
	a.agree(inRed)
	got, err := a.main().To("red").Except(a.ids["ours1"]).FetchSockets(a.Context())
	if err != nil || len(got) != 2 {
		a.Fatalf("fetched %v, %v", got, err)
	}
	for _, s := range got {
		data, _ := s.Data.(map[string]any)
		host, _ := data["from"].(string)
		auth, _ := s.Handshake["auth"].(map[string]any)
		if name, _ := auth["name"].(string); name != host+"1" || a.ids[name] != s.ID || s.Handshake["address"] != "127.0.0.1" {
			a.Errorf("fetched %+v", s)
		}
	}
	n, err := a.main().Adapter().ServerCount(a.Context())
	if err != nil || n != 3 || a.node.call("count", "/") != "3" {
		a.Errorf("%d servers, %v; node says %s", n, err, a.node.call("count", "/"))
	}
	// Out, and in again, from one server to all.
	main := a.main()
	main.To("red").Join("blue")
	a.agree("[ours1:blue+red ours2: other1:blue+red other2: node1:blue+red node2:]")
	a.run([]string{"in:red"}, "socketsLeave", "blue")
	a.agree(inRed)
	a.run([]string{"in:" + a.ids["ours2"]}, "disconnectSockets", true)
	a.clients.hears("ours2", `"disconnect","io server disconnect"`)
	main.To(a.ids["node2"]).Disconnect(true)
	a.clients.hears("node2", `"disconnect","io server disconnect"`)
	a.agree("[ours1:red other1:red other2: node1:red]")
}

// testVanished has servers end without a word: ours, and the one of Node.
func testVanished(a *alliance) {
	type killer interface{ Kill() }
	a.other.io.Of("/").Adapter().(killer).Kill()
	eventually(a.T, "a cluster of two", func() bool { return a.node.call("count", "/") == "2" })
	ctx, cancel := context.WithTimeout(a.Context(), timeout)
	defer cancel()
	if got, err := a.main().ServerSideEmitWithAck(ctx, "ask", 1); err != nil || fmt.Sprint(got) != "[[node 1]]" {
		a.Errorf("asked those who are left: %v, %v", got, err)
	}
	a.node.mayEnd = true
	a.node.hang("die")
	eventually(a.T, "a cluster of one", func() bool {
		n, err := a.main().Adapter().ServerCount(ctx)
		return n == 1 && err == nil
	})
	if got, err := a.main().FetchSockets(ctx); err != nil || len(got) != 1 {
		a.Errorf("alone: %v, %v", got, err)
	}
}
