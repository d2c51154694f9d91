package ledger

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"stickylab/cluster/trace"
)

// What the proxy knows of a node is that of the configuration in effect; what
// earlier ones still hold is counted separately.
func TestPeers(t *testing.T) {
	s := newScript(t, Config{Settle: seconds(2)})
	lanes := trace.NewRecorder(nil)
	first, second := lanes.Lane(trace.LaneID{Host: "proxy/im/1/1"}), lanes.Lane(trace.LaneID{Host: "proxy/im/2/1"})
	tell := func(lane *trace.Lane, kind trace.Kind, status int32, value float64) {
		s.emit(trace.Event{
			Lane: lane, Kind: kind, Node: trace.N("A"), Peer: trace.N("10.0.0.1:3000"), Text: trace.N("im"), Status: status, Value: seconds(value),
		})
	}
	knows := func(what string, earlier int, want ...PeerState) {
		t.Helper()
		n := s.l.Nodes()[0]
		for i := range want {
			want[i].Upstream, want[i].Address = "im", "10.0.0.1:3000"
		}
		if d := cmp.Diff(want, n.Peers); d != "" || n.Earlier != earlier {
			t.Errorf("%s: earlier %d, want %d; (-want +got):\n%s", what, n.Earlier, earlier, d)
		}
	}
	s.emit(trace.Event{Kind: trace.ConfigLoaded, Text: trace.N("ip_hash")})
	knows("nothing asked", 0)
	tell(first, trace.PeerConns, 1, 0)
	tell(first, trace.PeerConns, 2, 0)
	knows("two requests", 0, PeerState{Conns: 2})
	s.to(seconds(3))
	tell(first, trace.PeerConns, 1, 0)
	tell(first, trace.PeerFails, 1, 10.5)
	knows("one failed", 0, PeerState{Conns: 1, Fails: 1, Off: seconds(13.5)})
	kept := s.l.Clone()
	s.l.Advance(seconds(13.5))
	knows("the time is over", 0, PeerState{Conns: 1, Fails: 1})
	s.to(seconds(14))
	tell(first, trace.PeerFails, 0, 0)
	knows("it answered", 0, PeerState{Conns: 1})

	s.emit(trace.Event{Kind: trace.ConfigLoaded, Text: trace.N("ip_hash")})
	knows("reloaded", 1)
	tell(second, trace.PeerConns, 1, 0)
	knows("asked anew", 1, PeerState{Conns: 1})
	tell(first, trace.PeerConns, 0, 0)
	knows("the old one has ended", 0, PeerState{Conns: 1})

	if n := kept.Nodes()[0]; n.Earlier != 0 || len(n.Peers) != 1 || n.Peers[0].Off != seconds(13.5) {
		t.Errorf("the copy has changed: %+v", n)
	}
	s.emit(trace.Event{Lane: lanes.Lane(trace.LaneID{Host: "proxy/im/2/2"}), Kind: trace.PeerConns, Node: trace.N("elsewhere:80"), Status: 1})
	if n := len(s.l.Nodes()); n != 2 {
		t.Errorf("%d nodes: a server that is none has become one", n)
	}
}
