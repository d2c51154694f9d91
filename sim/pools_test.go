package sim

import (
	"fmt"
	"testing"
)

// pools is a proxy whose upstream is named by a variable.
func pools(variables, expect string) string {
	return fmt.Sprintf(`title: Pools
seed: 4
duration: 30s
proxy:
  nginx: |
    upstream im_sticky { ip_hash; server 10.0.0.1:3000; server 10.0.0.2:3000; }
    upstream im_any { server 10.0.0.1:3000; server 10.0.0.2:3000; server 10.0.0.3:3000; }
    %s
    server {
      listen 80;
      location /socket.io/ {
        proxy_pass http://$pool;
        proxy_http_version 1.1;
        proxy_set_header Upgrade $http_upgrade;
        proxy_set_header Connection "upgrade";
      }
      location / { proxy_pass http://im_any; }
    }
clients:
  both:  {count: 20, ip: 10.1.0.0/16, connect: 0s..2s, say: every 5s}
  plain: {count: 10, ip: 10.2.0.0/16, connect: 0s..2s, transports: [websocket]}
expect:
  - {at: end, that: %q}
`, variables, expect)
}

func TestAMapNamesTheUpstream(t *testing.T) {
	for name, text := range map[string]string{
		// Polling is sticky and the upgrade is not: it comes to a node that does
		// not know the session. The session stays on polling.
		"the upgrade goes elsewhere": pools("map $http_upgrade $pool { default im_sticky; websocket im_any; }",
			"errors['Session ID unknown'] > 5 and errors['probe error'] > 5 and sessions.lost == 0 and clients.connected == 30 and nodes['im-3'].websocket > 0 and groups['both'].nodes['im-3'] == 0"),
		"by transport, polling in turn": pools("map $arg_transport $pool { default im_any; websocket im_sticky; }",
			"groups['both'].connected < 20 and groups['plain'].connected == 10 and errors['Session ID unknown'] > 20"),
		"all sticky": pools("map $uri $pool { default im_any; ~^/socket.io/ im_sticky; }",
			"clients.connected == 30 and errors['Session ID unknown'] == 0 and nodes['im-3'].clients == 0"),
		"shares of addresses": pools("split_clients $remote_addr $pool { 100% im_sticky; }",
			"clients.connected == 30 and errors['Session ID unknown'] == 0"),
		"a name that is none": pools("map $http_upgrade $pool { default im_sticky; websocket im_stikcy; }",
			"groups['both'].connected == 20 and groups['plain'].connected == 0 and errors['502 Bad Gateway'] > 10"),
		"none sticky": pools("map $http_upgrade $pool { default im_any; }", "clients.connected < 30"),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			passes(t, text)
		})
	}
}

func TestThePlanHasTheNodesOfAllPools(t *testing.T) {
	p := parse(t, "pools.yaml", pools("map $http_upgrade $pool { default im_sticky; websocket im_any; }", "clients.connected == 30"), nil)
	if len(p.Nodes) != 3 || p.Upstream != "im_sticky" || fmt.Sprint(p.UsedBy(p.Config)) != "[im_sticky im_any]" {
		t.Errorf("%d nodes, %s of %v", len(p.Nodes), p.Upstream, p.UsedBy(p.Config))
	}
}

// TestKeysOfHash promises that a key with the transport in it parts the requests
// of a session, as one with the whole request does.
func TestKeysOfHash(t *testing.T) {
	text := func(key, expect string) string {
		return fmt.Sprintf(`title: Keys
seed: 2
duration: 20s
nodes: 3
proxy: {policy: %s}
clients:
  users: {count: 20, ip: 10.1.0.0/16, connect: 0s..1s}
expect:
  - {at: end, that: %q}
`, key, expect)
	}
	for key, expect := range map[string]string{
		"hash $remote_addr":               "clients.connected == 20 and errors['Session ID unknown'] == 0",
		"hash $remote_addr$arg_transport": "clients.connected == 20 and errors['probe error'] > 5",
		"hash $request_uri":               "clients.connected < 20 and errors['Session ID unknown'] > 10",
	} {
		t.Run(key, func(t *testing.T) {
			t.Parallel()
			passes(t, text(key, expect))
		})
	}
}
