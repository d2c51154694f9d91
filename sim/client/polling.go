package client

import (
	"bytes"
	"encoding/json"
	"net/http"
	"strings"

	"stickylab/cluster/trace"
)

// The requests, as Asked and Answered name them.
var (
	nameGet  = trace.GetPolling.Name()
	namePost = trace.PostPolling.Name()
	nameWS   = trace.GetWebSocket.Name()
)

// startPolling begins the loop of GETs; the first one is the handshake.
func (e *engine) startPolling() {
	e.polling = true
	cause := e.c.cause
	e.c.spawn(func() {
		sid := ""
		for {
			a := e.c.poll.ask(e, http.MethodGet, sid, nil, cause)
			again := false
			e.c.enter(a.ref, func() {
				again = e.onPoll(a)
				cause, sid = e.c.cause, e.sid
			})
			if !again {
				return
			}
		}
	})
}

// onPoll handles the answer to a GET; it reports whether to send the next one.
func (e *engine) onPoll(a answer) bool {
	if e.state == closed {
		e.polling = false
		return false
	}
	if a.status != http.StatusOK {
		e.polling = false
		e.onError(failure(trace.XHRPollError, a))
		return false
	}
	for body, more := a.body, true; more && e.state != closed; {
		var packet []byte
		packet, body, more = bytes.Cut(body, []byte{0x1e})
		e.onPacket(packet, false)
	}
	e.polling = false
	if e.state == closed {
		return false
	}
	if e.pausing {
		e.paused()
		return false
	}
	if e.state == opening { // the answer was no handshake: the original polls on
		return false
	}
	e.polling = true
	return true
}

// sendPost sends a payload.
func (e *engine) sendPost(body []byte, cause trace.Ref) {
	a := e.c.post.ask(e, http.MethodPost, e.sid, body, cause)
	e.c.enter(a.ref, func() {
		if e.state == closed {
			e.writing = false
			return
		}
		if a.status != http.StatusOK {
			e.writing = false
			e.onError(failure(trace.XHRPostError, a))
			return
		}
		e.drained()
		if e.pausing && e.state != closed {
			e.paused()
		}
	})
}

// sendClose tells the server that the session has ended, whatever else is
// in flight. The answer changes nothing. It returns the wire that it uses.
func (e *engine) sendClose() *wire {
	w := &e.c.post
	if e.writing {
		w = &e.c.bye // the lane of posts is busy
	}
	cause := e.c.cause
	e.c.spawn(func() { w.ask(e, http.MethodPost, e.sid, []byte{'1'}, cause) })
	return w
}

// failure describes an answer that is an error, in the client's words.
func failure(text trace.Text, a answer) Failure {
	f := Failure{Text: string(text), Status: a.status}
	var refusal struct {
		Message string `json:"message"`
	}
	if json.Unmarshal(a.body, &refusal) == nil {
		f.Message = refusal.Message
	} else if len(a.body) < 200 {
		f.Message = strings.TrimSpace(string(a.body))
	}
	return f
}
