package redisadapter

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"stickylab/cluster/adapter/link"
	"stickylab/cluster/adapter/pack"
	"stickylab/cluster/socketio"
	"stickylab/cluster/trace"
)

func TestBroadcastCrossesNodes(t *testing.T) {
	inCluster(t, []string{"a", "b", "c"}, func(c *cluster) {
		a, b, d := c.nodes[0], c.nodes[1], c.nodes[2]
		a1, b1, b2, c1 := a.join("/"), b.join("/", "red"), b.join("/", "blue"), d.join("/", "red", "blue")
		all := []*client{a1, b1, b2, c1}
		tests := []struct {
			name string
			emit func()
			want string // which of all get it
		}{
			{"from a", func() { a.main().Emit("e") }, "0123"},
			{"from b", func() { b.main().Emit("e") }, "0123"},
			{"a room", func() { a.main().To("red").Emit("e") }, "13"},
			{"two rooms", func() { a.main().To("red", "blue").Emit("e") }, "123"},
			{"a room less another", func() { a.main().To("red").Except("blue").Emit("e") }, "1"},
			{"all less a room", func() { b.main().Except("red").Emit("e") }, "02"},
			{"one socket", func() { a.main().To(c1.socket.ID()).Emit("e") }, "3"},
			{"from a socket", func() { b1.socket.Broadcast().Emit("e") }, "023"},
			{"from a socket to a room", func() { b1.socket.To("red").Emit("e") }, "3"},
			{"a room of nobody", func() { a.main().To("green").Emit("e") }, ""},
			{"local", func() { b.main().Local().Emit("e") }, "12"},
			{"a room named twice", func() { a.main().To("red", "red").Emit("e") }, "13"},
		}
		for _, tt := range tests {
			tt.emit()
			for i, p := range all {
				if strings.Contains(tt.want, fmt.Sprint(i)) {
					p.wants(`2["e"]`)
				}
			}
		}
		for _, p := range all {
			p.quiet()
		}
	})
}

func TestContentsAreTheSameOnBothSides(t *testing.T) {
	inCluster(t, []string{"a", "b"}, func(c *cluster) {
		near, far := c.nodes[0].join("/"), c.nodes[1].join("/")
		c.nodes[0].main().Emit("said", said{"b-07:12", "b-07", "lobby", "<é>", "a"}, 1, 2.5, nil, []any{map[string]any{"z": 1, "a": true}})
		want := `2["said",{"id":"b-07:12","from":"b-07","room":"lobby","text":"<é>","node":"a"},1,2.5,null,[{"a":true,"z":1}]]`
		near.wants(want)
		far.wants(want)
		c.nodes[0].main().Emit("bin", []byte{1, 2, 3}, map[string]any{"k": []byte{4}})
		for _, p := range []*client{near, far} {
			p.wants(`52-["bin",{"_placeholder":true,"num":0},{"k":{"_placeholder":true,"num":1}}]`, "bAQID", "bBA==")
		}
	})
}

func TestNamespacesAreSeparate(t *testing.T) {
	inCluster(t, []string{"a", "b"}, func(c *cluster) {
		a, b := c.nodes[0], c.nodes[1]
		a.adapt("/chat", Config{})
		b.adapt("/chat", Config{})
		main, chat := b.join("/"), b.join("/chat", "lobby")
		a.io.Of("/chat").Emit("e", 1)
		chat.wants(`2/chat,["e",1]`)
		a.io.Of("/chat").To("lobby").Emit("e", 2)
		chat.wants(`2/chat,["e",2]`)
		a.main().Emit("e", 3)
		main.wants(`2["e",3]`)
		main.quiet()
		chat.quiet()
	})
}

