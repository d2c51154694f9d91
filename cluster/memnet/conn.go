package memnet

import (
	"math/rand/v2"
	"net"
	"net/netip"
	"os"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"stickylab/cluster/trace"
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

// Conn is one end of a connection. Write never blocks.
type Conn struct {
	net    *Network
	id     trace.Dial
	peer   *Conn
	number uint64 // the connection's number and, in the last bit, the direction of writes
	host   *Host  // that has this end
	local  *net.TCPAddr
	remote *net.TCPAddr
	ends   int8 // of the near one: how many ends are not closed; guarded by the network's lock

	mu       sync.Mutex
	readable sync.Cond

	// What was received and not read yet: first, then more.
	first []byte
	more  [][]byte
	begun uint64 // packets of which something was read; see Packets
	part  bool   // first is the rest of one
	fin   bool
	push  func([]byte, error) (idle bool) // see Push
	err   error                           // of reads and writes, once the connection is broken

	// What was sent.
	link    Link
	held    []packet  // that the link did not let through
	rand    *rand.PCG // nil means that packets take as long as the link says
	seq     uint64
	last    int64 // when the last packet will arrive
	finSent bool
	closed  bool
	gone    bool // see Vanish

	flying atomic.Int32 // packets that are on the way to the other end

	relay atomic.Pointer[relay] // that passes on what arrives here
	fed   atomic.Pointer[relay] // that writes here

	readDeadline  deadline
	writeDeadline time.Time
	opens         *dial // that the opening packet will answer
}

// newPair makes the two ends of a connection. Its number and the dialer's port
// are assigned here, on the scheduler, so that they are the same in every run.
func (n *Network) newPair(d *dial, to *Host, link Link) (near, far *Conn) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.conns++
	port := max(n.ports[d.fromIP], 32767) + 1
	if port == 0 {
		port = 32768
	}
	n.ports[d.fromIP] = port
	a, b := tcpAddr(netip.AddrPortFrom(d.fromIP, port)), tcpAddr(d.to)
	near = &Conn{net: n, id: d.id, number: n.conns << 1, host: d.from, local: a, remote: b, link: link, opens: d, ends: 2}
	far = &Conn{net: n, id: d.id, number: n.conns<<1 | 1, host: to, local: b, remote: a, link: link}
	near.peer, far.peer = far, near
	near.readable.L, far.readable.L = &near.mu, &far.mu
	if n.o.Rand != nil {
		near.rand, far.rand = new(rand.PCG), new(rand.PCG)
		seeds := n.o.Rand(d.name)
		near.rand.Seed(seeds.Uint64(), seeds.Uint64())
		far.rand.Seed(seeds.Uint64(), seeds.Uint64())
	}
	n.open[near] = struct{}{}
	return near, far
}

// TraceDial returns who dialed the connection, the same at both ends.
func (c *Conn) TraceDial() trace.Dial { return c.id }

func (c *Conn) LocalAddr() net.Addr  { return c.local }
func (c *Conn) RemoteAddr() net.Addr { return c.remote }

// Write sends a copy of p to the other end; it never blocks. It fails once the
// connection is closed, half closed or broken, or the write deadline has passed.
func (c *Conn) Write(p []byte) (int, error) {
	if yield := c.net.o.Yield; yield != nil {
		yield()
	}
	c.fed.Load().takeBack(false)
	return c.write(p)
}

// write is Write, for a relay.
func (c *Conn) write(p []byte) (int, error) {
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

// WriteBlocks reports whether a Write may have to wait: never.
func (c *Conn) WriteBlocks() bool { return false }

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
	if c.gone {
		giveBuffer(data)
		return
	}
	p := c.packet(flag, data)
	if c.link.Cut {
		c.held = append(c.held, p)
		return
	}
	now := time.Now().UnixNano()
	p.at = c.arrival(now)
	if flag == 0 && c.flying.Load() == 0 {
		if r := c.peer.relay.Load(); r != nil && r.carry(p, now) {
			return
		}
	}
	c.flying.Add(1)
	c.net.send(p)
}

func (c *Conn) packet(flag uint8, data []byte) packet {
	c.seq++
	return packet{class: classData, flag: flag, conn: c.number, seq: c.seq, to: c.peer, data: data}
}

// arrival returns when a packet that is sent at an instant arrives: after those before
// it.
func (c *Conn) arrival(sent int64) int64 {
	at := sent + int64(c.link.Delay)
	if c.rand != nil {
		at += int64(c.rand.Uint64() % spread)
	}
	c.last = max(at, c.last)
	return c.last
}

// schedule puts a packet on its way, after those that are.
func (c *Conn) schedule(p packet) {
	p.at = c.arrival(time.Now().UnixNano())
	c.flying.Add(1)
	c.net.send(p)
}

// sendOpened answers the dial.
func (c *Conn) sendOpened() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.schedule(c.packet(flagOpened, nil))
}

// CloseWrite sends the end of the stream; reading continues. It fails as Write
// does.
func (c *Conn) CloseWrite() error {
	c.takeBack(true)
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
// end of the stream. Closing twice is an error.
func (c *Conn) Close() error {
	c.takeBack(true)
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		return c.opError("close", net.ErrClosed)
	}
	c.end()
	for range 1 + len(c.more) {
		giveBuffer(c.first)
		c.shift()
	}
	if c.err == nil && !c.finSent {
		c.finSent = true
		c.emit(flagFin, nil)
	}
	return nil
}

// end closes this end for its user, if it is not closed.
func (c *Conn) end() {
	if c.closed {
		return
	}
	c.closed, c.push = true, nil
	c.leave()
	c.readDeadline.stop()
	c.readable.Broadcast()
}

// Vanish lets nothing through any more, in either direction, as when a phone has
// left the network: the other end does not even hear that this one is closed, which
// the caller does next.
func (c *Conn) Vanish() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.gone = true
}

// reset closes this end and breaks the other.
func (c *Conn) reset() {
	c.takeBack(true)
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed || c.err != nil {
		return
	}
	c.end()
	c.emit(flagReset, nil)
}

func (c *Conn) opError(op string, err error) error {
	return &net.OpError{Op: op, Net: "tcp", Source: c.local, Addr: c.remote, Err: err}
}
