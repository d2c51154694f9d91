package engineio

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/coder/websocket"
)

func TestHandshakeOverWebSocket(t *testing.T) {
	inWorld(t, Config{}, func(w *world) {
		s := w.dial(wsBase)
		s.expect(`0{"sid":"session-1","upgrades":[],"pingInterval":25000,"pingTimeout":20000,"maxPayload":1000000}`)
		s.send("4hello")
		s.send("bAQID")
		s.Write(context.Background(), websocket.MessageBinary, []byte{4, 5})
		s.expect("4hello", "bin:\x01\x02\x03", "bin:\x04\x05")
		w.refused(w.get("session-1"), badReq)
		w.expectLog("opened session-1 websocket", `refused "session-1" 400 3 Bad request`)
	})
}

func TestFrameSizes(t *testing.T) {
	inWorld(t, Config{}, func(w *world) {
		s := w.dialSession()
		for _, n := range []int{0, 124, 125, 126, 511, 512, 65534, 65535, 65536, 999999} {
			text := strings.Repeat("x", n)
			s.send("4" + text)
			s.expect("4" + text)
			w.session().Send(Message{Data: []byte(text), Binary: true})
			s.expect("bin:" + text)
		}
	})
}

func TestEachSendIsOneWrite(t *testing.T) {
	for coalesce, want := range map[bool]int64{false: 3, true: 1} {
		inWorld(t, Config{Coalesce: coalesce}, func(w *world) {
			s := w.dialSession()
			synctest.Wait()
			before := w.net.writes.Load()
			c := w.session()
			c.mu.Lock() // so that all three are queued before the pump runs
			for i := range 3 {
				c.enqueue(Packet{Type: MessagePacket, Data: fmt.Append(nil, i), Tag: i}, false)
			}
			c.flush()
			c.mu.Unlock()
			s.expect("40", "41", "42")
			if got := w.net.writes.Load() - before; got != want {
				t.Errorf("coalesce %v: %d writes, want %d", coalesce, got, want)
			}
			w.expectLog("opened session-1 websocket", "wrote session-1 0", "wrote session-1 1", "wrote session-1 2")
		})
	}
}

func TestWhatEndsAWebSocketSession(t *testing.T) {
	for _, test := range []struct {
		name   string
		do     func(*socket)
		reads  string // what the client reads last
		reason string
	}{
		{"close packet", func(s *socket) { s.send("1") }, "close 1005", "transport close"},
		{"close frame", func(s *socket) { s.raw.Write([]byte{0x88, 0x80, 0, 0, 0, 0}) }, "close 1005", "transport close"},
		{"close frame with a status", func(s *socket) { s.raw.Write([]byte{0x88, 0x82, 0, 0, 0, 0, 0x03, 0xe9}) }, "close 1001", "transport close"},
		{"connection lost", func(s *socket) { s.raw.Close() }, "lost", "transport close"},
		{"unknown type", func(s *socket) { s.send("abc") }, "close 1005", "parse error"},
		{"empty text", func(s *socket) { s.send("") }, "close 1005", "parse error"},
		{"ping", func(s *socket) { s.send("2") }, "close 1005", "transport error"},
		{"too large", func(s *socket) { s.send("4" + strings.Repeat("x", 1000)) }, "close 1009", "transport error"},
		{"not UTF-8", func(s *socket) { s.send("4\xff") }, "close 1007", "transport error"},
		{"unmasked frame", func(s *socket) { s.raw.Write([]byte{0x81, 2, '4', 'x'}) }, "close 1002", "transport error"},
		{"announced to be too large", func(s *socket) { s.raw.Write([]byte{0x81, 0xfe, 0x03, 0xe9}) }, "close 1009", "transport error"},
		{"a length beyond 2^53", func(s *socket) { s.raw.Write([]byte{0x81, 0xff, 0x80, 0, 0, 0, 0, 0, 0, 1}) }, "close 1009", "transport error"},
		{"reserved bits", func(s *socket) { s.raw.Write([]byte{0xc1, 0x80, 0, 0, 0, 0}) }, "close 1002", "transport error"},
		{"a reserved opcode", func(s *socket) { s.raw.Write([]byte{0x83, 0x80, 0, 0, 0, 0}) }, "close 1002", "transport error"},
		{"a continuation of nothing", func(s *socket) { s.raw.Write([]byte{0x80, 0x80, 0, 0, 0, 0}) }, "close 1002", "transport error"},
		{"a message within a message", func(s *socket) { s.raw.Write([]byte{0x01, 0x80, 0, 0, 0, 0, 0x81, 0x80, 0, 0, 0, 0}) }, "close 1002", "transport error"},
		{"a fragmented ping", func(s *socket) { s.raw.Write([]byte{0x09, 0x80, 0, 0, 0, 0}) }, "close 1002", "transport error"},
		{"half a close code", func(s *socket) { s.raw.Write([]byte{0x88, 0x81, 0, 0, 0, 0, 3}) }, "close 1002", "transport error"},
		{"a close code that is none", func(s *socket) { s.raw.Write([]byte{0x88, 0x82, 0, 0, 0, 0, 0x03, 0xed}) }, "close 1002", "transport error"},
		{"a close reason not UTF-8", func(s *socket) { s.raw.Write([]byte{0x88, 0x83, 0, 0, 0, 0, 0x03, 0xe8, 0xff}) }, "close 1007", "transport error"},
		{"many empty fragments", func(s *socket) {
			s.raw.Write(append([]byte{0x01, 0x80, 0, 0, 0, 0}, bytes.Repeat([]byte{0x00, 0x80, 0, 0, 0, 0}, maxFragments)...))
		}, "close 1008", "transport error"},
		{"closed by the server", func(s *socket) { s.send("4close") }, "close 1005", "forced close"},
	} {
		t.Run(test.name, func(t *testing.T) {
			inWorld(t, Config{MaxPayload: 1000}, func(w *world) {
				s := w.dialSession()
				test.do(s)
				s.expect(test.reads)
				w.expectLog("opened session-1 websocket", "closed session-1 "+test.reason, "onclose session-1 "+test.reason)
			})
		})
	}
}

