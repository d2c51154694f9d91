//go:build peers

package peers

import (
	"encoding/json"
	"math"
	"slices"
	"strings"
	"testing"
	"time"
)

// Node servers with the official adapter and ours on one Redis.
func TestAdapter(t *testing.T) {
	t.Parallel()
	for _, lib := range libraries {
		t.Run(lib, func(t *testing.T) {
			backends(t, func(t *testing.T, w *world, addr string) {
				a := ally(t, w, lib, addr)
				for _, part := range []struct {
					name string
					test func(*alliance)
				}{
					{"broadcasts", testBroadcasts}, {"values", testValues}, {"oddities", testOddities}, {"namespaces", testOtherNamespace},
					{"acknowledgements", testBroadcastAcks}, {"state", testState}, {"orders", testOrders},
					{"server-side events", testServerSide}, {"emitter", testEmitter},
					{"disconnects", testDisconnected}, {"departures", testDepartures},
				} {
					b := *a
					ok := t.Run(part.name, func(t *testing.T) {
						b.T, b.node.T, b.clients.T, b.ours.T, b.other.T = t, t, t, t, t
						part.test(&b)
					})
					b.node.T, b.clients.T, b.ours.T, b.other.T = t, t, t, t
					if !ok {
						break // the rest would only tell of it again
					}
				}
			})
		})
	}
}

func testBroadcasts(a *alliance) {
	main := a.main()
	shout := func(name, room string) func() {
		return func() { a.clients.call("ask", name, 5000, "shout", room, "e") }
	}
	a.after("ours to all", func() { main.Emit("e", 1) }, to(`"e",1`, everybody...))
	a.after("ours to a room", func() { main.To("red").Emit("e") }, to(`"e"`, "ours1", "other1", "node1"))
	a.after("ours to a room and sockets", func() { main.To("red").To(a.ids["node2"], a.ids["node1"]).Emit("e") },
		to(`"e"`, "ours1", "other1", "node1", "node2"))
	a.after("ours except", func() { main.Except("red").Emit("e") }, to(`"e"`, "ours2", "other2", "node2"))
	a.after("ours except in a room", func() { main.To("red").Except(a.ids["node1"], a.ids["ours1"]).Emit("e") }, to(`"e"`, "other1"))
	a.after("ours to nobody", func() { main.To("no such room").Emit("e") }, nil)
	a.after("a socket of ours", shout("ours1", ""), to(`"e"`, "ours2", "other1", "other2", "node1", "node2"))
	a.after("a socket of ours to a room", shout("ours1", "red"), to(`"e"`, "other1", "node1"))
	a.after("ours, local", func() { main.Local().Emit("e") }, to(`"e"`, "ours1", "ours2"))
	a.after("ours, compressed", func() { main.To("red").Compress(true).Emit("e") }, to(`"e"`, "ours1", "other1", "node1"))

	emit := func(chain ...string) func() { return func() { a.run(chain, "emit", "e") } }
	a.after("node to all", emit(), to(`"e"`, everybody...))
	a.after("node to a room", emit("to:red"), to(`"e"`, "ours1", "other1", "node1"))
	a.after("node to a room and a socket", emit("to:red", "to:"+a.ids["ours2"]), to(`"e"`, "ours1", "ours2", "other1", "node1"))
	a.after("node except", emit("except:red"), to(`"e"`, "ours2", "other2", "node2"))
	a.after("node except in a room", emit("in:red", "except:"+a.ids["ours1"]), to(`"e"`, "other1", "node1"))
	a.after("a socket of node", shout("node1", ""), to(`"e"`, "ours1", "ours2", "other1", "other2", "node2"))
	a.after("a socket of node to a room", shout("node2", "red"), to(`"e"`, "ours1", "other1", "node1"))
	a.after("node, local", emit("local"), to(`"e"`, "node1", "node2"))

	// A server that is writing is not ready to send: again until all heard it.
	for what, emit := range map[string]func(){
		"ours, volatile": func() { main.To("red").Volatile().Emit("e") },
		"node, volatile": emit("volatile", "to:red"),
	} {
		missing := to(`"e"`, "ours1", "other1", "node1")
		eventually(a.T, what, func() bool {
			time.Sleep(10 * time.Millisecond)
			emit()
			for name, events := range a.collect() {
				if slices.Contains(events, `"e"`) {
					delete(missing, name)
				}
			}
			return len(missing) == 0
		})
	}
}

