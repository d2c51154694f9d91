package proxy

import (
	"cmp"
	"io"
	"maps"
	"net"
	"os"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"stickylab/cluster/balance"
	"stickylab/cluster/host"
	"stickylab/cluster/trace"
)

// tunnel is an upgraded connection, or one of the stream context: bytes pass both ways until either side
// ends, which, as in nginx, ends both. One timer closes it when nothing has
// passed in either direction for the read timeout.
type tunnel struct {
	p        *Proxy
	gen      *generation
	client   net.Conn
	upstream net.Conn
	lane     *trace.Lane
	peer     trace.Name // the client's address
	node     trace.Name
	attempt  balance.Attempt
	timeout  time.Duration
	status   int32  // of the connection
	idle     string // what is logged when the timeout is over
	timer    host.Timer
	learn    func()       // at the end
	counted  []zoneKey    // by limit_conn
	last     atomic.Int64 // when bytes passed, since the proxy began
	over     atomic.Bool

	mu     sync.Mutex
	passed []func() time.Time // of relays: when bytes passed
}

// relayer is a connection that passes on what it receives by itself; see
// memnet.Conn.Relay.
type relayer interface {
	Relay(dst net.Conn, over func(error)) (passed func() time.Time)
}

// pusher is a connection that hands over what it receives, on its own
// goroutine and at last with an error, so that nobody needs to wait for it.
type pusher interface {
	Push(func([]byte, error) (idle bool))
}

// run starts the copying: a goroutine for each side that cannot push. What was
// read ahead of the upgrade goes first.
func (t *tunnel) run(fromClient, fromUpstream []byte) {
	t.touch()
	t.timer = t.p.c.Env.AfterFunc(t.lane.Name(), t.timeout, t.tick)
	t.p.tunnels.add(t)
	t.pass(t.upstream, t.client, fromClient)
	t.pass(t.client, t.upstream, fromUpstream)
	if t.p.isClosed() {
		t.end()
	}
}

func (t *tunnel) now() int64 { return int64(time.Since(t.p.began)) }
func (t *tunnel) touch()     { t.last.Store(t.now()) }

// tick ends an idle tunnel. The timer is not reset by each packet: it looks
// when the last one passed and sleeps for the rest.
func (t *tunnel) tick() {
	rest := t.timeout - time.Duration(t.now()-t.latest())
	if rest > 0 {
		if !t.over.Load() {
			t.timer.Reset(rest)
		}
		return
	}
	if t.end() {
		t.p.emit(t.lane, trace.Event{Kind: trace.ProxyError, Peer: t.peer, Node: t.node, Status: t.status, Text: trace.N(t.idle)})
	}
}

// latest returns when bytes passed in either direction, since the proxy began.
func (t *tunnel) latest() int64 {
	t.mu.Lock()
	defer t.mu.Unlock()
	last := t.last.Load()
	for _, passed := range t.passed {
		last = max(last, int64(passed().Sub(t.p.began)))
	}
	return last
}

// end closes both sides; only the first call does.
func (t *tunnel) end() bool {
	if t.over.Swap(true) {
		return false
	}
	t.timer.Stop()
	t.attempt.Done(false) // who sees the end may count on it
	t.client.Close()
	t.upstream.Close()
	t.p.tunnels.remove(t)
	t.learn()
	t.p.zones.release(t.counted)
	return true
}

// pass passes bytes on until one side ends.
func (t *tunnel) pass(dst, src net.Conn, early []byte) {
	w := passage{t, dst}
	if len(early) > 0 {
		if _, err := w.Write(early); err != nil {
			t.end()
			return
		}
	}
	if from, ok := src.(relayer); ok {
		if passed := from.Relay(dst, func(error) { t.end() }); passed != nil {
			t.mu.Lock()
			t.passed = append(t.passed, passed)
			t.mu.Unlock()
			return
		}
	}
	if from, ok := src.(pusher); ok {
		from.Push(func(b []byte, err error) (idle bool) {
			if err == nil {
				_, err = w.Write(b)
			}
			if err != nil {
				t.end()
			}
			return err == nil
		})
		return
	}
	t.p.spawn(func() { t.copy(w, src) })
}

// copy is pass for a connection that has to be read.
func (t *tunnel) copy(w passage, src net.Conn) {
	defer t.end()
	// A TCP connection's own WriteTo would hold 32 KiB for as long as it waits.
	if from, ok := src.(io.WriterTo); ok && !isTCP(src) {
		from.WriteTo(w)
		return
	}
	drain(w, src)
}

func isTCP(c net.Conn) bool {
	_, ok := c.(*net.TCPConn)
	return ok
}

// passage is the way to one side.
type passage struct {
	t   *tunnel
	dst net.Conn
}

func (p passage) Write(b []byte) (int, error) {
	if p.t.over.Load() {
		return 0, os.ErrClosed
	}
	p.t.touch()
	return p.dst.Write(b)
}

const chunkSize = 16 << 10

var chunks = sync.Pool{New: func() any { return new([chunkSize]byte) }}

// drain copies with little memory while it waits: the first bytes are read into
// a small buffer, and a large one is borrowed only while there is more.
func drain(w io.Writer, r io.Reader) {
	small := make([]byte, 512)
	for {
		n, err := r.Read(small)
		if n > 0 {
			if _, err := w.Write(small[:n]); err != nil {
				return
			}
		}
		if err == nil && n == len(small) {
			err = drainMore(w, r)
		}
		if err != nil {
			return
		}
	}
}

func drainMore(w io.Writer, r io.Reader) error {
	chunk := chunks.Get().(*[chunkSize]byte)
	defer chunks.Put(chunk)
	for {
		n, err := r.Read(chunk[:])
		if n > 0 {
			if _, err := w.Write(chunk[:n]); err != nil {
				return err
			}
		}
		if err != nil || n < len(chunk)/2 {
			return err
		}
	}
}

// tunnels are the open ones.
type tunnels struct {
	mu     sync.Mutex
	opened int
	open   map[*tunnel]int // to how many were opened before it
}

func (l *tunnels) add(t *tunnel) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.open[t] = l.opened
	l.opened++
}

func (l *tunnels) remove(t *tunnel) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.open, t)
}

// closeOf ends the tunnels of a generation, or all, in the order in which they were
// opened.
func (l *tunnels) closeOf(g *generation) {
	l.mu.Lock()
	list := slices.SortedFunc(maps.Keys(l.open), func(a, b *tunnel) int { return cmp.Compare(l.open[a], l.open[b]) })
	l.mu.Unlock()
	for _, t := range list {
		if g == nil || t.gen == g {
			t.end()
		}
	}
}
