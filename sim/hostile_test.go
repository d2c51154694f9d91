package sim

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/coder/websocket"

	"stickylab/cluster"
)

// brief are bounds that a test does not wait long for.
func brief() cluster.Limits {
	b := cluster.DefaultLimits()
	b.HeaderTimeout, b.RequestTimeout = 500*time.Millisecond, time.Second
	b.MaxPayload, b.MaxBacklog = 10_000, 100_000
	return b
}

// ended waits until the other side has closed, and returns what it said before.
func ended(t *testing.T, c net.Conn) string {
	t.Helper()
	c.SetReadDeadline(time.Now().Add(timeout))
	said, err := io.ReadAll(c)
	if network, ok := err.(net.Error); ok && network.Timeout() {
		t.Fatalf("the connection stays open; it said %q", said)
	}
	return string(said)
}

// status reads an answer.
func status(t *testing.T, c net.Conn, want int) (body string) {
	t.Helper()
	r, err := http.ReadResponse(bufio.NewReader(c), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Body.Close()
	text, _ := io.ReadAll(r.Body)
	if r.StatusCode != want {
		t.Errorf("answered %d %q, want %d", r.StatusCode, text, want)
	}
	return string(text)
}

// pour writes until it is stopped, or has written so much.
func pour(c net.Conn, chunk string, most int) {
	for sent := 0; sent < most; sent += len(chunk) {
		if _, err := io.WriteString(c, chunk); err != nil {
			return
		}
	}
}

// A peer that does not behave gets the right answer, its connection ends, and
// others are unharmed. Each case is tried at the proxy and at a node.
func TestHostileRequests(t *testing.T) {
	v := people(t, brief())
	ada, bob := v.enter(t, "ada", "203.0.113.200"), v.enter(t, "bob", "203.0.113.201")
	doors := map[string]string{"proxy": v.Entry(), "node": v.net.Real(v.plan.Nodes[0].Listen.String())}
	holds := v.holds(t)

	const at = "/socket.io/?EIO=4&transport=polling"
	chunk := "1000\r\n" + strings.Repeat("x", 0x1000) + "\r\n"
	for _, c := range []struct {
		name string
		do   func(t *testing.T, c net.Conn, door string)
	}{
		{"silence", func(t *testing.T, c net.Conn, _ string) { ended(t, c) }},
		{"a slow head", func(t *testing.T, c net.Conn, _ string) {
			for _, part := range []string{"GET ", at, " HTTP/1.1\r\n", "Host: x\r\n", "X: "} {
				io.WriteString(c, part)
				time.Sleep(10 * time.Millisecond)
			}
			ended(t, c)
		}},
		{"an endless head", func(t *testing.T, c net.Conn, _ string) {
			io.WriteString(c, "GET / HTTP/1.1\r\nHost: x\r\n")
			pour(c, "X: "+strings.Repeat("y", 1000)+"\r\n", 1<<20)
			if said := ended(t, c); said != "" && !strings.HasPrefix(said, "HTTP/1.1 431") && !strings.HasPrefix(said, "HTTP/1.1 400") { // of a node, of the proxy
				t.Errorf("answered %q", said)
			}
		}},
		{"an endless line", func(t *testing.T, c net.Conn, _ string) {
			io.WriteString(c, "GET /")
			pour(c, strings.Repeat("y", 1000), 1<<20)
			if said := ended(t, c); said != "" && !strings.HasPrefix(said, "HTTP/1.1 431") && !strings.HasPrefix(said, "HTTP/1.1 414") {
				t.Errorf("answered %q", said)
			}
		}},
		{"no HTTP", func(t *testing.T, c net.Conn, _ string) {
			c.Write([]byte("\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n"))
			if said := ended(t, c); !strings.HasPrefix(said, "HTTP/1.1 400") {
				t.Errorf("answered %q", said)
			}
		}},
		{"half open", func(t *testing.T, c net.Conn, _ string) {
			fmt.Fprintf(c, "GET %s HTTP/1.1\r\nHost: x\r\n\r\n", at)
			c.(*net.TCPConn).CloseWrite()
			ended(t, c)
		}},
		{"a body announced too large", func(t *testing.T, c net.Conn, _ string) {
			sid := v.openPolling(t, "").sid
			fmt.Fprintf(c, "POST %s&sid=%s HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000000\r\n\r\n", at, sid)
			status(t, c, http.StatusRequestEntityTooLarge)
		}},
		{"a body a bit too large", func(t *testing.T, c net.Conn, _ string) {
			sid := v.openPolling(t, "").sid
			fmt.Fprintf(c, "POST %s&sid=%s HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n", at, sid)
			pour(c, chunk, 3*0x1000) // the bound is 10,000
			io.WriteString(c, "0\r\n\r\n")
			status(t, c, http.StatusRequestEntityTooLarge)
		}},
		{"an endless body", func(t *testing.T, c net.Conn, _ string) {
			fmt.Fprintf(c, "POST %s&sid=nobody HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n", at)
			pour(c, chunk, 8<<20)
			ended(t, c)
		}},
		{"a slow body", func(t *testing.T, c net.Conn, _ string) {
			fmt.Fprintf(c, "POST %s&sid=nobody HTTP/1.1\r\nHost: x\r\nContent-Length: 5000\r\n\r\nx", at)
			stop := time.AfterFunc(100*time.Millisecond, func() { io.WriteString(c, "y") })
			defer stop.Stop()
			ended(t, c)
		}},
		{"a body that never comes", func(t *testing.T, c net.Conn, _ string) {
			sid := v.openPolling(t, "").sid
			fmt.Fprintf(c, "POST %s&sid=%s HTTP/1.1\r\nHost: x\r\nContent-Length: 5000\r\n\r\n", at, sid)
			ended(t, c)
		}},
		{"an answer that is not taken", func(t *testing.T, c net.Conn, _ string) {
			for range 2000 { // of many requests at once
				if _, err := fmt.Fprintf(c, "GET %s HTTP/1.1\r\nHost: x\r\n\r\n", at+"&sid=nobody"); err != nil {
					return
				}
			}
		}},
	} {
		for door, address := range doors {
			t.Run(c.name+", "+door, func(t *testing.T) {
				conn := here(t, address, "")
				defer conn.Close()
				c.do(t, conn, door)
				ada.says("still here, " + c.name + door)
				bob.hears(`42["said"`)
			})
		}
	}
	holds()
}

// holds returns what fails the test if by then the cluster holds more than now:
// goroutines, or memory beyond what the trace of some hundred requests takes.
func (v *Served) holds(t *testing.T) (noMore func()) {
	goroutines, memory := runtime.NumGoroutine(), inUse()
	return func() {
		t.Helper()
		eventually(t, "as many goroutines as before", func() bool { return runtime.NumGoroutine() <= goroutines+20 })
		if grown := inUse() - memory; grown > 8<<20 {
			t.Errorf("the memory has grown by %d kB", grown>>10)
		}
	}
}

// WebSocket frames against the rules end the connection with the code of RFC
// 6455, section 7.4.1, or without one; nobody else notices.
func TestHostileFrames(t *testing.T) {
	v := people(t, brief())
	ada := v.enter(t, "ada", "203.0.113.200")
	holds := v.holds(t)
	mask := []byte{1, 2, 3, 4}
	frame := func(first byte, payload string) []byte {
		out := []byte{first, 0x80 | byte(min(len(payload), 126))}
		if len(payload) >= 126 {
			out = append(out, byte(len(payload)>>8), byte(len(payload)))
		}
		out = append(out, mask...)
		for i := range payload {
			out = append(out, payload[i]^mask[i%4])
		}
		return out
	}
	for _, c := range []struct {
		name string
		send []byte
		code int // 0: none is asked for
	}{
		{"not masked", []byte{0x81, 1, '2'}, 0},
		{"reserved bits", frame(0xf1, "2"), 1002},
		{"reserved opcode", frame(0x83, "2"), 1002},
		{"fragmented ping", frame(0x09, "x"), 1002},
		{"long ping", frame(0x89, strings.Repeat("x", 126)), 1002},
		{"continuation of nothing", frame(0x80, "x"), 1002},
		{"text inside of text", append(frame(0x01, "a"), frame(0x81, "b")...), 1002},
		{"not UTF-8", frame(0x81, "4\xff\xfe"), 1007},
		{"too large", frame(0x82, strings.Repeat("x", 20_000)), 1009},
		{"without end", append(append([]byte{0x82, 0xff, 0x7f, 0, 0, 0, 0, 0, 0, 0}, mask...), make([]byte, 20_000)...), 1009},
		{"a length that cannot be", append([]byte{0x82, 0xff, 0xff, 0, 0, 0, 0, 0, 0, 0}, mask...), 0},
		{"a bad close code", frame(0x88, "\x00\x01"), 1002},
		{"a packet that is none", frame(0x81, "z"), 0},
		{"an empty message", frame(0x81, ""), 0},
		{"a Socket.IO packet that is none", frame(0x81, "49"), 0},
		{"a deep one", frame(0x81, "42"+strings.Repeat("[", 9000)), 0},
		{"attachments without end", frame(0x81, "4599999999-[\"x\"]"), 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			conn := here(t, v.Entry(), "203.0.113.9")
			defer conn.Close()
			r := upgraded(t, conn)
			conn.Write(c.send)
			code, err := closing(r)
			if network, ok := err.(net.Error); ok && network.Timeout() {
				t.Fatal("the connection stays open")
			}
			if c.code != 0 && code != c.code {
				t.Errorf("closed with %d, %v, want %d", code, err, c.code)
			}
			ada.says("after " + c.name)
		})
	}
	holds()
}