// testValues compares what the clients of all servers read.
func testValues(a *alliance) {
	all := append([]any{bytesOf("\x00\x01\xff"), bytesOf(""), map[string]any{"a": []any{bytesOf("in"), 1.5, nil}}}, values...)
	for _, from := range []string{"ours1", "node1"} {
		for _, v := range all {
			if v == 1e21 && from == "node1" {
				continue // its msgpack cuts whole numbers to 64 bits, for Node servers too
			}
			a.clients.call("ask", from, 5000, "shout", "", "v", v)
			want := a.clients.nextOf("ours2")
			for _, name := range []string{"other1", "node2"} {
				if got := a.clients.nextOf(name); !sameJSON(got, want) {
					a.Errorf("from %s: ours read %.80s, %s %.80s", from, want, name, got)
				}
			}
			for _, name := range []string{"ours1", "other2", "node1"} {
				if name != from {
					a.clients.nextOf(name)
				}
			}
		}
	}
}

// testOddities has our server send what no JavaScript would. A Node server ends
// at the first message that it cannot decode.
func testOddities(a *alliance) {
	type inner struct {
		Name string `json:"name"`
		None *int   `json:"none"`
	}
	for _, v := range []any{
		"\xff\xfe", math.NaN(), math.Inf(-1), math.MaxInt64, int8(-3), uint16(65535), float32(0.5), json.Number("12345678901234567890"),
		inner{Name: "x"}, []inner{{}, {}}, map[string]inner{"\x80": {}}, json.RawMessage(`{"b":[1e3,"\ud800"],"a":null}`),
		time.Unix(0, 0).UTC(), []string(nil), map[string]any(nil), any([]byte(nil)), strings.Repeat("x", 70_000), make([]any, 70_000),
	} {
		if err := a.main().Emit("v", v); err != nil {
			a.Errorf("%#v: %v", v, err)
			continue
		}
		want := a.clients.nextOf("ours1")
		for _, name := range everybody[1:] {
			if got := a.clients.nextOf(name); !sameJSON(got, want) {
				a.Errorf("%.80v: ours read %.80s, %s %.80s", v, want, name, got)
			}
		}
	}
	for _, v := range []any{func() {}, make(chan int), complex(1, 2)} {
		if err := a.main().Emit("v", v); err == nil {
			a.Errorf("%T was sent", v)
		}
	}
	for _, event := range []string{"", "#", "a\x00b", "\xff"} {
		if err := a.main().Emit(event); err != nil {
			a.Error(err)
		}
		want := a.clients.nextOf("ours1")
		for _, name := range everybody[1:] {
			a.clients.hears(name, want)
		}
	}
	for _, room := range []string{"a#b", "#", "*", "[red]", "中文 👩‍👩‍👧", "a\nb", `\`, strings.Repeat("r", 3000)} {
		a.main().To("red").Join(room)
		eventually(a.T, room, func() bool { return strings.Contains(a.rooms(), "node1:"+union(room, "red")) })
		a.after(room, func() { a.main().To(room).Emit("e") }, to(`"e"`, "ours1", "other1", "node1"))
		a.after(room, func() { a.run([]string{"to:" + room}, "emit", "e") }, to(`"e"`, "ours1", "other1", "node1"))
		a.run(nil, "socketsLeave", room)
		a.agree(inRed)
	}
}

// union is how rooms shows two.
func union(rooms ...string) string {
	slices.Sort(rooms)
	return strings.Join(rooms, "+")
}

func testOtherNamespace(a *alliance) {
	for _, host := range []string{"ours", "node"} {
		a.clients.call("share", host+"/custom", host+"1", "/custom", map[string]any{})
		a.clients.hears(host+"/custom", `"connect"`)
	}
	a.ours.io.Of("/custom").Emit("c", "from ours")
	a.node.call("run", "/custom", []any{}, "emit", "c", "from node")
	got := map[string]bool{}
	for range 2 {
		got[a.clients.nextOf("ours/custom")], got[a.clients.nextOf("node/custom")] = true, true
	}
	if len(got) != 2 || !got[`"c","from ours"`] || !got[`"c","from node"`] {
		a.Errorf("/custom heard %v", got)
	}
	a.due("/custom", nil)
	for _, host := range []string{"ours", "node"} {
		a.clients.call("disconnect", host+"/custom")
		a.clients.hears(host+"/custom", `"disconnect","io client disconnect"`)
	}
}
