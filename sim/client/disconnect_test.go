package client_test

import (
	"context"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"stickylab/cluster/engineio"
	"stickylab/cluster/socketio"
	"stickylab/cluster/trace"
	"stickylab/sim/client"
)

// The table of disconnect reasons, as observed with the official client.
func TestDisconnectReasons(t *testing.T) {
	type cause struct {
		name      string
		do        func(n *node, c *client.Client)
		ws, poll  string // reasons
		reconnect bool
	}
	causes := []cause{
		{"disconnectSockets", func(n *node, _ *client.Client) { n.io.Of("/").Local().Disconnect(false) }, "io server disconnect", "io server disconnect", false},
		{"disconnectSockets(true)", func(n *node, _ *client.Client) { n.io.Of("/").Local().Disconnect(true) }, "io server disconnect", "io server disconnect", false},
		{"io.close", func(n *node, _ *client.Client) { n.io.Close(); n.engine.Close() }, "transport close", "transport close", true},
		{"process ends", func(n *node, _ *client.Client) { n.kill() }, "transport close", "transport error", true},
		{"client.disconnect", func(_ *node, c *client.Client) { c.Disconnect() }, "io client disconnect", "io client disconnect", false},
		{"network changes", func(_ *node, c *client.Client) { c.Moved() }, "transport close", "transport close", true},
		{"malformed packet", func(n *node, _ *client.Client) { n.send("42[") }, "parse error", "parse error", true},
	}
	for _, tt := range causes {
		for _, transport := range []string{client.WebSocket, client.Polling} {
			t.Run(tt.name+"/"+transport, func(t *testing.T) {
				want := tt.ws
				if transport == client.Polling {
					want = tt.poll
				}
				simulate(t, func(w *world) {
					n := w.startNode(nil)
					c := w.client("ann", transports(transport))
					c.Connect()
					time.Sleep(time.Second)
					tt.do(n, c)
					time.Sleep(1600 * time.Millisecond)
					got := w.brief("ann", trace.Disconnected, trace.Reconnecting)
					lines := []string{"disconnected " + want}
					if tt.reconnect {
						lines = append(lines, "reconnecting 1")
					}
					expect(t, "trace", got, lines)
					if s := c.State(); !tt.reconnect && s.Connected {
						t.Errorf("still connected")
					}
				})
			})
		}
	}
}

// send sends a Socket.IO packet as it is written here to every session.
func (n *node) send(packet string) {
	for _, s := range n.io.Of("/").Sockets() {
		s.Session().Send(engineio.Message{Data: []byte(packet)})
	}
}

// A server that goes silent is given pingInterval + pingTimeout from its last
// ping.
func TestPingTimeout(t *testing.T) {
	for _, transport := range []string{client.WebSocket, client.Polling} {
		t.Run(transport, func(t *testing.T) {
			simulate(t, func(w *world) {
				n := w.startNode(func(c *engineio.Config) { c.PingInterval, c.PingTimeout = 30*time.Second, 5*time.Second })
				frozen := make(chan struct{})
				w.closers = append([]func(){func() { close(frozen) }}, w.closers...)
				c := w.client("ann", transports(transport))
				c.Connect()
				time.Sleep(time.Second)
				// The node's processes continue but its packets are lost.
				for _, s := range n.io.Of("/").Sockets() {
					s.Session().OnMessage(func([]byte, bool) {})
				}
				n.freeze(frozen)
				time.Sleep(time.Minute)
				got := w.log("ann", trace.Disconnected)
				if len(got) != 1 || !strings.HasSuffix(got[0], "disconnected ping timeout") || !strings.HasPrefix(got[0], "35.0") {
					t.Errorf("got %q, want a ping timeout after 35 s", got)
				}
			})
		})
	}
}

// freeze lets every request to the node wait, unanswered.
func (n *node) freeze(until chan struct{}) {
	n.setGate(func(http.ResponseWriter, *http.Request) bool { <-until; return true })
	n.engine.Kill() // silent: connections stay
}

// After "io server disconnect" and after Disconnect only Connect brings the
// client back.
func TestConnectAgain(t *testing.T) {
	simulate(t, func(w *world) {
		n := w.startNode(nil)
		c := w.client("ann")
		c.Connect()
		time.Sleep(time.Second)
		n.io.Of("/").Local().Disconnect(true)
		time.Sleep(time.Hour)
		c.Connect()
		time.Sleep(time.Second)
		c.Disconnect()
		c.Connect()
		time.Sleep(time.Second)
		expect(t, "trace", w.brief("ann", trace.Connected, trace.Disconnected, trace.Reconnecting), []string{
			"connected polling", "disconnected io server disconnect",
			"connected polling", "disconnected io client disconnect", "connected polling",
		})
		if got := n.engine.Len(); got != 1 {
			t.Errorf("%d sessions on the node, want 1", got)
		}
	})
}

