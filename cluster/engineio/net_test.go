package engineio

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"os"
	"sync"
	"time"
)

// memory is a network in memory whose reads block durably, for bubbles of
// virtual time. Writes never block.
type memory struct {
	mu      sync.Mutex
	changed *sync.Cond
	waiting []net.Conn
	ends    []*end
	closed  bool
}

func newMemory() *memory {
	m := &memory{}
	m.changed = sync.NewCond(&m.mu)
	return m
}

func (m *memory) Accept() (net.Conn, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for len(m.waiting) == 0 && !m.closed {
		m.changed.Wait()
	}
	if m.closed {
		return nil, net.ErrClosed
	}
	c := m.waiting[0]
	m.waiting = m.waiting[1:]
	return c, nil
}

func (m *memory) Close() error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.closed = true
	m.changed.Broadcast()
	return nil
}

func (m *memory) Addr() net.Addr { return &net.TCPAddr{IP: net.IPv4(10, 0, 0, 1), Port: 3030} }

func (m *memory) dial(context.Context, string, string) (net.Conn, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.closed {
		return nil, errors.New("connection refused")
	}
	a, b := newStream(), newStream()
	client, server := &end{in: a, out: b}, &end{in: b, out: a}
	m.waiting = append(m.waiting, server)
	m.ends = append(m.ends, server)
	m.changed.Broadcast()
	return client, nil
}

// cut closes the server's end of every connection, as a crash does.
func (m *memory) cut() {
	m.Close()
	for _, e := range m.ends {
		e.Close()
	}
}

// stream is one direction of a connection.
type stream struct {
	mu       sync.Mutex
	changed  *sync.Cond
	data     bytes.Buffer
	writes   int
	closed   bool // by the writer
	broken   bool // by the reader
	deadline time.Time
	timer    *time.Timer
}

func newStream() *stream {
	s := &stream{}
	s.changed = sync.NewCond(&s.mu)
	return s
}

type end struct{ in, out *stream }

func (e *end) Read(p []byte) (int, error) {
	s := e.in
	s.mu.Lock()
	defer s.mu.Unlock()
	for {
		switch {
		case s.broken:
			return 0, net.ErrClosed
		case !s.deadline.IsZero() && !time.Now().Before(s.deadline):
			return 0, os.ErrDeadlineExceeded
		case s.data.Len() > 0:
			return s.data.Read(p)
		case s.closed:
			return 0, io.EOF
		}
		s.changed.Wait()
	}
}

func (e *end) Write(p []byte) (int, error) {
	s := e.out
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed || s.broken {
		return 0, net.ErrClosed
	}
	s.writes++
	s.changed.Broadcast()
	return s.data.Write(p)
}

func (e *end) Close() error {
	e.out.mu.Lock()
	e.out.closed = true
	e.out.changed.Broadcast()
	e.out.mu.Unlock()
	e.in.mu.Lock()
	e.in.broken = true
	if e.in.timer != nil {
		e.in.timer.Stop()
	}
	e.in.changed.Broadcast()
	e.in.mu.Unlock()
	return nil
}

func (e *end) SetReadDeadline(t time.Time) error {
	s := e.in
	s.mu.Lock()
	defer s.mu.Unlock()
	s.deadline = t
	if s.timer != nil {
		s.timer.Stop()
	}
	if d := time.Until(t); !t.IsZero() && d > 0 {
		s.timer = time.AfterFunc(d, s.changed.Broadcast)
	}
	s.changed.Broadcast()
	return nil
}

func (e *end) SetWriteDeadline(time.Time) error { return nil }
func (e *end) SetDeadline(t time.Time) error    { return e.SetReadDeadline(t) }
func (e *end) LocalAddr() net.Addr              { return &net.TCPAddr{IP: net.IPv4(10, 0, 0, 1), Port: 3030} }
func (e *end) RemoteAddr() net.Addr             { return &net.TCPAddr{IP: net.IPv4(203, 0, 113, 7), Port: 4711} }
