//go:build peers

package peers

import (
	"net/http"
	"testing"
	"time"

	"stickylab/cluster/engineio"
	"stickylab/cluster/socketio"
)

var (
	pollingOnly   = map[string]any{"transports": []string{"polling"}, "reconnection": false}
	websocketOnly = map[string]any{"transports": []string{"websocket"}, "reconnection": false}
)

// each runs f for clients that stay on one transport.
func each(t *testing.T, f func(t *testing.T, transport string, options map[string]any)) {
	for transport, options := range map[string]map[string]any{"polling": pollingOnly, "websocket": websocketOnly} {
		t.Run(transport, func(t *testing.T) { f(t, transport, options) })
	}
}

// The errors that a client meets when it cannot connect.
func TestConnectErrors(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c := start(t, "client.mjs")
	s := w.newSite("one", engineio.Config{AllowRequest: func(r *http.Request) error {
		if r.Header.Get("X-Guest") != "" {
			return http.ErrNoCookie
		}
		return nil
	}})
	url := w.proxied(s.addr)

	with := func(options map[string]any, key string, value any) map[string]any {
		all := map[string]any{key: value}
		for k, v := range options {
			all[k] = v
		}
		return all
	}
	guest := map[string]string{"X-Guest": "1"}
	c.connect("forbidden p", url, with(pollingOnly, "extraHeaders", guest))
	c.hears("forbidden p", `"connect_error","xhr poll error",403`)
	c.connect("forbidden w", url, with(websocketOnly, "extraHeaders", guest))
	c.hears("forbidden w", `"connect_error","websocket error"`)
	c.connect("path p", url, with(pollingOnly, "path", "/elsewhere/"))
	c.hears("path p", `"connect_error","xhr poll error",404`)
	c.connect("path w", url, with(websocketOnly, "path", "/elsewhere/"))
	c.hears("path w", `"connect_error","websocket error"`)

	// A proxy without a server behind it.
	s.close()
	c.connect("down p", url, pollingOnly)
	c.hears("down p", `"connect_error","xhr poll error",502`)
	c.connect("down w", url, websocketOnly)
	c.hears("down w", `"connect_error","websocket error"`)

	// Nobody there at all, and nobody who answers.
	hole := w.newRelay(s.addr)
	hole.swallow()
	c.connect("refused p", "http://"+s.addr, pollingOnly)
	c.hears("refused p", `"connect_error","xhr poll error",0`)
	c.connect("refused w", "http://"+s.addr, websocketOnly)
	c.hears("refused w", `"connect_error","websocket error"`)
	silent := w.newRelay(w.Address(front))
	silent.swallow()
	c.connect("timeout p", "http://"+silent.addr, with(pollingOnly, "timeout", 200))
	c.hears("timeout p", `"connect_error","timeout"`)
	c.connect("timeout w", "http://"+silent.addr, with(websocketOnly, "timeout", 200))
	c.hears("timeout w", `"connect_error","timeout"`)
}

// How a client that is connected learns of the end, and what the server says.
func TestDisconnects(t *testing.T) {
	t.Parallel()
	short := engineio.Config{PingInterval: 500 * time.Millisecond, PingTimeout: time.Second}
	for name, test := range map[string]struct {
		engine             engineio.Config
		end                func(w *world, s *site, c *script, k *socketio.Socket, way *relay)
		polling, websocket string // what the client says
		server             string
		active             bool // the client would come back by itself
	}{
		"disconnect": {
			end:     func(_ *world, _ *site, _ *script, k *socketio.Socket, _ *relay) { k.Disconnect(false) },
			polling: `"disconnect","io server disconnect"`, websocket: `"disconnect","io server disconnect"`,
			server: "server namespace disconnect",
		},
		"disconnect and close": {
			end:     func(_ *world, _ *site, _ *script, k *socketio.Socket, _ *relay) { k.Disconnect(true) },
			polling: `"disconnect","io server disconnect"`, websocket: `"disconnect","io server disconnect"`,
			server: "server namespace disconnect",
		},
		"disconnect all": {
			end: func(_ *world, s *site, _ *script, _ *socketio.Socket, _ *relay) {
				s.io.Of("/").Local().Disconnect(true)
			},
			polling: `"disconnect","io server disconnect"`, websocket: `"disconnect","io server disconnect"`,
			server: "server namespace disconnect",
		},
		"shutdown": {
			end: func(_ *world, s *site, _ *script, _ *socketio.Socket, _ *relay) {
				s.io.Close()
				s.engine.Close()
			},
			polling: `"disconnect","transport close"`, websocket: `"disconnect","transport close"`,
			server: "server shutting down", active: true,
		},
		"session closed": {
			end:     func(_ *world, _ *site, _ *script, k *socketio.Socket, _ *relay) { k.Session().Close() },
			polling: `"disconnect","transport close"`, websocket: `"disconnect","transport close"`,
			server: "forced close", active: true,
		},
		"connection lost": {
			end:     func(_ *world, _ *site, _ *script, _ *socketio.Socket, way *relay) { way.cut() },
			polling: `"disconnect","transport error","xhr poll error",0`, websocket: `"disconnect","transport close"`,
			server: "transport", active: true, // close or error
		},
		"black hole": {
			engine:  short,
			end:     func(_ *world, _ *site, _ *script, _ *socketio.Socket, way *relay) { way.swallow() },
			polling: `"disconnect","ping timeout"`, websocket: `"disconnect","ping timeout"`,
			server: "ping timeout", active: true,
		},
		"message too big": {
			engine: engineio.Config{MaxPayload: 1000},
			end: func(_ *world, _ *site, c *script, k *socketio.Socket, way *relay) {
				if k.Session().Transport() == "polling" {
					way.letPass("HTTP/1.1 413")
				}
				c.call("emit", k.Auth()["name"], "echo", make([]byte, 2000))
			},
			// On polling the client believes what comes first, the close packet or the 413. It
			// puts the 413 off by a turn of its event loop: in one turn the close packet wins.
			polling: `"disconnect","transport close"`, websocket: `"disconnect","transport close"`,
			server: "transport error", active: true,
		},
		"message too big for engine.io 6.6.12": {
			engine: engineio.Config{MaxPayload: 1000, Release: "6.6.12"},
			end: func(_ *world, _ *site, c *script, k *socketio.Socket, _ *relay) {
				c.call("emit", k.Auth()["name"], "echo", make([]byte, 2000))
			},
			polling: `"disconnect","transport error","xhr post error",413`, websocket: `"disconnect","transport close"`,
			server: "transport", active: true, // close or error
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			each(t, func(t *testing.T, transport string, options map[string]any) {
				w := newWorld(t)
				s := w.newSite("one", test.engine)
				w.proxied(s.addr)
				way := w.newRelay(w.Address(front))
				c := start(t, "client.mjs")
				c.connect("a", "http://"+way.addr, map[string]any{"transports": options["transports"], "reconnectionDelay": 60_000})
				c.hears("a", `"connect"`)
				k := s.socket("a")
				if got := k.Session().Transport(); got != transport {
					t.Errorf("on %s", got)
				}
				eventually(t, "ready to send", k.Session().Writable) // on polling: a GET waits
				test.end(w, s, c, k, way)
				want := test.websocket
				if transport == "polling" {
					want = test.polling
				}
				c.hears("a", want)
				if got := c.call("active", "a"); (got == "true") != test.active {
					t.Errorf("active: %s", got)
				}
				if got := s.reason("a"); got[:min(len(got), len(test.server))] != test.server {
					t.Errorf("the server says %q, want %q", got, test.server)
				}
			})
		})
	}
}
