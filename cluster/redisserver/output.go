package redisserver

import (
	"net"
	"sync"
	"time"
)

const (
	// softFor is how long a client may stay above a quarter of its bound.
	softFor = 60 * time.Second
	// lastWrites is how long what is queued at the end may take to be written.
	lastWrites = time.Second
)

// An output queues what is written to a connection and writes it in its own
// goroutine, so that a client that does not read holds up nobody else. Above
// its bounds it drops the client, as client-output-buffer-limit does.
type output struct {
	conn net.Conn
	hard int64

	mu        sync.Mutex
	more      sync.Cond
	queue     net.Buffers
	queued    int64     // bytes, those being written included
	softSince time.Time // zero means below the soft bound
	closed    bool
}

func newOutput(c net.Conn, hard int64) *output {
	o := &output{conn: c, hard: hard}
	o.more.L = &o.mu
	return o
}

// Write queues p. It returns net.ErrClosed after the end of the connection, and
// when p would exceed the bounds.
func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.closed {
		return 0, net.ErrClosed
	}
	o.queued += int64(len(p))
	if o.overLocked() {
		o.closed, o.queue = true, nil
		o.more.Signal()
		o.conn.Close()
		return 0, net.ErrClosed
	}
	o.queue = append(o.queue, append([]byte(nil), p...))
	o.more.Signal()
	return len(p), nil
}

func (o *output) overLocked() bool {
	switch {
	case o.queued > o.hard:
		return true
	case o.queued <= o.hard/4:
		o.softSince = time.Time{}
	case o.softSince.IsZero():
		o.softSince = time.Now()
	default:
		return time.Since(o.softSince) > softFor
	}
	return false
}

// Close lets what is queued be written, and then ends the connection.
func (o *output) Close() error {
	o.mu.Lock()
	defer o.mu.Unlock()
	if !o.closed {
		o.closed = true
		o.conn.SetWriteDeadline(time.Now().Add(lastWrites))
		o.more.Signal()
	}
	return nil
}

// run writes until the end of the connection.
func (o *output) run() {
	defer o.conn.Close()
	for {
		o.mu.Lock()
		for len(o.queue) == 0 && !o.closed {
			o.more.Wait()
		}
		queue := o.queue
		o.queue = nil
		o.mu.Unlock()
		if len(queue) == 0 {
			return
		}
		n, err := queue.WriteTo(o.conn)
		o.mu.Lock()
		o.queued -= n
		if err != nil {
			o.closed, o.queue = true, nil
		}
		o.mu.Unlock()
		if err != nil {
			return
		}
	}
}
