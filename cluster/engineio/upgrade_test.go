package engineio

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/coder/websocket"
)

func TestUpgrade(t *testing.T) {
	inWorld(t, Config{}, func(w *world) {
		sid := w.handshake()
		s := w.dial(wsBase + "&sid=" + sid)
		s.send("2probe")
		s.expect("3probe")
		if got := w.session().Transport(); got != "polling" {
			t.Errorf("on %s before the upgrade", got)
		}

		// The waiting GET is released at the next tick.
		time.Sleep(30 * time.Millisecond)
		start, get := time.Now(), w.get(sid)
		w.expect(get, "6")
		if d := time.Since(start); d != 70*time.Millisecond {
			t.Errorf("the GET was released after %v", d)
		}

		// What is sent meanwhile waits for the new transport.
		w.session().Send(Message{Data: []byte("a"), Tag: 1})
		w.session().Send(Message{Data: []byte{7}, Binary: true, Tag: 2})
		s.send("5")
		s.send("4hello")
		s.expect("4a", "bin:\x07", "4hello")
		w.expectLog("opened session-1 polling", "upgraded session-1", "wrote session-1 1", "wrote session-1 2")

		w.refused(w.get(sid), badReq)
		w.refused(w.post(sid, "4a"), badReq)
		again := w.dial(wsBase + "&sid=" + sid)
		again.expect("close 1005")
		s.send("4still here")
		s.expect("4still here")
		if got := w.session().Transport(); got != "websocket" {
			t.Errorf("on %s after the upgrade", got)
		}
	})
}

func TestMessagesDuringTheProbeUsePolling(t *testing.T) {
	inWorld(t, Config{}, func(w *world) {
		sid := w.handshake()
		s := w.dial(wsBase + "&sid=" + sid)
		get := w.get(sid)
		s.send("2probe")
		s.expect("3probe")
		w.expect(w.post(sid, "4hello"), "ok")
		w.expect(get, "4hello")
		s.send("2probe")
		s.expect("3probe")
		s.send("5")
		w.session().Send(Message{Data: []byte("x")})
		s.expect("4x")
	})
}

func TestOneProbeAtATime(t *testing.T) {
	inWorld(t, Config{}, func(w *world) {
		sid := w.handshake()
		first := w.dial(wsBase + "&sid=" + sid)
		second := w.dial(wsBase + "&sid=" + sid)
		second.expect("close 1005")
		first.send("2probe")
		first.expect("3probe")
		first.send("5")
		first.send("4a")
		first.expect("4a")
	})
}

func TestFailedProbesLeavePolling(t *testing.T) {
	for _, test := range []struct {
		name  string
		do    func(*socket)
		reads string
	}{
		{"other packet", func(s *socket) { s.send("4early") }, "close 1005"},
		{"ping without probe", func(s *socket) { s.send("2") }, "close 1005"},
		{"bad packet", func(s *socket) { s.send("abc") }, "close 1005"},
		{"close frame", func(s *socket) { s.raw.Write([]byte{0x88, 0x80, 0, 0, 0, 0}) }, "close 1005"},
		{"lost", func(s *socket) { s.raw.Close() }, "lost"},
		{"never finished", func(s *socket) { time.Sleep(10 * time.Second) }, "close 1005"},
		{"probe that is never finished", func(s *socket) { s.send("2probe"); s.expect("3probe") }, "close 1005"},
	} {
		t.Run(test.name, func(t *testing.T) {
			inWorld(t, Config{}, func(w *world) {
				sid := w.handshake()
				s := w.dial(wsBase + "&sid=" + sid)
				test.do(s)
				s.expect(test.reads)
				synctest.Wait()
				w.expect(w.post(sid, "4hello"), "ok")
				w.expect(w.get(sid), "4hello")
				time.Sleep(500 * time.Millisecond)
				get := w.get(sid)
				time.Sleep(time.Second)
				get.pending() // the ticks have stopped

				retry := w.dial(wsBase + "&sid=" + sid)
				retry.send("2probe")
				retry.expect("3probe")
				w.expect(get, "6")
				retry.send("5")
				w.session().Send(Message{Data: []byte("x")})
				retry.expect("4x")
			})
		})
	}
}

func TestSessionEndsDuringTheProbe(t *testing.T) {
	inWorld(t, Config{}, func(w *world) {
		sid := w.handshake()
		s := w.dial(wsBase + "&sid=" + sid)
		s.send("2probe")
		s.expect("3probe")
		w.expect(w.post(sid, "1"), "ok")
		s.expect("close 1005")
		w.expectLog("opened session-1 polling", "closed session-1 transport close", "onclose session-1 transport close")
	})
}

func TestServerClosesDuringTheProbe(t *testing.T) {
	inWorld(t, Config{}, func(w *world) {
		sid := w.handshake()
		s := w.dial(wsBase + "&sid=" + sid)
		s.send("2probe")
		s.expect("3probe")
		w.session().Send(Message{Data: []byte("bye")})
		w.session().Close() // no GET waits: the WebSocket tells the client
		s.send("5")
		s.expect("4bye", "close 1005")
		w.expectLog("opened session-1 polling", "closed session-1 forced close", "onclose session-1 forced close")
	})
}

func TestUpgradeWaitsForADelivery(t *testing.T) {
	inWorld(t, Config{}, func(w *world) {
		sid := w.handshake()
		s := w.dial(wsBase + "&sid=" + sid)
		s.send("2probe")
		s.expect("3probe")
		w.session().OnMessage(func(data []byte, _ bool) {
			w.note("begin %s", data)
			time.Sleep(time.Second)
			w.note("end %s", data)
		})
		post := w.post(sid, "4a")
		post.pending()
		s.send("5")
		s.send("4b")
		time.Sleep(3 * time.Second)
		w.expectLog("opened session-1 polling", "begin a", "upgraded session-1", "end a", "begin b", "end b")
		w.expect(post, "ok")
	})
}

func TestUpgradeDropsAPOSTThatIsStillRead(t *testing.T) {
	inWorld(t, Config{}, func(w *world) {
		sid := w.handshake()
		s := w.dial(wsBase + "&sid=" + sid)
		slow := w.start("POST", base+"&sid="+sid, "4he", "Content-Length: 6")
		slow.pending()
		s.send("5")
		s.send("4a")
		s.expect("4a")
		if a := slow.answer(); a.status != 0 {
			t.Errorf("the POST was answered %v", a)
		}
		s.Write(context.Background(), websocket.MessageText, []byte("4b"))
		s.expect("4b")
	})
}
