package sim

import (
	"fmt"
	"strings"
	"testing"

	"stickylab/sim/expect"
	"stickylab/sim/plan"
	"stickylab/sim/scenario"
)

// small is a scenario of two nodes and twenty clients, half of them on each
// node, with further lines.
func small(lines ...string) string {
	return `title: Small
seed: 3
duration: 60s
nodes: 2
proxy: {policy: ip_hash}
network: {client: 10ms..20ms}
` + strings.Join(lines, "\n") + `
clients:
  beijing: {count: 10, ip: 203.0.113.0/24, connect: 0s..1s, say: every 2s}
  shanghai: {count: 10, ip: 192.0.2.0/24, connect: 0s..1s, say: every 2s, transports: [websocket]}
`
}

// passes runs a scenario and reports what is not as expected.
func passes(t *testing.T, text string) {
	t.Helper()
	r, _ := run(t, parse(t, "small.yaml", text, nil), Options{})
	if r == nil {
		return
	}
	for _, x := range r.Expectations {
		if x.Verdict != expect.Pass {
			t.Errorf("at %s, %s: %s: %s", x.At, x.Verdict, x.That, x.Actual)
		}
	}
}

func TestWhatStepsDo(t *testing.T) {
	for name, lines := range map[string]string{
		"down": `
steps:
  - {at: 10s, down: im-2}
  - {at: 11s, disconnect: shanghai}
  - {at: 12s, connect: shanghai}
  - {at: 20s, up: im-2}
  - {at: 21s, disconnect: shanghai}
  - {at: 22s, connect: shanghai}
expect:
  - {at: 10s, that: "nodes['im-1'].clients == 10 and nodes['im-2'].clients == 10"}
  - {at: 19s, that: "nodes['im-1'].clients == 20 and nodes['im-2'].up"}
  - {at: end, that: "nodes['im-1'].clients == 10 and nodes['im-2'].clients == 10"}`,
		"scale": `
steps:
  - {at: 10s, scale: 3}
  - {at: 11s, disconnect: beijing}
  - {at: 12s, connect: beijing}
  - {at: 20s, scale: {remove: im-1}}
  - {at: 40s, scale: {add: im-1}}
expect:
  - {at: 9s, that: "not nodes['im-3'].up"}
  - {at: 15s, that: "nodes['im-3'].up and clients.connected == 20"}
  - {at: 35s, that: "not nodes['im-1'].up and nodes['im-2'].clients + nodes['im-3'].clients == 20"}
  - {at: end, that: "nodes['im-1'].up and nodes['im-1'].clients == 0", because: "nobody connects anew"}`,
		"a new node has the adapter of all": `
adapter: redis
steps:
  - {at: 10s, scale: 3}
expect:
  - {at: 20s, that: "nodes['im-3'].adapter"}`,
		"add": `
steps:
  - {at: 10s, add: extra, count: 5, ip: 198.51.100.0/24, say: every 1s, transports: [websocket]}
  - {at: 20s, add: beijing, count: 3, ip: 203.0.113.0/24, connect: 0s..1s}
  - {at: 25s, disconnect: extra-05}
  - {at: 26s, say: beijing-13, text: hello}
expect:
  - {at: 9s, that: "clients.count == 20 and groups['extra'].count == 0"}
  - {at: 15s, that: "groups['extra'].connected == 5 and groups['extra'].nodes['im-1'] == 5"}
  - {from: 12s, at: 20s, that: "messages.said >= 118 and messages.said <= 122", because: "five a second in addition to ten"}
  - {at: end, that: "groups['extra'].connected == 4 and groups['beijing'].connected == 13"}`,
		"reconnect": `
steps:
  - {at: 10s, disconnect: shanghai-01}
  - {at: 20s, reconnect: beijing}
  - {at: 30s, reconnect: shanghai-01}
  - {at: 40s, reconnect: all}
expect:
  - {at: 15s, that: "clients.connected == 19 and sessions.opened == 20"}
  - {at: 20s100ms, that: "groups['beijing'].connected == 0 and groups['shanghai'].connected == 9"}
  - {from: 20s, at: 25s, that: "groups['beijing'].connected == 10 and sessions.opened == 10 and requests.reconnects == 0"}
  - {at: 35s, that: "clients.connected == 20"}
  - {from: 36s, at: 45s, that: "clients.connected == 20 and sessions.opened == 20 and sessions.lost == 20"}
  - {from: 46s, at: end, that: "delivery.same.ratio == 1", because: "they are in their room again"}
  - {at: end, that: "groups['beijing'].moved == 0", because: "they have their addresses"}`,
		"slow": `
steps:
  - {at: 20s, slow: im-1, by: 300ms}
  - {at: 40s, resume: im-1}
expect:
  - {from: 5s, at: 20s, that: "latency.p99 < 100"}
  - {from: 21s, at: 39s, that: "latency.p95 > 300 and sessions.lost == 0"}
  - {from: 41s, at: end, that: "latency.p99 < 100 and sessions.lost == 0"}`,
		"hang and resume in time": `
settle: 20s
steps:
  - {at: 10s, hang: im-1}
  - {at: 20s, resume: im-1}
expect:
  - {at: end, that: "sessions.lost == 0 and delivery.total.duplicates == 0"}
  - {from: 5s, at: 40s, that: "delivery.same.ratio == 1"}
  - {at: 19s, that: "clients.connected == 20"}`,
		"hang for good": `
duration: 120s
steps:
  - {at: 10s, hang: im-2}
  - {at: 20s, say: shanghai-01, text: lost}
expect:
  - {at: end, that: "errors['ping timeout'] == 10 and groups['shanghai'].connected == 0", because: "connections to it open, and nothing comes"}`,
		"a hung node that is killed": `
steps:
  - {at: 10s, hang: im-2}
  - {at: 15s, kill: im-2}
  - {at: 25s, restart: im-2}
expect:
  - {at: 24s, that: "nodes['im-1'].clients == 20", because: "the kill cuts its connections at once"}
  - {at: end, that: "clients.connected == 20"}`,
		"refuse": `
steps:
  - {at: 10s, refuse: im-2}
  - {at: 11s, disconnect: shanghai-01}
  - {at: 12s, connect: shanghai-01}
expect:
  - {at: end, that: "nodes['im-2'].clients == 9 and sessions.lost == 0 and clients.connected == 20"}
  - {at: end, that: "errors['connect() failed (111: Connection refused)'] == 1"}`,
		"partition of a node, and its end": `
duration: 150s
steps:
  - {at: 10s, partition: [proxy, im-2]}
  - {at: 100s, heal: [proxy, im-2]}
expect:
  - {at: 99s, that: "groups['shanghai'].connected == 0", because: "a client gives up after 20 s, before the proxy's minute is over and counts as a failure"}
  - {at: end, that: "groups['shanghai'].nodes['im-2'] == 10"}`,
		"partition of a group": `
steps:
  - {at: 10s, partition: [beijing, proxy]}
  - {at: 14s, heal: [proxy, beijing]}
expect:
  - {at: end, that: "sessions.lost == 0 and clients.connected == 20"}
  - {from: 2s, at: end, that: "delivery.same.duplicates == 0"}`,
		"redis down and up": `
adapter: redis
steps:
  - {at: 20s, redis: down}
  - {at: 30s, redis: up}
expect:
  - {from: 5s, at: 20s, that: "delivery.cross.ratio == 1"}
  - {from: 20s, at: 30s, that: "delivery.cross.ratio == 0 and delivery.same.ratio == 1"}
  - {from: 45s, at: end, that: "delivery.cross.ratio == 1"}
  - {at: end, that: "sessions.lost == 0"}`,
		"redis slow": `
adapter: redis
steps:
  - {at: 20s, redis: slow, by: 400ms}
  - {at: 40s, redis: up}
expect:
  - {from: 5s, at: 20s, that: "latency.p99 < 100"}
  - {from: 20s, at: 39s, that: "latency.p95 > 700 and delivery.total.ratio == 1"}
  - {from: 41s, at: end, that: "latency.p99 < 100 and delivery.total.ratio == 1"}`,
		"latency": `
steps:
  - {at: 20s, latency: {client: 200ms}}
expect:
  - {from: 5s, at: 20s, that: "latency.p99 < 60"}
  - {from: 21s, at: end, that: "latency.p50 > 200 and sessions.lost == 0"}`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			text := small(strings.TrimSpace(lines))
			if i := strings.Index(lines, "duration:"); i >= 0 {
				text = strings.Replace(text, "duration: 60s\n", "", 1)
			}
			passes(t, text)
		})
	}
}

