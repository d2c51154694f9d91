//go:build peers

package peers

import (
	"context"
	crand "crypto/rand"
	"encoding/base64"
	"math/rand/v2"
	"net"
	"net/netip"
	"sync"
	"testing"

	"stickylab/cluster/env"
	"stickylab/cluster/trace"
)

// A world is loopback TCP for one test: each address that is listened on stands
// for a free port.
type world struct {
	*testing.T
	rec *trace.Recorder

	mu    sync.Mutex
	ports map[string]string
	wg    sync.WaitGroup
}

// newWorld waits at the end of the test for every goroutine that was started
// in it.
func newWorld(t *testing.T) *world {
	w := &world{T: t, rec: trace.NewRecorder(func([]trace.Event) {}), ports: map[string]string{}}
	t.Cleanup(w.wg.Wait)
	return w
}

func (w *world) env() env.Env {
	return env.Env{
		Listen: w.listen,
		Dial: func(ctx context.Context, _ string, _ *trace.Lane, addr string) (net.Conn, error) {
			var d net.Dialer
			return d.DialContext(ctx, "tcp", w.address(addr))
		},
		Rand: func(string) *rand.Rand { return rand.New(rand.NewPCG(1, 2)) },
		ID: func(*trace.Lane) string {
			id := make([]byte, 15)
			crand.Read(id)
			return base64.RawURLEncoding.EncodeToString(id)
		},
		Lane:  w.rec.Lane,
		Go:    func(f func()) { w.wg.Go(f) },
		Guard: func(f func()) { f() },
	}
}

// listen gives an address the same port again when it is listened on again.
func (w *world) listen(_, addr string) (net.Listener, error) {
	port := w.address(addr)
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

// address returns what an address stands for, itself if nothing.
func (w *world) address(addr string) string {
	w.mu.Lock()
	defer w.mu.Unlock()
	if real := w.ports[addr]; real != "" {
		return real
	}
	return addr
}

func resolve(host string) ([]netip.Addr, error) {
	a, err := netip.ParseAddr(host)
	return []netip.Addr{a}, err
}
