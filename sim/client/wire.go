package client

import (
	"bufio"
	"context"
	"io"
	"net"
	"net/http"
	"slices"
	"strconv"
	"time"

	"stickylab/cluster/trace"
)

// userAgent is the client's User-Agent.
const userAgent = "stickylab"

// A wire is the connections of one lane: polls, posts, or WebSockets. Each has
// its own lane, since a client polls, posts and upgrades in one instant
// and the names of the connections must not depend on which comes first. It
// keeps at most one idle connection. It is not http.Transport,
// which needs two more goroutines and 8 KiB for a connection and dials in the
// background.
type wire struct {
	c       *Client
	purpose string

	// Guarded by c.mu.
	lane *trace.Lane // made at the first use
	idle *link
	busy []*link
	asks uint32 // requests so far
}

// A link is a connection.
type link struct {
	net.Conn
	w  *wire
	e  *engine // that uses it now
	br *bufio.Reader
}

// request begins a request: it returns the lane and the number of the request
// on it.
func (w *wire) request() (*trace.Lane, uint32) {
	w.c.mu.Lock()
	defer w.c.mu.Unlock()
	if w.lane == nil {
		w.lane = w.c.cfg.Lane(trace.LaneID{Host: w.c.cfg.Name, Purpose: w.purpose, Client: w.c.lane.Client()})
	}
	w.asks++
	return w.lane, w.asks
}

// take returns the idle connection, or nil.
func (w *wire) take(e *engine) *link {
	w.c.mu.Lock()
	defer w.c.mu.Unlock()
	l := w.idle
	if l == nil || e.halted {
		return nil
	}
	w.idle = nil
	l.e = e
	w.busy = append(w.busy, l)
	return l
}

// dial opens a connection for e.
func (w *wire) dial(ctx context.Context, e *engine) (*link, error) {
	conn, err := w.c.cfg.Dial(ctx, w.lane, w.c.target.addr)
	if err != nil {
		return nil, err
	}
	l := &link{Conn: conn, w: w, e: e, br: bufio.NewReaderSize(conn, 512)}
	w.c.mu.Lock()
	gone := e.halted || w.c.closed
	if !gone {
		w.busy = append(w.busy, l)
	}
	w.c.mu.Unlock()
	if gone {
		conn.Close()
		return nil, errClosed
	}
	return l, nil
}

// give returns a connection after an answer, to be kept or closed.
func (w *wire) give(l *link, keep bool) {
	w.c.mu.Lock()
	w.forget(l)
	keep = keep && w.idle == nil && !w.c.closed && l.e.keeps(w)
	if keep {
		l.e, w.idle = nil, l
	}
	w.c.mu.Unlock()
	if !keep {
		l.Conn.Close()
	}
}

func (w *wire) forget(l *link) {
	if i := slices.Index(w.busy, l); i >= 0 {
		w.busy = slices.Delete(w.busy, i, i+1)
	}
	if len(w.busy) == 0 {
		w.busy = nil
	}
}

// Close closes the connection.
func (l *link) Close() error {
	l.w.c.mu.Lock()
	l.w.forget(l)
	conn := l.Conn
	l.w.c.mu.Unlock()
	return conn.Close()
}

// cut closes every connection of e, or of all engines, idle ones included,
// after drop has seen it. The caller holds c.mu.
func (c *Client) cut(e *engine, drop func(net.Conn)) {
	var gone []net.Conn
	for _, w := range []*wire{&c.poll, &c.post, &c.bye, &c.ws} {
		w.busy = slices.DeleteFunc(w.busy, func(l *link) bool {
			if e != nil && l.e != e {
				return false
			}
			gone = append(gone, l.Conn)
			return true
		})
		if w.idle != nil && e == nil {
			gone = append(gone, w.idle.Conn)
			w.idle = nil
		}
	}
	c.hangUp(gone, drop)
}

// rest closes the idle connections, except that of one wire. The caller holds c.mu.
func (c *Client) rest(except *wire) {
	var gone []net.Conn
	for _, w := range []*wire{&c.poll, &c.post, &c.bye} {
		if w.idle != nil && w != except {
			gone = append(gone, w.idle.Conn)
			w.idle = nil
		}
	}
	c.hangUp(gone, nil)
}

