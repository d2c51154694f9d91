package sim

import (
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"stickylab/cluster/trace"
	"stickylab/sim/expect"
	"stickylab/sim/plan"
)

// observed runs a plan, keeps its events, and tells of expectations that were
// not met.
func observed(t *testing.T, text string) (*plan.Plan, []trace.Event) {
	t.Helper()
	p := parse(t, "traits.yaml", text, nil)
	var events []trace.Event
	r, err := Run(t.Context(), p, Options{Trace: func(more []trace.Event) { events = append(events, more...) }})
	if err != nil {
		t.Fatal(err)
	}
	for _, x := range r.Expectations {
		if x.Verdict != expect.Pass {
			t.Errorf("%s: %s: %s", x.Verdict, x.That, x.Actual)
		}
	}
	return p, events
}

// told are the texts of a client's events of some kinds, in their order.
func told(events []trace.Event, client string, kinds ...trace.Kind) string {
	var out []string
	for i := range events {
		if e := &events[i]; e.Client.String() == client && slices.Contains(kinds, e.Kind) {
			out = append(out, e.Text.String())
		}
	}
	return strings.Join(out, ", ")
}

const oneProxy = `
title: T
nodes: 2
network: {client: 10ms}
proxy: {policy: ip_hash}
`

// Clients follow the heartbeat that nodes tell them: a polling client asks
// again after each ping, and a node that hangs is noticed after both times.
func TestHeartbeatOfTheFile(t *testing.T) {
	_, events := observed(t, oneProxy+`
duration: 20s
settle: 1s
socketio: {ping_interval: 2s, ping_timeout: 1s}
clients: {a: {ip: 192.0.2.1, transports: [polling]}, b: {ip: 192.0.2.2, transports: [websocket]}}
steps: [{at: 10500ms, partition: [b, proxy]}, {at: 18s, heal: [b, proxy]}]
expect:
  - {from: 1s, at: 9s, that: "requests.total >= 7 && requests.total <= 9", because: a poll and a pong for each ping}
  - {from: 10s, at: 14s, that: "errors['ping timeout'] == 1"}
`)
	if got := told(events, "b-01", trace.Disconnected); !strings.HasPrefix(got, "ping timeout") {
		t.Errorf("b was disconnected by %q", got)
	}
}

