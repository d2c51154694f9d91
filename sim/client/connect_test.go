package client_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"stickylab/cluster/engineio"
	"stickylab/cluster/trace"
	"stickylab/sim/client"
)

func expect(t testing.TB, what string, got, want []string) {
	t.Helper()
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("%s (-want +got):\n%s", what, d)
	}
}

// After the handshake the POST with CONNECT, the next GET and the upgrade leave
// in one instant; the upgrade waits until the GET of that moment is answered.
func TestConnectsOnPollingAndUpgrades(t *testing.T) {
	simulate(t, func(w *world) {
		w.startNode(nil)
		c := w.client("ann")
		c.Connect()
		time.Sleep(time.Second)
		expect(t, "trace", w.log("ann"), []string{
			"0s asked GET polling", "40ms answered GET polling 200",
			"40ms asked GET polling", "40ms asked POST", "40ms asked GET websocket",
			"80ms answered GET polling 200", "80ms connected polling", "80ms asked GET polling",
			"80ms answered GET websocket 101", "80ms answered POST 200", "80ms asked POST",
			"100ms answered GET polling 200", "100ms asked GET polling",
			"100ms answered POST 200",
			"120ms answered GET polling 200", "120ms upgraded",
		})
		if s := c.State(); s.Transport != client.WebSocket || !s.Connected {
			t.Errorf("state %+v", s)
		}
	})
}

func TestWebSocketOnly(t *testing.T) {
	simulate(t, func(w *world) {
		n := w.startNode(nil)
		c := w.client("ann", transports(client.WebSocket))
		c.Connect()
		time.Sleep(time.Second)
		expect(t, "trace", w.log("ann"), []string{"0s asked GET websocket", "40ms answered GET websocket 101", "60ms connected websocket"})
		expect(t, "node", n.log(), []string{"connect ann", "join lobby"})
		if got := c.State(); got.Transport != client.WebSocket || !got.Connected || got.Session == "" || got.Socket == "" {
			t.Errorf("state %+v", got)
		}
	})
}

func TestPollingOnly(t *testing.T) {
	simulate(t, func(w *world) {
		w.startNode(nil)
		c := w.client("ann", transports(client.Polling))
		c.Connect()
		time.Sleep(10 * time.Minute)
		if s := c.State(); !s.Connected || s.Transport != client.Polling {
			t.Errorf("state after many heartbeats: %+v", s)
		}
		expect(t, "trace", w.brief("ann", trace.Connected, trace.Upgraded, trace.UpgradeError, trace.Disconnected), []string{"connected polling"})
	})
}

// Everybody in the room reads every message once, on any transport.
func TestMessagesAreRead(t *testing.T) {
	simulate(t, func(w *world) {
		w.startNode(nil)
		clients := []*client.Client{
			w.client("ann"), w.client("bob", transports(client.WebSocket)), w.client("cyd", transports(client.Polling)),
		}
		for _, c := range clients {
			c.Connect()
			time.Sleep(time.Second)
		}
		for range 3 {
			for _, c := range clients {
				c.Say("it's \"quoted\", <b> & é")
			}
			time.Sleep(time.Second)
		}
		want := []string{"read ann:1", "read ann:2", "read ann:3", "read bob:1", "read bob:2", "read bob:3", "read cyd:1", "read cyd:2", "read cyd:3"}
		for _, name := range []string{"ann", "bob", "cyd"} {
			expect(t, name, sortedCopy(w.brief(name, trace.Read)), want)
		}
	})
}

// A refused upgrade leaves the session on polling, for good.
func TestFailedProbe(t *testing.T) {
	simulate(t, func(w *world) {
		n := w.startNode(nil)
		n.setGate(func(w http.ResponseWriter, r *http.Request) bool {
			if r.URL.Query().Get("transport") != client.WebSocket {
				return false
			}
			http.Error(w, `{"code":3,"message":"Bad request"}`, http.StatusBadRequest)
			return true
		})
		c := w.client("ann")
		c.Connect()
		time.Sleep(time.Minute)
		expect(t, "trace", w.brief("ann", trace.Connected, trace.UpgradeError, trace.Upgraded, trace.Disconnected),
			[]string{"connected polling", "upgrade-error probe error 400"})
		s := c.State()
		if want := (client.Failure{Text: "probe error", Status: 400, Message: "Bad request"}); s.Failure != want {
			t.Errorf("failure %+v, want %+v", s.Failure, want)
		}
		c.Say("hi")
		time.Sleep(time.Second)
		expect(t, "reads", w.brief("ann", trace.Read), []string{"read ann:1"})
	})
}