func TestClientsOfEachFamilyReachTheirListener(t *testing.T) {
	const keys = `title: T
seed: 3
duration: 20s
nodes: [{name: im-1, listen: 10.0.0.1:3000}, {name: im-2, listen: 10.0.0.2:3000}]
proxy:
  nginx: |
    upstream im { ip_hash; server 10.0.0.1:3000; server 10.0.0.2:3000; }
    server { %s location / { proxy_pass http://im; } }
clients:
  four: {count: 20, ip: 203.0.113.0/24}
  six: {count: 20, ip: 2001:db8::/32}
expect:
  - {at: end, that: "%s"}
`
	for name, tt := range map[string]struct{ listen, that string }{
		"both, each its own": {"listen 80; listen [::]:80;", "groups['four'].nodes['im-1'] == 20 and groups['six'].nodes['im-1'] > 3 and groups['six'].nodes['im-2'] > 3"},
		"mapped":             {"listen [::]:80 ipv6only=off;", "groups['four'].nodes['im-1'] > 3 and groups['four'].nodes['im-2'] > 3 and groups['six'].nodes['im-2'] > 3"},
	} {
		t.Run(name, func(t *testing.T) { passes(t, fmt.Sprintf(keys, tt.listen, tt.that)) })
	}
}

func TestAFrontWithItsOwnText(t *testing.T) {
	passes(t, small(`
front:
  name: cdn
  ip: 198.51.100.10
  nginx: |
    server {
      listen 8080;
      location / {
        proxy_pass http://proxy;
        proxy_http_version 1.1;
        proxy_set_header Host $host;
        proxy_set_header Upgrade $http_upgrade;
        proxy_set_header Connection "upgrade";
      }
    }
steps:
  - {at: 20s, partition: [cdn, proxy]}
  - {at: 25s, heal: [cdn, proxy]}
expect:
  - {at: end, that: "nodes['im-1'].clients == 20 and clients.connected == 20 and sessions.lost == 0"}`))
}

