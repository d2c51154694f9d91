package ledger

import (
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"stickylab/cluster/trace"
)

func TestWindowEdges(t *testing.T) {
	s := newScript(t, Config{Settle: seconds(2)})
	w := s.l.Watch(seconds(10), seconds(20))
	s.join("a", "A")
	s.join("b", "B")
	for i, at := range []float64{9.999, 10, 19.999, 20} {
		m := s.to(seconds(at)).say("a", "A", uint32(i+1))
		s.of(trace.Published, m, "", "A")
		s.of(trace.Read, m, "a", "A")
	}
	if got := s.l.View(w).Delivery.Total; got != (Counts{Due: 4, Arrived: 2, Missed: 1, Pending: 1, Ratio: 2.0 / 3}) {
		t.Errorf("while pending: %+v, want the two messages sent from 10 s up to but without 20 s", got)
	}
	s.l.Advance(seconds(22) - 1)
	if s.l.Judged(w) {
		t.Error("judged before what was sent has settled")
	}
	s.l.Advance(seconds(22))
	if !s.l.Judged(w) {
		t.Error("not judged after what was sent has settled")
	}
	if got := s.l.View(w).Delivery.Total; got != (Counts{Due: 4, Arrived: 2, Missed: 2, Ratio: 0.5}) {
		t.Errorf("judged: %+v", got)
	}
}

func TestStateIsThatBeforeTheInstant(t *testing.T) {
	s := newScript(t, Config{Settle: seconds(2)})
	w := s.l.Watch(0, seconds(10))
	s.join("a", "A")
	s.to(seconds(10))
	s.node(trace.NodeDown, "A")
	s.text(trace.Disconnected, "a", "A", "transport close")
	v := s.l.View(w)
	if n := v.Nodes["A"]; n != (Node{Up: true, Adapter: true, Clients: 1, Sessions: 1, Polling: 1, Share: 1}) {
		t.Errorf("A at 10 s is %+v, want it as before it went down", n)
	}
	if v.Clients != (Clients{Count: 1, Connected: 1}) || v.Groups["all"].Nodes["A"] != 1 || v.Sessions.Lost != 0 || len(v.Errors) != 0 {
		t.Errorf("events of the instant itself were counted: %+v", v)
	}
	now := s.l.SnapshotSince(0)
	if now.Nodes["A"] != (Node{}) || now.Clients.Away != 1 || now.Sessions.Lost != 1 || now.Errors["transport close"] != 1 {
		t.Errorf("now: %+v", now.View)
	}
}

func TestLateArrivalCountsUntilJudged(t *testing.T) {
	s := newScript(t, Config{Settle: seconds(2)})
	early, late := s.l.Watch(0, seconds(10)), s.l.Watch(0, seconds(20))
	s.join("b", "B")
	m := s.to(seconds(1)).say("a", "A", 1)
	s.l.Advance(seconds(3))
	if got := s.l.View(early).Delivery.Cross; got != (Counts{Due: 1, Missed: 1}) {
		t.Errorf("settled: %+v, want it missed", got)
	}
	s.to(seconds(15)).of(trace.Read, m, "b", "B")
	s.l.Advance(seconds(22))
	if p := s.l.Snapshot(early); p.Delivery.Cross != (Counts{Due: 1, Missed: 1}) || len(p.Missed) != 1 {
		t.Errorf("judged before it came: %+v %v, want it missed", p.Delivery.Cross, p.Missed)
	}
	if p := s.l.Snapshot(late); p.Delivery.Cross != (Counts{Due: 1, Arrived: 1, Ratio: 1}) || len(p.Missed) != 0 || p.Latency.P50 != 14000 {
		t.Errorf("judged after it came: %+v %v, want it arrived after 14 s", p.Delivery.Cross, p.Missed)
	}
	if b, _ := s.l.Client("b"); b.Received != 1 || b.Missed != 0 {
		t.Errorf("client heard %d, missed %d", b.Received, b.Missed)
	}
}

