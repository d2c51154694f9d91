package client_test

import (
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"stickylab/cluster/engineio"
	"stickylab/cluster/trace"
	"stickylab/sim/client"
)

// What a failed handshake is called.
func TestConnectErrors(t *testing.T) {
	answer := func(status int, body string) func(w *world) {
		return func(w *world) {
			w.startNode(nil).setGate(func(w http.ResponseWriter, _ *http.Request) bool {
				w.WriteHeader(status)
				io.WriteString(w, body)
				return true
			})
		}
	}
	silent := func(w *world) {
		l, err := w.net.Listen("im-1", nodeAddr)
		if err != nil {
			w.t.Fatal(err)
		}
		w.closers = append(w.closers, func() { l.Close() })
	}
	rude := func(w *world) {
		l, err := w.net.Listen("im-1", nodeAddr)
		if err != nil {
			w.t.Fatal(err)
		}
		go func() {
			for {
				c, err := l.Accept()
				if err != nil {
					return
				}
				io.WriteString(c, "nonsense\r\n\r\n")
				c.Close()
			}
		}()
		w.closers = append(w.closers, func() { l.Close() })
	}
	for _, tt := range []struct {
		name   string
		server func(w *world)
		poll   string
		ws     string
		said   string // Failure.Message
	}{
		{"nobody listens", func(*world) {}, "0s connect-error xhr poll error", "0s connect-error websocket error", ""},
		{"bad gateway", answer(502, "<html>Bad Gateway</html>"), "40ms connect-error xhr poll error 502", "40ms connect-error websocket error 502", "<html>Bad Gateway</html>"},
		{"bad request", answer(400, `{"code":0,"message":"Transport unknown"}`), "40ms connect-error xhr poll error 400", "40ms connect-error websocket error 400", "Transport unknown"},
		{"no HTTP", rude, "20ms connect-error xhr poll error", "20ms connect-error websocket error", ""},
		{"no answer", silent, "20s connect-error timeout", "20s connect-error timeout", ""},
	} {
		for transport, want := range map[string]string{client.Polling: tt.poll, client.WebSocket: tt.ws} {
			t.Run(tt.name+"/"+transport, func(t *testing.T) {
				simulate(t, func(w *world) {
					tt.server(w)
					c := w.client("ann", transports(transport), func(c *client.Config) { c.Reconnection.Off = true })
					c.Connect()
					time.Sleep(time.Minute)
					expect(t, "trace", w.log("ann", trace.ConnectError, trace.Connected, trace.Disconnected, trace.Reconnecting), []string{want})
					if got := c.State().Failure.Message; got != tt.said {
						t.Errorf("message %q, want %q", got, tt.said)
					}
				})
			})
		}
	}
}

// Without stickiness a session's requests reach nodes that do not know it. The
// client connects, is told so, and starts again, each time after the shortest
// delay, since the handshake itself had succeeded.
func TestWithoutStickiness(t *testing.T) {
	for _, method := range []string{"GET", "POST"} {
		t.Run(method, func(t *testing.T) {
			simulate(t, func(w *world) {
				n := w.startNode(nil)
				n.setGate(func(w http.ResponseWriter, r *http.Request) bool {
					q := r.URL.Query()
					if q.Get("sid") == "" || r.Method != method || q.Get("transport") != client.Polling {
						return false
					}
					w.WriteHeader(400)
					io.WriteString(w, `{"code":1,"message":"Session ID unknown"}`)
					return true
				})
				c := w.client("ann", transports(client.Polling))
				c.Connect()
				time.Sleep(5 * time.Second)
				got := w.brief("ann", trace.ConnectError, trace.Disconnected, trace.Reconnecting, trace.Connected)
				text := map[string]string{"GET": "connect-error xhr poll error 400", "POST": "connect-error xhr post error 400"}[method]
				want := slices.Repeat([]string{text, "disconnected transport error", "reconnecting 1"}, 3)
				if len(got) < len(want) {
					t.Fatalf("got only %q", got)
				}
				expect(t, "trace", got[:len(want)], want)
				if f := c.State().Failure; f.Message != "Session ID unknown" || f.Status != 400 {
					t.Errorf("failure %+v", f)
				}
			})
		})
	}
}

// An established session that breaks says only "transport error"; that it was
// a POST is in State.
func TestBrokenSession(t *testing.T) {
	simulate(t, func(w *world) {
		n := w.startNode(nil)
		c := w.client("ann", transports(client.Polling))
		c.Connect()
		time.Sleep(time.Second)
		n.setGate(func(w http.ResponseWriter, r *http.Request) bool {
			if r.Method == http.MethodPost {
				w.WriteHeader(http.StatusRequestEntityTooLarge)
			}
			return r.Method == http.MethodPost
		})
		c.Say("hi")
		time.Sleep(100 * time.Millisecond)
		expect(t, "trace", w.brief("ann", trace.ConnectError, trace.Disconnected), []string{"disconnected transport error"})
		if f := c.State().Failure; f.Text != "xhr post error" || f.Status != 413 {
			t.Errorf("failure %+v", f)
		}
	})
}