// The server is told of a disconnect at once, on any transport.
func TestDisconnectTellsTheServer(t *testing.T) {
	for _, names := range [][]string{{client.WebSocket}, {client.Polling}, {client.Polling, client.WebSocket}} {
		simulate(t, func(w *world) {
			n := w.startNode(nil)
			c := w.client("ann", transports(names...))
			c.Connect()
			time.Sleep(time.Second)
			c.Say("last words")
			c.Disconnect()
			time.Sleep(time.Second)
			expect(t, strings.Join(names, "+"), n.log(), []string{"connect ann", "join lobby", "say ann:1", "left ann: client namespace disconnect"})
			if got := n.engine.Len(); got != 0 {
				t.Errorf("%v: %d sessions left", names, got)
			}
		})
	}
}

// A refused CONNECT ends in a connect_error with the server's words, and no
// reconnection.
func TestRefusedConnect(t *testing.T) {
	simulate(t, func(w *world) {
		n := w.startNode(nil)
		n.io.Of("/").Use(func(*socketio.Socket) error { return errRefused })
		c := w.client("ann")
		c.Connect()
		time.Sleep(time.Hour)
		expect(t, "trace", w.brief("ann", trace.Connected, trace.ConnectError, trace.Disconnected, trace.Reconnecting), []string{"connect-error not authorized"})
		if s := c.State(); s.Connected || s.Session != "" {
			t.Errorf("state %+v", s)
		}
	})
}

type refused string

func (r refused) Error() string { return string(r) }

const errRefused = refused("not authorized")

// When the network changes, nobody hears of it but the client.
func TestMovedDrops(t *testing.T) {
	simulate(t, func(w *world) {
		w.startNode(nil)
		dropped := 0
		addr := ""
		c := w.client("ann", func(c *client.Config) {
			c.Drop = func(net.Conn) { dropped++ }
			dial := c.Dial
			c.Dial = func(ctx context.Context, lane *trace.Lane, to string) (net.Conn, error) {
				conn, err := dial(ctx, lane, to)
				if err == nil {
					addr, _, _ = net.SplitHostPort(conn.LocalAddr().String())
				}
				return conn, err
			}
		})
		c.Connect()
		time.Sleep(time.Second)
		w.settle()
		before := addr
		w.move("ann", "198.51.100.9")
		c.Moved()
		time.Sleep(10 * time.Second)
		w.settle()
		if dropped != 1 || before == addr || addr != "198.51.100.9" {
			t.Errorf("%d connections dropped, address %s then %s", dropped, before, addr)
		}
		want := []string{"connected polling", "upgraded", "disconnected transport close", "reconnecting 1", "connected polling", "upgraded"}
		if d := cmp.Diff(want, w.brief("ann", trace.Connected, trace.Upgraded, trace.Disconnected, trace.Reconnecting, trace.ConnectError)); d != "" {
			t.Error(d)
		}
	})
}

// A reload closes the connections and begins again at once, also while the client
// connects, waits to reconnect, or has left; what it had not sent is lost.
func TestReload(t *testing.T) {
	for _, tt := range []struct {
		name   string
		before func(n *node, c *client.Client)
		want   []string
		said   int
	}{
		{"connected", func(*node, *client.Client) { time.Sleep(time.Second) }, []string{"connected polling", "upgraded", "disconnected transport close", "connected polling", "upgraded"}, 1},
		{"connecting", func(*node, *client.Client) { time.Sleep(latency) }, []string{"connected polling", "upgraded"}, 0},
		{"left", func(_ *node, c *client.Client) { time.Sleep(time.Second); c.Disconnect(); time.Sleep(time.Minute) }, []string{"connected polling", "upgraded", "disconnected io client disconnect", "connected polling", "upgraded"}, 0},
	} {
		simulate(t, func(w *world) {
			n := w.startNode(nil)
			c := w.client("ann")
			c.Connect()
			tt.before(n, c)
			c.Say("before")
			w.settle()
			c.Reload()
			time.Sleep(time.Second)
			if !c.State().Connected || n.engine.Len() != 1 {
				t.Errorf("%s: %+v, %d sessions on the node", tt.name, c.State(), n.engine.Len())
			}
			expect(t, tt.name, w.brief("ann", trace.Connected, trace.Upgraded, trace.Disconnected, trace.Reconnecting, trace.ConnectError), tt.want)
			said := 0
			for _, line := range n.log() {
				if strings.HasPrefix(line, "say ") {
					said++
				}
			}
			if said != tt.said {
				t.Errorf("%s: %d messages reached the node, want %d", tt.name, said, tt.said)
			}
		})
	}
}

// While it connects, a client learns of a change of network as of any failure.
func TestMovedWhileConnecting(t *testing.T) {
	for _, tt := range []struct{ transport, want string }{
		{client.Polling, "connect-error xhr poll error"},
		{client.WebSocket, "connect-error websocket error"},
	} {
		simulate(t, func(w *world) {
			w.startNode(nil)
			c := w.client("ann", transports(tt.transport))
			c.Connect()
			time.Sleep(latency)
			c.Moved()
			time.Sleep(10 * time.Second)
			expect(t, tt.transport, w.brief("ann", trace.Connected, trace.ConnectError, trace.Reconnecting), []string{tt.want, "reconnecting 1", "connected " + tt.transport})
		})
	}
}