func TestDuplicatesAndExtra(t *testing.T) {
	s := newScript(t, Config{Settle: seconds(2)})
	w := s.l.Watch(0, seconds(10))
	s.join("a", "A")
	m := s.to(seconds(1)).say("a", "A", 1)
	s.of(trace.Sent, m, "a", "B") // a proxy that repeats the request makes nothing more due
	s.join("b", "B")
	for range 3 {
		s.of(trace.Read, m, "a", "A")
	}
	s.of(trace.Read, m, "b", "B")
	s.of(trace.Read, trace.Msg{From: trace.N("x"), N: 9}, "a", "A") // nobody sent it
	s.l.Advance(seconds(12))
	v := s.l.View(w)
	want := Delivery{
		Total: Counts{Due: 1, Arrived: 1, Duplicates: 2, Extra: 1, Ratio: 1},
		Same:  Counts{Due: 1, Arrived: 1, Duplicates: 2, Ratio: 1},
		Cross: Counts{Extra: 1},
	}
	if d := cmp.Diff(want, v.Delivery); d != "" || v.Messages != (Messages{Said: 1, Sent: 1}) {
		t.Errorf("delivery (-want +got):\n%s\nmessages %+v", d, v.Messages)
	}
}

func TestEndOfRun(t *testing.T) {
	s := newScript(t, Config{Settle: seconds(2), End: seconds(10)})
	w := s.l.Watch(0, seconds(10))
	s.join("a", "A")
	m := s.to(seconds(9)).say("a", "A", 1)
	s.to(seconds(10)).say("a", "A", 2)
	s.of(trace.Read, m, "a", "A")
	s.text(trace.SessionClosed, "a", "A", "transport close")
	s.text(trace.Disconnected, "a", "A", "transport close")
	s.emit(trace.Event{Kind: trace.Asked, Client: trace.N("a")})
	s.l.Advance(seconds(13))
	for name, v := range map[string]View{"window": s.l.View(w), "look": s.l.SnapshotSince(0).View} {
		if v.Delivery.Total != (Counts{Due: 1, Arrived: 1, Ratio: 1}) || v.Sessions.Lost != 0 || len(v.Errors) != 0 || v.Requests.Total != 0 {
			t.Errorf("%s counts the wind-down: %+v", name, v)
		}
	}
}

func TestSessions(t *testing.T) {
	lost := func(f func(s *script)) int {
		s := newScript(t, Config{Settle: seconds(2)})
		s.join("a", "A")
		s.to(seconds(1))
		f(s)
		return s.l.SnapshotSince(0).Sessions.Lost
	}
	for _, c := range []struct {
		name string
		want int
		f    func(s *script)
	}{
		{"dropped", 1, func(s *script) { s.text(trace.SessionClosed, "a", "A", "transport close") }},
		{"timed out", 1, func(s *script) { s.text(trace.SessionClosed, "a", "A", "ping timeout") }},
		{"thrown out by the server", 1, func(s *script) {
			s.text(trace.SocketClosed, "a", "A", "server namespace disconnect")
			s.text(trace.SessionClosed, "a", "A", "forced close")
		}},
		{"left by the namespace", 0, func(s *script) {
			s.text(trace.SocketClosed, "a", "A", "client namespace disconnect")
			s.text(trace.SessionClosed, "a", "A", "transport close")
		}},
		{"left, and the node hears only of the connection", 0, func(s *script) {
			s.text(trace.Disconnected, "a", "A", "io client disconnect")
			s.text(trace.SessionClosed, "a", "A", "transport close")
		}},
		{"died with its node, closed again by the stopping node", 1, func(s *script) {
			s.node(trace.NodeDown, "A")
			s.text(trace.SessionClosed, "a", "A", "forced close")
		}},
	} {
		if got := lost(c.f); got != c.want {
			t.Errorf("%s: %d sessions lost, want %d", c.name, got, c.want)
		}
	}

	s := newScript(t, Config{Settle: seconds(2)})
	s.join("a", "A")
	s.text(trace.SessionUpgraded, "a", "A", "")
	s.text(trace.SessionUpgraded, "a", "A", "")
	p := s.l.SnapshotSince(0)
	if p.Sessions != (Sessions{Opened: 1, Upgraded: 1}) || p.Nodes["A"].Websocket != 1 || p.Nodes["A"].Polling != 0 {
		t.Errorf("after the upgrade: %+v %+v", p.Sessions, p.Nodes["A"])
	}
}

