package engineio

import (
	"bufio"
	"context"
	"fmt"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/coder/websocket"
)

func TestServerClose(t *testing.T) {
	inWorld(t, Config{}, func(w *world) {
		idle := w.handshake()
		polled := w.handshake()
		get := w.get(polled)
		get.pending()
		s := w.dialSession()
		upgrading := w.handshake()
		probe := w.dial(wsBase + "&sid=" + upgrading)
		w.srv.Close()
		w.expect(get, "1")
		s.expect("close 1005")
		probe.expect("close 1005")
		if n := w.srv.Len(); n != 0 {
			t.Errorf("%d sessions are left", n)
		}
		w.refused(w.get(idle), unknownSID)
		w.expectAnswer(w.do("GET", base, ""), 503, "")
		w.expectAnswer(w.do("GET", wsBase, "", "Connection: Upgrade", "Upgrade: websocket", "Sec-WebSocket-Version: 13",
			"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=="), 503, "")
		w.log = w.log[4:]
		w.expectLog(
			"closed session-1 forced close", "onclose session-1 forced close",
			"closed session-2 forced close", "onclose session-2 forced close",
			"closed session-3 forced close", "onclose session-3 forced close",
			"closed session-4 forced close", "onclose session-4 forced close",
			`refused "session-1" 400 1 Session ID unknown`,
			`refused "" 503 -1 Service Unavailable`, `refused "" 503 -1 Service Unavailable`)
	})
}

func TestKillIsSilent(t *testing.T) {
	inWorld(t, quick, func(w *world) {
		sid := w.handshake()
		get := w.get(sid)
		slow := w.start("POST", base+"&sid="+sid, "4he", "Content-Length: 6")
		s := w.dialSession()
		closing := w.dialSession()
		w.session().Close()
		probed := w.handshake()
		probe := w.dial(wsBase + "&sid=" + probed)
		probe.send("2probe")
		probe.expect("3probe")
		synctest.Wait()
		w.log = nil

		w.srv.Kill()
		for _, c := range w.sessions {
			c.Send(Message{Data: []byte("late"), Tag: 1})
			c.Close()
		}
		if a := w.do("GET", base, ""); a.status != 0 {
			t.Errorf("a killed server answered %v", a)
		}
		w.net.cut()
		for _, c := range []*call{get, slow} {
			if a := c.answer(); a.status != 0 {
				t.Errorf("a killed server answered %v", a)
			}
		}
		s.expect("lost")
		probe.expect("lost")
		closing.expect("close 1005") // from before
		time.Sleep(time.Minute)
		w.expectLog()
		if n := w.running.Load(); n != 0 {
			t.Errorf("%d goroutines run on", n)
		}
	})
}

func TestSessionThatEndsBeforeItIsSetUp(t *testing.T) {
	inWorld(t, Config{}, func(w *world) {
		w.srv.cfg.OnSession = func(s *Session) {
			s.Close()
			s.OnClose(func(reason string) { w.note("onclose %s", reason) })
			s.OnMessage(func([]byte, bool) { t.Error("a message was delivered") })
		}
		s := w.dial(wsBase)
		s.send("4a")
		if got := s.read(); !strings.HasPrefix(got, "0{") {
			t.Errorf("read %q", got)
		}
		s.expect("close 1005")
		w.expectLog("opened session-1 websocket", "closed session-1 forced close", "onclose forced close")
	})
}

func TestTakenIDIsRefused(t *testing.T) {
	inWorld(t, Config{}, func(w *world) {
		w.srv.cfg.NewID = func(*http.Request) string { return "same" }
		w.handshake()
		w.expectAnswer(w.do("GET", base, ""), 400, badReq)
		w.dial(wsBase).expect("close 1005")
	})
}

func TestSessionData(t *testing.T) {
	inWorld(t, Config{}, func(w *world) {
		w.handshake()
		if got := w.session().Data(); got != nil {
			t.Errorf("Data() = %v before SetData", got)
		}
		w.session().SetData("x")
		if got := w.session().Data(); got != "x" {
			t.Errorf("Data() = %v", got)
		}
	})
}

func TestDefaultIDsDiffer(t *testing.T) {
	a, b := randomID(nil), randomID(nil)
	if len(a) != 20 || a == b {
		t.Errorf("ids %q and %q", a, b)
	}
}

// TestManyClientsOnTCP is for the race detector: real time, real connections.
func TestManyClientsOnTCP(t *testing.T) {
	var (
		all sync.Map
		srv = NewServer(Config{
			Path: "/engine.io", PingInterval: 20 * time.Millisecond, PingTimeout: time.Minute, Coalesce: true,
			OnSession: func(s *Session) {
				all.Store(s.ID(), s)
				s.OnMessage(func(data []byte, binary bool) { s.Send(Message{Data: data, Binary: binary}) })
				s.OnClose(func(string) { all.Delete(s.ID()) })
			},
		})
	)
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	hs := &http.Server{Handler: srv}
	go hs.Serve(ln)
	defer hs.Close()

	var clients sync.WaitGroup
	for range 8 {
		clients.Go(func() {
			ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
			defer cancel()
			c, _, err := websocket.Dial(ctx, "ws://"+ln.Addr().String()+"/engine.io/?EIO=4&transport=websocket", nil)
			if err != nil {
				t.Error(err)
				return
			}
			defer c.CloseNow()
			for i, got := 0, 0; got < 200; {
				if i < 200 {
					if err := c.Write(ctx, websocket.MessageText, fmt.Append(nil, "4", i)); err != nil {
						t.Error(err)
						return
					}
					i++
				}
				_, data, err := c.Read(ctx)
				switch {
				case err != nil:
					t.Error(err)
					return
				case data[0] == '2':
					c.Write(ctx, websocket.MessageText, []byte("3"))
				case data[0] == '4' && string(data[1:]) == fmt.Sprint(got):
					got++
				case data[0] == '4' && string(data[1:]) != "all":
					t.Errorf("read %q, want message %d", data, got)
					return
				}
			}
		})
		clients.Go(func() {
			for range 50 {
				all.Range(func(_, s any) bool { s.(*Session).Send(Message{Data: []byte("all")}); return true })
				time.Sleep(time.Millisecond)
			}
		})
	}
	clients.Wait()
	srv.Close()
	if n := srv.Len(); n != 0 {
		t.Errorf("%d sessions are left", n)
	}

	conn, err := net.Dial("tcp", ln.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	fmt.Fprintf(conn, "GET /engine.io/?EIO=4&transport=polling HTTP/1.1\r\nHost: x\r\n\r\n")
	if resp, err := http.ReadResponse(bufio.NewReader(conn), nil); err != nil || resp.StatusCode != 503 {
		t.Errorf("a closed server answered %v, %v", resp, err)
	}
}
