package network

import (
	"io"
	"net"
	"sync/atomic"
	"syscall"
	"time"

	"stickylab/cluster/memnet"
	"stickylab/cluster/trace"
)

// tcpConn is one end of a connection over TCP.
type tcpConn struct {
	net.Conn
	net      *TCP
	host     *memnet.Host // that has this end
	listener *tcpListener // that accepted it; nil means that it was dialed
	id       trace.Dial   // without a lane if it comes from outside
	key      string       // in TCP.dialed
	in       io.Reader    // the socket, after what was read of it while looking for a PROXY line
	local    *net.TCPAddr // nil means the socket's
	remote   *net.TCPAddr // nil means the socket's
	closed   atomic.Bool

	// Of faults; see tcplink.go.
	far   atomic.Pointer[memnet.Host] // that has the other end; nil means that it comes from outside
	state atomic.Pointer[linkState]
	delay atomic.Pointer[delayedWrites]
}

// TraceDial returns who dialed the connection, the same at both ends; for one
// from outside, where it comes from.
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
	n, err := c.in.Read(p)
	if c.closed.Load() {
		return 0, c.errClosed("read")
	}
	return n, err
}

// Write writes p, or, while a fault concerns the connection, keeps a copy of
// it until its time has come.
func (c *tcpConn) Write(p []byte) (int, error) {
	if c.closed.Load() {
		return 0, c.errClosed("write")
	}
	if taken, err := c.writeLater(p); taken || err != nil {
		return len(p), err
	}
	return c.Conn.Write(p)
}

func (c *tcpConn) errClosed(op string) error {
	return &net.OpError{Op: op, Net: "tcp", Source: c.LocalAddr(), Addr: c.RemoteAddr(), Err: net.ErrClosed}
}

// CloseWrite sends the end of the stream; reading continues.
func (c *tcpConn) CloseWrite() error {
	if taken, err := c.writeLater(nil); taken || err != nil {
		return err
	}
	return c.closeWrite()
}

func (c *tcpConn) closeWrite() error { return c.Conn.(*net.TCPConn).CloseWrite() }

// Close closes this end. What a fault has kept back goes out before it.
func (c *tcpConn) Close() error {
	if c.closed.Swap(true) {
		return c.errClosed("close")
	}
	c.leave()
	if c.closeLater() {
		c.Conn.SetReadDeadline(time.Unix(1, 0)) // wakes the reader
		return nil
	}
	return c.closeSocket()
}

// leave takes the connection off its listener's count.
func (c *tcpConn) leave() {
	if c.listener != nil {
		c.listener.leave(c)
	}
}

func (c *tcpConn) closeSocket() error {
	if c.key != "" {
		c.net.mu.Lock()
		if c.net.dialed[c.key] == c {
			delete(c.net.dialed, c.key)
		}
		c.net.mu.Unlock()
	}
	return c.Conn.Close()
}

// lingerTime is how long the other end of a connection that vanished is left
// without an answer: longer than any heartbeat.
const lingerTime = 2 * time.Minute

// Vanish closes this end and tells the other nothing, as when a phone has left
// the network.
func (c *tcpConn) Vanish() {
	if c.closed.Swap(true) {
		return
	}
	c.leave()
	c.Conn.SetReadDeadline(time.Unix(1, 0))
	n := c.net
	n.mu.Lock()
	defer n.mu.Unlock()
	n.lingering[c] = time.AfterFunc(lingerTime, func() {
		n.mu.Lock()
		delete(n.lingering, c)
		n.mu.Unlock()
		c.closeSocket()
	})
}

// drop ends the connection whatever there is to be written.
func (c *tcpConn) drop() {
	if !c.closed.Swap(true) {
		c.leave()
	}
	if d := c.delay.Load(); d != nil {
		d.abandon()
	}
	c.closeSocket()
}

// SyscallConn gives access to the socket. It fails if the socket is closed.
func (c *tcpConn) SyscallConn() (syscall.RawConn, error) { return c.Conn.(*net.TCPConn).SyscallConn() }