func TestPresence(t *testing.T) {
	for _, c := range []struct {
		reason string
		want   Presence
		again  Presence // when it tries to reconnect
	}{
		{"transport close", Away, Away},
		{"ping timeout", Away, Away},
		{"io server disconnect", Gone, Away},
		{"io client disconnect", Gone, Away},
	} {
		s := newScript(t, Config{Settle: seconds(2)})
		s.join("a", "A")
		s.text(trace.Disconnected, "a", "A", c.reason)
		if a, _ := s.l.Client("a"); a.Presence != c.want {
			t.Errorf("%s: %v, want %v", c.reason, a.Presence, c.want)
		}
		s.text(trace.Reconnecting, "a", "A", "")
		if a, _ := s.l.Client("a"); a.Presence != c.again || a.Reconnects != 1 {
			t.Errorf("%s, reconnecting: %v, want %v", c.reason, a.Presence, c.again)
		}
		s.join("a", "B")
		if a, _ := s.l.Client("a"); a.Presence != Connected || a.Node != "B" {
			t.Errorf("%s, back: %v on %q", c.reason, a.Presence, a.Node)
		}
	}
	l := New(Config{Settle: 2 * time.Second})
	l.Apply(&trace.Event{Kind: trace.ClientAdded, Client: trace.N("a"), Text: trace.N("g")})
	l.Apply(&trace.Event{Kind: trace.Reconnecting, Client: trace.N("a")})
	if a, ok := l.Client("a"); !ok || a.Presence != Never || l.SnapshotSince(0).Clients != (Clients{Count: 1, Never: 1}) {
		t.Errorf("never connected: %v", a.Presence)
	}
	if _, ok := l.Client("nobody"); ok {
		t.Error("a client that never was")
	}
}

func TestErrorTexts(t *testing.T) {
	l := New(Config{Settle: 2 * time.Second})
	for _, e := range []trace.Event{
		{Kind: trace.Refused, Status: 400, Text: trace.N("Session ID unknown")},
		{Kind: trace.Refused, Status: 413},
		{Kind: trace.Refused, Status: 404, Text: trace.N("404 Not Found")}, // counts at Proxied
		{Kind: trace.Proxied, Status: 404, Text: trace.N("GET polling")},
		{Kind: trace.Proxied, Status: 400, Text: trace.N("GET polling")},
		{Kind: trace.Proxied, Status: 502}, {Kind: trace.Proxied, Status: 504}, {Kind: trace.Proxied, Status: 200},
		{Kind: trace.ProxyError, Status: 502, Text: trace.N("no live upstreams while connecting to upstream")},
		{Kind: trace.ProxyError, Status: 502, Text: trace.N("connect() failed (111: Connection refused) while connecting to upstream")},
		{Kind: trace.ConnectError, Client: trace.N("a"), Text: trace.N("xhr poll error")},
		{Kind: trace.UpgradeError, Client: trace.N("a"), Text: trace.N("probe error: Error: websocket error")},
		{Kind: trace.Disconnected, Client: trace.N("a"), Text: trace.N("transport close")},
		{Kind: trace.Disconnected, Client: trace.N("a"), Text: trace.N("io client disconnect")},
		{Kind: trace.SessionClosed, Text: trace.N("transport close")},
	} {
		l.Apply(&e)
	}
	want := map[string]int{
		"Session ID unknown": 1, "404 Not Found": 1, "502 Bad Gateway": 1, "504 Gateway Time-out": 1, "no live upstreams": 1,
		"connect() failed (111: Connection refused)": 1, "xhr poll error": 1, "probe error": 1, "transport close": 1,
	}
	if d := cmp.Diff(want, l.SnapshotSince(0).Errors); d != "" {
		t.Errorf("errors (-want +got):\n%s", d)
	}
}

