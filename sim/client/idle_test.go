package client_test

import (
	"bufio"
	"context"
	"crypto/sha1"
	"encoding/base64"
	"fmt"
	"net"
	"net/http"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"stickylab/cluster/trace"
	"stickylab/sim/client"
)

// bareServer speaks just enough to let WebSocket clients in, and then holds
// nothing but the connection.
func (w *world) bareServer() {
	l, err := w.net.Listen("im-1", nodeAddr)
	if err != nil {
		w.t.Fatal(err)
	}
	var conns []net.Conn
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			conns = append(conns, c)
			r, err := http.ReadRequest(bufio.NewReader(c))
			if err != nil {
				continue
			}
			sum := sha1.Sum([]byte(r.Header.Get("Sec-WebSocket-Key") + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"))
			fmt.Fprintf(c, "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: %s\r\n\r\n",
				base64.StdEncoding.EncodeToString(sum[:]))
			for _, text := range []string{`0{"sid":"s","upgrades":[],"pingInterval":25000,"pingTimeout":20000000,"maxPayload":1000000}`, `40{"sid":"t"}`} {
				c.Write(append([]byte{0x81, byte(len(text))}, text...))
			}
		}
	}()
	w.closers = append(w.closers, func() {
		l.Close()
		for _, c := range conns {
			c.Close()
		}
	})
}

// A client that waits on a WebSocket is one goroutine and a few kilobytes; that
// of both ends of the connection in memory is included.
func TestIdleClientIsSmall(t *testing.T) {
	simulate(t, func(w *world) {
		w.bareServer()
		const count = 500
		memory := func() (bytes, goroutines int) {
			w.settle()
			runtime.GC()
			runtime.GC()
			var m runtime.MemStats
			runtime.ReadMemStats(&m)
			return int(m.HeapAlloc + m.StackInuse), runtime.NumGoroutine()
		}
		bytes, goroutines := memory()
		heap := heapInUse()
		for i := range count {
			w.client(fmt.Sprint("user-", i), transports(client.WebSocket)).Connect()
			time.Sleep(100 * time.Millisecond)
		}
		time.Sleep(10 * time.Second)
		after, running := memory()
		for _, c := range w.clients {
			if !c.State().Connected {
				t.Fatalf("%+v", c.State())
			}
		}
		each := (after - bytes) / count
		t.Logf("%d bytes and %.2f goroutines for each client; heap %d", each, float64(running-goroutines)/count, (heapInUse()-heap)/count)
		if running-goroutines > count+2 {
			t.Errorf("%d goroutines for %d clients, want one each", running-goroutines, count)
		}
		if each > 24<<10 {
			t.Errorf("%d bytes for each client, want less than 24 KiB", each)
		}
	})
}

func heapInUse() int {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int(m.HeapAlloc)
}

// Nothing of polling remains after the upgrade: one connection, one goroutine.
func TestUpgradeLeavesOneConnection(t *testing.T) {
	simulate(t, func(w *world) {
		w.startNode(nil)
		open, running := new(atomic.Int32), new(atomic.Int32)
		c := w.client("ann", func(c *client.Config) {
			dial, start := c.Dial, c.Go
			c.Dial = func(ctx context.Context, lane *trace.Lane, addr string) (net.Conn, error) {
				conn, err := dial(ctx, lane, addr)
				if err != nil {
					return nil, err
				}
				open.Add(1)
				return &counted{Conn: conn, open: open}, nil
			}
			c.Go = func(f func()) {
				running.Add(1)
				start(func() { defer running.Add(-1); f() })
			}
		})
		c.Connect()
		time.Sleep(time.Minute)
		w.settle()
		if open.Load() != 1 || running.Load() != 1 {
			t.Errorf("%d connections and %d goroutines, want one each", open.Load(), running.Load())
		}
		c.Close()
		<-c.Done()
		if open.Load() != 0 || running.Load() > 1 { // the last one tells Done before it returns
			t.Errorf("%d connections and %d goroutines after Close", open.Load(), running.Load())
		}
	})
}

// counted is a connection that counts until it is closed.
type counted struct {
	net.Conn
	once sync.Once
	open *atomic.Int32
}

func (c *counted) Close() error {
	c.once.Do(func() { c.open.Add(-1) })
	return c.Conn.Close()
}
