package engineio

import (
	"net/http"
	"time"
)

// overtaking is how far two requests that a client sends in one instant, each
// on its own connection, may get out of order here: goroutines race, where
// engine.io handles requests in the order of their arrival.
const overtaking = 20 * time.Millisecond

// overtake remembers, for a moment, a session that its client has closed while
// no GET was waiting: the GET that the client sent before its close packet may
// have been overtaken by it.
func (s *Server) overtake(sid string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.overtaken == nil {
		s.overtaken = make(map[string]struct{})
	}
	s.overtaken[sid] = struct{}{}
	s.cfg.AfterFunc(sid, overtaking, func() { s.wasOvertaken(sid) })
}

// wasOvertaken forgets the session, and reports whether it was remembered.
func (s *Server) wasOvertaken(sid string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	_, ok := s.overtaken[sid]
	delete(s.overtaken, sid)
	return ok
}

// refuseGone answers a request for a session that does not exist. A GET that
// its client's close packet overtook gets what it would have got in order.
func (s *Server) refuseGone(w http.ResponseWriter, r *http.Request, q query) outcome {
	if r.Method != http.MethodGet || q.transport != pollingName || q.eio != "4" || !s.wasOvertaken(q.sid) {
		return s.refuse(w, r, q, sessionUnknown)
	}
	writePayload(w, AppendPacket(nil, Packet{Type: Noop}))
	return answered
}

// leavePolling answers the GET that waits when a WebSocket takes over. A client
// that upgrades has left polling before, so one that has just come was sent
// after the upgrade packet, and is refused as then. It needs c.mu.
func (c *Session) leavePolling() {
	if c.poll != nil && time.Since(c.polled) < overtaking {
		c.poll <- nil
		c.poll = nil
		return
	}
	c.answer(Packet{Type: Close})
}
