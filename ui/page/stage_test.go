package page_test

import (
	"context"
	crand "crypto/rand"
	"encoding/base64"
	"fmt"
	"math/rand/v2"
	"net"
	"net/netip"
	"sync"
	"testing"

	"stickylab/cluster"
	"stickylab/cluster/env"
	"stickylab/cluster/nginx"
	"stickylab/cluster/trace"
	"stickylab/ui/page"
)

const proxyAddress = "192.168.33.10:80"

// stage is a cluster of two nodes on loopback TCP, with a page: each address of
// the configuration stands for a free port.
type stage struct {
	*cluster.Cluster
	rec *trace.Recorder

	mu    sync.Mutex
	ports map[string]string
	wg    sync.WaitGroup
}

// start starts one whose upstream has these lines before its servers.
func start(t *testing.T, upstream string, adapter bool) *stage {
	t.Helper()
	s := &stage{rec: trace.NewRecorder(func([]trace.Event) {}), ports: make(map[string]string)}
	config, problems := nginx.Parse(fmt.Sprintf(`
		upstream im { %s server 127.0.0.1:3030; server 127.0.0.1:5080; }
		server {
			listen %s;
			location / {
				proxy_pass http://im;
				proxy_http_version 1.1;
				proxy_set_header Upgrade $http_upgrade;
				proxy_set_header Connection "upgrade";
			}
		}`, upstream, proxyAddress), nginx.Options{})
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	c, err := cluster.Start(s.env(), cluster.Config{
		Nodes:   []cluster.NodeConfig{{Name: "im-3030", Listen: "127.0.0.1:3030"}, {Name: "im-5080", Listen: "127.0.0.1:5080"}},
		Adapter: adapter,
		Redis:   "198.18.0.1:6379",
		Nginx:   config,
		Resolve: func(host string) ([]netip.Addr, error) {
			a, err := netip.ParseAddr(host)
			return []netip.Addr{a}, err
		},
		Page: page.Handler("im-3030", "im-5080"),
	})
	if err != nil {
		t.Fatal(err)
	}
	s.Cluster = c
	t.Cleanup(func() {
		c.Close()
		s.wg.Wait() // every goroutine of the cluster ends
	})
	return s
}

func (s *stage) port(addr string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.ports[addr]
}

func (s *stage) env() env.Env {
	return env.Env{
		Listen: func(_, addr string) (net.Listener, error) {
			l, err := net.Listen("tcp", "127.0.0.1:0")
			if err == nil {
				s.mu.Lock()
				s.ports[addr] = l.Addr().String()
				s.mu.Unlock()
			}
			return l, err
		},
		Dial: func(ctx context.Context, _ string, _ *trace.Lane, addr string) (net.Conn, error) {
			var d net.Dialer
			return d.DialContext(ctx, "tcp", s.port(addr))
		},
		Rand: func(string) *rand.Rand { return rand.New(rand.NewPCG(1, 2)) },
		ID: func(*trace.Lane) string {
			id := make([]byte, 15)
			crand.Read(id)
			return base64.RawURLEncoding.EncodeToString(id)
		},
		Lane:  s.rec.Lane,
		Go:    func(f func()) { s.wg.Go(f) },
		Guard: func(f func()) { f() },
	}
}
