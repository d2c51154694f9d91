package ledger

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"stickylab/cluster/trace"
)

// script writes a made-up trace: two nodes A and B, and clients that each have
// one session and one socket.
type script struct {
	t  *testing.T
	l  *Ledger
	at time.Duration
}

func newScript(t *testing.T, c Config) *script {
	s := &script{t: t, l: New(c)}
	for _, node := range []string{"A", "B"} {
		s.emit(trace.Event{Kind: trace.NodeUp, Node: trace.N(node)})
		s.emit(trace.Event{Kind: trace.AdapterOn, Node: trace.N(node)})
		s.emit(trace.Event{Kind: trace.RedisUp, Node: trace.N(node)})
	}
	return s
}

// serving returns the lane of the last host on the way of a connection that a
// client dialed.
func serving(client, purpose string, hosts ...string) *trace.Lane {
	r := trace.NewRecorder(nil)
	lane := r.Lane(trace.LaneID{Host: client, Purpose: purpose, Client: trace.N(client)})
	for _, host := range hosts {
		lane = r.Lane(trace.LaneID{Host: host, Origin: lane.NextDial()})
	}
	return lane
}

func (s *script) emit(e trace.Event) {
	e.At = s.at
	s.l.Apply(&e)
}

// to moves the clock.
func (s *script) to(at time.Duration) *script {
	s.at = at
	return s
}

func (s *script) node(kind trace.Kind, node string) {
	s.emit(trace.Event{Kind: kind, Node: trace.N(node)})
}

// join connects a client to a node and puts it into the lobby.
func (s *script) join(client, node string) {
	name, sid := trace.N(client), trace.N(client+"@"+node)
	s.emit(trace.Event{Kind: trace.ClientAdded, Client: name, Text: trace.N("all"), Peer: trace.N("192.0.2.1")})
	s.emit(trace.Event{Kind: trace.SessionOpened, Node: trace.N(node), Session: sid, Text: trace.N("polling")})
	s.emit(trace.Event{Kind: trace.SocketOpened, Node: trace.N(node), Session: sid, Socket: sid, Client: name})
	s.emit(trace.Event{Kind: trace.Connected, Client: name, Session: sid, Socket: sid, Text: trace.N("polling")})
	s.emit(trace.Event{Kind: trace.Joined, Node: trace.N(node), Socket: sid, Client: name, Room: trace.N("lobby")})
}

func (s *script) say(client, node string, n uint32) trace.Msg {
	msg := trace.Msg{From: trace.N(client), N: n}
	s.emit(trace.Event{Kind: trace.Said, Client: msg.From, Msg: msg, Room: trace.N("lobby")})
	s.emit(trace.Event{Kind: trace.Sent, Node: trace.N(node), Client: msg.From, Socket: trace.N(client + "@" + node), Msg: msg, Room: trace.N("lobby")})
	return msg
}

// of emits an event about a message, or about a client's socket on a node.
func (s *script) of(kind trace.Kind, msg trace.Msg, client, node string) {
	s.emit(trace.Event{
		Kind: kind, Msg: msg, Client: trace.N(client), Node: trace.N(node),
		Socket: trace.N(client + "@" + node), Session: trace.N(client + "@" + node), Room: trace.N("lobby"),
	})
}

func (s *script) text(kind trace.Kind, client, node, text string) {
	s.emit(trace.Event{Kind: kind, Client: trace.N(client), Node: trace.N(node), Socket: trace.N(client + "@" + node), Session: trace.N(client + "@" + node), Text: trace.N(text)})
}

func seconds(n float64) time.Duration { return time.Duration(n * float64(time.Second)) }

