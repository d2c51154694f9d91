package socketio

import (
	"cmp"
	"crypto/rand"
	"encoding/base64"
	"strings"
	"sync"
	"time"

	"stickylab/cluster/engineio"
	"stickylab/cluster/host"
)

// Config configures a Server. Its zero value works.
type Config struct {
	// ConnectTimeout is how long a session may be without having joined any
	// namespace; it is closed then. Default 45 s.
	ConnectTimeout time.Duration
	// NewID returns the id of a new socket of the session. Default: 20 random
	// characters of base64url.
	NewID func(*engineio.Session) string
	// Go starts a goroutine. Default: the go statement.
	Go func(func())
	// AfterFunc is that of host.Env. Default: by the wall clock.
	AfterFunc host.AfterFunc
	// OnJoin and OnLeave are told of the rooms that a socket joins and leaves,
	// also at its end, but not of the room that its id names. They may be nil.
	OnJoin, OnLeave func(s *Socket, room string)
	// Recovery turns connection state recovery on. Default nil, off.
	Recovery *Recovery
	// OnRecover is told of a socket that is recovered, before it is in its rooms
	// and its client is sent anything. It may be nil.
	OnRecover func(*Socket)
}

// Server is the Socket.IO side of a node. It has the namespace "/" from the
// start.
type Server struct {
	config Config
	done   chan struct{} // closed by Close and Kill

	mu         sync.Mutex
	namespaces map[string]*Namespace
	order      []*Namespace
	closed     bool
}

// NewServer returns a server; its Handle is to be set as
// engineio.Config.OnSession.
func NewServer(c Config) *Server {
	if c.ConnectTimeout == 0 {
		c.ConnectTimeout = 45 * time.Second
	}
	if c.NewID == nil {
		c.NewID = randomID
	}
	if c.Go == nil {
		c.Go = func(f func()) { go f() }
	}
	if c.AfterFunc == nil {
		c.AfterFunc = host.WallTimer
	}
	if r := c.Recovery; r != nil {
		c.Recovery = &Recovery{cmp.Or(r.MaxDisconnection, 2*time.Minute), r.RunMiddlewares, r.MaxBytes}
	}
	s := &Server{config: c, done: make(chan struct{}), namespaces: make(map[string]*Namespace)}
	s.Of("/")
	return s
}

func randomID(*engineio.Session) string {
	var b [15]byte
	rand.Read(b[:])
	return base64.RawURLEncoding.EncodeToString(b[:])
}

// Of returns the namespace of that name, which is created if need be; the slash
// in front may be left out. Clients that ask for a namespace that was not
// created are refused with "Invalid namespace".
func (s *Server) Of(name string) *Namespace {
	if !strings.HasPrefix(name, "/") {
		name = "/" + name
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	n := s.namespaces[name]
	if n == nil {
		n = newNamespace(s, name)
		s.namespaces[name] = n
		s.order = append(s.order, n)
	}
	return n
}

func (s *Server) namespace(name string) *Namespace {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.namespaces[name]
}

func (s *Server) isClosed() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.closed
}

// Close ends every socket with the reason "server shutting down", without a
// word to the clients, and closes the adapters. The sessions stay: closing the
// Engine.IO server is what tells the clients, who then come back.
func (s *Server) Close() {
	for _, n := range s.stop() {
		for _, socket := range n.Sockets() {
			socket.end(reasonShutdown, nil)
		}
		n.Adapter().Close()
	}
}

// Kill makes the server as dead as its process would be after a crash: sends
// are dropped and waits for answers end with ErrClosed. No handler or hook is
// called, and the adapters are left alone.
func (s *Server) Kill() {
	for _, n := range s.stop() {
		for _, socket := range n.Sockets() {
			socket.connected.Store(false)
		}
	}
}

// stop returns the namespaces, at its first call.
func (s *Server) stop() []*Namespace {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return nil
	}
	s.closed = true
	close(s.done)
	return s.order
}
