package socketio

import (
	"slices"
	"time"

	"stickylab/cluster/engineio"
	"stickylab/cluster/trace"
)

// Recovery is the option connectionStateRecovery of socket.io 4.6 and later. A
// client gets a private id, pid, in the answer to CONNECT, and an offset as last
// argument of every event that is neither volatile nor asks for an
// acknowledgement. When it reconnects with both, it gets back its id, its rooms and
// its data, and the events that it missed.
type Recovery struct {
	// MaxDisconnection is how long the state of a socket that has ended is kept,
	// and what was emitted meanwhile: the option maxDisconnectionDuration. Default 2
	// min.
	MaxDisconnection time.Duration
	// RunMiddlewares has the middlewares see recovered sockets too: the option
	// skipMiddlewares, when it is false.
	RunMiddlewares bool
	// MaxBytes bounds what a namespace keeps: of more than that the oldest is
	// dropped before its time. Zero means no bound.
	MaxBytes int
}

// A Session is what is kept of a socket that has ended.
type Session struct {
	PID, SID string
	Rooms    []string // the socket's id among them
	Data     map[string]any
}

// Restored is a session with what its client has missed.
type Restored struct {
	Session
	Missed [][]engineio.Message // the messages of each event, in order
	// Had reports whether the event with an offset is among those, or was before them;
	// nil where that cannot be.
	Had   func(offset string) bool
	after uint64 // the number of the last event that Missed takes account of; see Memory
}

// A SessionAdapter is an Adapter that keeps sessions, and the events that a
// recovered client is sent again. Its Broadcast appends the offset of an event to
// the event's arguments.
type SessionAdapter interface {
	Adapter
	// Persist keeps a session from now on.
	Persist(Session)
	// Restore calls done, once, with the session of pid and with what was emitted
	// to it after the event with that offset, or with nil and the reason. done may
	// be called later and in another goroutine.
	Restore(pid, offset string, done func(r *Restored, why trace.Text))
}

// recoverable are the reasons after which a client may recover.
var recoverable = []string{
	string(trace.TransportError), string(trace.TransportClose), string(trace.ForcedClose), string(trace.PingTimeout),
	reasonShutdown, reasonForced,
}

// Recoverable reports whether connection state recovery is possible after a socket
// ended for that reason.
func Recoverable(reason string) bool { return slices.Contains(recoverable, reason) }

// Recovered reports whether the socket continues one that had ended, as
// socket.recovered does, and how many events the client was sent again.
func (s *Socket) Recovered() (recovered bool, replayed int) { return s.recovered, s.replayed }

// NotRecovered returns why the socket does not continue another one: a reason of
// trace, and "" when the server recovers none.
func (s *Socket) NotRecovered() trace.Text { return s.unrecovered }

// PID returns the private id by which the client can recover the socket, "" when
// the server recovers none.
func (s *Socket) PID() string { return s.pid }

// Recovery returns the option, defaults filled in, and nil when it is off.
func (n *Namespace) Recovery() *Recovery { return n.recovery() }

func (n *Namespace) recovery() *Recovery { return n.server.config.Recovery }

// restore finds the session that a CONNECT asks for. done is called as
// SessionAdapter.Restore says.
func (n *Namespace) restore(auth map[string]any, done func(r *Restored, why trace.Text)) {
	if n.recovery() == nil {
		done(nil, "")
		return
	}
	pid, ok := auth["pid"].(string)
	if !ok {
		done(nil, trace.NoPID)
		return
	}
	offset, ok := auth["offset"].(string)
	if !ok {
		done(nil, trace.NoOffset)
		return
	}
	a, ok := n.Adapter().(SessionAdapter)
	if !ok {
		done(nil, trace.NoSessions)
		return
	}
	if n.memory.live(pid) {
		done(nil, trace.StillConnected)
		return
	}
	a.Restore(pid, offset, done)
}

// persist keeps the state of a socket that ends.
func (s *Socket) persist(reason string) {
	if s.pid == "" || !Recoverable(reason) {
		return
	}
	if a, ok := s.ns.Adapter().(SessionAdapter); ok {
		a.Persist(Session{PID: s.pid, SID: s.id, Rooms: s.Rooms(), Data: s.Data})
	}
}
