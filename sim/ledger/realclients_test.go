package ledger

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"stickylab/cluster/trace"
)

// A real user is known by the socket, with the address that the node was told,
// also after it has left.
func TestOutsider(t *testing.T) {
	s := newScript(t, Config{Settle: seconds(2), RealClients: true})
	sid, socket, ada := trace.N("sid"), trace.N("socket"), trace.N("ada")
	s.emit(trace.Event{Kind: trace.SessionOpened, Node: trace.N("A"), Session: sid, Peer: trace.N("192.0.2.9"), Text: trace.N("polling")})
	s.to(time.Second).emit(trace.Event{Kind: trace.SocketOpened, Node: trace.N("A"), Session: sid, Socket: socket, Client: ada})
	s.emit(trace.Event{Kind: trace.Joined, Node: trace.N("A"), Socket: socket, Client: ada, Room: trace.N("lobby")})
	want := RealClient{Name: "ada", IP: "192.0.2.9", Node: "A", Transport: "polling", Session: "sid", Socket: "socket", Rooms: []string{"lobby"}, Since: time.Second}
	if got, ok := s.l.RealClient("socket"); !ok || cmp.Diff(want, got) != "" {
		t.Errorf("%v %s", ok, cmp.Diff(want, got))
	}
	s.to(2 * time.Second).emit(trace.Event{Kind: trace.SocketClosed, Node: trace.N("A"), Socket: socket, Client: ada, Text: trace.N("transport close")})
	want.Transport, want.Rooms, want.Ended, want.At, want.Why = "", []string{}, true, 2*time.Second, "transport close"
	if got, ok := s.l.RealClient("socket"); !ok || cmp.Diff(want, got) != "" {
		t.Errorf("%v %s", ok, cmp.Diff(want, got))
	}
	if _, n := s.l.RealClients(10); n != 0 {
		t.Errorf("%d are here", n)
	}
	s.join("virtual", "A")
	if _, ok := s.l.RealClient("virtual@A"); ok {
		t.Error("a virtual client is taken for a real user")
	}
}
