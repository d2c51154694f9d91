package proxy

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"net/netip"
	"runtime"
	"testing"
	"time"

	"stickylab/cluster/host"
	"stickylab/cluster/nginx"
	"stickylab/cluster/proxy/wire"
	"stickylab/cluster/trace"
)

// onTCP starts a proxy on real loopback connections before one node, which
// answers "ok" or echoes. The result is the proxy's address.
func onTCP(t testing.TB) (p *Proxy, addr string) {
	t.Helper()
	node, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Upgrade") == "" {
			io.WriteString(w, "ok")
			return
		}
		c, rw, err := http.NewResponseController(w).Hijack()
		if err != nil {
			t.Error(err)
			return
		}
		defer c.Close()
		io.WriteString(c, "HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n")
		io.Copy(c, rw)
	})}
	go server.Serve(node)
	recorder := trace.NewRecorder(func([]trace.Event) {})
	var front net.Listener
	world := host.Env{
		Listen: func(string, string) (net.Listener, error) {
			front, err = net.Listen("tcp", "127.0.0.1:0")
			return front, err
		},
		Dial: func(ctx context.Context, _ string, _ *trace.Lane, addr string) (net.Conn, error) {
			var d net.Dialer
			return d.DialContext(ctx, "tcp", addr)
		},
		Rand:  func(string) *rand.Rand { return rand.New(rand.NewPCG(1, 2)) },
		Lane:  recorder.Lane,
		Go:    func(f func()) { go f() },
		Guard: func(f func()) { f() },

		AfterFunc: host.WallTimer,
	}
	text := fmt.Sprintf("upstream im { server %s; }\nserver { listen 80; location / { proxy_pass http://im; %s } }",
		node.Addr(), upgradeLines)
	c, problems := nginx.Parse(text, nginx.DefaultVersion)
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	p, err = New(Config{Env: world, Host: "proxy", Nginx: c})
	if err != nil {
		t.Fatal(err)
	}
	if err := p.Start(); err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() { // steps are closed, or the trace would grow
		for {
			select {
			case <-time.After(10 * time.Millisecond):
				recorder.CloseStep()
			case <-done:
				return
			}
		}
	}()
	t.Cleanup(func() {
		p.Close()
		server.Close()
		close(done)
	})
	return p, front.Addr().String()
}

func upgraded(t testing.TB, addr string) (net.Conn, *bufio.Reader) {
	t.Helper()
	c, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	io.WriteString(c, wsRequest)
	r := bufio.NewReaderSize(c, 512)
	for {
		line, err := r.ReadString('\n')
		if err != nil {
			t.Fatal(err)
		}
		if line == "\r\n" {
			return c, r
		}
	}
}

// TestTCP promises requests and upgrades over TCP, and that Close leaves
// nothing behind.
func TestTCP(t *testing.T) {
	before := runtime.NumGoroutine()
	t.Run("serve", func(t *testing.T) {
		_, addr := onTCP(t)
		answer, err := http.Get("http://" + addr + "/")
		if err != nil {
			t.Fatal(err)
		}
		body, _ := io.ReadAll(answer.Body)
		answer.Body.Close()
		if answer.StatusCode != 200 || string(body) != "ok" {
			t.Errorf("got %d %q", answer.StatusCode, body)
		}
		c, r := upgraded(t, addr)
		defer c.Close()
		sent := make([]byte, 100_000)
		for i := range sent {
			sent[i] = byte(i)
		}
		go c.Write(sent)
		got := make([]byte, len(sent))
		if _, err := io.ReadFull(r, got); err != nil || string(got) != string(sent) {
			t.Errorf("tunnel: %v", err)
		}
		http.DefaultClient.CloseIdleConnections()
	})
	for deadline := time.Now().Add(time.Minute); runtime.NumGoroutine() > before && time.Now().Before(deadline); {
		time.Sleep(time.Millisecond)
	}
	if n := runtime.NumGoroutine(); n > before {
		stacks := make([]byte, 1<<16)
		t.Errorf("%d goroutines more than before\n%s", n-before, stacks[:runtime.Stack(stacks, true)])
	}
}

