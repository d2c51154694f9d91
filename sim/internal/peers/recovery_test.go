//go:build peers

package peers

import (
	"context"
	"math/rand/v2"
	"net"
	"sync"
	"testing"
	"time"

	"stickylab/cluster/host"
	"stickylab/cluster/trace"
	"stickylab/sim/client"
)

// The virtual client recovers on the official server: it reads each message once and in
// order, though its connection ends again and again.
func TestVirtualClientRecovers(t *testing.T) {
	for how, transports := range map[string][]string{"polling": {client.Polling}, "websocket": {client.WebSocket}, "upgrade": {client.Polling, client.WebSocket}} {
		t.Run(how, func(t *testing.T) {
			server := newChat(t, "recovery.mjs")
			var addr string
			server.call(&addr, "address")

			var mu sync.Mutex
			var read []uint32
			rec := trace.NewRecorder(func(events []trace.Event) {
				mu.Lock()
				defer mu.Unlock()
				for _, e := range events {
					if e.Kind == trace.Read {
						read = append(read, e.Msg.N)
					}
				}
			})
			until := func(what string, so func() bool) {
				t.Helper()
				for deadline := time.Now().Add(time.Minute); !so(); time.Sleep(5 * time.Millisecond) {
					if rec.CloseStep(); time.Now().After(deadline) {
						t.Fatalf("not %s in time; read %d", what, read)
					}
				}
			}
			c, err := client.New(client.Config{
				Name: "ann", URL: "http://" + addr + "/socket.io/", Room: "lobby", Transports: transports,
				Reconnection: client.Reconnection{Delay: 300 * time.Millisecond},
				Dial: func(ctx context.Context, _ *trace.Lane, addr string) (net.Conn, error) {
					return new(net.Dialer).DialContext(ctx, "tcp", addr)
				},
				Lane: rec.Lane, Rand: rand.New(rand.NewPCG(1, 2)), Go: func(f func()) { go f() }, AfterFunc: host.WallTimer,
			})
			if err != nil {
				t.Fatal(err)
			}
			defer func() { c.Close(); <-c.Done() }()
			c.Connect()
			connections := func() (recovered []bool) {
				server.call(&recovered, "recovered")
				return recovered
			}
			until("in the room", func() (yes bool) {
				var n int
				server.call(&n, "joined", "lobby")
				return n == 1
			})
			said := 0
			say := func(n int) {
				server.call(nil, "emit", said+1, said+n)
				said += n
			}
			all := func() bool { mu.Lock(); defer mu.Unlock(); return len(read) >= said }
			say(3)
			until("read", all)
			for round := range 3 {
				server.call(nil, "drop")
				say(10)
				until("back", func() bool { return len(connections()) == round+2 })
				say(1)
				until("read", all)
			}
			for i, ok := range connections() {
				if ok != (i > 0) {
					t.Errorf("connection %d recovered: %v", i+1, ok)
				}
			}
			for i, n := range read {
				if int(n) != i+1 {
					t.Fatalf("read %d", read)
				}
			}
			if len(read) != said {
				t.Errorf("read %d messages of %d", len(read), said)
			}
		})
	}
}
