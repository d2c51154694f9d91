package client_test

import (
	"context"
	"math/rand/v2"
	"net"
	"testing"

	"stickylab/cluster/host"
	"stickylab/cluster/trace"
	"stickylab/sim/client"
)

// The same client talks over real TCP.
func TestOverTCP(t *testing.T) {
	for _, names := range [][]string{{client.Polling, client.WebSocket}, {client.Polling}, {client.WebSocket}} {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		w := &world{t: t}
		n := w.serve(l, nil)
		n.tell = make(chan string, 10)
		c, err := client.New(client.Config{
			Name: "ann", URL: "http://" + l.Addr().String() + "/socket.io/", Room: "lobby", Transports: names,
			Dial: func(ctx context.Context, _ *trace.Lane, addr string) (net.Conn, error) {
				return new(net.Dialer).DialContext(ctx, "tcp", addr)
			},
			Lane: trace.NewRecorder(func([]trace.Event) {}).Lane,
			Rand: rand.New(rand.NewPCG(1, 2)),
			Go:   func(f func()) { go f() },

			AfterFunc: host.WallTimer,
		})
		if err != nil {
			t.Fatal(err)
		}
		c.Connect()
		var got []string
		for range 2 {
			got = append(got, <-n.tell)
		}
		c.Say("hi")
		got = append(got, <-n.tell)
		c.Disconnect()
		got = append(got, <-n.tell)
		expect(t, "node", got, []string{"connect ann", "join lobby", "say ann:1", "left ann: client namespace disconnect"})
		c.Close()
		<-c.Done()
		n.kill()
	}
}