func TestTheFirstSubprotocolIsTaken(t *testing.T) {
	for offered, want := range map[string]string{"": "", "my-token": "my-token", "b , a": "b", "a,a": "refused", "a,": "refused", "a b": "refused"} {
		r := httptest.NewRequest("GET", "/", nil)
		r.Header.Set("Upgrade", "websocket")
		r.Header.Set("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ==")
		r.Header.Set("Sec-WebSocket-Version", "13")
		if offered != "" {
			r.Header.Set("Sec-WebSocket-Protocol", offered)
		}
		got := ""
		if bad := handshakeFault(r); bad != nil {
			got = "refused"
		} else {
			got = subprotocols(r)[0]
		}
		if got != want {
			t.Errorf("%q: %q, want %q", offered, got, want)
		}
	}
}

func TestCloseSendsWhatIsQueued(t *testing.T) {
	inWorld(t, Config{}, func(w *world) {
		s := w.dialSession()
		for i := range 5 {
			w.session().Send(Message{Data: fmt.Append(nil, i)})
		}
		w.session().Close()
		w.session().Send(Message{Data: []byte("late")})
		s.expect("40", "41", "42", "43", "44", "close 1005")
	})
}

func TestClientThatIgnoresTheCloseFrame(t *testing.T) {
	inWorld(t, Config{}, func(w *world) {
		s := w.dialSession()
		w.session().Close()
		w.expectLog("opened session-1 websocket", "closed session-1 forced close", "onclose session-1 forced close")
		time.Sleep(6 * time.Second)
		synctest.Wait()
		if n := w.running.Load(); n != 0 {
			t.Errorf("%d goroutines still wait for the client", n)
		}
		if got := arrived(s.raw); !bytes.HasSuffix(got, []byte{0x88, 0}) {
			t.Errorf("the last bytes are %x", got)
		}
	})
}

// arrived returns what has arrived and was not read yet.
func arrived(c net.Conn) []byte {
	c.SetReadDeadline(time.Now().Add(time.Millisecond))
	got, _ := io.ReadAll(c)
	return got
}

func TestFrameThatComesWithTheHandshake(t *testing.T) {
	inWorld(t, Config{}, func(w *world) {
		conn, err := w.net.dial(context.Background(), "", "")
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		fmt.Fprintf(conn, "GET %s HTTP/1.0\r\nConnection: upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"+
			"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n\x81\x83\x00\x00\x00\x004hi", wsBase)
		synctest.Wait()
		got := string(arrived(conn))
		if !strings.HasPrefix(got, "HTTP/1.1 101 ") || !strings.HasSuffix(got, "\x81\x034hi") {
			t.Errorf("the server wrote %q", got)
		}
	})
}

func TestWritableOnWebSocket(t *testing.T) {
	inWorld(t, Config{}, func(w *world) {
		s := w.dialSession()
		w.session().Send(Message{Data: []byte("a")})
		if !w.session().Writable() {
			t.Error("not writable")
		}
		s.expect("4a")
		w.session().Close()
		if w.session().Writable() {
			t.Error("writable when closed")
		}
	})
}
