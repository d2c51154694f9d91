package redisadapter

import (
	"crypto/ed25519"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"math/big"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"stickylab/cluster/adapter/link"
	"stickylab/cluster/host"
	"stickylab/cluster/trace"
)

func TestTLS(t *testing.T) {
	public, private, err := ed25519.GenerateKey(nil)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), DNSNames: []string{"redis"}, NotAfter: time.Now().AddDate(50, 0, 0)}
	der, err := x509.CreateCertificate(nil, template, template, public, private)
	if err != nil {
		t.Fatal(err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	roots.AddCert(cert)
	inCluster(t, nil, func(c *cluster) {
		c.hub.tls = &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: private}}}
		trusting := &tls.Config{RootCAs: roots, ServerName: "redis", Time: func() time.Time { return cert.NotAfter.AddDate(-1, 0, 0) }}
		a, b, wary := c.start("a"), c.start("b"), c.start("wary")
		a.adapt("/", Config{Config: link.Config{TLS: trusting}})
		b.adapt("/", Config{Config: link.Config{TLS: trusting}})
		wary.adapt("/", Config{Config: link.Config{TLS: &tls.Config{ServerName: "redis"}}})
		later(time.Minute) // with pings
		p := b.join("/")
		a.main().Emit("e")
		p.wants(`2["e"]`)
		if got := a.notes(); len(got) != 1 {
			t.Errorf("notes %q", got)
		}
		if got := wary.notes(); len(got) != 1 || !strings.Contains(got[0], "certificate") {
			t.Errorf("notes %q", got)
		}
	})
}

// However goroutines are scheduled, the wire is cut in the same places.
func TestEachCommandIsOneWrite(t *testing.T) {
	inCluster(t, []string{"a", "b"}, func(c *cluster) {
		before := c.hub.written("a/redis/pub")
		for range 100 {
			c.nodes[0].main().Emit("e")
		}
		synctest.Wait()
		if got := c.hub.written("a/redis/pub") - before; got != 100 {
			t.Errorf("100 events took %d writes", got)
		}
	})
}

func TestCoalescedCommandsKeepTheirOrder(t *testing.T) {
	inCluster(t, []string{"b"}, func(c *cluster) {
		a, b := c.start("a"), c.nodes[0]
		a.adapt("/", Config{Config: link.Config{Coalesce: true}})
		p := b.join("/")
		before := c.hub.written("a/redis/pub")
		var want []string
		for i := range 100 {
			a.main().Emit("n", i)
			want = append(want, fmt.Sprintf(`2["n",%d]`, i))
		}
		p.wants(want...)
		if got := c.hub.written("a/redis/pub") - before; got > 100 {
			t.Errorf("100 events took %d writes", got)
		}
	})
}

func TestDefaults(t *testing.T) {
	inCluster(t, nil, func(c *cluster) {
		n := c.start("a")
		e := host.Env{
			Dial: c.hub.dial, Lane: c.lanes.Lane, ID: func(lane *trace.Lane) string { return "0123456789" + lane.Name() },
			Go: func(f func()) { go f() }, Guard: func(f func()) { f() }, AfterFunc: host.WallTimer,
		}
		a, err := New(n.io.Of("/chat"), Config{Config: link.Config{Env: e, Host: "a", Addr: redisAddr}})
		if err != nil {
			t.Fatal(err)
		}
		n.adapters = append(n.adapters, a)
		if got := a.UID(); got != "012345" {
			t.Errorf("uid %q", got)
		}
		synctest.Wait()
		for _, lane := range []string{"a/redis/chat/pub", "a/redis/chat/sub"} {
			if c.hub.written(lane) == 0 {
				t.Errorf("nothing was written on lane %s: %v", lane, c.hub.writes)
			}
		}
		if id, next := a.newRequestID(), a.newRequestID(); id != "0123451" || next != "0123452" {
			t.Errorf("request ids %q, %q", id, next)
		}
		for _, cfg := range []link.Config{{}, {Env: e, Host: "a"}, {Env: e, Addr: redisAddr}, {Host: "a", Addr: redisAddr}} {
			if _, err := New(n.main(), Config{Config: cfg}); err == nil {
				t.Errorf("an adapter was made without Env, Host or Addr")
			}
		}
		e.ID = nil
		if _, err := New(n.main(), Config{Config: link.Config{Env: e, Host: "a", Addr: redisAddr}}); err == nil {
			t.Errorf("an adapter was made without a uid")
		}
	})
}