func (c *Client) hangUp(gone []net.Conn, drop func(net.Conn)) {
	// One after the other: their goroutines share the client's lanes.
	for _, conn := range gone {
		if drop != nil {
			drop(conn)
		}
		c.running++
		c.cfg.AfterFunc(c.cfg.Name, 0, func() {
			conn.Close()
			c.mu.Lock()
			defer c.mu.Unlock()
			c.left()
		})
	}
}

// An answer to a request. Status 0 means that there was none.
type answer struct {
	status int
	body   []byte
	ref    trace.Ref // the Answered event
}

// ask sends a polling request and waits for its answer. Both are reported on
// the wire's lane.
func (w *wire) ask(e *engine, method, sid string, body []byte, cause trace.Ref) answer {
	lane, n := w.request()
	text := namePost
	if method == http.MethodGet {
		text = nameGet
	}
	head := method + " " + w.c.target.uri(Polling, nonce(lane.Name(), n), sid) + " HTTP/1.1\r\nHost: " + w.c.target.host +
		"\r\n" + w.c.usual + "Connection: keep-alive\r\n"
	request := appendHeader([]byte(head), w.c.cfg.Header)
	if cookies := w.c.jar.header(); cookies != "" {
		request = append(request, "Cookie: "+cookies+"\r\n"...)
	}
	if method == http.MethodPost {
		request = append(request, "Content-type: text/plain;charset=UTF-8\r\nContent-Length: "+strconv.Itoa(len(body))+"\r\n"...)
	}
	request = append(append(request, "\r\n"...), body...)

	var a answer
	a.ref = e.report(lane, text, cause, func() int {
		a = w.exchange(e, method, request)
		return a.status
	})
	return a
}

// report reports a request and its answer, whose status do returns, and returns the
// event of the answer.
func (e *engine) report(lane *trace.Lane, text trace.Name, cause trace.Ref, do func() (status int)) (answered trace.Ref) {
	session, start := e.session, time.Now()
	asked := lane.Emit(trace.Event{Kind: trace.Asked, Client: e.c.name, Text: text, Session: session, Cause: cause})
	status := do()
	if e.c.isClosed() {
		return trace.Ref{}
	}
	return lane.Emit(trace.Event{
		Kind: trace.Answered, Client: e.c.name, Text: text, Session: session, Cause: asked, Status: int32(status), Value: time.Since(start),
	})
}

// exchange sends a request on a kept connection or a new one. A kept one that
// ends before the first byte of an answer was closed while it was idle, as far
// as one can tell: the request is sent again, as browsers do.
func (w *wire) exchange(e *engine, method string, request []byte) answer {
	l := w.take(e)
	for {
		kept := l != nil
		if !kept {
			var err error
			if l, err = w.dial(e.ctx, e); err != nil {
				return answer{}
			}
		}
		a, keep, begun := l.roundTrip(method, request)
		w.give(l, keep)
		if a.status != 0 || !kept || begun || e.over() {
			return a
		}
		l = nil
	}
}

// What an answer needs to know of its request.
var requests = map[string]*http.Request{
	http.MethodGet:  {Method: http.MethodGet},
	http.MethodPost: {Method: http.MethodPost},
}

// roundTrip sends one request and reads its answer. begun reports whether any of
// it came.
func (l *link) roundTrip(method string, request []byte) (a answer, keep, begun bool) {
	if _, err := l.Conn.Write(request); err != nil {
		return a, false, false
	}
	if _, err := l.br.Peek(1); err != nil {
		return a, false, false
	}
	resp, err := http.ReadResponse(l.br, requests[method])
	if err != nil {
		return a, false, true
	}
	body, err := io.ReadAll(resp.Body)
	resp.Body.Close()
	if err != nil {
		return a, false, true
	}
	l.w.c.jar.keep(resp.Header)
	return answer{status: resp.StatusCode, body: body}, !resp.Close, true
}
