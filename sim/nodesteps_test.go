package sim

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"stickylab/cluster"
	"stickylab/cluster/trace"
	"stickylab/sim/expect"
	"stickylab/sim/report"
	"stickylab/sim/scenario"
)

// few is a scenario of two nodes, im-1 with three clients that do polling and
// im-2 with three on websocket, with further lines; replace changes it.
func few(lines string, replace ...string) string {
	return strings.NewReplacer(replace...).Replace(`title: Few
seed: 3
duration: 20s
nodes: 2
adapter: redis
proxy: {policy: ip_hash}
network: {client: 10ms..20ms}
clients:
  beijing: {count: 3, ip: 203.0.113.0/24, connect: 0s..1s, say: every 2s, transports: [polling]}
  shanghai: {count: 3, ip: 192.0.2.0/24, connect: 0s..1s, say: every 2s, transports: [websocket]}
`) + strings.TrimPrefix(lines, "\n")
}

// quiet takes the word from the clients of few.
var quiet = []string{", say: every 2s", ""}

var orders = map[string]string{
	"frozen until clients give up": few(`
steps:
  - {at: 5s, freeze: im-2}
  - {at: 60s, resume: im-2}
expect:
  - {at: 4s, that: "not nodes['im-2'].frozen"}
  - {at: 40s, that: "clients.connected == 6 and nodes['im-2'].frozen and nodes['im-2'].up", because: "silence for less than 45 s"}
  - {at: 50s, that: "groups['shanghai'].connected == 0 and groups['beijing'].connected == 3"}
  - {at: end, that: "errors['ping timeout'] == 3 and groups['shanghai'].nodes['im-2'] == 3 and not nodes['im-2'].frozen"}
  - {from: 70s, at: end, that: "delivery.total.ratio == 1 and delivery.total.duplicates == 0"}`, "20s\n", "90s\n"),

	"a frozen node does all that it was sent": few(`
settle: 20s
steps:
  - {at: 5s, freeze: im-2}
  - {at: 15s, resume: im-2}
expect:
  - {from: 2s, at: end, that: "delivery.total.ratio == 1 and sessions.lost == 0 and delivery.total.duplicates == 0"}
  - {from: 6s, at: 14s, that: "latency.p95 > 5000"}`),

	"nginx gives up on a frozen node": few(`
steps:
  - {at: 5s, freeze: im-1}
expect:
  - {at: end, that: "groups['beijing'].nodes['im-2'] >= 2 and nodes['im-1'].clients == 3", because: "the peer failed, ip_hash continues to the next; each 10 s one request tries it again"}
  - {at: end, that: "errors['upstream timed out (110: Connection timed out)'] >= 1 and nodes['im-1'].frozen"}`,
		"20s\n", "60s\n", "proxy: {policy: ip_hash}", `proxy:
  nginx: |
    upstream im { ip_hash; server 10.0.0.1:3000; server 10.0.0.2:3000; }
    server { listen 192.168.33.10:80; location / { proxy_pass http://im; proxy_read_timeout 10s; } }`,
		"nodes: 2", "nodes: [{name: im-1, listen: 10.0.0.1:3000}, {name: im-2, listen: 10.0.0.2:3000}]"),

	"nothing but a frozen node": few(`
steps:
  - {at: 5s, freeze: im-1}
expect:
  - {at: end, that: "errors['504 Gateway Time-out'] >= 1"}`,
		"20s\n", "40s\n", "nodes: 2", "nodes: 1", "proxy: {policy: ip_hash}", `proxy:
  nginx: |
    upstream im { server im-1:3000; }
    server { listen 192.168.33.10:80; location / { proxy_pass http://im; proxy_read_timeout 10s; } }`),

	"blocked for a moment": few(`
settle: 5s
steps:
  - {at: 8s, block: im-1, for: 3s}
expect:
  - {at: 9s, that: "nodes['im-1'].frozen"}
  - {at: 12s, that: "not nodes['im-1'].frozen"}
  - {at: end, that: "sessions.lost == 0 and requests.failed == 0"}
  - {from: 2s, at: 7s, that: "delivery.total.ratio == 1 and latency.p99 < 200"}
  - {from: 8s, at: 11s, that: "delivery.total.ratio == 1 and latency.p99 > 2000", because: "it shows as latency only"}
  - {from: 12s, at: end, that: "delivery.total.ratio == 1 and latency.p99 < 200"}`),

	"frozen while it is blocked, and killed": few(`
steps:
  - {at: 5s, block: im-1, for: 2s}
  - {at: 6s, freeze: im-1}
  - {at: 9s, kill: im-1}
  - {at: 10s, restart: im-1}
expect:
  - {at: 8s, that: "nodes['im-1'].frozen", because: "the end of the block is not the end of the freeze"}
  - {at: 9.5s, that: "not nodes['im-1'].up and not nodes['im-1'].frozen"}
  - {at: end, that: "clients.connected == 6 and not nodes['im-1'].frozen"}`),

	"frozen to the end": few(`
steps:
  - {at: 5s, freeze: im-1}
  - {at: 19s, block: im-2, for: 30s}
expect:
  - {at: end, that: "clients.connected == 6 and nodes['im-1'].frozen and nodes['im-2'].frozen"}`),

	"closed, and up again": few(`
steps:
  - {at: 5s, close: im-2}
  - {at: 15s, restart: im-2}
expect:
  - {at: 14s, that: "not nodes['im-2'].up and nodes['im-1'].clients == 6"}
  - {at: end, that: "errors['transport close'] == 3 and clients.connected == 6 and nodes['im-2'].adapter"}`),

	"its clients are disconnected": few(`
steps:
  - {at: 5s, disconnect_sockets: im-1}
  - {at: 6s, disconnect_sockets: im-2}
  - {at: 15s, connect: shanghai}
expect:
  - {at: 14s, that: "errors['io server disconnect'] == 6 and clients.connected == 0 and clients.away == 0 and requests.reconnects == 0"}
  - {at: 14s, that: "nodes['im-1'].up and nodes['im-2'].up and nodes['im-1'].sessions == 0"}
  - {at: end, that: "groups['shanghai'].connected == 3 and groups['beijing'].connected == 0"}`),

	"every node emits": few(`
steps:
  - {at: 5s, emit: lobby, text: news}
expect:
  - {at: end, that: "delivery.total.due == 6 and delivery.total.arrived == 6 and delivery.total.duplicates == 6 and messages.said == 1 and messages.sent == 1"}
  - {at: end, that: "redis.published == 2 and redis.relayed == 2 and redis.idle == 0"}`, quiet...),

	"every node emits to its own": few(`
steps:
  - {at: 5s, emit: lobby, local: true}
expect:
  - {at: end, that: "delivery.cross.ratio == 1 and delivery.total.due == 6 and delivery.total.duplicates == 0 and redis.published == 0"}`, quiet...),

	"one node emits": few(`
steps:
  - {at: 5s, emit: lobby, from: im-2}
  - {at: 10s, adapter: none}
  - {at: 15s, emit: lobby, from: im-2}
expect:
  - {at: 9s, that: "delivery.total.ratio == 1 and delivery.total.duplicates == 0 and delivery.same.due == 3"}
  - {from: 9s, at: end, that: "delivery.same.ratio == 1 and delivery.cross.ratio == 0"}`, quiet...),

	"a frozen node emits when it resumes": few(`
settle: 5s
steps:
  - {at: 5s, freeze: im-1}
  - {at: 6s, emit: lobby}
  - {at: 7s, disconnect_sockets: im-1}
  - {at: 8s, count: lobby, node: im-1}
  - {at: 9s, resume: im-1}
expect:
  - {at: 8.5s, that: "delivery.total.due == 6 and counts['im-1'].local == -1 and nodes['im-1'].clients == 3"}
  - {at: end, that: "delivery.total.arrived == 6 and delivery.total.duplicates >= 3 and nodes['im-1'].clients == 0 and counts['im-1'].local == 0"}`, quiet...),

	"counting": few(`
steps:
  - {at: 5s, count: lobby, node: im-1}
  - {at: 10s, adapter: none}
  - {at: 11s, count: lobby, node: im-1}
  - {at: 12s, count: nowhere, node: im-2}
expect:
  - {at: 4s, that: "counts['im-1'].local == -1 and counts['im-1'].cluster == -1"}
  - {at: 10s, that: "counts['im-1'].local == 3 and counts['im-1'].cluster == 6 and counts['im-2'].local == -1"}
  - {at: end, that: "counts['im-1'].local == 3 and counts['im-1'].cluster == 3 and counts['im-2'].local == 0"}`),

	"counting with a frozen peer": few(`
steps:
  - {at: 5s, freeze: im-2}
  - {at: 6s, count: lobby, node: im-1}
expect:
  - {at: 10s, that: "counts['im-1'].local == 3 and counts['im-1'].cluster == -1 and errors['timeout reached while waiting for fetchSockets response'] == 0"}
  - {at: end, that: "errors['timeout reached while waiting for fetchSockets response'] == 1", because: "a frozen node stays subscribed, and so is waited for"}`),

	"two applications with one key": few(`
expect:
  - {from: 2s, at: end, that: "delivery.total.ratio == 1 and delivery.cross.due == 0 and delivery.total.extra == delivery.total.due"}`,
		"nodes: 2", "nodes: [{name: im-1}, {name: im-2, app: shop}]"),

	"two applications with separate keys": few(`
steps:
  - {at: 10s, count: lobby, node: im-1}
  - {at: 11s, emit: lobby}
expect:
  - {from: 2s, at: 10s, that: "delivery.total.ratio == 1 and delivery.total.extra == 0 and redis.relayed == 0 and redis.published > 0"}
  - {at: end, that: "counts['im-1'].cluster == 3"}
  - {from: 10900ms, at: 11100ms, that: "delivery.total.due % 3 == 0 and delivery.total.extra == 0 and delivery.total.duplicates == 0"}`,
		"nodes: 2", "nodes: [{name: im-1}, {name: im-2, app: shop, key: shop}]"),

	"messages for nobody": few(`
expect:
  - {from: 2s, at: 18s, that: "redis.published > 0 and redis.relayed == redis.published and redis.idle == redis.relayed"}
  - {at: end, that: "delivery.cross.due == 0"}`, "203.0.113.0/24,", "203.0.113.0/24, room: tower,"),
}

