package socketio

import (
	"testing"
	"testing/synctest"

	"github.com/google/go-cmp/cmp"
)

// Whom each way of choosing reaches, of the clients a and b in room r, b and c
// in room q.
func TestBroadcastChoice(t *testing.T) {
	for _, test := range []struct {
		name string
		emit func(n *Namespace, s map[string]*Socket) error
		want string
	}{
		{"all", func(n *Namespace, _ map[string]*Socket) error { return n.Emit("e") }, "abc"},
		{"one room", func(n *Namespace, _ map[string]*Socket) error { return n.To("r").Emit("e") }, "ab"},
		{"another room", func(n *Namespace, _ map[string]*Socket) error { return n.To("q").Emit("e") }, "bc"},
		{"two rooms", func(n *Namespace, _ map[string]*Socket) error { return n.To("r").To("q").Emit("e") }, "abc"},
		{"room without room", func(n *Namespace, _ map[string]*Socket) error { return n.To("r").Except("q").Emit("e") }, "a"},
		{"all without room", func(n *Namespace, _ map[string]*Socket) error { return n.Except("r").Emit("e") }, "c"},
		{"room of an id", func(n *Namespace, s map[string]*Socket) error { return n.To(s["b"].ID()).Emit("e") }, "b"},
		{"unknown room", func(n *Namespace, _ map[string]*Socket) error { return n.To("none").Emit("e") }, ""},
		{"local", func(n *Namespace, _ map[string]*Socket) error { return n.Local().To("q").Emit("e") }, "bc"},
		{"socket itself", func(_ *Namespace, s map[string]*Socket) error { return s["a"].Emit("e") }, "a"},
		{"room from a socket", func(_ *Namespace, s map[string]*Socket) error { return s["a"].To("r").Emit("e") }, "b"},
		{"all from a socket", func(_ *Namespace, s map[string]*Socket) error { return s["a"].Broadcast().Emit("e") }, "bc"},
		{"volatile, nobody polls", func(n *Namespace, _ map[string]*Socket) error { return n.Volatile().Emit("e") }, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			inWorld(t, Config{}, func(w *world) {
				peers, sockets := three(w)
				sockets["a"].Join("r")
				sockets["b"].Join("r", "q")
				sockets["c"].Join("q")
				names := got(w, peers, func() {
					if err := test.emit(w.Of("/"), sockets); err != nil {
						t.Error(err)
					}
				})
				if names != test.want {
					t.Errorf("reached %q, want %q", names, test.want)
				}
			})
		})
	}
}

// Narrowing a broadcast leaves the one that it came from as it was.
func TestBroadcastIsImmutable(t *testing.T) {
	n := NewServer(Config{}).Of("/")
	r := n.To("r")
	r.To("x")
	y := r.To("y").Except("z").Local().Volatile().Timeout(5).Compress(false).Tag(7)
	if diff := cmp.Diff(Options{Rooms: []string{"r"}}, r.o); diff != "" {
		t.Errorf("changed (-want +got):\n%s", diff)
	}
	off := false
	want := Options{Rooms: []string{"r", "y"}, Except: []string{"z"}, Tag: 7, Flags: Flags{Local: true, Volatile: true, Compress: &off, Timeout: 5}}
	if diff := cmp.Diff(want, y.o); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// A volatile event reaches a client that polls.
func TestVolatile(t *testing.T) {
	inWorld(t, Config{}, func(w *world) {
		p := w.join("/")
		received := make(chan string)
		go func() { received <- p.recv() }()
		synctest.Wait()
		w.Of("/").Volatile().Emit("e")
		if got := <-received; got != `2["e"]` {
			t.Errorf("received %s", got)
		}
	})
}

func TestEmitFails(t *testing.T) {
	inWorld(t, Config{}, func(w *world) {
		peers, sockets := three(w)
		n := w.Of("/")
		errs := map[string]error{}
		names := got(w, peers, func() {
			errs["reserved"] = n.Emit("connect")
			errs["reserved, socket"] = sockets["a"].Emit("disconnect")
			errs["no JSON"] = n.To("r").Emit("e", func() {})
			errs["no JSON, socket"] = sockets["a"].Emit("e", func() {})
			_, errs["reserved, ack"] = n.To("r").EmitWithAck(w.t.Context(), "newListener")
			_, errs["no JSON, ack"] = n.To("r").EmitWithAck(w.t.Context(), "e", func() {})
			_, errs["reserved, socket ack"] = sockets["a"].EmitWithAck(w.t.Context(), "connect")
			errs["server side"] = n.ServerSideEmit("connection")
			_, errs["server side, ack"] = n.ServerSideEmitWithAck(w.t.Context(), "new_namespace")
		})
		for name, err := range errs {
			if err == nil {
				t.Errorf("%s: no error", name)
			}
		}
		if names != "" {
			t.Errorf("something reached %q", names)
		}
	})
}

func TestOperationsOnSockets(t *testing.T) {
	inWorld(t, Config{NewID: ids("s")}, func(w *world) {
		peers, sockets := three(w)
		n := w.Of("/")
		n.To("s1", "s2").Join("r", "q")
		n.To("s2").Leave("q")
		if diff := cmp.Diff([]string{"s1", "r", "q"}, sockets["a"].Rooms()); diff != "" {
			t.Error(diff)
		}
		if diff := cmp.Diff([]string{"s2", "r"}, sockets["b"].Rooms()); diff != "" {
			t.Error(diff)
		}

		sockets["a"].Data["k"] = "v"
		list, err := n.To("q").FetchSockets(w.t.Context())
		if err != nil || len(list) != 1 {
			t.Fatalf("%v, %v", list, err)
		}
		remote := list[0]
		h := remote.Handshake
		delete(h, "headers")
		want := RemoteSocket{
			ID: "s1", Rooms: []string{"s1", "r", "q"}, Data: map[string]any{"k": "v"},
			Handshake: map[string]any{
				"time": "Sat Jan 01 2000 00:00:00 GMT+0000 (Coordinated Universal Time)", "issued": int64(946684800000),
				"address": "192.0.2.1", "xdomain": false, "secure": false,
				"url": "/socket.io/?EIO=4&transport=polling", "query": map[string]any{"EIO": "4", "transport": "polling"},
				"auth": map[string]any{"name": "a"},
			},
		}
		if diff := cmp.Diff(want, remote); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
		if all, _ := n.FetchSockets(w.t.Context()); len(all) != 3 {
			t.Errorf("%d sockets", len(all))
		}

		n.To("r").Disconnect(false)
		peers["a"].want("1")
		peers["b"].want("1")
		if got := n.Memory().SocketIDs(Options{}); !cmp.Equal(got, []string{"s3"}) {
			t.Errorf("left are %v", got)
		}
	})
}