func TestUnsentUntilANodeAccepts(t *testing.T) {
	s := newScript(t, Config{Settle: seconds(2)})
	w := s.l.Watch(0, seconds(10))
	m := trace.Msg{From: trace.N("a"), N: 1}
	s.to(seconds(1)).of(trace.Said, m, "a", "")
	s.to(seconds(2)).of(trace.Said, trace.Msg{From: m.From, N: 2}, "a", "")
	if said, ok := s.l.Unsent(m); !ok || said != seconds(1) || s.l.View(w).Messages != (Messages{Said: 2, Unsent: 2}) {
		t.Errorf("buffered: %v %v %+v", said, ok, s.l.View(w).Messages)
	}
	s.to(seconds(11)).of(trace.Sent, m, "a", "A") // flushed on reconnecting, after the window
	s.l.Advance(seconds(12))
	if got := s.l.View(w).Messages; got != (Messages{Said: 2, Unsent: 1}) {
		t.Errorf("judged: %+v, want one unsent, and none sent in the window", got)
	}
}

func TestWatchTooLate(t *testing.T) {
	l := New(Config{Settle: 2 * time.Second, Every: time.Second})
	l.Advance(seconds(10))
	l.Watch(seconds(3), seconds(12)) // at a cut
	defer func() {
		if recover() == nil {
			t.Error("a window that begins between two cuts of the past is accepted")
		}
	}()
	l.Watch(seconds(3.5), seconds(12))
}

func TestMemoryStaysBounded(t *testing.T) {
	s := newScript(t, Config{Settle: seconds(2), Keep: seconds(10), Every: 100 * time.Millisecond})
	s.l.Advance(0)
	whole := s.l.Watch(0, 2*time.Hour)
	half := s.l.Watch(0, seconds(1800))
	s.join("a", "A")
	n := 0
	for at := seconds(1); at < time.Hour; at += 500 * time.Millisecond {
		n++
		s.to(at).join("b", "B")
		m := s.say("a", "A", uint32(n))
		s.to(at+100*time.Millisecond).of(trace.Read, m, "a", "A")
		s.text(trace.SocketClosed, "b", "B", "transport close")
		s.text(trace.SessionClosed, "b", "B", "transport close")
	}
	s.l.Advance(2*time.Hour + seconds(2))
	if len(s.l.messages.queue) > 0 || len(s.l.messages.at) > 0 || len(s.l.sockets) > 60 || len(s.l.segments.list) > slicesKept || len(s.l.socketAt) > 60 {
		t.Errorf("an hour leaves %d messages, %d sockets, %d slices", len(s.l.messages.queue), len(s.l.sockets), len(s.l.segments.list))
	}
	if got := s.l.View(whole); got.Delivery.Same.Arrived != n || got.Sessions.Opened != n+1 || got.Latency.Count != n {
		t.Errorf("whole run: %+v, want %d arrived", got.Delivery.Same, n)
	}
	if got := s.l.View(half).Delivery.Same.Due; got != 3598 {
		t.Errorf("first half: %d due, want 3598", got)
	}
	if got := s.l.SnapshotSince(0).Delivery.Same.Due; got != n {
		t.Errorf("after folding: %d due, want %d", got, n)
	}
}

