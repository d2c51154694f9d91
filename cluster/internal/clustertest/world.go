// Package clustertest puts a cluster on TCP ports of this machine, for tests.
package clustertest

import (
	"context"
	crand "crypto/rand"
	"encoding/base64"
	"math/rand/v2"
	"net"
	"sync"
	"testing"

	"stickylab/cluster/host"
	"stickylab/cluster/trace"
)

// A World is loopback TCP for one test: each address that is listened on stands
// for a free port.
type World struct {
	rec *trace.Recorder

	mu    sync.Mutex
	ports map[string]string
	wg    sync.WaitGroup
}

// NewWorld waits at the end of the test for every goroutine that was started
// in it.
func NewWorld(t testing.TB) *World {
	w := &World{rec: trace.NewRecorder(func([]trace.Event) {}), ports: make(map[string]string)}
	t.Cleanup(w.wg.Wait)
	return w
}

// Env returns the surroundings of a cluster.
func (w *World) Env() host.Env {
	return host.Env{
		Listen: w.listen,
		Dial: func(ctx context.Context, _ string, _ *trace.Lane, addr string) (net.Conn, error) {
			var d net.Dialer
			return d.DialContext(ctx, "tcp", w.Address(addr))
		},
		Rand: func(string) *rand.Rand { return rand.New(rand.NewPCG(1, 2)) },
		ID: func(*trace.Lane) string {
			id := make([]byte, 15)
			crand.Read(id)
			return base64.RawURLEncoding.EncodeToString(id)
		},
		Lane:  w.rec.Lane,
		Go:    w.Go,
		Guard: func(f func()) { f() },

		AfterFunc: host.WallTimer,
	}
}

// Go starts a goroutine that must end with the test.
func (w *World) Go(f func()) { w.wg.Go(f) }

// listen gives an address the same port again when it is listened on again.
func (w *World) listen(_, addr string) (net.Listener, error) {
	port := w.Address(addr)
	if port == addr {
		port = "127.0.0.1:0"
	}
	l, err := net.Listen("tcp", port)
	if err == nil {
		w.mu.Lock()
		w.ports[addr] = l.Addr().String()
		w.mu.Unlock()
	}
	return l, err
}

// Address returns what an address stands for, itself if nothing.
func (w *World) Address(addr string) string {
	w.mu.Lock()
	defer w.mu.Unlock()
	if real := w.ports[addr]; real != "" {
		return real
	}
	return addr
}
