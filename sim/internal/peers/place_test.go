//go:build peers

package peers

import (
	"testing"

	"stickylab/sim/explain"
)

// crowd has addresses from all over, on servers of different weights.
const crowd = `title: A thousand addresses
seed: 7
duration: 30s
settle: 500ms
nodes:
  - {name: a, listen: 10.0.0.1:3000}
  - {name: b, listen: 10.0.0.2:3000}
  - {name: c, listen: 10.0.0.3:3000}
  - {name: d, listen: 10.0.0.4:3000}
  - {name: e, listen: 10.0.0.5:3000}
proxy:
  nginx: |
    upstream im {
      ip_hash;
      server 10.0.0.1:3000;
      server 10.0.0.2:3000 weight=3;
      server 10.0.0.3:3000 down;
      server 10.0.0.4:3000;
      server 10.0.0.5:3000 weight=2;
    }
    server {
      listen 192.168.33.10:80;
      location / {
        proxy_pass http://im;
        proxy_http_version 1.1;
        proxy_set_header Upgrade $http_upgrade;
        proxy_set_header Connection "upgrade";
      }
    }
network: {client: 2ms..6ms}
clients:
  low: {count: 300, ip: 16.0.0.0/4, connect: 0s..5s, transports: [websocket]}
  middle: {count: 300, ip: 64.0.0.0/3, connect: 0s..5s, transports: [websocket]}
  high: {count: 300, ip: 192.0.0.0/4, connect: 0s..5s, transports: [websocket]}
  polling: {count: 100, ip: 208.0.0.0/4, connect: 0s..5s, transports: [polling]}
expect:
  - {at: end, that: "clients.connected == 1000 && errors['Session ID unknown'] == 0"}
`

// TestAddressesLandWhereNginxPutsThem promises, for a thousand addresses, that
// ip_hash of nginx, of our proxy and of explain choose the same node.
func TestAddressesLandWhereNginxPutsThem(t *testing.T) {
	t.Parallel()
	p := planOf(t, "crowd", crowd)
	own, real := twice(t, "crowd", p)
	for who, v := range map[string]*lived{"our proxy": own, "nginx": real} {
		if v.Verdict != "pass" {
			t.Errorf("%s: %s: %+v", who, v.Verdict, v.Expectations)
		}
	}
	u, err := explain.New(p.Config, explain.Options{NodeAt: p.NodeAt})
	if err != nil {
		t.Fatal(err)
	}
	count, wrong := make(map[string]int), 0
	for _, c := range p.Clients {
		told := "none"
		if choice := u.Choose(c.IP); choice.Server != nil {
			told = choice.Server.Node
		}
		if at := real.nodes[c.Name]; at != told || at != own.nodes[c.Name] {
			if wrong++; wrong <= 5 {
				t.Errorf("%s, %s: nginx %q, our proxy %q, explain %q", c.Name, c.IP, at, own.nodes[c.Name], told)
			}
		}
		count[real.nodes[c.Name]]++
	}
	if len(p.Clients) != 1000 || wrong > 0 {
		t.Errorf("%d of %d addresses landed elsewhere", wrong, len(p.Clients))
	}
	t.Logf("1,000 addresses on nginx: %v", count)
}