// TestEndpoints promises the sockets that nginx would open.
func TestEndpoints(t *testing.T) {
	for _, test := range []struct {
		listen string
		want   string
	}{
		{"listen 80;", "[{0.0.0.0:80 false}]"},
		{"listen 80; listen [::]:80;", "[{:80 false}]"},
		{"listen [::]:80 ipv6only=off;", "[{[::]:80 true}]"},
		{"listen 192.0.2.1:80; listen 8080;", "[{192.0.2.1:80 false} {0.0.0.0:8080 false}]"},
		{"listen 192.0.2.1:80; listen 80;", "[{0.0.0.0:80 false}]"},
	} {
		c, problems := nginx.Parse("server { "+test.listen+" }", nginx.DefaultVersion)
		if len(problems) > 0 {
			t.Fatal(problems)
		}
		if got := fmt.Sprint(endpoints(c)); got != test.want {
			t.Errorf("%s: %s, want %s", test.listen, got, test.want)
		}
	}
}

func BenchmarkGet(b *testing.B) {
	_, addr := onTCP(b)
	var c net.Conn
	r := bufio.NewReader(nil)
	b.ReportAllocs()
	for n := 0; b.Loop(); n++ {
		if n%1000 == 0 {
			var err error
			if c, err = net.Dial("tcp", addr); err != nil {
				b.Fatal(err)
			}
			defer c.Close()
			r.Reset(c)
		}
		io.WriteString(c, getRequest)
		answer, err := http.ReadResponse(r, nil)
		if err != nil {
			b.Fatal(err)
		}
		io.Copy(io.Discard, answer.Body)
	}
}

// BenchmarkTunnel is a 64-byte message to the node and back.
func BenchmarkTunnel(b *testing.B) {
	_, addr := onTCP(b)
	c, r := upgraded(b, addr)
	defer c.Close()
	message := make([]byte, 64)
	b.ReportAllocs()
	b.SetBytes(128)
	for b.Loop() {
		c.Write(message)
		if _, err := io.ReadFull(r, message); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkTunnelStream is a stream of 64-byte messages in one direction,
// without the network: what passing on costs.
func BenchmarkTunnelStream(b *testing.B) {
	t := &tunnel{p: &Proxy{began: time.Now()}}
	w := passage{t, discard{}}
	message := make([]byte, 64)
	b.ReportAllocs()
	for b.Loop() {
		w.Write(message)
	}
}

type discard struct{ net.Conn }

func (discard) Write(b []byte) (int, error) { return len(b), nil }

const headRequest = "GET /socket.io/?EIO=4 HTTP/1.1\r\nHost: im.example.com\r\nUser-Agent: x\r\nAccept: */*\r\nCookie: a=b\r\nUpgrade: websocket\r\n\r\n"

func BenchmarkHead(b *testing.B) {
	c, _ := nginx.Parse(configText(2, "", upgradeLines), nginx.DefaultVersion)
	p := &Proxy{name: nginx.DefaultVersion.Server()}
	p.c.NodeAt = func(string) string { return "" }
	p.c.Env.Rand = func(string) *rand.Rand { return nil }
	p.c.Env.Lane = trace.NewRecorder(func([]trace.Event) {}).Lane
	g, err := p.newGeneration(c)
	if err != nil {
		b.Fatal(err)
	}
	var h wire.Head
	h.Reset(&c.Servers[0].Head, nil, true)
	if _, whole, bad := h.Parse([]byte(headRequest)); !whole || bad != nil {
		b.Fatal(bad)
	}
	r := h.Request()
	location := c.Servers[0].Locations[0]
	x := &request{p: p, gen: g, r: r, plan: g.plans[planKey{location.Proxy, location.Proxy.Upstream}], client: netip.MustParseAddr("192.0.2.1")}
	x.visit.Begin(c, x, netip.MustParseAddrPort("192.168.33.10:80"), r.Host, r.Path, r.Args)
	x.visit.Route()
	buf := make([]byte, 0, 1024)
	b.ReportAllocs()
	for b.Loop() {
		buf = x.appendHead(buf[:0])
	}
}