// A separate key keeps an application to itself, in all that passes Redis.
func TestKeysAreSeparate(t *testing.T) {
	inCluster(t, []string{"a"}, func(c *cluster) {
		other, same := c.start("b"), c.start("c")
		other.adapt("/", Config{Config: link.Config{Key: "shop"}})
		same.adapt("/", Config{Config: link.Config{Key: "shop"}})
		a := c.nodes[0]
		here, there, too := a.join("/", "lobby"), other.join("/", "lobby"), same.join("/", "lobby")
		other.main().To("lobby").Emit("e", 1)
		other.main().To("lobby").Join("more")
		for _, p := range []*client{there, too} {
			p.wants(`2["e",1]`)
		}
		here.quiet()
		for n, want := range map[*node]int{a: 1, other: 2} {
			if sockets, err := n.main().FetchSockets(context.Background()); err != nil || len(sockets) != want {
				t.Errorf("%s finds %d sockets, %v; want %d", n.name, len(sockets), err, want)
			}
			if servers, err := n.adapters[0].ServerCount(context.Background()); err != nil || servers != want {
				t.Errorf("%s counts %d servers, %v; want %d", n.name, servers, err, want)
			}
		}
		if sockets, _ := other.main().To("more").FetchSockets(context.Background()); len(sockets) != 2 {
			t.Errorf("%d sockets were told to join, want 2", len(sockets))
		}
		if a.main().Memory().HasRoom("more") {
			t.Error("the order to join reached the other application")
		}
	})
}

func TestOrderIsKept(t *testing.T) {
	inCluster(t, []string{"a", "b"}, func(c *cluster) {
		p := c.nodes[1].join("/")
		var want []string
		for i := range 500 {
			c.nodes[0].main().Emit("n", i)
			want = append(want, fmt.Sprintf(`2["n",%d]`, i))
		}
		p.wants(want...)
	})
}

// The adapter's calls publish what those of the official adapter published.
func TestCallsPublishWhatWasRecorded(t *testing.T) {
	inCluster(t, nil, func(c *cluster) {
		n := c.start("a")
		n.adapt("/", Config{Config: link.Config{UID: "3VxdPx"}})
		n.adapt("/chat", Config{Config: link.Config{UID: "wSezkb"}})
		published := c.tap("*")
		main, chat := n.main(), n.io.Of("/chat")
		off := false
		compressed := func(event string) {
			main.Adapter().Broadcast(event0(event), socketio.Options{Flags: socketio.Flags{Compress: &off}})
		}
		calls := map[int]func(){
			1:  func() { main.Emit("hello", 1, "2", map[string]any{"a": true}) },
			2:  func() { main.To("room1").Emit("hi", "there") },
			3:  func() { main.To("room1").To("room2").Except("x").Emit("multi") },
			4:  func() { main.Except("NwvEa0ATh7H9NYg_AAAA").Emit("fromsock", 1) },
			5:  func() { main.To("room1").Except("NwvEa0ATh7H9NYg_AAAA").Emit("toroom", "x") },
			6:  func() { main.Volatile().Emit("vol") },
			7:  func() { compressed("nocomp") },
			8:  func() { main.Emit("bin", []byte{1, 2, 3}, map[string]any{"k": []byte{4}}) },
			9:  func() { main.Emit("vals", nil, true, 1.5, -1, 300, 1<<33, []any{1, []any{2}}, "é✓😀", nil) },
			10: func() { main.To("42").Emit("num") },
			11: func() { main.To("é #x").Emit("odd") },
			12: func() { main.To("NwRPINAfP_zMAVw0AAAB").Emit("pm") },
			13: func() { chat.Emit("chat", 1) },
			14: func() { chat.To("lobby").Emit("chat", 2) },
			25: func() { main.To("room1").Join("room9") },
			26: func() { main.To("room9").Leave("room9", "room1") },
			27: func() { main.ServerSideEmit("ping-srv", "x") },
			41: func() { main.To("ZDN5HHPt1j-C0ABvAAAC").Disconnect(true) },
		}
		for _, m := range recording(t) {
			call := calls[m.N]
			if call == nil {
				continue
			}
			call()
			if diff := cmp.Diff([]string{m.Channel + " " + string(m.raw)}, published()); diff != "" {
				t.Errorf("message %d (-want +got):\n%s", m.N, diff)
			}
		}
		main.Local().Emit("e")
		if got := published(); len(got) > 0 {
			t.Errorf("a local event was published: %q", got)
		}
	})
}

func event0(name string) socketio.Packet {
	return socketio.Packet{Type: socketio.Event, Data: []any{name}}
}