// Bytes that are no Engine.IO packet end the session as an error of the
// transport.
func TestMalformedEnginePacket(t *testing.T) {
	simulate(t, func(w *world) {
		n := w.startNode(nil)
		c := w.client("ann", transports(client.Polling))
		c.Connect()
		time.Sleep(time.Second)
		n.setGate(func(w http.ResponseWriter, r *http.Request) bool {
			if r.Method == http.MethodGet {
				io.WriteString(w, "x")
			}
			return r.Method == http.MethodGet
		})
		n.io.Of("/").Emit("wake")
		time.Sleep(100 * time.Millisecond)
		expect(t, "trace", w.brief("ann", trace.ConnectError, trace.Disconnected), []string{"disconnected transport error"})
		if f := c.State().Failure; f.Text != "server error" {
			t.Errorf("failure %+v", f)
		}
	})
}

// The delays between attempts grow to 5 s, each 50 % more or less, and begin
// again once a handshake has succeeded.
func TestBackoff(t *testing.T) {
	run := func(name string) (lines []string) {
		simulate(t, func(w *world) {
			c := w.client(name)
			c.Connect()
			time.Sleep(10 * time.Minute)
			n := w.startNode(nil)
			time.Sleep(10 * time.Second)
			if s := c.State(); !s.Connected || s.Attempts != 0 {
				t.Errorf("state %+v", s)
			}
			n.kill()
			time.Sleep(10 * time.Second)
			w.mu.Lock()
			defer w.mu.Unlock()
			for _, e := range w.events {
				if e.Kind != trace.Reconnecting {
					continue
				}
				lines = append(lines, fmt.Sprint(e.Status, " ", e.Value))
				low, high := 500*time.Millisecond, 1500*time.Millisecond
				for range min(e.Status-1, 10) {
					low, high = min(2*low, 5*time.Second), min(2*high, 5*time.Second)
				}
				if e.Value < low || e.Value > high || e.Value%time.Millisecond != 0 {
					t.Errorf("attempt %d after %v, want %v to %v in whole milliseconds", e.Status, e.Value, low, high)
				}
			}
		})
		return lines
	}
	first, again, other := run("ann"), run("ann"), run("bob")
	expect(t, "the same seed", again, first)
	if slices.Equal(first, other) {
		t.Error("two clients wait alike")
	}
	if !slices.ContainsFunc(first[1:], func(s string) bool { return strings.HasPrefix(s, "1 ") }) {
		t.Errorf("no new series of attempts after a success: %q", first)
	}
}

// Close ends everything, whatever the client was doing; a goroutine that stays
// fails the test.
// A client with a limit gives up after that many attempts, without a word, as
// the original does.
func TestReconnectionAttempts(t *testing.T) {
	simulate(t, func(w *world) {
		c := w.client("ann", func(c *client.Config) { c.Reconnection.Attempts = 3 })
		c.Connect() // nobody listens
		time.Sleep(time.Hour)
		if got := len(w.log("ann", trace.Reconnecting)); got != 3 {
			t.Errorf("%d attempts, want 3", got)
		}
	})
}

func TestCloseAtAnyTime(t *testing.T) {
	for _, names := range [][]string{{client.Polling, client.WebSocket}, {client.Polling}, {client.WebSocket}} {
		for ms := range 30 {
			simulate(t, func(w *world) {
				w.startNode(func(c *engineio.Config) { c.PingInterval = 100 * time.Millisecond })
				c := w.client("ann", transports(names...))
				c.Connect()
				time.Sleep(time.Duration(ms) * 5 * time.Millisecond)
				c.Say("hi")
				if ms%3 == 0 {
					c.Disconnect()
				}
				c.Close()
				c.Close()
				select {
				case <-c.Done():
				case <-time.After(time.Second):
					t.Errorf("%v: not done 1 s after Close at %d ms", names, ms*5)
				}
				before := len(w.log("ann"))
				c.Say("too late")
				c.Moved()
				c.Connect()
				time.Sleep(time.Minute)
				if after := len(w.log("ann")); after != before {
					t.Errorf("%d events after Close", after-before)
				}
			})
		}
	}
}

// A run is the same each time, also when many clients act in one instant.
func TestSameTraceEveryTime(t *testing.T) {
	run := func() (all []string) {
		simulate(t, func(w *world) {
			n := w.startNode(nil)
			var clients []*client.Client
			for i := range 20 {
				c := w.client(fmt.Sprintf("user-%02d", i))
				clients = append(clients, c)
				c.Connect()
			}
			time.Sleep(3 * time.Second)
			for _, c := range clients {
				c.Say("hi")
			}
			time.Sleep(time.Second)
			n.kill()
			time.Sleep(5 * time.Second)
			w.startNode(nil)
			for i, c := range clients {
				c.Say("anybody?")
				if i%2 == 0 {
					c.Moved()
				}
			}
			time.Sleep(20 * time.Second)
			w.mu.Lock()
			defer w.mu.Unlock()
			for _, e := range w.events {
				all = append(all, fmt.Sprint(e.Seq, e.At, e.Lane.Name(), e.Kind, e.Client, e.Msg.From, e.Msg.N, e.Text, e.Status, e.Value))
			}
		})
		return all
	}
	want := run()
	if len(want) < 1000 {
		t.Fatalf("only %d events", len(want))
	}
	for range 3 {
		expect(t, "trace", run(), want)
	}
}