// What is beyond max_http_buffer_size closes a WebSocket and gets 413 over
// polling; what is not arrives. The bytes are in no trace.
func TestTextsBeyondTheBuffer(t *testing.T) {
	_, events := observed(t, oneProxy+`
duration: 12s
clients:
  ws:   {ip: 192.0.2.1, transports: [websocket]}
  poll: {ip: 192.0.2.2, transports: [polling]}
  nginx: {ip: 192.0.2.4, transports: [polling]}
  fits: {ip: 192.0.2.3, say: every 4s, size: 900kB}
steps:
  - {at: 3s, say: ws-01, size: 1500kB}
  - {at: 3s, say: poll-01, size: 1020kB}
  - {at: 4s, say: nginx-01, size: 1500kB}
  - {at: 7s, say: fits-01, size: 10}
expect:
  - {at: end, that: "messages.said == 7 && messages.unsent == 3"}
  - {at: end, that: "delivery.total.missed == 0"}
  - {at: end, that: "errors['transport close'] == 2 && errors['transport error'] == 1"}
  - {at: end, that: "errors['Payload Too Large'] == 1", because: "nginx takes up to 1 MiB, the node up to 1 MB"}
  - {at: end, that: "clients.connected == 4", because: all come back}
`)
	for name, want := range map[string]string{
		"ws-01":    "transport close",
		"poll-01":  "transport close", // the node's close packet reaches the waiting GET before the 413
		"nginx-01": "transport error",
	} {
		if got := told(events, name, trace.Disconnected); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
	var refused, lost string
	for _, e := range events {
		if e.Kind == trace.Refused {
			refused += e.Text.String()
		}
		if e.Kind == trace.SessionClosed && lost == "" {
			lost = e.Text.String()
		}
		if len(e.Text.String()) > 200 {
			t.Errorf("a text of %d bytes in the trace", len(e.Text.String()))
		}
	}
	if refused != "Payload Too Large" || lost != "transport error" {
		t.Errorf("the nodes refused %q and lost a session by %q", refused, lost)
	}
}

// The buffer of the file lets the same texts through; saying them while
// offline costs no memory but that of one.
func TestLargerBuffer(t *testing.T) {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	observed(t, strings.Replace(oneProxy, "nodes: 2", "nodes: 1", 1)+`
duration: 12s
settle: 1s
socketio: {max_http_buffer_size: 4MB}
clients:
  ws:   {ip: 192.0.2.1, transports: [websocket]}
  poll: {ip: 192.0.2.2, transports: [polling], url: "http://im-1:3000/"}
  away: {count: 100, ip: 198.51.100.0/24, say: every 50ms, size: 3MB, connect: 9s, transports: [websocket], room: other, reconnection: false}
steps:
  - {at: 3s, say: ws-01, size: 1500kB}
  - {at: 3s, say: poll-01, size: 1500kB}
  - {at: 8s, partition: [away, proxy]}
expect:
  - {at: 8s, that: "delivery.total.arrived == 4 && delivery.total.missed == 0"}
  - {from: 8s, at: end, that: "messages.said > 5000 && messages.sent == 0"}
`)
	runtime.ReadMemStats(&after)
	if spent := (after.TotalAlloc - before.TotalAlloc) >> 20; spent > 400 {
		t.Errorf("%d MB allocated", spent)
	}
}

// A forged header reaches the proxy: with its word taken, the forger is where
// the address of his choice is.
func TestForgedAddress(t *testing.T) {
	const nginx = `
title: T
duration: 8s
nodes: [{name: a, listen: 10.0.0.1:3000}, {name: b, listen: 10.0.0.2:3000}]
proxy:
  nginx: |
    upstream im { ip_hash; server a:3000; server b:3000; }
    server {
      listen 80; TRUST
      location / {
        proxy_pass http://im; proxy_http_version 1.1;
        proxy_set_header Upgrade $http_upgrade; proxy_set_header Connection "upgrade";
      }
    }
clients:
  honest: {count: 4, ip: 192.0.2.0/24}
  forger: {count: 4, ip: 198.51.100.0/24, headers: {X-Forwarded-For: 192.0.2.9}, transports: TRANSPORTS}
expect:
  - {at: end, that: "groups['honest'].nodes['a'] == 4 || groups['honest'].nodes['b'] == 4"}
`
	for _, transports := range []string{"[polling]", "[websocket]", "[polling, websocket]"} {
		for _, tt := range []struct{ trust, want string }{
			{"", "(groups['honest'].nodes['a'] == 4) != (groups['forger'].nodes['a'] == 4)"},
			{"set_real_ip_from 0.0.0.0/0; real_ip_header X-Forwarded-For;", "(groups['honest'].nodes['a'] == 4) == (groups['forger'].nodes['a'] == 4)"},
		} {
			observed(t, strings.NewReplacer("TRUST", tt.trust, "TRANSPORTS", transports).Replace(nginx)+"  - {at: end, that: \""+tt.want+"\"}\n")
		}
	}
}

// A client of Socket.IO 2 is refused, and tries again forever.
func TestOldProtocol(t *testing.T) {
	_, events := observed(t, oneProxy+`
duration: 20s
clients:
  old: {ip: 192.0.2.1, protocol: 3}
  oldws: {ip: 192.0.2.2, protocol: 3, transports: [websocket]}
  new: {ip: 192.0.2.3, protocol: 4}
expect:
  - {at: end, that: "clients.never == 2 && clients.connected == 1"}
  - {at: end, that: "errors['Unsupported protocol version'] >= 8 && errors['xhr poll error'] >= 4 && errors['websocket error'] >= 4"}
`)
	for _, e := range events {
		if e.Kind == trace.Refused && (e.Status != 400 || e.Text.String() != "Unsupported protocol version") {
			t.Errorf("refused with %d %q", e.Status, e.Text)
		}
	}
	var waits []time.Duration
	for _, e := range events {
		if e.Kind == trace.Reconnecting && e.Client.String() == "old-01" {
			waits = append(waits, e.Value)
		}
	}
	if len(waits) < 4 || waits[0] > 1500*time.Millisecond || waits[3] < 2500*time.Millisecond {
		t.Errorf("delays %v", waits)
	}
}

const twoSites = `
title: T
duration: 10s
proxy:
  nginx: |
    upstream chat { server 10.0.0.1:3000; }
    upstream shop { server 10.0.0.2:4000; }
    map $http_upgrade $up { default upgrade; "" close; }
    server { listen 80; server_name chat.test; location / { proxy_pass http://chat; proxy_http_version 1.1; proxy_set_header Upgrade $http_upgrade; proxy_set_header Connection $up; } }
    server { listen 8080; server_name shop.test; location / { proxy_pass http://shop; proxy_http_version 1.1; proxy_set_header Upgrade $http_upgrade; proxy_set_header Connection $up; } }
clients:
  talkers: {count: 2, ip: 192.0.2.0/24}
  buyers: {count: 2, ip: 198.51.100.0/24, url: "http://shop.test:8080/"}
  insider: {ip: 203.0.113.1, url: "http://10.0.0.2:4000/socket.io/"}
steps:
  - {at: 2s, add: buyers, ip: 198.51.100.0/24}
  - {at: 3s, add: more, ip: 203.0.113.9, url: "http://shop.test:8080/"}
  - {at: 5s, down: im-4000}
expect:
  - {at: 5s, that: "nodes['im-3000'].clients == 2 && nodes['im-4000'].clients == 5"}
  - {at: end, that: "groups['buyers'].nodes['im-4000'] == 3 && groups['insider'].nodes['im-4000'] == 1"}
`

func TestTwoApplicationsBehindOneProxy(t *testing.T) {
	_, events := observed(t, twoSites)
	for _, e := range events {
		if e.Kind == trace.Proxied && e.Client.String() == "insider-01" {
			t.Error("the insider came through the proxy")
		}
	}
}

// The same on TCP: each server listens, and each node is reached.
func TestTwoApplicationsOnTCP(t *testing.T) {
	head, _, _ := strings.Cut(strings.Replace(twoSites, "duration: 10s", "duration: 1s\nsettle: 300ms", 1), "steps:")
	p := parse(t, "two.yaml", head, nil)
	r, err := Run(t.Context(), p, Options{Real: true})
	if err != nil {
		t.Fatal(err)
	}
	if g := r.Final.Groups; g["talkers"].Nodes["im-3000"] != 2 || g["buyers"].Nodes["im-4000"] != 2 || g["insider"].Nodes["im-4000"] != 1 {
		t.Errorf("placement: %+v", g)
	}
}

// Without credentials a browser keeps no cookie, so stickiness by cookie does
// not hold it.
func TestWithoutCredentials(t *testing.T) {
	observed(t, `
title: T
duration: 10s
nginx_version: "1.30"
nodes: [{name: a, listen: 10.0.0.1:3000}, {name: b, listen: 10.0.0.2:3000}]
proxy:
  nginx: |
    upstream im { sticky cookie srv; server a:3000; server b:3000; }
    server { listen 80; location / { proxy_pass http://im; } }
clients:
  same: {count: 3, ip: 192.0.2.0/24, transports: [polling]}
  cross: {count: 3, ip: 198.51.100.0/24, transports: [polling], credentials: false}
expect:
  - {at: end, that: "groups['same'].connected == 3 && groups['cross'].connected < 3"}
  - {at: end, that: "errors['Session ID unknown'] > 0"}
`)
}