// allFaults has every kind of trouble at once.
func allFaults() string {
	return small(`
adapter: redis
front: {ip: 198.51.100.10}
steps:
  - {at: 5s, scale: 3}
  - {at: 8s, slow: im-3, by: 30ms}
  - {at: 10s, hang: im-1}
  - {at: 12s, partition: [front, beijing]}
  - {at: 14s, add: extra, count: 5, ip: 192.168.7.0/24, say: every 1s, connect: 0s..1s}
  - {at: 16s, redis: down}
  - {at: 18s, resume: im-1}
  - {at: 20s, heal: [front, beijing]}
  - {at: 22s, redis: up}
  - {at: 24s, down: im-2}
  - {at: 26s, partition: [redis, im-2]}
  - {at: 28s, kill: im-1}
  - {at: 30s, refuse: im-3}
  - {at: 32s, restart: im-1}
  - {at: 36s, resume: im-3}
  - {at: 38s, scale: {remove: im-3}}
  - {at: 40s, latency: {client: 50ms..60ms, redis: 5ms}}
  - {at: 41s, partition: [proxy, im-1]}
  - {at: 45s, move: extra, ip: 192.168.8.0/24}
  - {at: 47s, reconnect: all}
  - {at: 50s, hang: im-2}`)
}

func TestTheSameTroubleGivesTheSameTrace(t *testing.T) {
	t.Parallel()
	p := parse(t, "faults.yaml", allFaults(), nil)
	_, want := run(t, p, Options{})
	for range 2 {
		if _, got := run(t, p, Options{}); got != want {
			t.Error("another trace")
		}
	}
}

