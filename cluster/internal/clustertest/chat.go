package clustertest

import (
	"fmt"
	"net/http"
	"net/netip"
	"strings"
	"testing"

	"stickylab/cluster"
	"stickylab/cluster/adapter"
	"stickylab/cluster/nginx"
)

// Addresses of the configuration.
const (
	Front = "192.168.33.10:80" // where the proxy is
	First = "127.0.0.1:3030"   // the node im-3030
	Other = "127.0.0.1:5080"   // the node im-5080
	Redis = "198.18.0.1:6379"  // the embedded one
)

// A Chat is a cluster of two chat nodes behind a proxy, in a world.
type Chat struct {
	*World
	*cluster.Cluster
}

// Start starts one until the end of the test. method stands before the servers
// of the upstream: "ip_hash;". page, which may be nil, answers what is not for
// the chat.
func Start(t testing.TB, method string, redis bool, page http.Handler) *Chat {
	t.Helper()
	w := NewWorld(t)
	kind := adapter.None
	if redis {
		kind = adapter.Redis
	}
	c, err := cluster.Start(w.Env(), cluster.Config{
		Nodes:   []cluster.NodeConfig{{Name: "im-3030", Listen: First}, {Name: "im-5080", Listen: Other}},
		Adapter: kind, Redis: Redis,
		Nginx: Nginx(t, method, First, Other), Resolve: Resolve,
		Page: page,
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return &Chat{w, c}
}

// Nginx returns the configuration of a proxy before the servers.
func Nginx(t testing.TB, method string, servers ...string) *nginx.Config {
	t.Helper()
	config, problems := nginx.Parse(fmt.Sprintf(`
		upstream im { %s server %s; }
		server {
			listen %s;
			location / {
				proxy_pass http://im;
				proxy_http_version 1.1;
				proxy_set_header Upgrade $http_upgrade;
				proxy_set_header Connection "upgrade";
				proxy_set_header X-Real-IP $remote_addr;
			}
		}`, method, strings.Join(servers, "; server "), Front), nginx.DefaultVersion)
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	return config
}

// Resolve knows addresses and no names.
func Resolve(host string) ([]netip.Addr, error) {
	a, err := netip.ParseAddr(host)
	return []netip.Addr{a}, err
}
