package network

import (
	"io"
	"math/rand/v2"
	"net"
	"net/netip"
	"os"
	"sync"
	"syscall"
	"time"
)

// Flags of a data packet.
const (
	flagOpened = 1 << iota // the connection is established
	flagFin                // nothing more will come
	flagReset              // the connection is gone
)

// spread is added to each packet's latency, drawn below this many nanoseconds,
// so that two packets rarely share an instant.
const spread = 1000

// Conn is one end of a connection in memory. Write never blocks.
type Conn struct {
	net    *Memory
	name   string
	peer   *Conn
	number uint64 // the connection's number and, in the last bit, the direction of writes
	local  *net.TCPAddr
	remote *net.TCPAddr
	delay  time.Duration

	mu       sync.Mutex
	readable sync.Cond

	// What was received and not read yet: first, then more.
	first []byte
	more  [][]byte
	fin   bool
	err   error // of reads and writes, once the connection is broken

	// What was sent.
	rand    rand.PCG
	seq     uint64
	last    int64 // when the last packet will arrive
	finSent bool
	closed  bool
	gone    bool // see Vanish

	readDeadline  deadline
	writeDeadline time.Time
	waitsFor      *dial // the dial that the opening packet will answer
}

func newPair(m *Memory, d *dial, number uint64, from netip.AddrPort) (near, far *Conn) {
	a, b := tcpAddr(from), tcpAddr(d.to)
	near = &Conn{net: m, name: d.name, number: number << 1, local: a, remote: b, delay: d.latency, waitsFor: d}
	far = &Conn{net: m, name: d.name, number: number<<1 | 1, local: b, remote: a, delay: d.latency}
	near.peer, far.peer = far, near
	for _, c := range []*Conn{near, far} {
		c.readable.L = &c.mu
	}
	seeds := m.o.Rand(d.name)
	near.rand.Seed(seeds.Uint64(), seeds.Uint64())
	far.rand.Seed(seeds.Uint64(), seeds.Uint64())
	return near, far
}

// DialName returns the connection's name, the same at both ends: the lane that
// dialed and the number of the dial.
func (c *Conn) DialName() string { return c.name }

func (c *Conn) LocalAddr() net.Addr  { return c.local }
func (c *Conn) RemoteAddr() net.Addr { return c.remote }

// Write sends a copy of p to the other end; it never blocks.
func (c *Conn) Write(p []byte) (int, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if err := c.writeError(); err != nil {
		return 0, err
	}
	if len(p) > 0 {
		c.emit(0, append(takeBuffer(len(p)), p...))
	}
	return len(p), nil
}

func (c *Conn) writeError() error {
	switch {
	case c.closed:
		return c.opError("write", net.ErrClosed)
	case c.err != nil:
		return c.opError("write", c.err)
	case c.finSent:
		return c.opError("write", syscall.EPIPE)
	case !c.writeDeadline.IsZero() && !time.Now().Before(c.writeDeadline):
		return c.opError("write", os.ErrDeadlineExceeded)
	}
	return nil
}

// emit puts a packet into the queue. The connection is first in, first out.
func (c *Conn) emit(flag uint8, data []byte) {
	at := time.Now().UnixNano() + int64(c.delay) + int64(c.rand.Uint64()%spread)
	c.last = max(at, c.last)
	c.seq++
	c.net.send(packet{at: c.last, class: classData, flag: flag, conn: c.number, seq: c.seq, to: c.peer, data: data})
}

func (c *Conn) sendOpened(d *dial) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.emit(flagOpened, nil)
}

// receive runs on the scheduler.
func (c *Conn) receive(p *packet) {
	if p.flag&flagOpened != 0 {
		c.waitsFor.done <- dialed{conn: c}
		c.waitsFor = nil
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case c.gone:
		giveBuffer(p.data)
		return
	case p.flag&flagReset != 0:
		c.err = syscall.ECONNRESET
		c.readable.Broadcast()
		return
	case p.flag&flagFin != 0:
		c.fin = true
		c.readable.Broadcast()
		return
	case c.closed:
		// As TCP does: data for an end that was closed breaks the other end.
		giveBuffer(p.data)
		if c.err == nil {
			c.err = syscall.ECONNRESET
			c.emit(flagReset, nil)
		}
		return
	case c.first == nil:
		c.first = p.data
	default:
		c.more = append(c.more, p.data)
	}
	c.readable.Signal()
}

// Read returns what has arrived, and waits if that is nothing.
func (c *Conn) Read(p []byte) (int, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if err := c.await(); err != nil {
		return 0, err
	}
	n := copy(p, c.first)
	if n < len(c.first) {
		c.first = c.first[n:]
	} else {
		giveBuffer(c.first)
		c.shift()
	}
	return n, nil
}

// WriteTo copies what arrives to w until the end, without a buffer of its own.
func (c *Conn) WriteTo(w io.Writer) (int64, error) {
	var total int64
	for {
		c.mu.Lock()
		if err := c.await(); err != nil {
			c.mu.Unlock()
			if err == io.EOF {
				err = nil
			}
			return total, err
		}
		data := c.first
		c.shift()
		c.mu.Unlock()

		n, err := w.Write(data)
		giveBuffer(data)
		total += int64(n)
		if err != nil {
			return total, err
		}
	}
}

// await returns nil when c.first has data, else why there will be none.
func (c *Conn) await() error {
	for {
		switch {
		case c.closed:
			return c.opError("read", net.ErrClosed)
		case c.readDeadline.passed():
			return c.opError("read", os.ErrDeadlineExceeded)
		case len(c.first) > 0:
			return nil
		case c.err != nil:
			return c.opError("read", c.err)
		case c.fin:
			return io.EOF
		}
		c.readable.Wait()
	}
}

func (c *Conn) shift() {
	if len(c.more) == 0 {
		c.first, c.more = nil, nil
		return
	}
	c.first, c.more = c.more[0], c.more[1:]
}

// CloseWrite sends the end of the stream; reading goes on.
func (c *Conn) CloseWrite() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if err := c.writeError(); err != nil {
		return err
	}
	c.finSent = true
	c.emit(flagFin, nil)
	return nil
}

// Close closes this end: the other one reads what was written before, then the
// end of the stream.
func (c *Conn) Close() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		return c.opError("close", net.ErrClosed)
	}
	c.closed = true
	c.readDeadline.stop()
	for range 1 + len(c.more) {
		giveBuffer(c.first)
		c.shift()
	}
	if c.err == nil && !c.finSent {
		c.finSent = true
		c.emit(flagFin, nil)
	}
	c.readable.Broadcast()
	return nil
}

// Vanish closes this end and tells the other nothing, now or later: what it
// writes is lost, as when a phone has left the network.
func (c *Conn) Vanish() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.gone, c.closed = true, true
	c.readDeadline.stop()
	c.first, c.more = nil, nil
	c.readable.Broadcast()
}

// reset closes this end and breaks the other.
func (c *Conn) reset() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed || c.err != nil {
		return
	}
	c.closed = true
	c.readDeadline.stop()
	c.emit(flagReset, nil)
	c.readable.Broadcast()
}

func (c *Conn) opError(op string, err error) error {
	return &net.OpError{Op: op, Net: "tcp", Source: c.local, Addr: c.remote, Err: err}
}