// Each does what is expected, and each time the same: nobody who waits before
// the gate of a node goes through in an order that the machine decides.
func TestOrders(t *testing.T) {
	for name, text := range orders {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := parse(t, "few.yaml", text, nil)
			r, first := run(t, p, Options{})
			if r == nil {
				return
			}
			for _, x := range r.Expectations {
				if x.Verdict != expect.Pass {
					t.Errorf("at %s, %s: %s: %s", x.At, x.Verdict, x.That, x.Actual)
				}
			}
			for i := range 2 {
				if _, again := run(t, p, Options{}); again != first {
					t.Fatalf("run %d gives another trace", i+2)
				}
			}
		})
	}
}

// What a node does first when it resumes is what its timers are for: it gives
// up those whose pong lies unread in front of it.
func TestTimersBeforeInput(t *testing.T) {
	text := few(`
steps:
  - {at: 38s, freeze: im-2}
  - {at: 60s, resume: im-2}
`, "10ms..20ms", "3s", "20s\n", "70s\n", ", say: every 2s", "")
	var closed []string
	_, err := Run(t.Context(), parse(t, "few.yaml", text, nil), Options{Trace: func(events []trace.Event) {
		for _, e := range events {
			if e.Kind == trace.SessionClosed && e.Node.String() == "im-2" && e.At < 61*time.Second {
				closed = append(closed, fmt.Sprint(e.Text, " ", e.At.Truncate(time.Millisecond)))
			}
		}
	}})
	if err != nil {
		t.Fatal(err)
	}
	if got, want := strings.Join(closed, ", "), "ping timeout 1m0s, ping timeout 1m0s, ping timeout 1m0s"; got != want {
		t.Errorf("closed %s; want %s", got, want)
	}
}