func TestFaultsDuringTheRunAsByFile(t *testing.T) {
	t.Parallel()
	text := allFaults()
	whole := parse(t, "faults.yaml", text, nil)
	_, want := run(t, whole, Options{})
	i := strings.Index(text, "steps:\n")
	j := strings.Index(text, "clients:\n")
	bare := parse(t, "bare.yaml", text[:i]+text[j:], nil)
	l := open(t, bare, nil)
	defer closed(t, l)
	for _, s := range whole.Steps {
		to(t, l, s.At)
		typed, err := scenario.ParseStep(bare.With(l.Hand()...).Names(), s.String())
		if err != nil {
			t.Fatalf("%q: %v", s, err)
		}
		if _, err := l.Do(typed); err != nil {
			t.Fatalf("%q: %v", s, err)
		}
	}
	to(t, l, l.End())
	if hashOf(l.Events(1, l.Len())) != want {
		t.Error("another trace when done during the run")
	}
	f := *bare.File
	f.Steps = l.Hand()
	saved, err := plan.Marshal(&f)
	if err != nil {
		t.Fatal(err)
	}
	if _, got := run(t, parse(t, "saved.yaml", string(saved), nil), Options{}); got != want {
		t.Error("another trace from the saved file")
	}
}

// By the wall clock the same faults have the same effects: they are promised of
// both networks.
func TestFaultsByTheWallClock(t *testing.T) {
	for name, lines := range map[string]string{
		"latency": `
steps:
  - {at: 1s, latency: {client: 150ms}}
expect:
  - {from: 0s, at: 900ms, that: "latency.p50 < 100"}
  - {from: 1200ms, at: end, that: "latency.p50 > 150 and sessions.lost == 0"}`,
		"slow": `
steps:
  - {at: 1s, slow: im-1, by: 100ms}
expect:
  - {from: 1200ms, at: end, that: "latency.p95 > 100 and sessions.lost == 0"}`,
		"partition": `
steps:
  - {at: 500ms, partition: [beijing, proxy]}
  - {at: 1500ms, heal: [proxy, beijing]}
expect:
  - {at: end, that: "sessions.lost == 0 and clients.connected == 6 and delivery.same.ratio == 1"}
  - {from: 600ms, at: 1400ms, that: "messages.said >= 20 and messages.sent <= 16", because: "the node hears one group"}`,
		"freeze": `
steps:
  - {at: 500ms, freeze: im-1}
  - {at: 1500ms, resume: im-1}
expect:
  - {at: end, that: "sessions.lost == 0 and delivery.same.ratio == 1"}
  - {from: 600ms, at: 1400ms, that: "messages.said >= 20 and messages.sent <= 16", because: "one node hears nothing"}`,
		"refuse and kill": `
steps:
  - {at: 500ms, refuse: im-2}
  - {at: 600ms, kill: im-2}
  - {at: 700ms, resume: im-2}
expect:
  - {at: end, that: "not nodes['im-2'].up and nodes['im-1'].clients == 6"}`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			text := `title: Faults over TCP
seed: 3
duration: 3s
settle: 1s
nodes: 2
proxy: {policy: ip_hash}` + lines + `
clients:
  beijing: {count: 3, ip: 203.0.113.0/24, connect: 0s, say: every 200ms}
  shanghai: {count: 3, ip: 192.0.2.0/25, connect: 0s, say: every 200ms, transports: [websocket]}
`
			r, _ := run(t, parse(t, "real.yaml", text, nil), Options{Real: true})
			for _, x := range r.Expectations {
				if x.Verdict != expect.Pass {
					t.Errorf("%s: %s: %s", x.Verdict, x.That, x.Actual)
				}
			}
		})
	}
}
