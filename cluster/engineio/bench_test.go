package engineio

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"runtime"
	"strings"
	"sync"
	"testing"
)

var payload = []Packet{
	{Type: MessagePacket, Data: []byte(`2["said",{"id":"beijing-07:12","from":"beijing-07","room":"lobby","text":"hi","node":"im-3030"}]`)},
	{Type: Ping},
	{Type: MessagePacket, Data: bytes.Repeat([]byte{1, 2, 3}, 30), Binary: true},
}

func BenchmarkAppendPayload(b *testing.B) {
	b.ReportAllocs()
	var dst []byte
	for b.Loop() {
		dst = AppendPayload(dst[:0], payload)
	}
}

func BenchmarkDecodePayload(b *testing.B) {
	b.ReportAllocs()
	body := AppendPayload(nil, payload)
	for b.Loop() {
		if _, err := DecodePayload(body); err != nil {
			b.Fatal(err)
		}
	}
}

// opened returns a server with n WebSocket sessions on a network in memory,
// and the clients' ends of the connections.
func opened(b *testing.B, n int, cfg Config) (*Server, []*Session, []net.Conn) {
	b.Helper()
	m := newMemory()
	var mu sync.Mutex
	var sessions []*Session
	cfg.OnSession = func(s *Session) {
		mu.Lock()
		defer mu.Unlock()
		sessions = append(sessions, s)
	}
	srv := NewServer(cfg)
	hs := &http.Server{Handler: srv}
	go hs.Serve(m)
	b.Cleanup(func() { srv.Kill(); m.cut(); m.net.Stop() })
	var clients []net.Conn
	for range n {
		conn, err := m.dial(context.Background(), "", "")
		if err != nil {
			b.Fatal(err)
		}
		fmt.Fprintf(conn, "GET %s HTTP/1.1\r\nHost: im.example.com\r\nConnection: upgrade\r\nUpgrade: websocket\r\n"+
			"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nX-Forwarded-For: 203.0.113.7\r\n\r\n", wsBase)
		skip(b, conn, "}")
		clients = append(clients, conn)
	}
	return srv, sessions, clients
}

// skip reads until what was read ends with the text.
func skip(b *testing.B, r io.Reader, text string) {
	buf := make([]byte, 4096)
	for got := ""; !strings.HasSuffix(got, text); {
		n, err := r.Read(buf)
		if err != nil {
			b.Fatal(err)
		}
		got += string(buf[:n])
	}
}

// BenchmarkSend is one message to one session, read by the client.
func BenchmarkSend(b *testing.B) {
	_, sessions, clients := opened(b, 1, Config{})
	b.ReportAllocs()
	buf := make([]byte, 4096)
	for b.Loop() {
		sessions[0].Send(Message{Data: payload[0].Data})
		if _, err := clients[0].Read(buf); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkReceive is one message from a client.
func BenchmarkReceive(b *testing.B) {
	_, sessions, clients := opened(b, 1, Config{})
	got := make(chan struct{})
	sessions[0].OnMessage(func([]byte, bool) { got <- struct{}{} })
	frame := append([]byte{0x81, 0x80 | 33, 0, 0, 0, 0}, strings.Repeat("4", 33)...)
	b.ReportAllocs()
	for b.Loop() {
		clients[0].Write(frame)
		<-got
	}
}

// BenchmarkIdleSession reports the memory that one idle WebSocket session
// holds on the server, connection excluded.
func BenchmarkIdleSession(b *testing.B) {
	const n = 1000
	for b.Loop() {
		var before, after runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&before)
		srv, _, _ := opened(b, n, Config{})
		runtime.GC()
		runtime.GC()
		runtime.ReadMemStats(&after)
		b.ReportMetric(float64(after.HeapAlloc-before.HeapAlloc)/n, "heap-B/session")
		b.ReportMetric(float64(after.StackInuse-before.StackInuse)/n, "stack-B/session")
		runtime.KeepAlive(srv)
	}
}
