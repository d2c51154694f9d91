package network

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/netip"
	"sync"
	"syscall"
	"testing"
	"time"

	"stickylab/cluster/trace"
)

func TestLoopbackStandsForTheAddressesOfTheSimulation(t *testing.T) {
	n := NewLoopback(func() {})
	n.AddHost("server", "node", netip.MustParseAddr("10.0.0.1"))
	n.AddHost("client", "client", netip.MustParseAddr("203.0.113.7"))
	lane := trace.NewRecorder(func([]trace.Event) {}).Lane(trace.LaneID{Host: "client/ws"})
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()

	if _, err := n.Dial(ctx, "client", lane, server); !errors.Is(err, syscall.ECONNREFUSED) {
		t.Errorf("nobody listens: %v", err)
	}
	l, err := n.Listen("server", server)
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	var wg sync.WaitGroup
	defer wg.Wait()
	wg.Go(func() {
		c, err := l.Accept()
		if err != nil {
			t.Error(err)
			return
		}
		defer c.Close()
		fmt.Fprintf(c, "%s from %s", c.(*loopbackConn).TraceDial(), c.RemoteAddr().(interface{ String() string }).String()[:11])
	})
	c, err := n.Dial(ctx, "client", lane, server)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	got, err := io.ReadAll(c)
	if want := "client/ws#2 from 203.0.113.7"; err != nil || string(got) != want {
		t.Errorf("got %q, %v; want %q", got, err, want)
	}
}

func TestLoopbackRunsControlInOrder(t *testing.T) {
	n := NewLoopback(func() {})
	var order []int
	now := time.Now()
	n.At(now, func() { order = append(order, 2) })
	n.At(now.Add(-time.Second), func() { order = append(order, 1) })
	n.At(now, func() { order = append(order, 3); n.Stop() })
	n.Run()
	if len(order) != 3 || order[0] != 1 || order[1] != 2 || order[2] != 3 {
		t.Errorf("order %v", order)
	}
}