func TestReasons(t *testing.T) {
	for _, c := range []struct {
		want     Reason
		sentence string
		before   func(s *script)
		after    func(s *script, m trace.Msg)
	}{
		{AdapterOffSender, "receiver is on B, adapter is off on A", func(s *script) { s.node(trace.AdapterOff, "A") }, nil},
		{AdapterOffSender, "receiver is on B, adapter is off on A", func(s *script) {
			s.node(trace.AdapterOff, "A")
			s.node(trace.AdapterOff, "B")
		}, nil},
		{AdapterOffSender, "receiver is on B, adapter is off on A", nil, func(s *script, m trace.Msg) { s.node(trace.AdapterOff, "A") }},
		{AdapterOffReceiver, "receiver is on B, adapter is off there (sent on A)", func(s *script) { s.node(trace.AdapterOff, "B") }, nil},
		{AdapterOffReceiver, "receiver is on B, adapter is off there (sent on A)", nil, func(s *script, m trace.Msg) {
			s.of(trace.Published, m, "", "A")
			s.node(trace.AdapterOff, "B")
		}},
		{RedisDownSender, "receiver is on B, A has no link to Redis", func(s *script) { s.node(trace.RedisDown, "A") }, nil},
		{RedisDownReceiver, "receiver is on B, which has no link to Redis (sent on A)", func(s *script) { s.node(trace.RedisDown, "B") }, func(s *script, m trace.Msg) {
			s.of(trace.Published, m, "", "A")
		}},
		{SenderNodeDied, "receiver is on B, A went down before it passed the message on", nil, func(s *script, m trace.Msg) { s.node(trace.NodeDown, "A") }},
		{ReceiverNodeDied, "receiver was on B, which went down (sent on A)", nil, func(s *script, m trace.Msg) {
			s.of(trace.Published, m, "", "A")
			s.node(trace.NodeDown, "B")
		}},
		{ReceiverNodeDied, "receiver was on B, which went down (sent on A)", nil, func(s *script, m trace.Msg) {
			s.of(trace.Wrote, m, "b", "B")
			s.node(trace.NodeDown, "B")
		}},
		{ReceiverGone, "receiver was gone, B had not noticed (sent on A)", func(s *script) { s.text(trace.Disconnected, "b", "B", "ping timeout") }, func(s *script, m trace.Msg) {
			s.of(trace.Wrote, m, "b", "B")
		}},
		{NodeFrozen, "receiver is on B, which was frozen (sent on A)", func(s *script) { s.node(trace.NodeFroze, "B") }, nil},
		{NodeFrozen, "receiver is on B, which was frozen (sent on A)", func(s *script) { s.node(trace.NodeFroze, "B") }, func(s *script, m trace.Msg) {
			s.node(trace.NodeResumed, "B")
			s.of(trace.Relayed, m, "", "B")
			s.text(trace.SocketClosed, "b", "B", "ping timeout")
		}},
		{NeverRelayed, "receiver is on B, nothing came there from A", func(s *script) {
			s.node(trace.NodeFroze, "B")
			s.node(trace.NodeResumed, "B")
			s.to(seconds(8))
		}, nil},
		{ConnectionBroke, "receiver's connection to B broke (sent on A)", nil, func(s *script, m trace.Msg) {
			s.of(trace.Wrote, m, "b", "B")
			s.text(trace.SocketClosed, "b", "B", "transport close")
		}},
		{ConnectionBroke, "receiver's connection to B broke (sent on A)", nil, func(s *script, m trace.Msg) {
			s.of(trace.Relayed, m, "", "B")
			s.text(trace.Disconnected, "b", "B", "transport close")
		}},
		{LeftRoom, "receiver on B left the room meanwhile (sent on A)", nil, func(s *script, m trace.Msg) { s.of(trace.Left, trace.Msg{}, "b", "B") }},
		{NeverRelayed, "receiver is on B, nothing came there from A", nil, nil},
		{NeverWritten, "receiver is on B, which never wrote it (sent on A)", nil, func(s *script, m trace.Msg) { s.of(trace.Relayed, m, "", "B") }},
		{NeverRead, "B wrote it, receiver did not read it (sent on A)", nil, func(s *script, m trace.Msg) { s.of(trace.Wrote, m, "b", "B") }},
	} {
		s := newScript(t, Config{Settle: seconds(2)})
		w := s.l.Watch(0, seconds(20))
		s.join("b", "B")
		s.to(seconds(5))
		if c.before != nil {
			c.before(s)
		}
		m := s.to(seconds(10)).say("a", "A", 1)
		s.to(seconds(10.1))
		if c.after != nil {
			c.after(s, m)
		}
		s.l.Advance(seconds(22))
		p := s.l.Snapshot(w)
		if len(p.Missed) != 1 || p.Missed[0] != (Miss{c.want, "A", "B", 1}) || p.Missed[0].String() != c.sentence {
			t.Errorf("missed %v, want one: %v: %s", p.Missed, c.want, c.sentence)
		}
		if state, _ := s.l.Message(m); state.String() != "0 of 1 arrived; 1 missed: "+strings.TrimSuffix(c.sentence, " (sent on A)") {
			t.Errorf("message says %q, want the reason %q", state, c.sentence)
		}
		if b, _ := s.l.Client("b"); b.Missed != 1 || b.Why[0].Reason != c.want {
			t.Errorf("client missed %d %v, want 1 %v", b.Missed, b.Why, c.want)
		}
	}
}

func TestReasonsHaveNames(t *testing.T) {
	seen := map[string]bool{}
	for r := range reasons {
		for _, text := range []string{r.String(), r.Sentence("A", "B")} {
			if text == "" || seen[text] {
				t.Errorf("reason %d has the text %q", r, text)
			}
			seen[text] = true
		}
	}
	if got := reasons.String(); got != fmt.Sprintf("reason(%d)", reasons) {
		t.Errorf("an unknown reason is called %q", got)
	}
}
