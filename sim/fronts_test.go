package sim

import (
	"fmt"
	"strings"
	"testing"

	"stickylab/cluster/trace"
)

// behind is a scenario whose clients come through what front says to a proxy
// with that listen line and those lines about the client's address.
func behind(front, listen, realip string, expect ...string) string {
	checks := ""
	for _, x := range expect {
		checks += fmt.Sprintf("  - {at: end, that: %q}\n", x)
	}
	return fmt.Sprintf(`title: Behind
seed: 5
duration: 30s
nodes: 2
proxy:
  nginx: |
    upstream im { ip_hash; server im-1:3000; server im-2:3000; }
    server {
      listen %s;
      %s
      location / {
        proxy_pass http://im;
        proxy_http_version 1.1;
        proxy_set_header Upgrade $http_upgrade;
        proxy_set_header Connection "upgrade";
      }
    }
%s
clients:
  users: {count: 20, ip: 10.0.0.0/8, connect: 0s..2s, say: every 5s}
expect:
%s`, listen, realip, front, checks)
}

const (
	spread = "nodes['im-1'].clients > 3 and nodes['im-2'].clients > 3 and clients.connected == 20 and errors['Session ID unknown'] == 0"
	heaped = "(nodes['im-1'].clients == 20 or nodes['im-2'].clients == 20) and errors['Session ID unknown'] == 0"

	lineFront = "front: {name: lb, ip: 198.51.100.10, proxy_protocol: true}"
	twoFronts = "front: [{name: cdn, ip: 203.0.113.10}, {name: lb, ip: 198.51.100.10}]"
)

// TestWhatTheProxySeesThroughFronts promises whose address ip_hash gets.
func TestWhatTheProxySeesThroughFronts(t *testing.T) {
	const forwarded = "real_ip_header X-Forwarded-For; "
	for name, text := range map[string]string{
		"line":                   behind(lineFront, "80 proxy_protocol", "set_real_ip_from 198.51.100.10; real_ip_header proxy_protocol;", spread),
		"line, not trusted":      behind(lineFront, "80 proxy_protocol", "set_real_ip_from 10.0.0.0/8; real_ip_header proxy_protocol;", heaped),
		"line, not taken":        behind(lineFront, "80 proxy_protocol", "", heaped),
		"line, not expected":     behind(lineFront, "80", "", "clients.never == 20", "errors['client sent invalid request'] > 20"),
		"line, and nobody sends": behind("", "80 proxy_protocol", "", "clients.never == 20", "errors['broken header'] > 20"),
		"line from the cdn, header from the balancer": behind(
			"front: [{name: lb, ip: 203.0.113.10, proxy_protocol: true}, {name: cdn, ip: 198.51.100.10}]", "80", "set_real_ip_from 198.51.100.10; "+forwarded, spread),
		"header from the cdn, line from the balancer": behind(
			"front: [{name: cdn, ip: 203.0.113.10}, {name: lb, ip: 198.51.100.10, proxy_protocol: true}]", "80 proxy_protocol",
			"set_real_ip_from 203.0.113.10; set_real_ip_from 198.51.100.10; real_ip_recursive on; "+forwarded, spread),
		"two lines": behind(
			"front: [{name: a, ip: 203.0.113.10, proxy_protocol: true}, {name: b, ip: 198.51.100.10, proxy_protocol: true}]", "80 proxy_protocol",
			"set_real_ip_from 198.51.100.10; real_ip_header proxy_protocol;", spread),
		"two in a row":                behind(twoFronts, "80", "set_real_ip_from 203.0.113.10; set_real_ip_from 198.51.100.10; real_ip_recursive on; "+forwarded, spread),
		"two, not recursive":          behind(twoFronts, "80", "set_real_ip_from 203.0.113.10; set_real_ip_from 198.51.100.10; "+forwarded, heaped),
		"two, only the last trusted":  behind(twoFronts, "80", "set_real_ip_from 198.51.100.10; real_ip_recursive on; "+forwarded, heaped),
		"two, only the first trusted": behind(twoFronts, "80", "set_real_ip_from 203.0.113.10; real_ip_recursive on; "+forwarded, heaped),
		"two, nobody trusted":         behind(twoFronts, "80", "", heaped),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			passes(t, text)
		})
	}
}

