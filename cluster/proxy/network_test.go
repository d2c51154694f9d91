package proxy

import (
	"context"
	"io"
	"net"
	"net/netip"
	"os"
	"sync"
	"syscall"
	"testing"
	"time"

	"math/rand/v2"

	"stickylab/cluster/host"
	"stickylab/cluster/trace"
)

// wires is a network in memory: writes are buffered, dials are immediate.
type wires struct {
	mu        sync.Mutex
	listeners map[string]*wireListener
	events    []trace.Event
	recorder  *trace.Recorder
	port      uint16
	dials     int
	dialed    []string // by the proxy
}

func newWires() *wires {
	w := &wires{listeners: map[string]*wireListener{}, port: 40000}
	w.recorder = trace.NewRecorder(func(list []trace.Event) { w.events = append(w.events, list...) })
	return w
}

func (w *wires) env(t testing.TB) host.Env {
	return host.Env{
		Listen: func(host, addr string) (net.Listener, error) { return w.listen(addr) },
		Dial: func(ctx context.Context, host string, lane *trace.Lane, addr string) (net.Conn, error) {
			w.mu.Lock()
			w.dialed = append(w.dialed, addr)
			w.mu.Unlock()
			return w.dial(ctx, "10.255.0.1", addr)
		},
		Rand: func(name string) *rand.Rand { return rand.New(rand.NewPCG(1, uint64(len(name)))) },
		ID:   func(lane *trace.Lane) string { return lane.Name() },
		Lane: w.recorder.Lane,
		Go:   func(f func()) { go f() },
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

// kind returns the texts of the events of a kind, in order.
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
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.listeners[addr] != nil {
		return nil, syscall.EADDRINUSE
	}
	l := &wireListener{w: w, addr: addr, backlog: make(chan net.Conn, 64), gone: make(chan struct{})}
	w.listeners[addr] = l
	return l, nil
}

// dial connects from an address; a listener whose backlog is nil swallows the
// dial until the context ends.
func (w *wires) dial(ctx context.Context, from, addr string) (net.Conn, error) {
	w.mu.Lock()
	l := w.listeners[addr]
	w.port++
	port := w.port
	w.dials++
	w.mu.Unlock()
	if l == nil {
		return nil, &net.OpError{Op: "dial", Net: "tcp", Err: syscall.ECONNREFUSED}
	}
	if l.backlog == nil {
		<-ctx.Done()
		return nil, &net.OpError{Op: "dial", Net: "tcp", Err: ctx.Err()}
	}
	a := net.TCPAddrFromAddrPort(netip.AddrPortFrom(netip.MustParseAddr(from), port))
	b := net.TCPAddrFromAddrPort(netip.MustParseAddrPort(addr))
	up, down := newPipe(), newPipe()
	l.backlog <- &wire{in: up, out: down, local: b, remote: a}
	return &wire{in: down, out: up, local: a, remote: b}, nil
}

type wireListener struct {
	w       *wires
	addr    string
	backlog chan net.Conn
	gone    chan struct{}
	once    sync.Once
}

func (l *wireListener) Accept() (net.Conn, error) {
	select {
	case c := <-l.backlog:
		return c, nil
	case <-l.gone:
		return nil, net.ErrClosed
	}
}

func (l *wireListener) Close() error {
	l.once.Do(func() {
		close(l.gone)
		l.w.mu.Lock()
		delete(l.w.listeners, l.addr)
		l.w.mu.Unlock()
	})
	return nil
}

func (l *wireListener) Addr() net.Addr {
	return net.TCPAddrFromAddrPort(netip.MustParseAddrPort(l.addr))
}

// pipe is one direction of a wire.
type pipe struct {
	mu       sync.Mutex
	change   *sync.Cond
	data     []byte
	ended    bool // by the writer
	dropped  bool // by the reader
	deadline time.Time
	timer    *time.Timer
}

func newPipe() *pipe {
	p := &pipe{}
	p.change = sync.NewCond(&p.mu)
	return p
}

type wire struct {
	in, out       *pipe
	local, remote net.Addr
}

func (w *wire) Read(b []byte) (int, error) {
	p := w.in
	p.mu.Lock()
	defer p.mu.Unlock()
	for {
		switch {
		case p.dropped:
			return 0, net.ErrClosed
		case !p.deadline.IsZero() && !time.Now().Before(p.deadline):
			return 0, os.ErrDeadlineExceeded
		case len(p.data) > 0:
			n := copy(b, p.data)
			p.data = p.data[n:]
			return n, nil
		case p.ended:
			return 0, io.EOF
		}
		p.change.Wait()
	}
}

// WriteTo copies without a buffer that waits, as connections in memory may.
func (w *wire) WriteTo(to io.Writer) (total int64, err error) {
	for {
		b := make([]byte, 1000)
		n, err := w.Read(b)
		if n > 0 {
			if _, err := to.Write(b[:n]); err != nil {
				return total, err
			}
			total += int64(n)
		}
		if err == io.EOF {
			return total, nil
		}
		if err != nil {
			return total, err
		}
	}
}

func (w *wire) Write(b []byte) (int, error) {
	p := w.out
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.ended || p.dropped {
		return 0, &net.OpError{Op: "write", Net: "tcp", Err: syscall.EPIPE}
	}
	p.data = append(p.data, b...)
	p.change.Broadcast()
	return len(b), nil
}

func (w *wire) Close() error {
	w.out.mu.Lock()
	w.out.ended = true
	w.out.change.Broadcast()
	w.out.mu.Unlock()
	w.in.mu.Lock()
	w.in.dropped = true
	if w.in.timer != nil {
		w.in.timer.Stop()
	}
	w.in.change.Broadcast()
	w.in.mu.Unlock()
	return nil
}

func (w *wire) SetReadDeadline(t time.Time) error {
	p := w.in
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.timer != nil {
		p.timer.Stop()
	}
	p.deadline = t
	if !t.IsZero() {
		p.timer = time.AfterFunc(time.Until(t), func() {
			p.mu.Lock()
			defer p.mu.Unlock()
			p.change.Broadcast()
		})
	}
	p.change.Broadcast()
	return nil
}

func (w *wire) SetWriteDeadline(time.Time) error { return nil }
func (w *wire) SetDeadline(t time.Time) error    { return w.SetReadDeadline(t) }
func (w *wire) LocalAddr() net.Addr              { return w.local }
func (w *wire) RemoteAddr() net.Addr             { return w.remote }
