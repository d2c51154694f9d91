//go:build peers

package peers

import (
	"testing"

	"stickylab/cluster"
	"stickylab/cluster/internal/clustertest"
	"stickylab/cluster/proxy"
)

// Addresses of the configuration.
const (
	front         = clustertest.Front
	embeddedRedis = clustertest.Redis
)

// A chat is a cluster of chat nodes behind a proxy.
type chat struct {
	*world
	*cluster.Cluster
}

func startChat(t *testing.T, method string, adapter bool) *chat {
	t.Helper()
	c := clustertest.Start(t, method, adapter, nil)
	return &chat{&world{t, c.World}, c.Cluster}
}

// proxied puts a proxy before the servers and returns its URL.
func (w *world) proxied(servers ...string) string {
	w.Helper()
	p, err := proxy.New(proxy.Config{
		Env: w.Env(), Host: "proxy", Nginx: clustertest.Nginx(w.T, "ip_hash;", servers...), Resolve: clustertest.Resolve,
	})
	if err == nil {
		err = p.Start()
	}
	if err != nil {
		w.Fatal(err)
	}
	w.Cleanup(p.Close)
	return w.url(front)
}