func TestQueries(t *testing.T) {
	s := newScript(t, Config{Settle: 2 * time.Second, Every: time.Second})
	s.join("a", "A")
	s.join("b", "B")
	s.join("c", "B")
	s.emit(trace.Event{Kind: trace.ConfigLoaded, Text: trace.N("ip_hash")})
	s.emit(trace.Event{Kind: trace.ClientMoved, Client: trace.N("c"), Peer: trace.N("192.0.2.9")})
	s.text(trace.Upgraded, "c", "B", "")
	m := s.to(seconds(1.5)).say("a", "A", 1)
	s.of(trace.Published, m, "", "A")
	s.of(trace.Relayed, m, "", "B")
	s.of(trace.Wrote, m, "a", "A")
	s.to(seconds(1.54)).of(trace.Read, m, "a", "A")
	s.to(seconds(1.56)).of(trace.Read, m, "b", "B")

	if d := cmp.Diff([]Placement{{"all", "A", []string{"a"}}, {"all", "B", []string{"b", "c"}}}, s.l.Placement()); d != "" {
		t.Errorf("placement (-want +got):\n%s", d)
	}
	got := s.l.Recent(5)
	if len(got) != 1 || got[0].String() != "2 of 3 arrived, 1 in flight" {
		t.Errorf("recent: %v", got)
	}
	want := []Reception{
		{Node: "A", Due: 1, Arrived: 1, First: seconds(1.54), Last: seconds(1.54)},
		{Node: "B", Due: 2, Arrived: 1, Relayed: true, First: seconds(1.56), Last: seconds(1.56)},
	}
	if d := cmp.Diff(want, got[0].Nodes); d != "" {
		t.Errorf("receptions (-want +got):\n%s", d)
	}
	nodes := s.l.Nodes()
	if len(nodes) != 2 || nodes[0].Traffic != (Traffic{"A", 1, 1, 1, 0}) || !nodes[1].Redis || nodes[1].Clients != 2 {
		t.Errorf("nodes: %+v", nodes)
	}
	if c, _ := s.l.Client("c"); c.IP != "192.0.2.9" || c.Transport != "websocket" {
		t.Errorf("client: %+v", c)
	}
	if method, n := s.l.Policy(); method != "ip_hash" || n != 1 {
		t.Errorf("policy %q, %d", method, n)
	}
	series := s.l.Series(seconds(1))
	if len(series) != 1 || series[0] != (Slice{From: seconds(1), Sent: 1, Due: 3, Arrived: 2}) {
		t.Errorf("series: %+v", series)
	}
	s.l.Advance(seconds(4))
	if got := s.l.SnapshotSince(seconds(3.2)); got.From != seconds(3) || got.Delivery.Total.Due != 0 {
		t.Errorf("look: from %v, %+v", got.From, got.Delivery.Total)
	}
	if len(s.l.Series(0)) != 5 {
		t.Errorf("%d slices, want one for each second so far", len(s.l.Series(0)))
	}
}

// The clients of a node are those on WebSocket and those on polling; a session
// without a client is neither.
// The order of a file is kept, whatever comes up first.
func TestOrderOfNodes(t *testing.T) {
	l := New(Config{Nodes: []string{"im-2", "im-10"}})
	for _, name := range []string{"im-1", "im-10", "im-2"} {
		l.Apply(&trace.Event{Kind: trace.NodeUp, Node: trace.N(name)})
	}
	var got []string
	for _, n := range l.Nodes() {
		got = append(got, n.Name)
	}
	if want := []string{"im-2", "im-10", "im-1"}; !slices.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
}

func TestClientsByTransport(t *testing.T) {
	s := newScript(t, Config{Settle: seconds(2)})
	s.join("a", "A")
	s.join("b", "A")
	s.join("c", "B")
	s.emit(trace.Event{Kind: trace.SessionOpened, Node: trace.N("A"), Session: trace.N("early"), Text: trace.N("polling")})
	s.text(trace.SessionUpgraded, "a", "A", "")
	nodes := s.l.Nodes()
	if n := nodes[0]; n.Clients != 2 || n.Poll != 1 || n.Sessions != 3 {
		t.Errorf("A: %d clients, %d of them on polling, %d sessions; want 2, 1, 3", n.Clients, n.Poll, n.Sessions)
	}
	if n := nodes[1]; n.Clients != 1 || n.Poll != 1 {
		t.Errorf("B: %d clients, %d of them on polling; want 1, 1", n.Clients, n.Poll)
	}
}
