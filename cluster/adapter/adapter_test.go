package adapter_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"stickylab/cluster/adapter"
	"stickylab/cluster/adapter/link"
	"stickylab/cluster/adapter/sharded"
	"stickylab/cluster/socketio"
)

// all are the kinds that join nodes, with options.
var all = []struct {
	adapter.Kind
	adapter.Options
}{
	{adapter.Redis, adapter.Options{}},
	{adapter.Sharded, adapter.Options{}},
	{adapter.Sharded, adapter.Options{SubscriptionMode: sharded.DynamicPrivate}},
	{adapter.Sharded, adapter.Options{SubscriptionMode: sharded.Static}},
	{adapter.Streams, adapter.Options{}},
	{adapter.Streams, adapter.Options{Block: 100 * time.Millisecond, ReadCount: 1}},
}

func forAll(t *testing.T, names []string, f func(w *world, nodes []*node, spec adapter.Spec)) {
	for _, c := range all {
		t.Run(strings.TrimSpace(fmt.Sprint(c.Kind, " ", c.SubscriptionMode)), func(t *testing.T) {
			spec, err := adapter.Of(c.Kind)
			if err != nil {
				t.Fatal(err)
			}
			inWorld(t, c.Kind, c.Options, names, func(w *world, nodes []*node) { f(w, nodes, spec) })
		})
	}
}

func TestNodesHearEachOther(t *testing.T) {
	forAll(t, []string{"a", "b", "c"}, func(w *world, nodes []*node, _ adapter.Spec) {
		one, two, three := nodes[0].join("red"), nodes[1].join("red", "blue"), nodes[2].join()
		main := nodes[0].main()
		e := func(v string) []string { return []string{`["` + v + `"]`} }
		main.Emit("all")
		w.hears("all", map[*client][]string{one: e("all"), two: e("all"), three: e("all")})
		main.To("red").Emit("red")
		w.hears("a room", map[*client][]string{one: e("red"), two: e("red"), three: nil})
		main.To("red", "blue").Except(one.socket.ID()).Emit("some")
		w.hears("rooms except", map[*client][]string{one: nil, two: e("some"), three: nil})
		main.To(three.socket.ID()).Emit("private")
		w.hears("one", map[*client][]string{one: nil, two: nil, three: e("private")})
		main.Local().Emit("local")
		w.hears("local", map[*client][]string{one: e("local"), two: nil, three: nil})

		main.To("red").Join("green")
		synctest.Wait()
		nodes[2].main().To("green").Emit("green")
		w.hears("joined", map[*client][]string{one: e("green"), two: e("green"), three: nil})
		main.To("red").Leave("green")
		synctest.Wait()
		nodes[2].main().To("green").Emit("green")
		w.hears("left", map[*client][]string{one: nil, two: nil, three: nil})
		main.To(two.socket.ID()).Disconnect(true)
		w.hears("disconnected", map[*client][]string{two: {"gone"}})
	})
}

func TestNodesAskEachOther(t *testing.T) {
	forAll(t, []string{"a", "b", "c"}, func(w *world, nodes []*node, _ adapter.Spec) {
		nodes[0].join("red")
		nodes[1].join("red")
		ctx, main := w.Context(), nodes[0].main()
		if n, err := nodes[0].adapter.ServerCount(ctx); n != 3 || err != nil {
			w.Errorf("%d servers, %v", n, err)
		}
		if got, err := main.To("red").FetchSockets(ctx); len(got) != 2 || err != nil {
			w.Errorf("%d sockets, %v", len(got), err)
		}
		for _, n := range nodes[1:] {
			n.main().OnServerSide("ask", func(args []any, ack func(any)) { ack(n.name + fmt.Sprint(args...)) })
		}
		got, err := main.ServerSideEmitWithAck(ctx, "ask", "?")
		slices.SortFunc(got, func(a, b any) int { return strings.Compare(a.(string), b.(string)) })
		if fmt.Sprint(got) != "[b? c?]" || err != nil {
			w.Errorf("answered %v, %v", got, err)
		}
		// No client of these answers.
		if got, err := main.To("red").Timeout(200*time.Millisecond).EmitWithAck(ctx, "q"); len(got) != 0 || err != socketio.ErrAckTimeout {
			w.Errorf("acknowledged %v, %v", got, err)
		}
		// A node that vanishes is counted no more.
		nodes[2].adapter.(interface{ Kill() }).Kill()
		synctest.Wait()
		if got, err := main.ServerSideEmitWithAck(ctx, "ask", "!"); fmt.Sprint(got) != "[b!]" || err != nil {
			w.Errorf("answered %v, %v", got, err)
		}
	})
}