func TestEmitterIsHeard(t *testing.T) {
	inCluster(t, []string{"a"}, func(c *cluster) {
		p := c.nodes[0].join("/", "room2")
		for _, m := range recording(t) {
			if m.N == 30 || m.N == 31 || m.N == 33 {
				c.inject(m.Channel, string(m.raw))
			}
		}
		p.wants(`2["e1",1]`, `2["e2"]`)
		if rooms := p.socket.Rooms(); len(rooms) != 3 || rooms[2] != "z" {
			t.Errorf("rooms %q", rooms)
		}
	})
}

// The room in the channel filters, the options decide; as the official adapter does.
func TestReceiverRules(t *testing.T) {
	inCluster(t, []string{"a"}, func(c *cluster) {
		p := c.nodes[0].join("/", "room1")
		message := func(uid string, rooms ...string) string {
			b, err := encodeBroadcast(broadcast{uid: uid, Received: pack.Received{Packet: event("e")}, options: socketio.Options{Rooms: rooms}})
			if err != nil {
				t.Fatal(err)
			}
			return string(b)
		}
		tests := []struct {
			channel, message string
			delivered        bool
		}{
			{"socket.io#/#room1#", message("x", "room1"), true},
			{"socket.io#/#", message("x", "room1"), true},
			{"socket.io#/#room1#", message("x"), true},
			{"socket.io#/#room5#", message("x", "room1"), false},
			{"socket.io#/#room1", message("x", "room1"), false}, // its last letter is cut off
			{"socket.io#/#", message("uid-a-", "room1"), false},
			{"socket.io#/#", strings.Replace(message("x"), "\xa1/", "\xa2/x", 1), false},
			{"socket.io#/#é", message("x"), true},
		}
		for _, tt := range tests {
			c.inject(tt.channel, tt.message)
			if tt.delivered {
				p.wants(`2["e"]`)
			} else {
				p.quiet()
			}
		}
	})
}

func TestObserversSeeWhatCrosses(t *testing.T) {
	inCluster(t, []string{"b"}, func(c *cluster) {
		var published, relayed []string
		a := c.start("a")
		a.adapt("/", Config{Config: link.Config{
			OnPublish: func(p socketio.Packet, tag any) { published = append(published, fmt.Sprint(p.Data, tag)) },
		}})
		d := c.start("d")
		d.adapt("/", Config{Config: link.Config{OnRelay: func(lane *trace.Lane, e pack.RemoteEvent) any {
			relayed = append(relayed, fmt.Sprintf("%s %s %s%s", lane.Name(), e.Name(), e.Field("x"), e.Field("y")))
			return nil
		}}})
		p := d.join("/")
		a.main().To().Tag("tag").Emit("e", map[string]any{"w": []int{1}, "x": "one", "y": 2})
		p.wants(`2["e",{"w":[1],"x":"one","y":2}]`)
		a.main().Local().Emit("e", 2)
		if diff := cmp.Diff([]string{"[e map[w:[1] x:one y:2]]tag"}, published); diff != "" {
			t.Errorf("published (-want +got):\n%s", diff)
		}
		if diff := cmp.Diff([]string{`d/redis/sub e one`}, relayed); diff != "" {
			t.Errorf("relayed (-want +got):\n%s", diff)
		}
	})
}

// What comes for a room that the node does not have is told to those who want
// to know, and not delivered; the own echo is neither.
func TestIdleCopies(t *testing.T) {
	inCluster(t, []string{"a"}, func(c *cluster) {
		var idle, relayed []string
		b := c.start("b")
		b.adapt("/", Config{Config: link.Config{
			OnRelay: func(_ *trace.Lane, e pack.RemoteEvent) any {
				relayed = append(relayed, e.Name())
				return nil
			},
			OnIdle: func(lane *trace.Lane, e pack.RemoteEvent) {
				idle = append(idle, fmt.Sprintf("%s %s", lane.Name(), e.Name()))
			},
		}})
		p := b.join("/", "here")
		c.nodes[0].main().To("elsewhere").Emit("one")
		c.nodes[0].main().To("here").Emit("two")
		b.main().To("elsewhere").Emit("mine")
		p.wants(`2["two"]`)
		p.quiet()
		if diff := cmp.Diff([]string{"b/redis/sub one"}, idle); diff != "" {
			t.Errorf("idle (-want +got):\n%s", diff)
		}
		if diff := cmp.Diff([]string{"two"}, relayed); diff != "" {
			t.Errorf("relayed (-want +got):\n%s", diff)
		}
	})
}
