package engineio

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"os"
	"strconv"
	"time"
)

// openPolling is a handshake over HTTP: the answer is the open packet alone.
func (s *Server) openPolling(w http.ResponseWriter, r *http.Request, q query) outcome {
	if q.eio != "4" {
		return s.refuse(w, r, q, protocolVersion)
	}
	if s.closed.Load() {
		return s.refuseEmpty(w, r, q, http.StatusServiceUnavailable)
	}
	c := s.newSession(r, polling, nil)
	if c == nil {
		return s.refuse(w, r, q, badRequest)
	}
	c.mu.Lock()
	c.answering = true
	batch := c.take()
	c.mu.Unlock()
	s.cfg.OnSession(c)
	return c.respond(w, batch)
}

// servePoll is a GET: it waits until there is something to send. A second one
// at the same time ends the session.
func (c *Session) servePoll(w http.ResponseWriter, r *http.Request, q query) outcome {
	answer := make(chan []outgoing, 1)
	c.mu.Lock()
	switch {
	case c.state == gone:
		c.mu.Unlock()
		return c.srv.refuseGone(w, r, q)
	case c.transport != polling:
		c.mu.Unlock()
		return c.srv.refuse(w, r, q, badRequest)
	case c.poll != nil || c.answering:
		c.mu.Unlock()
		c.end(reasonTransportError, hangUp)
		return c.srv.refuseEmpty(w, r, q, http.StatusBadRequest)
	}
	c.poll, c.polled = answer, time.Now()
	c.flush()
	if c.poll != nil && c.state == closing {
		c.enqueue(Packet{Type: Noop}, false) // engine.io answers "6", separator, "1"
		c.mu.Unlock()
		c.end(reasonForcedClose, hangUp)
	} else {
		c.mu.Unlock()
	}

	select {
	case batch := <-answer:
		return c.respondPoll(w, r, q, batch)
	case <-r.Context().Done():
	}
	c.mu.Lock()
	lost := c.poll == answer
	c.mu.Unlock()
	if lost {
		c.end(reasonTransportError, dropped)
		return abort
	}
	return c.respondPoll(w, r, q, <-answer)
}

// respondPoll answers the GET that waited; a nil batch refuses it.
func (c *Session) respondPoll(w http.ResponseWriter, r *http.Request, q query, batch []outgoing) outcome {
	if batch == nil && !c.srv.killed.Load() {
		return c.srv.refuse(w, r, q, badRequest)
	}
	return c.respond(w, batch)
}

// answerPoll hands the queue to the waiting GET. It needs c.mu and a GET.
func (c *Session) answerPoll() {
	c.poll <- c.take()
	c.poll, c.answering = nil, true
}

// answer sends p to the GET that waits, if one does. It needs c.mu.
func (c *Session) answer(p Packet) {
	if c.poll != nil {
		c.enqueue(p, false)
		c.answerPoll()
	}
}

// respond writes a polling answer. The batch is nil when the session ended in
// the middle of its handshake.
func (c *Session) respond(w http.ResponseWriter, batch []outgoing) outcome {
	if batch == nil || c.srv.killed.Load() {
		return abort
	}
	buf := buffers.Get().(*[]byte)
	defer putBuffer(buf)
	body := (*buf)[:0]
	for i := range batch {
		if i > 0 {
			body = append(body, separator)
		}
		body = AppendPacket(body, batch[i].Packet)
		c.wrote(batch[i].Packet)
	}
	*buf = body

	// Before the client can have the answer: its next GET is no overlap.
	c.mu.Lock()
	c.answering = false
	c.recycle(batch)
	c.flush()
	c.mu.Unlock()

	writePayload(w, body)
	return answered
}

func writePayload(w http.ResponseWriter, body []byte) {
	h := w.Header()
	h.Set("Content-Type", "text/plain; charset=UTF-8")
	h.Set("Content-Length", strconv.Itoa(len(body)))
	h.Set("Cache-Control", "no-store")
	w.Write(body)
}

// Bounds of the body of a POST. engine.io 6.6.13, class Polling.
const (
	bodyTimeout = 30 * time.Second
	bodyPieces  = 10_000 // that it may come in
)

// post is a POST in progress.
type post struct {
	control    *http.ResponseController
	delivering bool          // the body is complete
	aborted    bool          // it must not be delivered any more
	done       chan struct{} // closed at the end, if somebody waits for it
}

