package engineio

import (
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

func TestHandshakeOverPolling(t *testing.T) {
	inWorld(t, Config{}, func(w *world) {
		w.expectAnswer(w.do("GET", base, ""), 200,
			`0{"sid":"session-1","upgrades":["websocket"],"pingInterval":25000,"pingTimeout":20000,"maxPayload":1000000}`)
		w.expectLog("opened session-1 polling")
		s := w.session()
		if s.ID() != "session-1" || s.Transport() != "polling" || s.Request().RemoteAddr != "203.0.113.7:32768" || w.srv.Len() != 1 {
			t.Errorf("session %q on %s from %s, %d in all", s.ID(), s.Transport(), s.Request().RemoteAddr, w.srv.Len())
		}
		if err := s.Request().Context().Err(); err != nil {
			t.Errorf("the handshake request's context: %v", err)
		}
	})
}

func TestPollingCarriesMessages(t *testing.T) {
	inWorld(t, Config{}, func(w *world) {
		sid := w.handshake()
		w.expect(w.post(sid, "4hello\x1ebAQID\x1e4€"), "ok")
		w.expect(w.get(sid), "4hello\x1ebAQID\x1e4€")

		// A GET that waits takes the first Send whole, and nothing after it.
		get := w.get(sid)
		get.pending()
		w.session().Send(Message{Data: []byte("a")}, Message{Data: []byte{1}, Binary: true})
		w.session().Send(Message{Data: []byte("b")})
		w.expect(get, "4a\x1ebAQ==")
		w.expect(w.get(sid), "4b")
	})
}

func TestMessagesSentAtTheHandshakeAreForTheNextGET(t *testing.T) {
	inWorld(t, Config{}, func(w *world) {
		w.srv.cfg.OnSession = func(s *Session) { s.Send(Message{Data: []byte("early")}) }
		w.expect(w.get(w.handshake()), "4early")
	})
}

func TestOverlappingGETsEndTheSession(t *testing.T) {
	inWorld(t, Config{}, func(w *world) {
		sid := w.handshake()
		first := w.get(sid)
		first.pending()
		w.refused(w.get(sid), "")
		w.expect(first, "1")
		w.refused(w.get(sid), unknownSID)
		w.expectLog(
			"opened session-1 polling", "closed session-1 transport error", "onclose session-1 transport error",
			`refused "session-1" 400 -1 Bad Request`, `refused "session-1" 400 1 Session ID unknown`)
	})
}

func TestOverlappingPOSTsEndTheSession(t *testing.T) {
	inWorld(t, Config{}, func(w *world) {
		sid := w.handshake()
		get := w.get(sid)
		slow := w.start("POST", base+"&sid="+sid, "4he", "Content-Length: 6")
		slow.pending()
		w.refused(w.post(sid, "4a"), "")
		w.expect(get, "1")
		if a := slow.answer(); a.status != 0 {
			t.Errorf("the first POST was answered %v", a)
		}
	})
}

func TestLostRequestsEndTheSession(t *testing.T) {
	for name, start := range map[string]func(*world, string) *call{
		"GET":  func(w *world, sid string) *call { return w.get(sid) },
		"POST": func(w *world, sid string) *call { return w.start("POST", base+"&sid="+sid, "4he", "Content-Length: 6") },
	} {
		t.Run(name, func(t *testing.T) {
			inWorld(t, Config{}, func(w *world) {
				sid := w.handshake()
				c := start(w, sid)
				c.pending()
				c.conn.Close()
				synctest.Wait()
				w.expectLog("opened session-1 polling", "closed session-1 transport error", "onclose session-1 transport error")
				w.refused(w.get(sid), unknownSID)
			})
		})
	}
}

func TestClientClosesPolling(t *testing.T) {
	inWorld(t, Config{}, func(w *world) {
		sid := w.handshake()
		get := w.get(sid)
		get.pending()
		w.expect(w.post(sid, "1"), "ok")
		w.expect(get, "6")
		w.refused(w.get(sid), unknownSID)
		w.expectLog("opened session-1 polling", "closed session-1 transport close", "onclose session-1 transport close",
			`refused "session-1" 400 1 Session ID unknown`)
	})
}

func TestBadPayloadEndsTheSession(t *testing.T) {
	inWorld(t, Config{}, func(w *world) {
		sid := w.handshake()
		get := w.get(sid)
		get.pending()
		w.expect(w.post(sid, "4a\x1eabc\x1e4b"), "ok")
		w.expect(get, "4a") // what came before the bad packet was delivered
		w.refused(w.get(sid), unknownSID)
		w.expectLog("opened session-1 polling", "closed session-1 parse error", "onclose session-1 parse error",
			`refused "session-1" 400 1 Session ID unknown`)
	})
}

func TestClientsMustNotPing(t *testing.T) {
	inWorld(t, Config{}, func(w *world) {
		sid := w.handshake()
		w.expect(w.post(sid, "2"), "ok")
		w.expectLog("opened session-1 polling", "closed session-1 transport error", "onclose session-1 transport error")
	})
}

func TestBodyTooLargeOrTooSlowEndsTheSession(t *testing.T) {
	for name, post := range map[string]struct {
		body    string
		headers []string
		status  int
		after   time.Duration
	}{
		"announced": {strings.Repeat("4", 11), nil, 413, 0},
		"chunked":   {"b\r\n4aaaaaaaaaa\r\n0\r\n\r\n", []string{"Transfer-Encoding: chunked", "X: Content-Length"}, 413, 0},
		"slow":      {"4", []string{"Content-Length: 2"}, 408, 30 * time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			inWorld(t, Config{MaxPayload: 10, PingInterval: time.Hour}, func(w *world) {
				sid := w.handshake()
				get := w.get(sid)
				get.pending()
				began := time.Now()
				w.expectAnswer(w.do("POST", base+"&sid="+sid, post.body, post.headers...), post.status, "")
				if d := time.Since(began); d != post.after {
					t.Errorf("answered after %v, want %v", d, post.after)
				}
				w.expect(get, "1")
				w.refused(w.get(sid), unknownSID)
				w.expectLog("opened session-1 polling", fmt.Sprintf(`refused "session-1" %d -1 %s`, post.status, statusText(post.status)),
					"closed session-1 transport error", "onclose session-1 transport error", `refused "session-1" 400 1 Session ID unknown`)
			})
		})
	}
}

