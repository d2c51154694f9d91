package sim

import (
	"fmt"
	"testing"
)

// streamText is a scenario whose proxy passes connections on.
func streamText(method, server, steps, expect string) string {
	return fmt.Sprintf(`title: Stream
seed: 4
duration: 30s
adapter: redis
proxy:
  nginx: |
    stream {
      upstream im { %s server 10.0.0.1:3000; server 10.0.0.2:3000; server 10.0.0.3:3000; }
      server { listen 80; proxy_pass im; %s }
    }
clients:
  both: {count: 6, ip: 10.1.0.0/16, connect: 0s..2s, say: every 5s}
  ws:   {count: 6, ip: 10.2.0.0/16, connect: 0s..2s, say: every 5s, transports: [websocket]}
  poll: {count: 6, ip: 10.3.0.0/16, connect: 0s..2s, say: every 5s, transports: [polling]}
%s
expect:
  - {at: end, that: %q}
`, method, server, steps, expect)
}

// TestAStreamProxy promises that through a proxy of connections a session holds over one, and over
// several only where the address decides.
func TestAStreamProxy(t *testing.T) {
	for name, text := range map[string]string{
		"by address": streamText("hash $remote_addr consistent;", "", "",
			"clients.connected == 18 and errors['Session ID unknown'] == 0 and groups['both'].websocket == 6 and delivery.cross.ratio == 1 and errors['502 Bad Gateway'] == 0"),
		"in turn": streamText("", "", "", "groups['ws'].connected == 6 and sessions.lost > 5 and errors['Session ID unknown'] > 10"),
		"idle connections end": streamText("hash $remote_addr consistent;", "proxy_timeout 100ms;", "",
			"sessions.lost > 0 and errors['connection timed out (110: Connection timed out)'] > 0"),
		"a node dies": streamText("hash $remote_addr consistent;", "", "steps:\n  - {at: 10s, kill: im-1}",
			"clients.connected == 18 and nodes['im-1'].clients == 0 and errors['connect() failed (111: Connection refused)'] > 0 and errors['502 Bad Gateway'] == 0"),
		"down, and another method": streamText("", "", "steps:\n  - {at: 1s, policy: hash $remote_addr consistent}\n  - {at: 5s, down: im-2}",
			"clients.connected > 15"),
		"nodes take no PROXY line": streamText("", "proxy_protocol on;", "", "clients.connected == 0"),
		"all are refused":          streamText("", "deny all;", "", "clients.connected == 0 and errors['access forbidden by rule'] > 0"),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			passes(t, text)
		})
	}
}

func TestAStreamProxyHasTheSameTraceAgain(t *testing.T) {
	text := streamText("least_conn;", "", "steps:\n  - {at: 8s, kill: im-1}\n  - {at: 20s, restart: im-1}", "clients.connected > 0")
	_, want := run(t, parse(t, "stream.yaml", text, nil), Options{Strict: true})
	if _, got := run(t, parse(t, "stream.yaml", text, nil), Options{}); got != want {
		t.Error("another trace")
	}
}
