package socketio

import (
	"context"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// Namespace is one communication channel of a server. Its middleware and
// handlers are set before clients connect; the adapter may change at any time.
type Namespace struct {
	server *Server
	name   string
	memory *Memory
	acks   atomic.Uint64

	adapter atomic.Pointer[Adapter] // nil for memory

	mu         sync.Mutex
	middleware []func(*Socket) error
	connection []func(*Socket)
	serverSide []serverSideHandler
}

type serverSideHandler struct {
	event string
	run   func(args []any, ack func(any))
}

func newNamespace(server *Server, name string) *Namespace {
	n := &Namespace{server: server, name: name}
	n.memory = NewMemory(n)
	return n
}

// Name returns the name, with its slash.
func (n *Namespace) Name() string { return n.name }

// Use adds a middleware, which sees each socket before it is connected. An
// error refuses the socket: the client gets a CONNECT_ERROR with the error's
// text, and what its method Data() any returns, if it has one.
func (n *Namespace) Use(f func(*Socket) error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.middleware = append(n.middleware, f)
}

// OnConnection adds a handler for sockets that have connected. What it emits
// follows the answer to CONNECT, in order.
func (n *Namespace) OnConnection(f func(*Socket)) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.connection = append(n.connection, f)
}

// OnServerSide adds a handler for events that other nodes send with
// ServerSideEmit. ack is nil when no answer is asked for.
func (n *Namespace) OnServerSide(event string, f func(args []any, ack func(any))) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.serverSide = append(n.serverSide, serverSideHandler{event, f})
}

// handlers returns what Use and OnConnection have added; neither list is ever
// written to again in the part that is returned.
func (n *Namespace) handlers() (middleware []func(*Socket) error, connection []func(*Socket)) {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.middleware, n.connection
}

// Adapter returns the adapter in use.
func (n *Namespace) Adapter() Adapter {
	if a := n.adapter.Load(); a != nil {
		return *a
	}
	return n.memory
}

// SetAdapter makes a the namespace's adapter from the next operation on; nil
// stands for Memory(). Sockets and rooms stay. The adapter that was set before
// is not closed.
func (n *Namespace) SetAdapter(a Adapter) {
	if a == nil {
		n.adapter.Store(nil)
		n.memory.forgetSessions()
		return
	}
	n.adapter.Store(&a)
}

// Memory returns the adapter that holds the rooms of this node.
func (n *Namespace) Memory() *Memory { return n.memory }

// Sockets returns this node's sockets in the order in which they connected.
func (n *Namespace) Sockets() []*Socket { return n.memory.collect(nil, Options{}) }

// Emit sends an event to every socket of the namespace. Its errors are those of
// Broadcast.Emit.
func (n *Namespace) Emit(event string, args ...any) error { return n.all().Emit(event, args...) }

// To chooses the sockets that are in any of rooms.
func (n *Namespace) To(rooms ...string) *Broadcast { return n.all().To(rooms...) }

// Except chooses the sockets that are in none of rooms.
func (n *Namespace) Except(rooms ...string) *Broadcast { return n.all().Except(rooms...) }

// Local chooses the sockets of this node.
func (n *Namespace) Local() *Broadcast { return n.all().Local() }

// Volatile begins a broadcast that skips sockets which are not ready to send.
func (n *Namespace) Volatile() *Broadcast { return n.all().Volatile() }

// Timeout begins a broadcast that waits so long for acknowledgements.
func (n *Namespace) Timeout(d time.Duration) *Broadcast { return n.all().Timeout(d) }

// FetchSockets describes every socket of the namespace, in the whole cluster. Its errors are
// those of the adapter, for a node whose answer is missing.
func (n *Namespace) FetchSockets(ctx context.Context) ([]RemoteSocket, error) {
	return n.all().FetchSockets(ctx)
}

func (n *Namespace) all() *Broadcast { return &Broadcast{ns: n} }

// ServerSideEmit runs the handlers that the other nodes have for event. It fails when event is
// a reserved name or an argument cannot be encoded.
func (n *Namespace) ServerSideEmit(event string, args ...any) error {
	if serverSideReserved(event) {
		return errReserved(event)
	}
	return n.Adapter().ServerSideEmit(eventData(event, args))
}

// ServerSideEmitWithAck is ServerSideEmit and waits for an answer of each other
// node. When some are missing in time it returns those that came, and an error.
func (n *Namespace) ServerSideEmitWithAck(ctx context.Context, event string, args ...any) ([]any, error) {
	if serverSideReserved(event) {
		return nil, errReserved(event)
	}
	return n.Adapter().ServerSideEmitWithAck(ctx, eventData(event, args))
}

func serverSideReserved(event string) bool {
	return event == "connect" || event == "connection" || event == "new_namespace"
}

func (n *Namespace) handleServerSide(data []any, ack func(any)) {
	if len(data) == 0 {
		return
	}
	event, ok := data[0].(string)
	if !ok {
		return
	}
	if ack != nil {
		answer := ack
		var once sync.Once
		ack = func(v any) { once.Do(func() { answer(v) }) }
	}
	n.mu.Lock()
	handlers := n.serverSide
	n.mu.Unlock()
	for _, h := range handlers {
		if h.event == event {
			h.run(slices.Clone(data[1:]), ack)
		}
	}
}

// nextAck returns the id of the next acknowledgement that the namespace asks
// for, from 0. The protocol leaves the numbering open; the official server has
// one counter for each namespace.
func (n *Namespace) nextAck() uint64 { return n.acks.Add(1) - 1 }

func (n *Namespace) joined(s *Socket, room string) {
	if f := n.server.config.OnJoin; f != nil && room != s.id {
		f(s, room)
	}
}

func (n *Namespace) left(s *Socket, room string) {
	if f := n.server.config.OnLeave; f != nil && room != s.id {
		f(s, room)
	}
}

// eventData returns the Data of an event.
func eventData(event string, args []any) []any {
	data := make([]any, 0, len(args)+1)
	return append(append(data, event), args...)
}
