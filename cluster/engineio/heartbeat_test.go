package engineio

import (
	"testing"
	"time"

	"stickylab/cluster/host"
)

var quick = Config{PingInterval: 300 * time.Millisecond, PingTimeout: 200 * time.Millisecond}

func TestHeartbeatOnPolling(t *testing.T) {
	inWorld(t, quick, func(w *world) {
		sid := w.handshake()
		for range 3 {
			start, get := time.Now(), w.get(sid)
			w.expect(get, "2")
			if d := time.Since(start); d != 300*time.Millisecond {
				t.Errorf("the ping came after %v", d)
			}
			w.expect(w.post(sid, "3"), "ok")
		}
	})
}

func TestSilentPollingSessionIsOverInTime(t *testing.T) {
	inWorld(t, quick, func(w *world) {
		sid := w.handshake()
		time.Sleep(500 * time.Millisecond) // exactly pingInterval + pingTimeout
		w.refused(w.get(sid), unknownSID)
		w.expectLog("opened session-1 polling", "closed session-1 ping timeout", "onclose session-1 ping timeout",
			`refused "session-1" 400 1 Session ID unknown`)
	})
	inWorld(t, quick, func(w *world) {
		sid := w.handshake()
		time.Sleep(500*time.Millisecond - 1)
		w.expect(w.get(sid), "2")
	})
}

// A server that was frozen pings late, but it does wait for the answer.
func TestAServerThatWasFrozenWaitsForThePong(t *testing.T) {
	inWorld(t, quick, func(w *world) {
		w.handshake()
		c := w.session()
		tick := func(d time.Duration) bool {
			c.mu.Lock()
			defer c.mu.Unlock()
			return c.tick(c.beat.due.Add(d))
		}
		// The timer for the ping has run a second late.
		if tick(time.Second) {
			t.Error("the session is over before its ping was written")
		}
		if tick(-1) || !tick(0) {
			t.Error("the wait for the pong is not the usual one")
		}
		w.session().Close()
	})
}

func TestPingTimeoutClosesTheGETThatWaits(t *testing.T) {
	inWorld(t, quick, func(w *world) {
		sid := w.handshake()
		w.expect(w.get(sid), "2")
		w.expect(w.get(sid), "1")
		w.expectLog("opened session-1 polling", "closed session-1 ping timeout", "onclose session-1 ping timeout")
	})
}

func TestHeartbeatOnWebSocket(t *testing.T) {
	inWorld(t, quick, func(w *world) {
		s := w.dialSession()
		for range 3 {
			start := time.Now()
			s.expect("2")
			if d := time.Since(start); d != 300*time.Millisecond {
				t.Errorf("the ping came after %v", d)
			}
			s.send("3")
		}
		start := time.Now()
		s.expect("2", "close 1005")
		if d := time.Since(start); d != 500*time.Millisecond {
			t.Errorf("closed after %v", d)
		}
		w.expectLog("opened session-1 websocket", "closed session-1 ping timeout", "onclose session-1 ping timeout")
	})
}

func TestOtherPacketsExtendTheWaitOnce(t *testing.T) {
	inWorld(t, quick, func(w *world) {
		s := w.dialSession()
		start := time.Now()
		s.expect("2")
		for range 3 {
			time.Sleep(80 * time.Millisecond)
			s.send("4a")
			s.expect("4a")
		}
		s.expect("close 1005")
		// The wait of 200 ms began anew with the first message, 80 ms after the ping.
		if d := time.Since(start); d != 580*time.Millisecond {
			t.Errorf("closed after %v", d)
		}
	})
}

func TestPongsSetTheNextPing(t *testing.T) {
	inWorld(t, quick, func(w *world) {
		s := w.dialSession()
		start := time.Now()
		time.Sleep(200 * time.Millisecond)
		s.send("3") // nobody asked
		s.expect("2")
		time.Sleep(100 * time.Millisecond)
		s.send("3")
		s.expect("2")
		if d := time.Since(start); d != 900*time.Millisecond {
			t.Errorf("the second ping came after %v", d)
		}
		s.send("3")
	})
}

func TestHeartbeatSurvivesTheUpgrade(t *testing.T) {
	inWorld(t, quick, func(w *world) {
		sid := w.handshake()
		s := w.dial(wsBase + "&sid=" + sid)
		s.send("2probe")
		s.expect("3probe")
		time.Sleep(310 * time.Millisecond) // the ping waits in the queue
		s.send("5")
		s.expect("2")
		s.send("3")
		s.expect("2")
		s.expect("close 1005")
	})
}

func TestClosingSessionIsNotPinged(t *testing.T) {
	inWorld(t, quick, func(w *world) {
		w.handshake()
		w.session().Close()
		time.Sleep(400 * time.Millisecond)
		c := w.session()
		c.mu.Lock()
		if n := len(c.queue); n != 0 {
			t.Errorf("%d packets are queued", n)
		}
		c.mu.Unlock()
		time.Sleep(100 * time.Millisecond)
		w.expectLog("opened session-1 polling", "closed session-1 ping timeout", "onclose session-1 ping timeout")
	})
}

// A process that was frozen sends the ping that was due, and waits for the
// pong as long as ever; a pong that was due meanwhile comes too late.
func TestHeartbeatOfAProcessThatWasFrozen(t *testing.T) {
	still := make(chan struct{})
	stopped := quick
	stopped.AfterFunc = func(_ string, d time.Duration, f func()) host.Timer {
		return time.AfterFunc(d, func() {
			if still != nil {
				<-still
			}
			f()
		})
	}
	inWorld(t, stopped, func(w *world) {
		still = make(chan struct{}) // of this bubble
		s := w.dialSession()
		time.Sleep(2 * time.Second)
		close(still)
		s.expect("2")
		start := time.Now()
		s.expect("close 1005")
		if d := time.Since(start); d != 200*time.Millisecond {
			t.Errorf("closed %v after the ping", d)
		}
	})
}
