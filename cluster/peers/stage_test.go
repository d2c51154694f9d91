//go:build peers

package peers

import (
	"fmt"
	"strings"
	"testing"

	"stickylab/cluster"
	"stickylab/cluster/nginx"
	"stickylab/cluster/proxy"
)

// Addresses of the configuration.
const (
	front         = "192.168.33.10:80"
	embeddedRedis = "198.18.0.1:6379"
)

// parse returns the configuration of a proxy before the servers.
func parse(t *testing.T, method string, servers ...string) *nginx.Config {
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
		}`, method, strings.Join(servers, "; server "), front), nginx.Options{})
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	return config
}

// A chat is a cluster of chat nodes behind a proxy.
type chat struct {
	*world
	*cluster.Cluster
}

func startChat(t *testing.T, method string, adapter bool) *chat {
	t.Helper()
	w := newWorld(t)
	c, err := cluster.Start(w.env(), cluster.Config{
		Nodes:   []cluster.NodeConfig{{Name: "im-3030", Listen: "127.0.0.1:3030"}, {Name: "im-5080", Listen: "127.0.0.1:5080"}},
		Adapter: adapter, Redis: embeddedRedis,
		Nginx: parse(t, method, "127.0.0.1:3030", "127.0.0.1:5080"), Resolve: resolve,
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return &chat{w, c}
}

// url returns where the proxy, or the node of an address, is.
func (w *world) url(addr string) string { return "http://" + w.address(addr) }

// proxied puts a proxy before the servers and returns its URL.
func (w *world) proxied(servers ...string) string {
	w.Helper()
	p, err := proxy.New(proxy.Config{Env: w.env(), Host: "proxy", Nginx: parse(w.T, "ip_hash;", servers...), Resolve: resolve})
	if err == nil {
		err = p.Start()
	}
	if err != nil {
		w.Fatal(err)
	}
	w.Cleanup(p.Close)
	return w.url(front)
}
