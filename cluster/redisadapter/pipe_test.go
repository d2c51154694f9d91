package redisadapter

import (
	"context"
	"crypto/tls"
	"io"
	"net"
	"os"
	"sync"
	"syscall"
	"time"

	"github.com/alicebob/miniredis/v2"

	"stickylab/cluster/trace"
)

// A hub is the network between the nodes and a Redis. Bytes arrive at once,
// without bound on how many wait.
type hub struct {
	redis *miniredis.Miniredis

	mu     sync.Mutex
	away   bool   // connections are refused
	frozen bool   // nothing arrives any more
	denied string // a lane whose connections are refused
	dials  []string
	ends   []*end
	writes map[string]int // by lane

	tls *tls.Config // of the Redis; nil: none
}

func newHub() *hub {
	h := &hub{redis: miniredis.NewMiniRedis(), writes: map[string]int{}}
	first, err := h.redis.Dial() // starts it
	if err != nil {
		panic(err)
	}
	first.Close()
	return h
}

func (h *hub) dial(ctx context.Context, host string, lane *trace.Lane, addr string) (net.Conn, error) {
	h.mu.Lock()
	h.dials = append(h.dials, lane.Name())
	away, frozen := h.away || lane.Name() == h.denied, h.frozen
	h.mu.Unlock()
	switch {
	case frozen:
		<-ctx.Done()
		return nil, ctx.Err()
	case away:
		return nil, &net.OpError{Op: "dial", Net: "tcp", Err: syscall.ECONNREFUSED}
	}
	a, b := &end{hub: h, lane: lane.Name(), wake: make(chan struct{}, 1)}, &end{hub: h, wake: make(chan struct{}, 1)}
	a.peer, b.peer = b, a
	h.mu.Lock()
	h.ends = append(h.ends, a)
	h.mu.Unlock()
	if h.tls != nil {
		h.redis.Server().ServeConn(tls.Server(b, h.tls))
	} else {
		h.redis.Server().ServeConn(b)
	}
	return a, nil
}

// lose closes every connection and refuses new ones.
func (h *hub) lose() {
	h.mu.Lock()
	h.away = true
	ends := h.ends
	h.ends = nil
	h.mu.Unlock()
	for _, e := range ends {
		e.Close()
	}
}

func (h *hub) set(away, frozen bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.away, h.frozen = away, frozen
}

// count counts a write and reports whether it arrives.
func (h *hub) count(lane string) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.writes[lane]++
	return !h.frozen
}

func (h *hub) written(lane string) int {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.writes[lane]
}

// An end of a connection.
type end struct {
	hub  *hub
	lane string // that dialed; "": the end of Redis
	peer *end
	wake chan struct{}

	mu       sync.Mutex
	inbox    []byte
	closed   bool
	deadline time.Time
}

func (e *end) Read(p []byte) (int, error) {
	for {
		e.mu.Lock()
		if n := copy(p, e.inbox); n > 0 {
			e.inbox = e.inbox[n:]
			e.mu.Unlock()
			return n, nil
		}
		closed, deadline := e.closed, e.deadline
		e.mu.Unlock()
		if closed {
			return 0, io.EOF
		}
		var late <-chan time.Time
		if !deadline.IsZero() {
			left := time.Until(deadline)
			if left <= 0 {
				return 0, os.ErrDeadlineExceeded
			}
			timer := time.NewTimer(left)
			defer timer.Stop()
			late = timer.C
		}
		select {
		case <-e.wake:
		case <-late:
		}
	}
}

func (e *end) Write(p []byte) (int, error) {
	if !e.hub.count(e.lane) {
		return len(p), nil
	}
	if !e.peer.change(func() { e.peer.inbox = append(e.peer.inbox, p...) }) {
		return 0, io.ErrClosedPipe
	}
	return len(p), nil
}

// change changes the state, if the end is open, and wakes its reader.
func (e *end) change(f func()) bool {
	e.mu.Lock()
	if e.closed {
		e.mu.Unlock()
		return false
	}
	f()
	e.mu.Unlock()
	select {
	case e.wake <- struct{}{}:
	default:
	}
	return true
}

func (e *end) Close() error {
	e.change(func() { e.closed = true })
	e.peer.change(func() { e.peer.closed = true })
	return nil
}

func (e *end) SetReadDeadline(t time.Time) error {
	e.change(func() { e.deadline = t })
	return nil
}

func (e *end) SetWriteDeadline(time.Time) error { return nil }
func (e *end) SetDeadline(t time.Time) error    { return e.SetReadDeadline(t) }
func (e *end) LocalAddr() net.Addr              { return &net.TCPAddr{} }
func (e *end) RemoteAddr() net.Addr             { return &net.TCPAddr{} }
