package memnet

import (
	"io"
	"net"
	"os"
	"syscall"
)

// receive runs on the scheduler. It reports whether no goroutine has become
// runnable by it.
func (c *Conn) receive(p *packet) (idle bool) {
	if p.flag&flagOpened != 0 {
		c.opens.done <- dialed{conn: c}
		c.opens = nil
		return false
	}
	c.mu.Lock()
	push := c.push
	switch {
	case c.gone:
		giveBuffer(p.data)
		push = nil
	case p.flag&flagReset != 0:
		c.err = syscall.ECONNRESET
		c.readable.Broadcast()
	case p.flag&flagFin != 0:
		c.fin = true
		c.readable.Broadcast()
	case c.closed:
		// As TCP does: data for an end that was closed breaks the other end.
		giveBuffer(p.data)
		if c.err == nil {
			c.err = syscall.ECONNRESET
			c.emit(flagReset, nil)
		}
	case push != nil:
	case c.first == nil:
		c.first = p.data
		c.readable.Signal()
	default:
		c.more = append(c.more, p.data)
		c.readable.Signal()
	}
	ended := c.ended()
	c.mu.Unlock()
	switch {
	case push == nil:
		return false
	case ended != nil:
		return push(nil, ended)
	}
	idle = push(p.data, nil)
	giveBuffer(p.data)
	return idle
}

// ended returns the error that comes after the last byte, nil while more may
// come.
func (c *Conn) ended() error {
	switch {
	case c.err != nil:
		return c.opError("read", c.err)
	case c.fin:
		return io.EOF
	}
	return nil
}

// Push hands what arrives to f instead of keeping it for Read: what is here
// already, then each packet, at last the error that Read would return. f is
// called on the goroutine that delivers; it must not block nor keep the bytes, and
// reports whether it has let no other goroutine run: then the next packet need not
// wait until all are idle. Once this end is closed it is not called any more.
func (c *Conn) Push(f func([]byte, error) (idle bool)) {
	c.mu.Lock()
	var here [][]byte
	if c.first != nil {
		here = append([][]byte{c.first}, c.more...)
	}
	c.first, c.more = nil, nil
	ended := c.ended()
	if !c.closed {
		c.push = f
	}
	c.mu.Unlock()
	for _, data := range here {
		f(data, nil)
		giveBuffer(data)
	}
	if ended != nil {
		f(nil, ended)
	}
}

// Read returns what has arrived, and waits if that is nothing. It fails with
// io.EOF at the end of the stream, and once the connection is closed or broken, or
// the read deadline has passed.
func (c *Conn) Read(p []byte) (int, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if err := c.await(); err != nil {
		return 0, err
	}
	if !c.part {
		c.begun++
	}
	n := copy(p, c.first)
	c.part = n < len(c.first)
	if n < len(c.first) {
		c.first = c.first[n:]
	} else {
		giveBuffer(c.first)
		c.shift()
	}
	return n, nil
}

// Packets returns how many packets Read has begun to return: what does not depend on
// the sizes of its buffers.
func (c *Conn) Packets() uint64 {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.begun
}

// WriteTo copies what arrives to w until the end, without an extra buffer. It
// returns the first error of a read other than io.EOF, or of a write.
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

// await waits until c.first has data and returns nil, or the reason why there
// will be none.
func (c *Conn) await() error {
	for {
		switch {
		case c.closed:
			return c.opError("read", net.ErrClosed)
		case c.readDeadline.passed():
			return c.opError("read", os.ErrDeadlineExceeded)
		case len(c.first) > 0:
			return nil
		}
		if err := c.ended(); err != nil {
			return err
		}
		c.readable.Wait()
		if yield := c.net.o.Yield; yield != nil {
			c.mu.Unlock()
			yield()
			c.mu.Lock()
		}
	}
}

func (c *Conn) shift() {
	if len(c.more) == 0 {
		c.first, c.more = nil, nil
		return
	}
	c.first, c.more = c.more[0], c.more[1:]
}
