package socketio

import (
	"context"
	"maps"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"stickylab/cluster/engineio"
	"stickylab/cluster/trace"
)

// Socket is a client's connection to one namespace.
type Socket struct {
	// Data is whatever the application keeps for the socket. FetchSockets reads
	// it from other goroutines: it must not change after OnConnection has
	// returned where FetchSockets is used.
	Data map[string]any

	id     string
	ns     *Namespace
	conn   *conn
	auth   map[string]any
	issued time.Time

	pid         string // "" when nothing can be recovered
	recovered   bool
	replayed    int
	unrecovered trace.Text
	had         func(offset string) bool // what a recovered one was sent already; nil for none

	connected atomic.Bool

	mu           sync.Mutex
	closed       bool
	reason       string
	acks         map[uint64]func(args []any, err error)
	handlers     []handler // only ever appended to
	disconnected []func(reason string)

	// Guarded by the lock of the namespace's Memory.
	mark        uint64
	listed      *member // in the namespace; nil while not connected
	memberships []*member
	gone        bool
}

type handler struct {
	event string
	run   func(args []any, ack func(...any))
}

// ID returns the socket's id, which is not the session's.
func (s *Socket) ID() string { return s.id }

// Namespace returns the namespace.
func (s *Socket) Namespace() *Namespace { return s.ns }

// Session returns the Engine.IO session that carries the socket.
func (s *Socket) Session() *engineio.Session { return s.conn.session }

// Auth returns the object that the client sent with CONNECT, empty if none.
func (s *Socket) Auth() map[string]any { return s.auth }

// Connected reports whether the socket is connected: since CONNECT was
// answered, until it is disconnected for whatever reason.
func (s *Socket) Connected() bool { return s.connected.Load() }

// On adds a handler for event. ack is nil when the client asked for no
// acknowledgement; only its first call has an effect.
func (s *Socket) On(event string, f func(args []any, ack func(...any))) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.handlers = append(s.handlers, handler{event, f})
}

// OnDisconnect adds a handler for the end of the socket, when it has left its
// rooms. If that was before, f runs at once.
func (s *Socket) OnDisconnect(f func(reason string)) {
	s.mu.Lock()
	closed := s.closed
	if !closed {
		s.disconnected = append(s.disconnected, f)
	}
	s.mu.Unlock()
	if closed {
		f(s.reason)
	}
}

// Emit sends an event to this socket's client. Errors are those of
// Broadcast.Emit; a socket that has disconnected drops the event.
func (s *Socket) Emit(event string, args ...any) error {
	messages, err := s.event(event, args, nil)
	if err != nil {
		return err
	}
	if s.ns.recovery() != nil { // through the adapter, which keeps it, as the official server does
		s.ns.Adapter().Broadcast(Packet{Type: Event, Namespace: s.ns.name, Data: eventData(event, args)}, Options{Rooms: []string{s.id}, Encoded: messages})
		return nil
	}
	s.deliver(messages, false)
	return nil
}

// EmitWithAck sends an event and returns the arguments of the client's answer.
// It fails with ErrAckTimeout when ctx's deadline passes, with ErrDisconnected
// and with ErrClosed. It must not be called in a handler of the same session.
func (s *Socket) EmitWithAck(ctx context.Context, event string, args ...any) ([]any, error) {
	id := s.ns.nextAck()
	messages, err := s.event(event, args, &id)
	if err != nil {
		return nil, err
	}
	type answer struct {
		args []any
		err  error
	}
	answered := make(chan answer, 1)
	s.ask(id, messages, func(args []any, err error) { answered <- answer{args, err} })
	select {
	case a := <-answered:
		return a.args, a.err
	case <-ctx.Done():
		s.forget(id)
		return nil, contextError(ctx)
	case <-s.ns.server.done:
		s.forget(id)
		return nil, ErrClosed
	}
}

func (s *Socket) event(event string, args []any, id *uint64) ([]engineio.Message, error) {
	if Reserved(event) {
		return nil, errReserved(event)
	}
	return Encode(Packet{Type: Event, Namespace: s.ns.name, ID: id, Data: eventData(event, args)})
}

// Join makes the socket join rooms of this node.
func (s *Socket) Join(rooms ...string) { s.ns.memory.Add(s, rooms...) }

// Leave makes the socket leave rooms.
func (s *Socket) Leave(rooms ...string) { s.ns.memory.Del(s, rooms...) }

// Rooms returns the rooms in the order in which they were joined, the socket's
// id among them.
func (s *Socket) Rooms() []string { return s.ns.memory.roomsOf(s) }

// To chooses the sockets that are in any of rooms, except this one.
func (s *Socket) To(rooms ...string) *Broadcast { return s.Broadcast().To(rooms...) }

// Broadcast chooses all sockets of the namespace except this one.
func (s *Socket) Broadcast() *Broadcast { return s.ns.all().Except(s.id) }

// Disconnect ends the socket: the client is told and will not come back by
// itself. With close, the session ends too, and with it its other sockets.
func (s *Socket) Disconnect(close bool) {
	if close {
		s.conn.disconnect()
		return
	}
	s.leave()
}

// leave tells the client that the socket has ended.
func (s *Socket) leave() {
	last, _ := Encode(Packet{Type: Disconnect, Namespace: s.ns.name}) // has no data that could fail
	s.end(reasonServer, last)
}

// open makes the socket one of the namespace's, sends again what r says that a
// recovered one has missed, and answers CONNECT. It reports false when the session
// has ended meanwhile.
func (s *Socket) open(r *Restored) bool {
	welcome, err := s.welcome()
	if err != nil {
		return false
	}
	s.mu.Lock()
	closed := s.closed
	if !closed {
		s.connected.Store(true)
	}
	s.mu.Unlock()
	if !closed {
		s.ns.memory.enter(s, r, func() { s.conn.session.Send(welcome...) })
	}
	return !closed
}

// welcome returns the answer to CONNECT.
func (s *Socket) welcome() ([]engineio.Message, error) {
	data := struct {
		SID string `json:"sid"`
		PID string `json:"pid,omitempty"`
	}{s.id, s.pid}
	return Encode(Packet{Type: Connect, Namespace: s.ns.name, Data: data})
}

// end makes the socket a former one, once, and sends last as its last
// messages.
func (s *Socket) end(reason string, last []engineio.Message) {
	s.mu.Lock()
	if s.closed {
		s.mu.Unlock()
		return
	}
	s.closed, s.reason = true, reason
	connected := s.connected.Swap(false)
	acks := s.acks
	s.acks = nil
	disconnected := s.disconnected
	s.mu.Unlock()

	if connected && len(last) > 0 {
		s.conn.session.Send(last...)
	}
	for _, id := range slices.Sorted(maps.Keys(acks)) {
		acks[id](nil, ErrDisconnected)
	}
	if connected {
		s.persist(reason)
	}
	s.ns.memory.DelAll(s)
	s.conn.remove(s)
	for _, f := range disconnected {
		f(reason)
	}
}

// deliver sends the messages of one packet.
func (s *Socket) deliver(messages []engineio.Message, volatile bool) {
	if s.connected.Load() && (!volatile || s.conn.session.Writable()) {
		s.conn.session.Send(messages...)
	}
}
