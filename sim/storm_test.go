package sim

import (
	"flag"
	"io"
	"net"
	"os"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

var stormCloses = flag.Int("storm.closes", 150, "how often TestCloseStorm closes or kills a node")

// stormOf opens connections to an address, 40 at a time, asks for a session on each
// and leaves at once or with the first byte of the answer, until it is told to end.
func stormOf(address string, end *atomic.Bool, count *atomic.Int64) {
	requests := []string{
		"GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n",
		"GET /socket.io/?EIO=4&transport=polling HTTP/1.1\r\nHost: x\r\n\r\n",
	}
	for !end.Load() {
		var conns []net.Conn
		for i := range 40 {
			c, err := net.Dial("tcp", address)
			if err != nil {
				break // it is down
			}
			c.SetDeadline(time.Now().Add(timeout))
			io.WriteString(c, requests[i%2])
			conns = append(conns, c)
		}
		count.Add(int64(len(conns)))
		for i, c := range conns {
			if i%3 == 0 {
				c.Read(make([]byte, 1))
			}
			c.(*net.TCPConn).SetLinger(0)
			c.Close()
		}
	}
}

// A node is closed, killed and frozen again and again while clients connect: it
// comes up each time, and everything ends in order. With -args -storm.closes 10000
// it takes minutes.
func TestCloseStorm(t *testing.T) {
	port := 10_000 + os.Getpid()%5000*2 // that no other program takes while the node is down
	v := serve(t, servedText, ServeOptions{NoClients: true, NodePorts: []int{port, port + 1}})
	node := v.net.Real(v.Plan().Node("im-1").Listen.String())
	var end atomic.Bool
	var connects atomic.Int64
	var storm sync.WaitGroup
	for range 2 {
		storm.Go(func() { stormOf(node, &end, &connects) })
	}
	began := time.Now()
	rounds := [][]string{{"close im-1"}, {"kill im-1"}, {"close im-1"}, {"hang im-1", "kill im-1"}, {"block im-1 1ms", "kill im-1"}}
	for n := range *stormCloses {
		for _, words := range append(rounds[n%len(rounds)], "restart im-1") {
			v.step(t, words)
		}
		for seen := connects.Load(); connects.Load() < seen+int64(n%97); { // in any phase
			select {
			case <-v.Failed():
				t.Fatalf("after %d closes: %v", n, v.clock.Err())
			case <-time.After(time.Millisecond):
			}
		}
	}
	end.Store(true)
	storm.Wait()
	took := time.Since(began)
	v.enter(t, "ada", "203.0.113.200").says("still here")
	t.Logf("%d closes and restarts, %s under %.0f connects a second", *stormCloses, took.Round(time.Second), float64(connects.Load())/took.Seconds())
}
