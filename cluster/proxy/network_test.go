package proxy

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net"
	"net/netip"
	"sync"
	"testing"

	"stickylab/cluster/host"
	"stickylab/cluster/memnet"
	"stickylab/cluster/trace"
)

// wires is a network in memory on which what is written arrives at once. Each
// address that is listened on is a host.
type wires struct {
	*memnet.Network
	recorder *trace.Recorder
	events   []trace.Event

	mu     sync.Mutex
	dials  int
	dialed []string               // by the proxy
	links  map[string]memnet.Link // to an address, where it is not in order
}

// newWires returns a network that runs until Stop.
func newWires() *wires {
	w := &wires{links: map[string]memnet.Link{}}
	w.Network = memnet.New(memnet.Options{Link: func(from, to *memnet.Host) memnet.Link {
		w.mu.Lock()
		defer w.mu.Unlock()
		return w.links[to.Name]
	}})
	w.recorder = trace.NewRecorder(func(list []trace.Event) { w.events = append(w.events, list...) })
	go w.Run()
	return w
}

func (w *wires) env(t testing.TB) host.Env {
	return host.Env{
		Listen: func(host, addr string) (net.Listener, error) { return w.listen(addr) },
		Dial: func(ctx context.Context, host string, lane *trace.Lane, addr string) (net.Conn, error) {
			w.mu.Lock()
			w.dials++
			w.dialed = append(w.dialed, addr)
			w.mu.Unlock()
			w.AddHost(host, memnet.Proxy, netip.MustParseAddr("10.255.0.1"))
			return w.Dial(ctx, host, lane, addr)
		},
		Rand: func(name string) *rand.Rand { return rand.New(rand.NewPCG(1, uint64(len(name)))) },
		ID:   func(lane *trace.Lane) string { return lane.Name() },
		Lane: w.recorder.Lane,
		Go:   func(f func()) { go f() },

		AfterFunc: w.Network.AfterFunc,
		Guard: func(f func()) {
			defer func() {
				if r := recover(); r != nil {
					t.Errorf("panic: %v", r)
				}
			}()
			f()
		},
	}
}

// kind returns the events of a kind, in order.
func (w *wires) kind(k trace.Kind) []trace.Event {
	w.recorder.CloseStep()
	var list []trace.Event
	for _, e := range w.events {
		if e.Kind == k {
			list = append(list, e)
		}
	}
	return list
}

func (w *wires) listen(addr string) (net.Listener, error) {
	var ip netip.Addr
	if at, err := netip.ParseAddrPort(addr); err == nil {
		ip = at.Addr()
	}
	w.AddHost(addr, memnet.Node, ip)
	return w.Listen(addr, addr)
}

// dial connects from an address.
func (w *wires) dial(ctx context.Context, from, addr string) (net.Conn, error) {
	w.mu.Lock()
	w.dials++
	lane := w.recorder.Lane(trace.LaneID{Host: from, Purpose: fmt.Sprint(w.dials)})
	w.mu.Unlock()
	w.AddHost(from, memnet.Client, netip.MustParseAddr(from))
	return w.Dial(ctx, from, lane, addr)
}