// A server that speaks is told from a client in the ledger.
func TestAServerSpeaks(t *testing.T) {
	l := open(t, parse(t, "few.yaml", orders["every node emits"], nil), nil)
	defer l.Close()
	if err := l.Advance(6 * time.Second); err != nil {
		t.Fatal(err)
	}
	recent := l.Ledger(l.Len(), l.Head()).Recent(1)
	if len(recent) != 1 || recent[0].ID.From.String() != "server" || recent[0].ID.N != 1 || recent[0].Node != "im-1" || recent[0].Duplicates != 6 {
		t.Errorf("%+v", recent)
	}
	var pass expect.Verdict = expect.Pass
	r := func() *report.Result { l.Advance(l.End()); r, _ := l.Result("x"); return r }()
	if r == nil || r.Verdict != pass {
		t.Errorf("%+v", r)
	}
}

// Nodes that serve real clients take the same commands, and a cluster that is
// frozen can be closed.
func TestOrdersToAServedCluster(t *testing.T) {
	t.Parallel()
	v := serve(t, servedText, ServeOptions{})
	connected := func() bool { return v.now().SnapshotSince(0).Clients.Connected == 2 }
	eventually(t, "connected", connected)
	home := v.now().Placement()[0].Node
	other := map[string]string{"im-1": "im-2", "im-2": "im-1"}[home]
	v.step(t, "adapter redis")
	eventually(t, "linked", func() bool { return nodeOf(v, home).Redis && nodeOf(v, other).Redis })
	eventually(t, "counted", func() bool { // both may still be on their way into the room
		v.step(t, "count lobby "+other)
		return until(100*time.Millisecond, func() bool { return v.now().SnapshotSince(0).Counts[other].Cluster == 2 })
	})

	v.step(t, "freeze "+home)
	eventually(t, "frozen", func() bool { return nodeOf(v, home).Frozen })
	before := nodeOf(v, home).Traffic
	said := func() int { return v.now().SnapshotSince(0).Messages.Said }
	more := said() + 4
	eventually(t, "clients have spoken meanwhile", func() bool { return said() >= more })
	if after := nodeOf(v, home).Traffic; after != before || !nodeOf(v, home).Frozen {
		t.Errorf("a frozen node went from %+v to %+v", before, after)
	}
	v.step(t, "emit lobby all news")
	v.step(t, "resume "+home)
	eventually(t, "heard of", func() bool {
		for _, m := range v.now().Recent(50) {
			if m.ID.From.String() == cluster.Server {
				return m.Arrived == 2 && m.Duplicates == 2
			}
		}
		return false
	})
	v.step(t, "block "+home+" 100ms")
	eventually(t, "busy no more", func() bool { return !nodeOf(v, home).Frozen })
	v.step(t, "disconnect_sockets "+home)
	eventually(t, "disconnected", func() bool { return v.now().SnapshotSince(0).Errors["io server disconnect"] == 2 })
	v.step(t, "connect beijing")
	eventually(t, "back", connected)
	v.step(t, "close "+home)
	// Attempts that meet the last of the node double the wait before the next.
	if !until(3*timeout, func() bool { return nodeOf(v, other).Clients == 2 }) {
		p := v.now().SnapshotSince(0)
		t.Fatalf("not on the other node: %+v, %+v, errors %v", nodeOf(v, other), p.Clients, p.Errors)
	}
	v.step(t, "freeze "+other)
}

// Each verb is carried out.
func TestEachVerbHasAnExecutor(t *testing.T) {
	for _, v := range scenario.Verbs {
		if executors[v] == nil && !v.Rewrites() {
			t.Errorf("nothing carries out %q", v)
		}
	}
}