// TestFrontsInTheTrace promises that a front reports its requests as its own and
// that they count once.
func TestFrontsInTheTrace(t *testing.T) {
	t.Parallel()
	p := parse(t, "fronts.yaml", behind(
		"front: [{name: cdn, ip: 203.0.113.10}, {name: lb, ip: 198.51.100.10, proxy_protocol: true}]\nsteps:\n  - {at: 10s, partition: [cdn, lb]}\n  - {at: 12s, heal: [cdn, lb]}",
		"80 proxy_protocol", "", heaped), nil)
	kinds := map[trace.Kind]int{}
	loaded := 0
	_, err := Run(t.Context(), p, Options{Trace: func(events []trace.Event) {
		for _, e := range events {
			kinds[e.Kind]++
			lane := e.Lane.Name()
			switch e.Kind {
			case trace.ConfigLoaded:
				loaded++
			case trace.Fronted, trace.FrontError:
				if node := e.Node.String(); !strings.HasPrefix(lane, node+"<") {
					t.Errorf("%v of %s on the lane %s", e.Kind, node, lane)
				}
			case trace.Proxied, trace.ProxyError:
				if !strings.HasPrefix(lane, "proxy<lb<cdn<users-") {
					t.Errorf("%v on the lane %s", e.Kind, lane)
				}
			case trace.PeerConns, trace.PeerFails:
				if !strings.HasPrefix(lane, "proxy/im/") {
					t.Errorf("%v on the lane %s", e.Kind, lane)
				}
			}
		}
	}})
	if err != nil {
		t.Fatal(err)
	}
	if loaded != 1 {
		t.Errorf("%d configurations", loaded)
	}
	if kinds[trace.Fronted] < kinds[trace.Proxied] || kinds[trace.Proxied] == 0 {
		t.Errorf("%d requests at the fronts, %d at the proxy", kinds[trace.Fronted], kinds[trace.Proxied])
	}
}

func TestTheSameFrontsGiveTheSameTrace(t *testing.T) {
	t.Parallel()
	text := behind("front: [{ip: 203.0.113.10, latency: 1ms..30ms}, {ip: 198.51.100.10, proxy_protocol: true}, {ip: 198.51.100.11}]\nsteps:\n"+
		"  - {at: 5s, kill: im-1}\n  - {at: 8s, restart: im-1}\n  - {at: 10s, partition: [front-2, front-3]}\n  - {at: 15s, heal: [front-2, front-3]}",
		"80", "set_real_ip_from 0.0.0.0/0; real_ip_header X-Forwarded-For; real_ip_recursive on;")
	p := parse(t, "fronts.yaml", strings.TrimSuffix(text, "expect:\n"), nil)
	_, want := run(t, p, Options{})
	for range 2 {
		if _, got := run(t, p, Options{}); got != want {
			t.Error("another trace")
		}
	}
}

// Where a PROXY line and what is expected do not fit, the scenario is taken and
// the note says what will happen.
func TestNotesAboutPROXYLines(t *testing.T) {
	for _, test := range []struct{ front, listen, want string }{
		{lineFront, "80 proxy_protocol", ""},
		{lineFront, "80", "a PROXY line is sent to 192.168.33.10:80, which does not expect it: every request gets 400"},
		{"", "80 proxy_protocol", "a PROXY line is expected at 192.168.33.10:80 and no one sends one: every connection is closed"},
		{"front: {ip: 198.51.100.10}", "80 proxy_protocol", "a PROXY line is expected at 192.168.33.10:80 and no one sends one: every connection is closed"},
		{"front: {ip: 198.51.100.10}", "80", ""},
		{"front: [{ip: 203.0.113.10, proxy_protocol: true}, {ip: 198.51.100.10, nginx: \"server { listen 80; location / { proxy_pass http://proxy; } }\"}]", "80",
			"a PROXY line is sent to 198.51.100.10:80, which does not expect it: every request gets 400"},
	} {
		p := parse(t, "notes.yaml", behind(test.front, test.listen, "", heaped), nil)
		got := ""
		for _, n := range p.Notes {
			got += n.Text
		}
		if got != test.want {
			t.Errorf("%s, listen %s: %q", test.front, test.listen, got)
		}
	}
}