func TestBodyTooLargeOnceSparedTheSession(t *testing.T) {
	inWorld(t, Config{MaxPayload: 10, Release: "6.6.12"}, func(w *world) {
		sid := w.handshake()
		chunked := "b\r\n4aaaaaaaaaa\r\n0\r\n\r\n"
		w.expectAnswer(w.post(sid, "4aaaaaaaaaa").answer(), 413, "")
		w.expectAnswer(w.do("POST", base+"&sid="+sid, chunked, "Transfer-Encoding: chunked", "X: Content-Length"), 413, "")
		w.expect(w.post(sid, "4aaaaaaaaa"), "ok")
		w.expect(w.get(sid), "4aaaaaaaaa")
	})
}

func TestServerClosesPollingWithAGETWaiting(t *testing.T) {
	inWorld(t, Config{}, func(w *world) {
		sid := w.handshake()
		get := w.get(sid)
		get.pending()
		w.session().Close()
		w.expect(get, "1")
		w.expectLog("opened session-1 polling", "closed session-1 forced close", "onclose session-1 forced close")
		w.session().Close()
		w.session().Send(Message{Data: []byte("late")})
		w.refused(w.get(sid), unknownSID)
	})
}

func TestServerClosesPollingWithoutAGET(t *testing.T) {
	inWorld(t, Config{}, func(w *world) {
		sid := w.handshake()
		w.session().Send(Message{Data: []byte("bye")})
		w.session().Close()
		w.session().Send(Message{Data: []byte("late")})
		w.expect(w.post(sid, "4unheard"), "ok")
		w.expect(w.get(sid), "4bye")
		w.expectLog("opened session-1 polling")
		w.expect(w.get(sid), "6\x1e1")
		w.expectLog("closed session-1 forced close", "onclose session-1 forced close")
	})
	inWorld(t, Config{}, func(w *world) { // the client closes, too
		sid := w.handshake()
		w.session().Close()
		w.expect(w.post(sid, "1"), "ok")
		w.expectLog("opened session-1 polling", "closed session-1 transport close", "onclose session-1 transport close")
	})
	inWorld(t, Config{}, func(w *world) { // no GET comes
		w.handshake()
		w.session().Close()
		time.Sleep(30*time.Second - 1)
		w.expectLog("opened session-1 polling")
		time.Sleep(time.Nanosecond)
		w.expectLog("closed session-1 forced close", "onclose session-1 forced close")
	})
}

func TestBacklogIsBounded(t *testing.T) {
	inWorld(t, Config{MaxBacklog: 1000}, func(w *world) {
		w.handshake()
		for range 3 {
			w.session().Send(Message{Data: []byte(strings.Repeat("x", 400))})
		}
		w.expectLog("opened session-1 polling", "closed session-1 transport error", "onclose session-1 transport error")
	})
}

func TestWritableOnPolling(t *testing.T) {
	inWorld(t, Config{}, func(w *world) {
		sid := w.handshake()
		if w.session().Writable() {
			t.Error("writable without a GET")
		}
		get := w.get(sid)
		get.pending()
		if !w.session().Writable() {
			t.Error("not writable with a GET")
		}
		w.session().Send(Message{Data: []byte("a"), Tag: "x"})
		if w.session().Writable() {
			t.Error("writable twice with one GET")
		}
		w.expect(get, "4a")
		w.expectLog("opened session-1 polling", "wrote session-1 x")
	})
}
