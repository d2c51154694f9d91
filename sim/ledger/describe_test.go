package ledger

import (
	"strings"
	"testing"
	"time"

	"stickylab/cluster/trace"
)

// Every kind of event is told in words, what goes wrong as a loss.
func TestDescribe(t *testing.T) {
	for _, c := range []struct {
		event trace.Event
		want  string
		loss  bool
	}{
		{trace.Event{Kind: trace.NodeUp, Node: trace.N("im-1"), Peer: trace.N("10.0.0.1:3000")}, "im-1 is up: 10.0.0.1:3000", false},
		{trace.Event{Kind: trace.NodeDown, Node: trace.N("im-1"), Text: trace.Killed.Name()}, "im-1 is down: killed", true},
		{trace.Event{Kind: trace.NodeFroze, Node: trace.N("im-1"), Text: trace.Blocked.Name()}, "im-1 is blocked", true},
		{trace.Event{Kind: trace.Refused, Node: trace.N("im-1"), Peer: trace.N("203.0.113.7"), Status: 400, Text: trace.N("Session ID unknown")}, "203.0.113.7 refused on im-1: 400 Session ID unknown", true},
		{trace.Event{Kind: trace.Proxied, Node: trace.N("im-1"), Peer: trace.N("203.0.113.7"), Status: 200, Text: trace.GetPolling.Name()}, "203.0.113.7 GET polling on im-1: 200", false},
		{trace.Event{Kind: trace.ProxyError, Node: trace.N("im-1"), Text: trace.N("connect() failed (111: Connection refused) while connecting to upstream")}, "proxy error on im-1: connect() failed (111: Connection refused)", true},
		{trace.Event{Kind: trace.PeerFails, Node: trace.N("im-1"), Status: 3, Value: 10 * time.Second}, "im-1 disabled by the proxy: fails 3, for 10 s", true},
		{trace.Event{Kind: trace.Counted, Node: trace.N("im-1"), Room: trace.N("lobby"), Status: 3, Text: trace.CountLocal.Name()}, "im-1 counts: 3 in lobby, local", false},
		{trace.Event{Kind: trace.Counted, Node: trace.N("im-1"), Room: trace.N("lobby"), Status: -1, Text: trace.N("no answer")}, "im-1 cannot count: no answer, in lobby", true},
		{trace.Event{Kind: trace.Joined, Node: trace.N("im-1"), Client: trace.N("a\x1b[2Jnn"), Room: trace.N("lobby")}, "a?[2Jnn joined lobby on im-1", false},
		{trace.Event{Kind: trace.SocketClosed, Node: trace.N("im-1"), Client: trace.N("ann"), Text: trace.PingTimeout.Name()}, "ann disconnected on im-1: ping timeout", true},
		{trace.Event{Kind: trace.SocketClosed, Node: trace.N("im-1"), Client: trace.N("ann"), Text: trace.TransportClose.Name()}, "ann disconnected on im-1: transport close", false},
		{trace.Event{Kind: trace.Disconnected, Client: trace.N("ann"), Text: trace.ClientDisconnect.Name()}, "ann disconnected: io client disconnect", false},
		{trace.Event{Kind: trace.ConnectError, Client: trace.N("ann"), Text: trace.XHRPollError.Name(), Status: 502}, "ann cannot connect: xhr poll error, 502", true},
		{trace.Event{Kind: trace.Relayed, Node: trace.N("im-1"), Msg: trace.Msg{From: trace.N("ann"), N: 7}, Text: trace.NoSocketHere.Name()}, "im-1 received ann:7 from Redis: for no socket here", false},
	} {
		if got := Describe(&c.event); got.String() != c.want || got.Loss != c.loss {
			t.Errorf("%v: %q, loss %v; want %q, loss %v", c.event.Kind, got, got.Loss, c.want, c.loss)
		}
	}
	for k := trace.None + 1; !strings.HasPrefix(k.String(), "kind("); k++ {
		if d := Describe(&trace.Event{Kind: k, Text: trace.N("text")}); d.What == "" {
			t.Errorf("no words for %v", k)
		}
	}
}

// An error text counts as what people search for, whatever a system adds to it.
func TestErrorText(t *testing.T) {
	for _, c := range []struct {
		event trace.Event
		want  string
	}{
		{trace.Event{Kind: trace.Proxied, Status: 502}, "502 Bad Gateway"},
		{trace.Event{Kind: trace.Proxied, Status: 400}, ""},
		{trace.Event{Kind: trace.Refused, Status: 400, Text: trace.N("Session ID unknown")}, "Session ID unknown"},
		{trace.Event{Kind: trace.Refused, Status: 404, Text: trace.N("404 Not Found")}, ""},
		{trace.Event{Kind: trace.ProxyError, Text: trace.N(`no live upstreams while connecting to upstream, client: 203.0.113.7`)}, "no live upstreams"},
		{trace.Event{Kind: trace.FrontError, Text: trace.N("upstream timed out (110: Connection timed out) while reading response header from upstream")}, "upstream timed out (110: Connection timed out)"},
		{trace.Event{Kind: trace.UpgradeError, Text: trace.N("probe error: Error: websocket error")}, "probe error"},
		{trace.Event{Kind: trace.ConnectError, Text: trace.N("timeouts")}, "timeouts"},
		{trace.Event{Kind: trace.Disconnected, Text: trace.ClientDisconnect.Name()}, ""},
		{trace.Event{Kind: trace.Counted, Status: 3, Text: trace.CountLocal.Name()}, ""},
		{trace.Event{Kind: trace.SocketClosed, Text: trace.PingTimeout.Name()}, ""},
	} {
		if got := ErrorText(&c.event); got != c.want {
			t.Errorf("%v %q: %q, want %q", c.event.Kind, c.event.Text, got, c.want)
		}
	}
}
