package socketio

import (
	"errors"
	"slices"
	"sync"
	"time"

	"stickylab/cluster/engineio"
	"stickylab/cluster/host"
	"stickylab/cluster/trace"
)

// A conn is a session with the sockets that it carries, one for each namespace
// that the client has joined.
type conn struct {
	server  *Server
	session *engineio.Session
	decoder Decoder // used by OnMessage only, which is serial

	mu      sync.Mutex
	sockets []*Socket
	joining []*Namespace // whose answer to CONNECT waits for the adapter
	ended   bool
	timer   host.Timer // until the first namespace is joined
}

// Handle serves a session; it is what engineio.Config.OnSession calls.
func (s *Server) Handle(session *engineio.Session) {
	c := &conn{server: s, session: session}
	session.OnMessage(c.receive)
	session.OnClose(func(reason string) { c.end(reason) })
	if s.isClosed() {
		session.Close()
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.ended {
		c.timer = s.config.AfterFunc(session.ID(), s.config.ConnectTimeout, c.expire)
	}
}

// expire closes a session that has joined no namespace in time.
func (c *conn) expire() {
	c.mu.Lock()
	idle := !c.ended && c.timer != nil
	c.mu.Unlock()
	if idle {
		c.fail()
	}
}

// receive handles a message of the session.
func (c *conn) receive(data []byte, binary bool) {
	p, err := c.decoder.Add(data, binary)
	if err != nil {
		c.session.Close()
		return
	}
	if p == nil {
		return
	}
	s, ended := c.socket(p.Namespace)
	switch {
	case ended:
	case s == nil && p.Type == Connect:
		c.connect(p)
	case s == nil, p.Type == Connect, p.Type == ConnectError:
		c.fail()
	default:
		s.receive(p)
	}
}

func (c *conn) socket(namespace string) (s *Socket, ended bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, s := range c.sockets {
		if s.ns.name == namespace {
			return s, c.ended
		}
	}
	return nil, c.ended
}

// refusal is the data of a CONNECT_ERROR, in the order of the official server.
type refusal struct {
	Message string `json:"message"`
	Data    any    `json:"data,omitempty"`
}

// connect handles CONNECT for a namespace that is not joined yet.
func (c *conn) connect(p *Packet) {
	if c.server.isClosed() {
		return // the session is about to end
	}
	ns := c.server.namespace(p.Namespace)
	if ns == nil {
		c.refuse(p.Namespace, refusal{Message: "Invalid namespace"})
		return
	}
	auth, _ := p.Data.(map[string]any)
	if auth == nil {
		auth = map[string]any{}
	}
	if !c.begin(ns) {
		c.fail()
		return
	}
	ns.restore(auth, func(r *Restored, why trace.Text) { c.admit(c.newSocket(ns, auth, r, why), r) })
}

// begin notes that a CONNECT is being handled, and reports false when one to the
// same namespace is already.
func (c *conn) begin(ns *Namespace) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if slices.Contains(c.joining, ns) {
		return false
	}
	c.joining = append(c.joining, ns)
	return true
}

// newSocket returns a socket that is not connected yet: a new one, or the one that
// r continues.
func (c *conn) newSocket(ns *Namespace, auth map[string]any, r *Restored, why trace.Text) *Socket {
	s := &Socket{ns: ns, conn: c, auth: auth, issued: time.Now(), unrecovered: why}
	if r != nil {
		s.id, s.pid, s.Data, s.recovered, s.replayed = r.SID, r.PID, r.Data, true, len(r.Missed)
		s.had = r.Had
		return s
	}
	s.id, s.Data = c.server.config.NewID(c.session), map[string]any{}
	if ns.recovery() != nil {
		s.pid = c.server.config.NewID(c.session)
	}
	return s
}

// admit lets a socket connect, unless a middleware refuses it.
func (c *conn) admit(s *Socket, r *Restored) {
	ns := s.ns
	defer c.admitted(ns)
	if c.server.isClosed() {
		return
	}
	middleware, connection := ns.handlers()
	if s.recovered && !ns.recovery().RunMiddlewares {
		middleware = nil
	}
	for _, f := range middleware {
		if err := f(s); err != nil {
			ns.memory.DelAll(s) // it may have been put into rooms
			c.refuse(ns.name, refusalOf(err))
			return
		}
	}
	if !c.add(s) {
		ns.memory.DelAll(s)
		return
	}
	if f := c.server.config.OnRecover; f != nil && s.recovered {
		f(s)
	}
	if !s.open(r) {
		ns.memory.DelAll(s)
		return
	}
	for _, f := range connection {
		f(s)
	}
}

func (c *conn) admitted(ns *Namespace) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.joining = slices.DeleteFunc(c.joining, func(n *Namespace) bool { return n == ns })
}

func refusalOf(err error) refusal {
	r := refusal{Message: err.Error()}
	var with interface{ Data() any }
	if errors.As(err, &with) {
		r.Data = with.Data()
	}
	return r
}

func (c *conn) refuse(namespace string, r refusal) {
	messages, err := Encode(Packet{Type: ConnectError, Namespace: namespace, Data: r})
	if err != nil { // the data of an error is of no type that JSON knows
		messages, _ = Encode(Packet{Type: ConnectError, Namespace: namespace, Data: refusal{Message: r.Message}})
	}
	c.session.Send(messages...)
}

// add makes s one of the session's sockets, and reports false when the session
// has ended.
func (c *conn) add(s *Socket) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.ended {
		return false
	}
	c.sockets = append(c.sockets, s)
	if c.timer != nil {
		c.timer.Stop()
		c.timer = nil
	}
	return true
}

func (c *conn) remove(s *Socket) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if i := slices.Index(c.sockets, s); i >= 0 {
		c.sockets = slices.Delete(c.sockets, i, i+1)
	}
}

// fail ends a session whose client broke the protocol.
func (c *conn) fail() {
	c.end(reasonForced)
	c.session.Close()
}

// disconnect tells every namespace's socket that it has ended, and closes the
// session.
func (c *conn) disconnect() {
	c.mu.Lock()
	list := slices.Clone(c.sockets)
	c.mu.Unlock()
	for _, s := range list {
		s.leave()
	}
	c.fail()
}

// end ends all sockets, once.
func (c *conn) end(reason string) {
	c.mu.Lock()
	list := c.sockets
	c.sockets, c.ended = nil, true
	if c.timer != nil {
		c.timer.Stop()
		c.timer = nil
	}
	c.mu.Unlock()
	for _, s := range list {
		s.end(reason, nil)
	}
}
