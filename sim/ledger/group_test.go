package ledger

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"stickylab/cluster/trace"
)

// What is said while a client is coming back is due to nobody, and counted.
func TestAwayIsApartFromDue(t *testing.T) {
	s := newScript(t, Config{Settle: seconds(2)})
	w := s.l.Watch(0, seconds(30))
	s.join("a", "A")
	s.join("b", "B")
	away := func() [3]int {
		v := s.l.View(w)
		return [3]int{v.Delivery.Total.Due, v.Messages.Away, v.Groups["all"].MissedAway}
	}
	for i, step := range []struct {
		what string
		do   func()
		want [3]int
	}{
		{"both are there", func() {}, [3]int{2, 0, 0}},
		{"b is gone, B has not noticed", func() { s.text(trace.Disconnected, "b", "B", "transport close") }, [3]int{4, 0, 0}},
		{"B has noticed", func() { s.text(trace.SocketClosed, "b", "B", "ping timeout") }, [3]int{5, 1, 1}},
		{"b is back, on A", func() { s.join("b", "A") }, [3]int{7, 1, 1}},
		{"b has left the room, then goes", func() {
			s.of(trace.Left, trace.Msg{}, "b", "A")
			s.text(trace.Disconnected, "b", "A", "transport close")
			s.text(trace.SocketClosed, "b", "A", "transport close")
		}, [3]int{8, 1, 1}},
		{"b is back again, and goes by its own wish", func() {
			s.join("b", "B")
			s.text(trace.Disconnected, "b", "B", "io client disconnect")
			s.text(trace.SocketClosed, "b", "B", "client namespace disconnect")
		}, [3]int{9, 1, 1}},
	} {
		s.to(seconds(float64(i + 1)))
		step.do()
		s.say("a", "A", uint32(i+1))
		if got := away(); got != step.want {
			t.Errorf("%s: due, away, missed by the group %v, want %v", step.what, got, step.want)
		}
	}
	if g := s.l.View(w).Groups["all"]; g.Gone != 1 || g.Away != 0 || g.Connected != 1 {
		t.Errorf("%d connected, %d away, %d gone; want 1, 0 and 1", g.Connected, g.Away, g.Gone)
	}
}

// A client that came back to another node has moved, until it is where it was.
func TestMoved(t *testing.T) {
	s := newScript(t, Config{Settle: seconds(2)})
	w := s.l.Watch(0, seconds(30))
	for i, step := range []struct {
		node string
		want int
	}{{"A", 0}, {"B", 1}, {"A", 0}} {
		if i > 0 {
			s.text(trace.Disconnected, "a", "", "transport close")
		}
		s.to(seconds(float64(i + 1)))
		s.l.Apply(&trace.Event{At: s.at, Kind: trace.SocketOpened, Node: trace.N(step.node), Client: trace.N("a"), Socket: trace.N(fmt.Sprint(i))})
		s.l.Apply(&trace.Event{At: s.at, Kind: trace.ClientAdded, Client: trace.N("a"), Text: trace.N("all")})
		s.l.Apply(&trace.Event{At: s.at, Kind: trace.Connected, Client: trace.N("a"), Socket: trace.N(fmt.Sprint(i))})
		if got := s.l.View(w).Groups["all"].Moved; got != step.want {
			t.Errorf("on %s after %d moves: %d moved, want %d", step.node, i, got, step.want)
		}
	}
}

// Whose request a node refused is told by the session, by who dialled the node
// itself, or by the proxy that passes the answer on.
func TestErrorsOfAGroup(t *testing.T) {
	refused := func(session string, on *trace.Lane) trace.Event {
		return trace.Event{Kind: trace.Refused, Node: trace.N("A"), Session: trace.N(session), Status: 400, Text: trace.N("Session ID unknown"), Lane: on}
	}
	proxied := func(node string, on *trace.Lane) trace.Event {
		return trace.Event{Kind: trace.Proxied, Node: trace.N(node), Status: 400, Lane: on}
	}
	one := map[string]int{"Session ID unknown": 1}
	for _, c := range []struct {
		what   string
		events []trace.Event
		want   map[string]int // of the group of beijing-01
	}{
		{"its session", []trace.Event{refused("beijing-01@B", serving("rome-01", trace.LanePoll, "proxy", "A"))}, one},
		{"nobody's session", []trace.Event{refused("x", serving("beijing-01", trace.LanePoll, "proxy", "A"))}, nil},
		{"without a proxy", []trace.Event{refused("", serving("beijing-01", trace.LanePoll, "A"))}, one},
		{"the proxy tells", []trace.Event{refused("", serving("rome-01", trace.LanePoll, "proxy", "A")), proxied("A", serving("beijing-01", trace.LaneWebSocket, "proxy"))}, one},
		{"behind a CDN", []trace.Event{refused("", serving("rome-01", trace.LanePoll, "cdn", "proxy", "A")), proxied("A", serving("beijing-01", trace.LaneWebSocket, "cdn", "proxy"))}, one},
		{"the proxy tells of another node", []trace.Event{refused("", serving("rome-01", trace.LanePoll, "proxy", "A")), proxied("B", serving("beijing-01", trace.LaneWebSocket, "proxy"))}, nil},
		{"the proxy's own page", []trace.Event{{Kind: trace.Proxied, Status: 502, Lane: serving("beijing-01", trace.LaneWebSocket, "proxy")}}, map[string]int{"502 Bad Gateway": 1}},
		{"the proxy's log", []trace.Event{{Kind: trace.ProxyError, Text: trace.N("no live upstreams while connecting to upstream"), Lane: serving("beijing-01", trace.LaneWebSocket, "proxy")}}, map[string]int{"no live upstreams": 1}},
	} {
		s := newScript(t, Config{Settle: seconds(2)})
		w := s.l.Watch(0, seconds(30))
		s.join("beijing-01", "B")
		for i := range maxRefusals + 1 { // of a client that went away before its answer
			s.emit(trace.Event{Kind: trace.Refused, Node: trace.N("B"), Status: 400, Text: trace.N("Bad request"), Session: trace.N(fmt.Sprint(i))})
		}
		for _, e := range c.events {
			s.emit(e)
		}
		if c.want == nil {
			c.want = map[string]int{}
		}
		if d := cmp.Diff(c.want, s.l.View(w).Groups["all"].Errors); d != "" {
			t.Errorf("%s (-want +got):\n%s", c.what, d)
		}
		if n := len(s.l.refusals); n > maxRefusals {
			t.Errorf("%d refusals are waiting, want up to %d", n, maxRefusals)
		}
	}
}

func TestShare(t *testing.T) {
	s := newScript(t, Config{Settle: seconds(2)})
	w := s.l.Watch(0, seconds(30))
	for _, step := range []struct {
		client, node string
		a, b         float64
	}{{"", "", 0, 0}, {"a", "A", 1, 0}, {"b", "A", 1, 0}, {"c", "A", 1, 0}, {"d", "B", 0.75, 0.25}} {
		if step.client != "" {
			s.join(step.client, step.node)
		}
		if n := s.l.View(w).Nodes; n["A"].Share != step.a || n["B"].Share != step.b {
			t.Errorf("shares %v and %v, want %v and %v", n["A"].Share, n["B"].Share, step.a, step.b)
		}
	}
}