// What is not UTF-8 reaches nobody as it is: a browser would end its WebSocket
// with 1007.
func TestNotUTF8(t *testing.T) {
	v := people(t, brief())
	ada := v.enter(t, "ada", "203.0.113.200")
	for _, body := range []string{
		"42[\"say\",{\"room\":\"lobby\",\"text\":\"a \xff\xfe b\"}]", "42[\"say\",{\"room\":\"lobby\",\"text\":\"\\ud800\"}]",
		"42[\"say\",{\"room\":\"lobby\",\"text\":\"\xed\xa0\x80\"}]", "42[\"say\",{\"room\":\"lobby\xc3\",\"text\":\"x\"}]", "42[\"\xff\"]",
		"4\xff", "\xff", "bAP\xff=", "42[\"say\",{\"room\":\"lobby\",\"text\":\"cut \xe4\xb8\"}]",
	} {
		p := v.openPolling(t, "203.0.113.201")
		for _, b := range []string{"40{\"name\":\"m\xffry\"}", `420["join","lobby"]`, body} {
			p.post(b)
		}
		word := fmt.Sprintf("after %q", body)
		ada.send(fmt.Sprintf(`42["say",{"room":"lobby","text":%q}]`, word))
		for {
			text, err := ada.next()
			if err != nil {
				t.Fatalf("after %q: %v", body, err)
			}
			if !utf8.ValidString(text) {
				t.Errorf("after %q ada reads %q", body, text)
			}
			if strings.Contains(text, `"after `) {
				break
			}
		}
		p.conn.Close()
	}
	eventually(t, "known", func() bool { _, n := v.now().RealClients(0); return n > 5 })
	list, _ := v.now().RealClients(100)
	for _, o := range list {
		if text := fmt.Sprint(o); !utf8.ValidString(text) {
			t.Errorf("an outsider is %q", text)
		}
	}
}

