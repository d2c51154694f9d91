package proxy

import (
	"bytes"
	"errors"
	"io"
	"net"
	"os"
	"sync"
	"time"

	"stickylab/cluster/proxy/wire"
)

// upstreamConn is a connection to a peer.
type upstreamConn struct {
	conn     net.Conn
	address  string
	requests int
	born     time.Time
	reused   bool

	room *[]byte // where buf is; nil while idle
	buf  []byte  // came, and belongs to no answer yet
	head wire.AnswerHead

	// While kept; taken is guarded by the list's lock, dead is written before
	// watched is closed.
	taken   bool
	dead    bool
	watched chan struct{}
}

// rooms are for what peers send. One grows where the head of an answer does not fit.
var rooms = sync.Pool{New: func() any { b := make([]byte, 0, 2<<10); return &b }}

func newUpstreamConn(conn net.Conn, address string) *upstreamConn {
	return &upstreamConn{conn: conn, address: address, born: time.Now()}
}

// releaseRoom gives the room back. What is in it is lost.
func (l *upstreamConn) releaseRoom() {
	if l.room != nil {
		rooms.Put(l.room)
		l.room, l.buf = nil, nil
	}
}

func (l *upstreamConn) close() {
	l.releaseRoom()
	l.conn.Close()
}

// ahead returns what the peer sent before it was asked for, for good.
func (l *upstreamConn) ahead() []byte { return bytes.Clone(l.buf) }

// send writes the request.
func (l *upstreamConn) send(head, body []byte, timeout time.Duration) error {
	l.requests++
	l.conn.SetWriteDeadline(time.Now().Add(timeout))
	if _, err := l.conn.Write(head); err != nil {
		return err
	}
	if len(body) > 0 {
		if _, err := l.conn.Write(body); err != nil {
			return err
		}
	}
	return l.conn.SetWriteDeadline(time.Time{})
}

// errTooBig is the error of a head that does not fit into proxy_buffer_size.
var errTooBig = &wire.AnswerError{Text: "upstream sent too big header"}

// receive reads the head of the answer, which may have that many bytes. The timeout is for
// all of it: nginx does not begin it again when some of it comes
// (ngx_http_upstream_process_header).
func (l *upstreamConn) receive(most int, timeout time.Duration) (*wire.Answer, error) {
	if l.room == nil {
		l.room = rooms.Get().(*[]byte)
		l.buf = (*l.room)[:0]
	}
	l.head.Reset()
	l.conn.SetReadDeadline(time.Now().Add(timeout))
	for {
		answer, size, err := l.head.Parse(l.buf)
		if answer != nil || err != nil {
			l.buf = l.buf[size:]
			return answer, err
		}
		if len(l.buf) >= most {
			return nil, errTooBig
		}
		if err := l.fill(most); err != nil {
			return nil, err
		}
	}
}

// fill reads what comes next behind what is there, up to that many bytes in all.
func (l *upstreamConn) fill(most int) error {
	if len(l.buf) == 0 {
		l.buf = (*l.room)[:0]
	}
	if len(l.buf) == cap(l.buf) {
		*l.room = append(make([]byte, 0, 2*cap(*l.room)), l.buf...)
		l.buf = *l.room
	}
	n, err := l.conn.Read(l.buf[len(l.buf):min(cap(l.buf), most)])
	l.buf = l.buf[:len(l.buf)+n]
	if n > 0 {
		return nil
	}
	if err == nil {
		err = io.ErrNoProgress
	}
	return err
}

func isTimeout(err error) bool { return errors.Is(err, os.ErrDeadlineExceeded) }
