package socketio

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestRooms(t *testing.T) {
	var hooks []string
	c := Config{NewID: ids("s")}
	c.OnJoin = func(s *Socket, room string) { hooks = append(hooks, "+"+s.ID()+room) }
	c.OnLeave = func(s *Socket, room string) { hooks = append(hooks, "-"+s.ID()+room) }
	inWorld(t, c, func(w *world) {
		peers, sockets := three(w)
		a, b := sockets["a"], sockets["b"]
		memory := w.Of("/").Memory()
		a.Join("y", "x", "y")
		b.Join("x")
		if diff := cmp.Diff([]string{"s1", "y", "x"}, a.Rooms()); diff != "" {
			t.Errorf("rooms (-want +got):\n%s", diff)
		}
		a.Leave("y", "nowhere")
		if memory.HasRoom("y") || !memory.HasRoom("x") || !memory.HasRoom("s1") {
			t.Error("a room exists as long as somebody is in it")
		}
		rooms, _ := memory.AllRooms(w.t.Context())
		if diff := cmp.Diff([]string{"s1", "s2", "s3", "x"}, rooms); diff != "" {
			t.Errorf("all rooms (-want +got):\n%s", diff)
		}
		peers["a"].leave()
		a.Join("too-late")
		if got := memory.SocketIDs(Options{}); !cmp.Equal(got, []string{"s2", "s3"}) {
			t.Errorf("sockets %v", got)
		}
		if memory.HasRoom("s1") || memory.HasRoom("too-late") || len(a.Rooms()) != 0 {
			t.Error("a socket that left is in rooms")
		}
		if diff := cmp.Diff([]string{"+s1y", "+s1x", "+s2x", "-s1y", "-s1x"}, hooks); diff != "" {
			t.Errorf("hooks (-want +got):\n%s", diff)
		}
	})
}

// A room is visited in the order of joining, the namespace in that of
// connecting, several rooms one after the other, and nobody twice.
func TestOrder(t *testing.T) {
	inWorld(t, Config{NewID: ids("s")}, func(w *world) {
		_, sockets := three(w)
		sockets["c"].Join("r")
		sockets["a"].Join("r", "q")
		sockets["b"].Join("q")
		for _, test := range []struct {
			o    Options
			want []string
		}{
			{Options{}, []string{"s1", "s2", "s3"}},
			{Options{Rooms: []string{"r"}}, []string{"s3", "s1"}},
			{Options{Rooms: []string{"r", "q"}}, []string{"s3", "s1", "s2"}},
			{Options{Rooms: []string{"q", "r", "none"}}, []string{"s1", "s2", "s3"}},
			{Options{Except: []string{"q"}}, []string{"s3"}},
			{Options{Rooms: []string{"r"}, Except: []string{"s1", "none"}}, []string{"s3"}},
			{Options{Rooms: []string{"s2"}}, []string{"s2"}},
			{Options{Rooms: []string{"none"}}, []string{}},
		} {
			if diff := cmp.Diff(test.want, w.Of("/").Memory().SocketIDs(test.o)); diff != "" {
				t.Errorf("%+v (-want +got):\n%s", test.o, diff)
			}
		}
	})
}

// Rooms stay ordered, and small, while sockets come and go.
func TestRoomChurn(t *testing.T) {
	ns := NewServer(Config{}).Of("/")
	memory := ns.Memory()
	sockets := make([]*Socket, 100)
	for i := range sockets {
		sockets[i] = &Socket{id: fmt.Sprint("s", i), ns: ns}
		memory.enter(sockets[i], nil, func() {})
		memory.Add(sockets[i], "r")
	}
	for i, s := range sockets {
		if i%10 != 0 {
			memory.Del(s, "r")
		}
	}
	memory.Add(sockets[5], "r")
	want := []string{"s0", "s10", "s20", "s30", "s40", "s50", "s60", "s70", "s80", "s90", "s5"}
	if diff := cmp.Diff(want, memory.SocketIDs(Options{Rooms: []string{"r"}})); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if n := len(memory.rooms["r"].members); n > 25 {
		t.Errorf("%d places for 11 members", n)
	}
	for _, s := range sockets {
		memory.DelAll(s)
		memory.DelAll(s)
	}
	if len(memory.rooms) != 0 || memory.all.size() != 0 {
		t.Errorf("%d rooms and %d sockets are left", len(memory.rooms), memory.all.size())
	}
}

// Whoever broadcasts waits for the answer to CONNECT, and then reaches the
// socket.
func TestEnterIsOneStep(t *testing.T) {
	ns := NewServer(Config{}).Of("/")
	memory := ns.Memory()
	s := &Socket{id: "s", ns: ns}
	answered := false
	memory.enter(s, nil, func() {
		answered = true
		if memory.mu.TryLock() {
			memory.mu.Unlock()
			t.Error("a broadcast can come between")
		}
	})
	if got := memory.SocketIDs(Options{}); !answered || len(got) != 1 {
		t.Errorf("answered: %v, sockets: %v", answered, got)
	}
	memory.DelAll(s)
	memory.enter(s, nil, func() { t.Error("a socket that has ended was answered") })
}
