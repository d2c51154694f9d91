package proxy

import (
	"bufio"
	"errors"
	"net"
	"net/http"
	"os"
	"sync"
	"time"
)

// upstreamConn is a connection to a peer.
type upstreamConn struct {
	conn     net.Conn
	address  string
	reader   *bufio.Reader // nil while idle
	requests int
	born     time.Time
	reused   bool

	// While kept; taken is guarded by the list's lock, dead is written before
	// watched is closed.
	taken   bool
	dead    bool
	watched chan struct{}
}

var readers = sync.Pool{New: func() any { return bufio.NewReaderSize(nil, 2048) }}

func newUpstreamConn(conn net.Conn, address string) *upstreamConn {
	return &upstreamConn{conn: conn, address: address, born: time.Now()}
}

func (l *upstreamConn) buffered() int {
	if l.reader == nil {
		return 0
	}
	return l.reader.Buffered()
}

func (l *upstreamConn) releaseReader() {
	if l.reader != nil {
		l.reader.Reset(nil)
		readers.Put(l.reader)
		l.reader = nil
	}
}

func (l *upstreamConn) close() {
	l.releaseReader()
	l.conn.Close()
}

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

// requestsOf are what the reader of an answer needs to know of the request: whether
// the answer has a body.
var requestsOf = map[bool]*http.Request{true: {Method: http.MethodHead}, false: {Method: http.MethodGet}}

// receive reads the head of the answer.
func (l *upstreamConn) receive(r *http.Request, timeout time.Duration) (*http.Response, error) {
	if l.reader == nil {
		l.reader = readers.Get().(*bufio.Reader)
		l.reader.Reset(l.conn)
	}
	for {
		l.conn.SetReadDeadline(time.Now().Add(timeout))
		answer, err := http.ReadResponse(l.reader, r)
		if err != nil {
			return nil, wrapHead(err)
		}
		if answer.StatusCode >= 200 || answer.StatusCode == http.StatusSwitchingProtocols {
			return answer, nil
		}
	}
}

func isTimeout(err error) bool { return errors.Is(err, os.ErrDeadlineExceeded) }