// What is said while the client is away waits, and goes out before the room is
// joined again.
func TestOfflineMessagesGoOutBeforeTheJoin(t *testing.T) {
	simulate(t, func(w *world) {
		c := w.client("ann", transports(client.WebSocket))
		c.Say("one")
		c.Connect()
		c.Say("two")
		time.Sleep(100 * time.Millisecond)
		if got := c.State().Buffered; got != 2 {
			t.Errorf("%d messages wait, want 2", got)
		}
		n := w.startNode(nil)
		time.Sleep(10 * time.Second)
		c.Say("three")
		time.Sleep(time.Second)
		expect(t, "node", n.log(), []string{"connect ann", "say ann:1", "say ann:2", "join lobby", "say ann:3"})
		expect(t, "reads", w.brief("ann", trace.Read), []string{"read ann:3"})
	})
}

func TestRejoinsOnEveryConnect(t *testing.T) {
	simulate(t, func(w *world) {
		n := w.startNode(nil)
		c := w.client("ann")
		c.Connect()
		time.Sleep(time.Second)
		n.kill()
		time.Sleep(time.Second)
		n = w.startNode(nil)
		time.Sleep(10 * time.Second)
		expect(t, "node", n.log(), []string{"connect ann", "join lobby"})
	})
}

// POSTs follow one another, and carry no more than the server takes.
func TestPostsAreSerialAndBounded(t *testing.T) {
	simulate(t, func(w *world) {
		n := w.startNode(func(c *engineio.Config) { c.MaxPayload = 300 })
		c := w.client("ann", transports(client.Polling))
		c.Connect()
		time.Sleep(time.Second)
		for range 10 {
			c.Say(strings.Repeat("x", 50))
		}
		time.Sleep(10 * time.Second)
		var said []string
		for _, line := range n.log() {
			if strings.HasPrefix(line, "say") {
				said = append(said, line)
			}
		}
		expect(t, "node", said, []string{"say ann:1", "say ann:2", "say ann:3", "say ann:4", "say ann:5",
			"say ann:6", "say ann:7", "say ann:8", "say ann:9", "say ann:10"})
		posts := w.log("ann", trace.Asked)
		count := 0
		for _, line := range posts {
			if strings.Contains(line, "POST") {
				count++
			}
		}
		if count < 5 || count > 9 {
			t.Errorf("%d POSTs, want CONNECT, join and a few payloads:\n%s", count, strings.Join(posts, "\n"))
		}
	})
}

// A sticky cookie comes back with every later request, the upgrade included.
func TestCookies(t *testing.T) {
	for _, drop := range []bool{false, true} {
		simulate(t, func(w *world) {
			n := w.startNode(nil)
			missing := 0
			n.setGate(func(w http.ResponseWriter, r *http.Request) bool {
				if r.URL.Query().Get("sid") == "" {
					w.Header().Set("Set-Cookie", "route=im-1; Path=/")
				} else if c, err := r.Cookie("route"); err != nil || c.Value != "im-1" {
					n.mu.Lock()
					missing++
					n.mu.Unlock()
				}
				return false
			})
			w.client("ann", func(c *client.Config) { c.NoCookies = drop }).Connect()
			time.Sleep(time.Second)
			w.settle()
			n.mu.Lock()
			defer n.mu.Unlock()
			if drop != (missing > 0) {
				t.Errorf("NoCookies %v: %d requests without the cookie", drop, missing)
			}
		})
	}
}

func TestNewRefuses(t *testing.T) {
	simulate(t, func(w *world) {
		for _, cfg := range []client.Config{
			w.config("ann", func(c *client.Config) { c.URL = "ftp://10.0.0.1/" }),
			w.config("ann", func(c *client.Config) { c.URL = "http://%zz/" }),
			w.config("ann", transports("carrier pigeon")),
		} {
			if _, err := client.New(cfg); err == nil {
				t.Errorf("URL %q, transports %q: no error", cfg.URL, cfg.Transports)
			}
		}
	})
}