var longAgo = time.Unix(1, 0)

// abortPost makes the POST whose body is being read fail. It needs c.mu.
func (c *Session) abortPost() {
	if p := c.post; p != nil && !p.delivering {
		p.aborted = true
		p.control.SetReadDeadline(longAgo) // without deadlines the body is read in vain
	}
}

// servePost is a POST: packets from the client. A second one at the same time ends
// the session.
func (c *Session) servePost(w http.ResponseWriter, r *http.Request, q query) outcome {
	c.mu.Lock()
	switch {
	case c.state == gone:
		c.mu.Unlock()
		return c.srv.refuse(w, r, q, sessionUnknown)
	case c.transport != polling:
		c.mu.Unlock()
		return c.srv.refuse(w, r, q, badRequest)
	case c.post != nil || r.Header.Get("Content-Type") == "application/octet-stream": // of version 3
		c.mu.Unlock()
		c.end(reasonTransportError, hangUp)
		return c.srv.refuseEmpty(w, r, q, http.StatusBadRequest)
	}
	p := &post{control: http.NewResponseController(w)}
	c.post = p
	c.mu.Unlock()
	defer c.endPost(p)

	strict := c.srv.cfg.Release == Releases[0]
	if strict {
		p.control.SetReadDeadline(time.Now().Add(bodyTimeout))
	}
	body, err := readBody(r, c.srv.cfg.MaxPayload)
	c.mu.Lock()
	lost := p.aborted || c.state == gone
	p.delivering = err == nil && !lost
	if strict && !lost {
		p.control.SetReadDeadline(time.Time{})
	}
	c.mu.Unlock()
	switch {
	case lost:
		return abort
	case strict && errors.Is(err, errTooLarge):
		return c.rejectPost(w, r, q, http.StatusRequestEntityTooLarge)
	case strict && errors.Is(err, os.ErrDeadlineExceeded):
		return c.rejectPost(w, r, q, http.StatusRequestTimeout)
	case errors.Is(err, errTooLarge):
		return c.srv.refuseEmpty(w, r, q, http.StatusRequestEntityTooLarge)
	case err != nil:
		c.end(reasonTransportError, hangUp)
		return abort
	}

	ps, err := DecodePayload(body)
	for _, p := range ps {
		c.receive(p)
	}
	if err != nil {
		c.end(reasonParseError, hangUp)
	}
	if c.srv.killed.Load() {
		return abort
	}
	h := w.Header()
	h.Set("Content-Type", "text/html") // with text/plain some browsers offered a download
	h.Set("Content-Length", "2")
	h.Set("Cache-Control", "no-store")
	w.Write([]byte("ok"))
	return answered
}

// rejectPost answers with a status alone, then ends the session, and at last the
// connection, whose body is not read.
func (c *Session) rejectPost(w http.ResponseWriter, r *http.Request, q query, status int) outcome {
	w.Header().Set("Content-Length", "0")
	w.Header().Set("Connection", "close")
	c.srv.refuseEmpty(w, r, q, status)
	http.NewResponseController(w).Flush()
	c.end(reasonTransportError, hangUp)
	return answered
}

func (c *Session) endPost(p *post) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.post = nil
	if p.done != nil {
		close(p.done)
	}
}

var errTooLarge = errors.New("body too large")

// readBody reads a body of at most limit bytes.
func readBody(r *http.Request, limit int) ([]byte, error) {
	if r.ContentLength > int64(limit) {
		return nil, errTooLarge
	}
	var body bytes.Buffer
	if n := r.ContentLength; n > 0 {
		body.Grow(int(min(n, keptBuffer)) + bytes.MinRead) // more only as it comes
	}
	if _, err := body.ReadFrom(&pieces{Reader: io.LimitReader(r.Body, int64(limit)+1)}); err != nil {
		return nil, err
	}
	if body.Len() > limit {
		return nil, errTooLarge
	}
	return body.Bytes(), nil
}

// pieces counts what is read.
type pieces struct {
	io.Reader
	read int
}

func (p *pieces) Read(b []byte) (int, error) {
	if p.read++; p.read > bodyPieces {
		return 0, errTooLarge
	}
	return p.Reader.Read(b)
}