// upgraded makes a connection a WebSocket of the chat.
func upgraded(t testing.TB, conn net.Conn) *bufio.Reader {
	t.Helper()
	fmt.Fprint(conn, "GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"+
		"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n")
	r := bufio.NewReaderSize(conn, 512)
	for {
		line, err := r.ReadString('\n')
		if err != nil {
			t.Fatal(err)
		}
		if line == "\r\n" {
			return r
		}
	}
}

// closing reads frames of a server until the one that closes, and returns its
// code: 0 for none.
func closing(r *bufio.Reader) (int, error) {
	for {
		var head [2]byte
		if _, err := io.ReadFull(r, head[:]); err != nil {
			return 0, err
		}
		size := int(head[1])
		if size == 126 {
			var long [2]byte
			if _, err := io.ReadFull(r, long[:]); err != nil {
				return 0, err
			}
			size = int(long[0])<<8 | int(long[1])
		}
		payload := make([]byte, size)
		if _, err := io.ReadFull(r, payload); err != nil {
			return 0, err
		}
		if head[0] == 0x88 {
			if size < 2 {
				return 0, nil
			}
			return int(payload[0])<<8 | int(payload[1]), nil
		}
	}
}

// A client that does not read holds no more than its backlog, and no longer
// than that lasts.
func TestAUserWhoDoesNotRead(t *testing.T) {
	t.Parallel()
	v := people(t, brief())
	ada := v.enter(t, "ada", "203.0.113.200")
	deaf := here(t, v.Entry(), "203.0.113.9")
	defer deaf.Close()
	upgraded(t, deaf)
	deaf.(*net.TCPConn).SetReadBuffer(4096)
	writeText(deaf, `40{"name":"deaf"}`)
	writeText(deaf, `420["join","lobby"]`)
	eventually(t, "in the room", func() bool { _, n := v.now().RealClients(0); return n == 2 })
	text := strings.Repeat("x", 9000)
	for i := 0; ; i++ {
		ada.says(fmt.Sprint(i, text))
		if _, n := v.now().RealClients(0); n == 1 {
			break
		}
		if i == 5000 {
			t.Fatal("45 MB wait for a client that does not read")
		}
	}
	ada.says("still here")
}

func writeText(c net.Conn, text string) {
	out := []byte{0x81, 0x80 | byte(len(text)), 0, 0, 0, 0}
	c.Write(append(out, text...))
}

