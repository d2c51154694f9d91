//go:build peers

package peers

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"strings"
	"testing"
	"time"

	"stickylab/cluster/adapter/link"
	"stickylab/cluster/engineio"
	"stickylab/cluster/redisadapter"
)

// A pair is two of our servers on a Redis, with a client on the second.
type pair struct {
	*world
	here, there               *site
	hereChanges, thereChanges <-chan string
	clients                   *script
}

func newPair(t *testing.T, config redisadapter.Config) *pair {
	t.Helper()
	p := &pair{world: newWorld(t), clients: start(t, "client.mjs")}
	p.here, p.there = p.newSite("here", engineio.Config{}), p.newSite("there", engineio.Config{})
	_, p.hereChanges = p.here.join("/", config)
	_, p.thereChanges = p.there.join("/", config)
	p.clients.connect("a", "http://"+p.there.addr, websocketOnly)
	p.clients.hears("a", `"connect"`)
	return p
}

// both expects a change of both.
func (p *pair) both(want string) {
	p.Helper()
	p.becomes(p.hereChanges, want)
	p.becomes(p.thereChanges, want)
}

// crosses checks that the servers hear of each other; they must be two.
func (p *pair) crosses(event string) {
	p.Helper()
	ns := p.here.io.Of("/")
	eventually(p.T, "two", func() bool {
		n, err := ns.Adapter().ServerCount(p.Context())
		return n == 2 && err == nil
	})
	ns.Emit(event)
	p.clients.hears("a", `"`+event+`"`)
	// The other one may hear a moment before it can answer.
	eventually(p.T, "able to fetch", func() bool {
		sockets, err := ns.FetchSockets(p.Context())
		return err == nil && len(sockets) == 1
	})
}

func TestRedisRestarts(t *testing.T) {
	t.Parallel()
	r := newRedis(t)
	p := newPair(t, redisadapter.Config{Config: link.Config{Addr: r.addr, RequestsTimeout: time.Second}})
	n := startNode(t, "redis", r.addr)
	p.clients.connect("n", unquote(t, n.call("url")), websocketOnly)
	p.clients.hears("n", `"connect"`)
	for range 2 {
		r.kill()
		p.both("down: ")
		p.here.io.Of("/").Emit("lost") // nobody is here, and nobody else hears it
		if _, err := p.here.io.Of("/").FetchSockets(p.Context()); err == nil || err.Error() != "timeout reached while waiting for fetchSockets response" {
			t.Errorf("fetched with %v", err)
		}
		p.there.io.Of("/").Emit("local")
		p.clients.hears("a", `"local"`)
		r.start()
		p.both("up")
		eventually(t, "a cluster of three", func() bool { return n.call("count", "/") == "3" })
		n.call("run", "/", []any{}, "emit", "from node")
		p.clients.hears("a", `"from node"`)
		p.here.io.Of("/").Emit("from here")
		p.clients.hears("a", `"from here"`)
		// The Node client of Redis sends what it could not send when it is back.
		p.clients.until("n", `"from here"`)
	}
}

// Redis cannot be reached, but nothing tells: packets vanish.
func TestRedisBehindABlackHole(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	hole := w.newRelay(newRedis(t).addr)
	p := newPair(t, redisadapter.Config{Config: link.Config{
		Addr: hole.addr, PingInterval: 300 * time.Millisecond, PingTimeout: 2 * time.Second, RequestsTimeout: time.Second,
	}})
	p.crosses("before")
	for range 2 {
		hole.swallow()
		p.here.io.Of("/").Emit("lost")
		p.both("down: redis: no answer to a ping")
		time.Sleep(time.Second) // attempts fall into the hole
		p.there.io.Of("/").Emit("local")
		p.clients.hears("a", `"local"`)
		hole.heal()
		p.both("up")
		p.crosses("after")
	}
}

func TestRedisWithAPassword(t *testing.T) {
	t.Parallel()
	r := newRedis(t, "--port", "PORT", "--requirepass", "secret", "--user", "chat", "on", ">pass", "allchannels", "+@pubsub", "+@connection")
	for _, config := range []redisadapter.Config{
		{Config: link.Config{Addr: r.addr, Password: "secret"}}, {Config: link.Config{Addr: r.addr, Username: "chat", Password: "pass"}},
	} {
		t.Run(config.Username, func(t *testing.T) { newPair(t, config).crosses("hello") })
	}
	refuses(t, redisadapter.Config{Config: link.Config{Addr: r.addr, Password: "wrong"}}, "WRONGPASS")
	refuses(t, redisadapter.Config{Config: link.Config{Addr: r.addr}}, "NOAUTH")
}

func TestRedisWithTLS(t *testing.T) {
	t.Parallel()
	c := certify(t)
	r := newRedis(t, "--port", "0", "--tls-port", "PORT", "--tls-auth-clients", "no",
		"--tls-cert-file", c.cert, "--tls-key-file", c.key, "--tls-ca-cert-file", c.cert, "--requirepass", "secret")
	config := redisadapter.Config{Config: link.Config{Addr: r.addr, Password: "secret", TLS: &tls.Config{RootCAs: c.pool}}}
	p := newPair(t, config)
	p.crosses("hello")
	r.kill()
	p.both("down: ")
	r.start()
	p.both("up")
	p.crosses("again")

	config.TLS = &tls.Config{RootCAs: x509.NewCertPool()}
	refuses(t, config, "x509: certificate signed by unknown authority")
	config.TLS = nil
	refuses(t, config, "EOF", "reset")
}

// refuses fails the test unless the adapter stays down for one of the reasons.
func refuses(t *testing.T, config redisadapter.Config, reasons ...string) {
	t.Helper()
	w := newWorld(t)
	s := w.newSite("refused", engineio.Config{})
	_, changes := s.adapt("/", config)
	select {
	case got := <-changes:
		for _, reason := range reasons {
			if strings.HasPrefix(got, "down: ") && strings.Contains(got, reason) {
				return
			}
		}
		t.Errorf("the adapter is %q, want %q", got, reasons)
	case <-time.After(timeout):
		t.Error("the adapter is neither up nor down")
	}
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	if _, err := s.io.Of("/").FetchSockets(ctx); err == nil {
		t.Error("sockets of the cluster were fetched")
	}
}
