package client

import (
	"encoding/binary"
	"net"
	"sync"
)

// pusher is a connection that hands over what it receives; see memnet.Conn.Push.
type pusher interface {
	Push(func([]byte, error) (idle bool))
}

// An inbox is an upgraded connection whose usual frames, whole texts, are handled
// where they are delivered: nothing has to be woken for them. Whatever else comes, and
// what comes while that is being read, is for the WebSocket library, which reads it as
// from any connection.
type inbox struct {
	net.Conn
	take func(text []byte) (idle bool) // gets each text that is handled at once

	mu      sync.Mutex
	more    sync.Cond
	left    []byte // for the library
	err     error  // that comes after it
	waiting bool   // the library waits for more
	rest    uint64 // bytes of the frame that the library is reading, still to come
	odd     bool   // the library reads all from now on
}

// newInbox returns an inbox that has something already.
func newInbox(conn net.Conn, early []byte, take func([]byte) (idle bool)) *inbox {
	b := &inbox{Conn: conn, take: take}
	b.more.L = &b.mu
	b.keep(early)
	return b
}

// push takes what the connection has received.
func (b *inbox) push(data []byte, err error) (idle bool) {
	b.mu.Lock()
	if err == nil && b.waiting && len(b.left) == 0 && b.rest == 0 && !b.odd && wholeTexts(data) {
		b.mu.Unlock()
		idle = true
		for len(data) > 0 {
			text, after := cutText(data)
			idle = b.take(text) && idle
			data = after
		}
		return idle
	}
	defer b.mu.Unlock()
	if err != nil && b.err == nil {
		b.err = err
	}
	b.keep(data)
	b.more.Signal()
	return false
}

// keep leaves bytes to the library, and follows where its frames end.
func (b *inbox) keep(data []byte) {
	b.left = append(b.left, data...)
	for !b.odd && len(data) > 0 {
		if b.rest == 0 {
			f, ok := readFrame(data)
			if b.odd = !ok || f.kind&fin == 0; b.odd {
				return
			}
			b.rest = uint64(f.head) + f.size
		}
		n := min(b.rest, uint64(len(data)))
		b.rest -= n
		data = data[n:]
	}
}

// Read is for the WebSocket library.
func (b *inbox) Read(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for len(b.left) == 0 && b.err == nil {
		b.waiting = true
		b.more.Wait()
		b.waiting = false
	}
	if len(b.left) == 0 {
		return 0, b.err
	}
	n := copy(p, b.left)
	if b.left = b.left[n:]; len(b.left) == 0 {
		b.left = nil
	}
	return n, nil
}

// Close closes the connection, which Push does not tell.
func (b *inbox) Close() error {
	b.mu.Lock()
	if b.err == nil {
		b.err = net.ErrClosed
	}
	b.more.Broadcast()
	b.mu.Unlock()
	return b.Conn.Close()
}

// Vanish is that of the connection; see Config.Drop.
func (b *inbox) Vanish() {
	if v, ok := b.Conn.(interface{ Vanish() }); ok {
		v.Vanish()
	}
}

// Bits of a frame's first byte (RFC 6455, section 5.2).
const (
	fin    = 0x80
	opText = 0x01
)

// frame is the head of a frame that a server sends.
type frame struct {
	kind byte // the first byte: FIN, reserved bits and opcode
	head int  // bytes of the head
	size uint64
}

// readFrame reads the head of a frame that is not masked; false when it is, or not
// all here.
func readFrame(b []byte) (f frame, ok bool) {
	if len(b) < 2 || b[1]&0x80 != 0 {
		return f, false
	}
	f = frame{kind: b[0], head: 2, size: uint64(b[1])}
	switch {
	case f.size == 126 && len(b) >= 4:
		f.head, f.size = 4, uint64(binary.BigEndian.Uint16(b[2:]))
	case f.size == 127 && len(b) >= 10:
		f.head, f.size = 10, binary.BigEndian.Uint64(b[2:])
	case f.size >= 126:
		return f, false
	}
	return f, true
}

// wholeTexts reports whether b is text messages of one frame each, and no more.
func wholeTexts(b []byte) bool {
	for len(b) > 0 {
		f, ok := readFrame(b)
		if !ok || f.kind != fin|opText || f.size > uint64(len(b)-f.head) {
			return false
		}
		b = b[f.head+int(f.size):]
	}
	return true
}

// cutText returns the first text and the frames after it; see wholeTexts.
func cutText(b []byte) (text, after []byte) {
	f, _ := readFrame(b)
	end := f.head + int(f.size)
	return b[f.head:end], b[end:]
}