// Unknown sids in a flood each get their answer; the memory stays as it is.
func TestAFloodOfUnknownSids(t *testing.T) {
	v := people(t, cluster.Limits{})
	ada := v.enter(t, "ada", "203.0.113.200")
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	const floods, each = 4, 2500
	var flood sync.WaitGroup
	for range floods {
		var conns []net.Conn
		for range each/1000 + 1 { // keepalive_requests of nginx
			c := here(t, v.Entry(), "203.0.113.9")
			defer c.Close()
			c.SetDeadline(time.Now().Add(time.Minute))
			conns = append(conns, c)
		}
		flood.Go(func() {
			var r *bufio.Reader
			for i := range each {
				c := conns[i/1000]
				if i%1000 == 0 {
					r = bufio.NewReader(c)
				}
				fmt.Fprintf(c, "GET /socket.io/?EIO=4&transport=polling&sid=nobody%d HTTP/1.1\r\nHost: x\r\n\r\n", i)
				a, err := http.ReadResponse(r, nil)
				if err != nil {
					t.Error(err)
					return
				}
				body, _ := io.ReadAll(a.Body)
				if a.StatusCode != 400 || string(body) != `{"code":1,"message":"Session ID unknown"}` {
					t.Errorf("answered %d %q", a.StatusCode, body)
					return
				}
			}
		})
	}
	ada.says("during the flood")
	flood.Wait()
	ada.says("after the flood")
	eventually(t, "counted", func() bool { return v.now().SnapshotSince(0).Errors["Session ID unknown"] == floods*each })
	runtime.GC()
	runtime.ReadMemStats(&after)
	// The trace of it is kept for a while: two or three events for each.
	if grown := int(after.HeapAlloc) - int(before.HeapAlloc); grown > 30<<20 {
		t.Errorf("the heap has grown by %d MB", grown>>20)
	}
}

// Sessions, rooms and connections are bounded; those inside are unharmed.
func TestBoundsOfANode(t *testing.T) {
	b := cluster.DefaultLimits()
	b.MaxSessions, b.MaxPerAddress, b.MaxRooms = 4, 2, 2
	v := people(t, b)
	ada := v.enter(t, "ada", "203.0.113.200")
	ada.send(`421["join","second"]`)
	ada.hears(`431[{"room":"second"`)
	ada.send(`422["join","third"]`)
	ada.hears(`432[{"error":"too many rooms"}]`)
	for range 2 {
		v.openPolling(t, "203.0.113.9")
	}
	refused := func(ip, why string) {
		t.Helper()
		c := here(t, v.Entry(), ip)
		defer c.Close()
		fmt.Fprint(c, "GET /socket.io/?EIO=4&transport=polling HTTP/1.1\r\nHost: x\r\n\r\n")
		if body := status(t, c, http.StatusForbidden); body != `{"code":4,"message":"`+why+`"}` {
			t.Errorf("answered %q", body)
		}
		eventually(t, "counted with its cause", func() bool { return v.now().SnapshotSince(0).Errors[why] == 1 })
	}
	refused("203.0.113.9", "too many sessions from one address")
	last := v.openPolling(t, "203.0.113.10")
	refused("203.0.113.11", "too many sessions")
	last.post("1") // it leaves, and its place is free
	v.openPolling(t, "203.0.113.11")
	ada.says("still here")
}

func TestMoreConnectionsThanAProxyTakes(t *testing.T) {
	v := serve(t, servedText, ServeOptions{NoClients: true, MaxConnections: 5})
	ada := v.enter(t, "ada", "203.0.113.200")
	var list []net.Conn
	for range 4 {
		c := here(t, v.Entry(), "")
		defer c.Close()
		list = append(list, c)
	}
	eventually(t, "refused", func() bool {
		c := here(t, v.Entry(), "")
		defer c.Close()
		_, err := c.Read(make([]byte, 1))
		return err != nil
	})
	ada.says("still here")
	list[0].Close()
	eventually(t, "let in again", func() bool {
		c := here(t, v.Entry(), "")
		defer c.Close()
		fmt.Fprint(c, "GET /nowhere HTTP/1.1\r\nHost: x\r\n\r\n")
		_, err := c.Read(make([]byte, 1))
		return err == nil
	})
}

// Coming and going leaves nothing behind.
func TestComingAndGoingLeavesNothing(t *testing.T) {
	v := people(t, cluster.Limits{})
	come := func(n int) {
		for i := range n {
			if i%2 == 0 {
				u := v.enter(t, fmt.Sprint("user", i), fmt.Sprintf("203.0.113.%d", 1+i%250))
				u.ws.Close(websocket.StatusNormalClosure, "")
				continue
			}
			p := v.openPolling(t, "192.0.2.7")
			p.post("1")
			p.conn.Close()
		}
		eventually(t, "all gone", func() bool {
			return nodeOf(v, "im-1").Sessions+nodeOf(v, "im-2").Sessions == 0 && v.net.Connections("proxy") == 0
		})
	}
	come(20)
	before := runtime.NumGoroutine()
	come(200)
	eventually(t, "as many goroutines as before", func() bool { return runtime.NumGoroutine() <= before+3 })
}
