package network

import (
	"net"
	"os"
	"stickylab/cluster/trace"
	"sync/atomic"
	"syscall"
	"time"
)

// tcpConn is one end of a connection over TCP.
type tcpConn struct {
	net.Conn
	net      *TCP
	host     *Host        // that has this end
	listener *tcpListener // that accepted it; nil: it was dialed
	id       trace.Dial   // zero at the end that accepted it
	key      string       // in TCP.dialed
	ahead    []byte       // what was read while looking for a PROXY line
	local    *net.TCPAddr // nil: the socket's
	remote   *net.TCPAddr // nil: the socket's
	closed   atomic.Bool
	readBy   atomic.Int64 // the read deadline, in nanoseconds since 1970; 0: none

	// Of faults; see tcpfault.go.
	far  atomic.Pointer[Host] // that has the other end; nil: not known yet
	link atomic.Pointer[linkState]
	lag  atomic.Pointer[lag]
}

// TraceDial returns who dialed the connection; for one from outside, where it
// comes from.
func (c *tcpConn) TraceDial() trace.Dial {
	if c.id.Lane != nil {
		return c.id
	}
	return trace.Dial{Addr: c.RemoteAddr().String()}
}

func (c *tcpConn) RemoteAddr() net.Addr {
	if c.remote != nil {
		return c.remote
	}
	return c.Conn.RemoteAddr()
}

func (c *tcpConn) LocalAddr() net.Addr {
	if c.local != nil {
		return c.local
	}
	return c.Conn.LocalAddr()
}

func (c *tcpConn) Read(p []byte) (int, error) {
	if len(c.ahead) > 0 {
		n := copy(p, c.ahead)
		if c.ahead = c.ahead[n:]; len(c.ahead) == 0 {
			c.ahead = nil
		}
		return n, nil
	}
	n, err := c.Conn.Read(p)
	if c.closed.Load() {
		return 0, c.errClosed("read")
	}
	if c.net.faulty.Load() > 0 && !c.stall() {
		c.ahead = append([]byte(nil), p[:n]...)
		return 0, &net.OpError{Op: "read", Net: "tcp", Source: c.LocalAddr(), Addr: c.RemoteAddr(), Err: os.ErrDeadlineExceeded}
	}
	return n, err
}

func (c *tcpConn) SetReadDeadline(t time.Time) error {
	c.noteDeadline(t)
	return c.Conn.SetReadDeadline(t)
}

func (c *tcpConn) SetDeadline(t time.Time) error {
	c.noteDeadline(t)
	return c.Conn.SetDeadline(t)
}

func (c *tcpConn) noteDeadline(t time.Time) {
	if t.IsZero() {
		c.readBy.Store(0)
	} else {
		c.readBy.Store(t.UnixNano())
	}
}

// Write writes p, or, while a fault concerns the connection, keeps a copy of
// it until it is its time.
func (c *tcpConn) Write(p []byte) (int, error) {
	if c.closed.Load() {
		return 0, c.errClosed("write")
	}
	if c.net.faulty.Load() > 0 {
		if taken, err := c.keepBack(p); taken || err != nil {
			return len(p), err
		}
	}
	return c.Conn.Write(p)
}

func (c *tcpConn) errClosed(op string) error {
	return &net.OpError{Op: op, Net: "tcp", Source: c.LocalAddr(), Addr: c.RemoteAddr(), Err: net.ErrClosed}
}

// CloseWrite sends the end of the stream; reading goes on.
func (c *tcpConn) CloseWrite() error {
	if c.net.faulty.Load() > 0 {
		if taken, err := c.keepBack(nil); taken || err != nil {
			return err
		}
	}
	return c.closeWrite()
}

func (c *tcpConn) closeWrite() error { return c.Conn.(*net.TCPConn).CloseWrite() }

// Close closes this end. What a fault has kept back goes out before it.
func (c *tcpConn) Close() error {
	if c.closed.Swap(true) {
		return c.errClosed("close")
	}
	if c.net.faulty.Load() > 0 && c.closeLater() {
		c.uncount()
		c.Conn.SetReadDeadline(time.Unix(1, 0)) // who reads it is to notice
		return nil
	}
	c.uncount()
	return c.hangUp()
}

// uncount takes the connection off its listener's count.
func (c *tcpConn) uncount() {
	if c.listener != nil {
		c.listener.leave(c)
	}
}

// hangUp closes the socket.
func (c *tcpConn) hangUp() error {
	if c.key != "" {
		c.net.dialed.Delete(c.key)
	}
	return c.Conn.Close()
}

// limboTime is how long the other end of a connection that vanished is left
// without an answer: longer than any heartbeat.
const limboTime = 2 * time.Minute

// Vanish closes this end without a word to the other one, as when a phone has
// left the network.
func (c *tcpConn) Vanish() {
	if c.closed.Swap(true) {
		return
	}
	c.uncount()
	c.Conn.SetReadDeadline(time.Unix(1, 0))
	n := c.net
	n.mu.Lock()
	defer n.mu.Unlock()
	n.limbo[c] = time.AfterFunc(limboTime, func() {
		n.mu.Lock()
		delete(n.limbo, c)
		n.mu.Unlock()
		c.hangUp()
	})
}

// drop ends the connection whatever there is to be written.
func (c *tcpConn) drop() {
	if !c.closed.Swap(true) {
		c.uncount()
	}
	if l := c.lag.Load(); l != nil {
		l.abandon()
	}
	c.hangUp()
}

// SyscallConn lets the kernel be asked about the socket.
func (c *tcpConn) SyscallConn() (syscall.RawConn, error) { return c.Conn.(*net.TCPConn).SyscallConn() }
