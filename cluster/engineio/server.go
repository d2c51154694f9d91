package engineio

import (
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// strayUpgrade is how long a WebSocket request for a foreign path is kept
// before its connection is closed without an answer, as engine.io does.
const strayUpgrade = time.Second

// Server is an Engine.IO v4 server. It is an http.Handler for the requests
// below Config.Path; others get 404.
type Server struct {
	cfg    Config
	closed atomic.Bool // Close was called: no new sessions
	killed atomic.Bool // Kill was called: not a byte more

	mu        sync.Mutex
	sessions  map[string]*Session // nil means that the id is reserved
	overtaken map[string]struct{} // ids, see overtake
}

// NewServer returns a server. It starts nothing: all goroutines and timers
// belong to requests and sessions.
func NewServer(cfg Config) *Server {
	return &Server{cfg: cfg.withDefaults(), sessions: make(map[string]*Session)}
}

// Path returns the path that requests begin with, with a slash at its end.
func (s *Server) Path() string { return s.cfg.Path }

// Len returns the number of sessions.
func (s *Server) Len() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.sessions)
}

// Close closes every session with the reason "forced close", in the order of
// their ids, and refuses new ones with 503. It does not wait: a WebSocket whose
// client does not answer the close frame goes after 5 seconds.
func (s *Server) Close() {
	s.closed.Store(true)
	for _, c := range s.all() {
		c.end(reasonForcedClose, hangUp)
	}
}

// Kill drops every session as a crash does: no callback, no event, no byte.
// The connections are left to whoever owns the listener; the goroutines of the
// server end when these are closed.
func (s *Server) Kill() {
	s.killed.Store(true)
	for _, c := range s.all() {
		c.kill()
	}
}

// all returns the sessions sorted by id, for a stable order of effects.
func (s *Server) all() []*Session {
	s.mu.Lock()
	defer s.mu.Unlock()
	var all []*Session
	for _, id := range slices.Sorted(maps.Keys(s.sessions)) {
		if c := s.sessions[id]; c != nil {
			all = append(all, c)
		}
	}
	return all
}

func (s *Server) lookup(sid string) *Session {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.sessions[sid]
}

// reserve takes an id for a session that is being made, and reports whether it
// was free and the server runs.
func (s *Server) reserve(id string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, taken := s.sessions[id]; taken || s.closed.Load() || s.killed.Load() {
		return false
	}
	s.sessions[id] = nil
	return true
}

// publish makes a session known once it is complete: whoever finds it may end
// it. A server that has ended in the meantime ends it at once.
func (s *Server) publish(c *Session) {
	c.mu.Lock()
	if c.state == gone { // its heartbeat has run out already
		s.remove(c)
	} else {
		s.mu.Lock()
		s.sessions[c.id] = c
		s.mu.Unlock()
	}
	c.mu.Unlock()
	switch {
	case s.killed.Load():
		c.kill()
	case s.closed.Load():
		c.end(reasonForcedClose, hangUp)
	}
}

func (s *Server) remove(c *Session) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.sessions, c.id)
}

// ServeHTTP answers a request. For a long poll it returns when there is
// something to say; WebSocket connections are taken over.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if s.serve(w, r) == abort {
		panic(http.ErrAbortHandler)
	}
}

// An outcome says whether the HTTP server is to send what was written.
type outcome int

const (
	answered outcome = iota
	abort            // close the connection without a word
)

func (s *Server) serve(w http.ResponseWriter, r *http.Request) outcome {
	if s.killed.Load() {
		return abort
	}
	upgrade := wantsUpgrade(r)
	if !strings.HasPrefix(r.URL.EscapedPath(), s.cfg.Path) {
		return s.stray(w, r, upgrade)
	}
	q := parseQuery(r.URL.RawQuery)
	if upgrade {
		return s.serveUpgrade(w, r, q)
	}
	if s.allowOrigin(w, r) {
		return answered
	}
	c, bad := s.verify(r, q, false)
	switch {
	case bad == &sessionUnknown:
		return s.refuseGone(w, r, q)
	case bad != nil:
		return s.refuse(w, r, q, *bad)
	case c == nil:
		return s.openPolling(w, r, q)
	case r.Method == http.MethodGet:
		return c.servePoll(w, r, q)
	case r.Method == http.MethodPost:
		return c.servePost(w, r, q)
	default:
		return s.refuseEmpty(w, r, q, http.StatusInternalServerError)
	}
}

func (s *Server) stray(w http.ResponseWriter, r *http.Request, upgrade bool) outcome {
	if !upgrade {
		return s.refuseEmpty(w, r, query{}, http.StatusNotFound)
	}
	over := make(chan struct{})
	timer := s.cfg.AfterFunc(r.RemoteAddr, strayUpgrade, func() { close(over) })
	defer timer.Stop()
	select {
	case <-over:
	case <-r.Context().Done():
	}
	return abort
}