// What is said while a node's connection is lost: who hears it, and when.
func TestRedisIsAway(t *testing.T) {
	forAll(t, []string{"a", "b"}, func(w *world, nodes []*node, spec adapter.Spec) {
		one, two := nodes[0].join("red"), nodes[1].join("red")
		nodes[0].main().To("red").Emit("before")
		w.hears("before", map[*client][]string{one: {`["before"]`}, two: {`["before"]`}})
		nodes[0].lose()
		if nodes[0].isUp() || !nodes[1].isUp() {
			w.Errorf("up: %v and %v", nodes[0].isUp(), nodes[1].isUp())
		}
		nodes[0].main().To("red").Emit("from a")
		nodes[1].main().To("red").Emit("from b")
		away := map[*client][]string{one: {`["from a"]`}, two: {`["from b"]`}}
		if spec.Waits {
			away[one] = nil
		}
		w.hears("while a is cut off", away)
		nodes[0].found()
		if !nodes[0].isUp() {
			w.Error("a is not up again")
		}
		back := map[*client][]string{one: nil, two: nil}
		if spec.Waits {
			back[one], back[two] = []string{`["from a"]`}, []string{`["from a"]`}
		}
		if spec.Keeps {
			back[one] = append(back[one], `["from b"]`)
		}
		got := map[*client][]string{one: one.heard(), two: two.heard()}
		for c := range back {
			slices.Sort(got[c])
			if !slices.Equal(got[c], back[c]) {
				w.Errorf("when a is back a client of %s heard %q, want %q", c.node.name, got[c], back[c])
			}
		}
		nodes[1].main().To("red").Emit("after")
		w.hears("after", map[*client][]string{one: {`["after"]`}, two: {`["after"]`}})
	})
}

// Nodes with different kinds do not hear each other.
func TestDifferentKinds(t *testing.T) {
	inWorld(t, adapter.Redis, adapter.Options{}, []string{"a"}, func(w *world, nodes []*node) {
		b, c := w.start("b", adapter.Sharded, adapter.Options{}), w.start("c", adapter.Streams, adapter.Options{})
		synctest.Wait()
		clients := map[*node]*client{nodes[0]: nodes[0].join("red"), b: b.join("red"), c: c.join("red")}
		for from := range clients {
			from.main().To("red").Emit(from.name)
			from.main().Emit(from.name)
			from.main().ServerSideEmit("x")
			for n, hearer := range clients {
				var want []string
				if n == from {
					want = []string{`["` + n.name + `"]`, `["` + n.name + `"]`}
				}
				w.hears("from "+from.name, map[*client][]string{hearer: want})
			}
			if n, err := from.adapter.ServerCount(w.Context()); n != 1 || err != nil {
				w.Errorf("%s counts %d servers, %v", from.name, n, err)
			}
		}
	})
}

func TestOpenRefuses(t *testing.T) {
	ns := socketio.NewServer(socketio.Config{}).Of("/")
	for _, c := range []struct {
		kind adapter.Kind
		o    adapter.Options
		want string
	}{
		{adapter.None, adapter.Options{}, "nothing to open"},
		{"nats", adapter.Options{}, `"nats" is no adapter; there are [none redis redis-sharded redis-streams]`},
		{adapter.Redis, adapter.Options{}, "Env, Host and Addr must be set"},
		{adapter.Sharded, adapter.Options{SubscriptionMode: "all"}, `subscription mode "all" is none of ["dynamic" "dynamic-private" "static"]`},
		{adapter.Streams, adapter.Options{MaxLen: -1}, "the max length of a stream is -1"},
		{adapter.Streams, adapter.Options{Block: time.Microsecond}, "blocks for 1µs"},
	} {
		if _, err := adapter.Open(ns, c.kind, link.Config{}, c.o); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", c.kind, err, c.want)
		}
	}
}
