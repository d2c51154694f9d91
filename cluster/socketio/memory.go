package socketio

import (
	"context"
	"maps"
	"slices"
	"sync"

	"stickylab/cluster/engineio"
	"stickylab/cluster/trace"
)

// Memory is the Adapter of one node: it holds the rooms of a namespace and
// serves its sockets. Every namespace has one, also while another adapter is
// set, which then reaches this node's sockets through it.
//
// Sockets are visited in the order in which they joined the room (the
// namespace, when no room is named), each once.
type Memory struct {
	ns *Namespace

	mu    sync.Mutex
	all   room // the sockets that are connected
	rooms map[string]*room
	mark  uint64 // see collect

	// Of connection state recovery; nil when it is off.
	log *replayLog
	pid map[string]*Socket // the sockets that are connected

	watcher RoomWatcher // nil means none
}

var _ SessionAdapter = (*Memory)(nil)

// NewMemory returns an adapter without sockets. A namespace makes its own.
func NewMemory(ns *Namespace) *Memory {
	m := &Memory{ns: ns, rooms: make(map[string]*room)}
	if r := ns.recovery(); r != nil {
		m.log, m.pid = newReplayLog(r), make(map[string]*Socket)
	}
	return m
}

// Broadcast sends p to the sockets that o chooses on this node. It is encoded
// once (not at all when o.Encoded is set); a packet that cannot be encoded is
// dropped.
func (m *Memory) Broadcast(p Packet, o Options) {
	messages := o.Encoded
	if messages == nil {
		p.Namespace = m.ns.name
		var err error
		if messages, err = Encode(p); err != nil {
			return
		}
	}
	list := sockets.Get().(*[]*Socket)
	defer release(list)
	if keeps := m.log != nil && p.Type == Event && p.ID == nil && !o.Flags.Volatile; keeps && m.ns.adapter.Load() == nil {
		m.broadcastLogged(list, messages, o)
		return
	} else if keeps && o.Offset != "" {
		messages = WithOffset(messages, o.Offset)
	}
	messages = tagged(messages, o.Tag)
	*list = m.collect((*list)[:0], o)
	for _, s := range *list {
		if s.had == nil || !s.had(o.Offset) {
			s.deliver(messages, o.Flags.Volatile)
		}
	}
}

// broadcastLogged sends an event that a recovered client may be sent again. It is
// entered and sent in one: every client gets the events in the order of their
// offsets.
func (m *Memory) broadcastLogged(list *[]*Socket, messages []engineio.Message, o Options) {
	m.mu.Lock()
	defer m.mu.Unlock()
	messages = tagged(m.log.add(messages, o), o.Tag)
	*list = m.collectLocked((*list)[:0], o)
	for _, s := range *list {
		s.deliver(messages, false)
	}
}

// Persist keeps a session for connection state recovery, if that is on.
func (m *Memory) Persist(s Session) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.log != nil {
		m.log.persist(s)
	}
}

// Restore finds a session that Persist has kept. It calls done at once.
func (m *Memory) Restore(pid, offset string, done func(r *Restored, why trace.Text)) {
	done(m.restore(pid, offset))
}

func (m *Memory) restore(pid, offset string) (*Restored, trace.Text) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.log == nil {
		return nil, trace.NoSessions
	}
	return m.log.restore(pid, offset)
}

// live reports whether the socket with that private id is connected.
func (m *Memory) live(pid string) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.pid[pid] != nil
}

// forgetSessions begins a new log: while another adapter was set, nothing was
// entered.
func (m *Memory) forgetSessions() {
	m.mu.Lock()
	defer m.mu.Unlock()
	if r := m.ns.recovery(); r != nil {
		m.log = newReplayLog(r)
	}
}

// BroadcastWithAck sends p as Broadcast does and waits for the answers of all
// sockets, for o.Flags.Timeout or, when that is zero, for as long as ctx lasts;
// then it returns the answers so far and ErrAckTimeout.
func (m *Memory) BroadcastWithAck(ctx context.Context, p Packet, o Options) ([]any, error) {
	var a answers
	a.init()
	cancel := m.BroadcastLocalWithAck(p, o, a.expect, a.add)
	defer cancel()
	return a.wait(ctx, m.ns.server.config.AfterFunc, o.Flags.Timeout, m.ns.server.done)
}

// BroadcastLocalWithAck sends p to the sockets that o chooses on this node and
// asks each for an acknowledgement. onCount is called once with their number,
// before anything is sent; onAck once for each answer with its first argument,
// nil if it has none, in the goroutine that read the answer. cancel forgets the
// answers that are still missing; it must be called at the end.
func (m *Memory) BroadcastLocalWithAck(p Packet, o Options, onCount func(int), onAck func(value any)) (cancel func()) {
	id := m.ns.nextAck()
	p.Namespace, p.ID = m.ns.name, &id
	messages, err := Encode(p)
	if err != nil {
		onCount(0)
		return func() {}
	}
	messages = tagged(messages, o.Tag)

	asked := m.collect(nil, o)
	onCount(len(asked))
	ack := func(args []any, err error) {
		if err != nil {
			return // it left: as with the official server, its answer stays missing
		}
		if len(args) == 0 {
			onAck(nil)
			return
		}
		onAck(args[0])
	}
	for _, s := range asked {
		s.ask(id, messages, ack)
	}
	return func() {
		for _, s := range asked {
			s.forget(id)
		}
	}
}

// FetchSockets describes the sockets that o chooses on this node. It never fails.
func (m *Memory) FetchSockets(_ context.Context, o Options) ([]RemoteSocket, error) {
	list := m.collect(nil, o)
	remote := make([]RemoteSocket, 0, len(list))
	for _, s := range list {
		remote = append(remote, RemoteSocket{ID: s.id, Handshake: s.Handshake(), Rooms: s.Rooms(), Data: maps.Clone(s.Data)})
	}
	return remote, nil
}

// AddSockets makes the sockets that o chooses join rooms.
func (m *Memory) AddSockets(o Options, rooms []string) {
	for _, s := range m.collect(nil, o) {
		m.Add(s, rooms...)
	}
}

// DelSockets makes the sockets that o chooses leave rooms.
func (m *Memory) DelSockets(o Options, rooms []string) {
	for _, s := range m.collect(nil, o) {
		m.Del(s, rooms...)
	}
}

// DisconnectSockets disconnects the sockets that o chooses, see
// Socket.Disconnect.
func (m *Memory) DisconnectSockets(o Options, close bool) {
	for _, s := range m.collect(nil, o) {
		s.Disconnect(close)
	}
}

// ServerSideEmit does nothing and never fails: there are no other nodes.
func (m *Memory) ServerSideEmit([]any) error { return nil }

// ServerSideEmitWithAck returns no answers and never fails: there are no other nodes.
func (m *Memory) ServerSideEmitWithAck(context.Context, []any) ([]any, error) { return nil, nil }

// HandleServerSide runs the namespace's handlers (Namespace.OnServerSide) for
// data, which came from another node. ack is nil when no answer is asked for;
// it is called at most once.
func (m *Memory) HandleServerSide(data []any, ack func(any)) { m.ns.handleServerSide(data, ack) }

// AllRooms returns the names of this node's rooms, sorted. Each socket's id is
// among them. It never fails.
func (m *Memory) AllRooms(context.Context) ([]string, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	names := make([]string, 0, len(m.rooms))
	for name := range m.rooms {
		names = append(names, name)
	}
	slices.Sort(names)
	return names, nil
}

// ServerCount returns 1, and never fails.
func (m *Memory) ServerCount(context.Context) (int, error) { return 1, nil }

// Close does nothing, and never fails.
func (m *Memory) Close() error { return nil }

// HasRoom reports whether a socket of this node is in room.
func (m *Memory) HasRoom(room string) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.rooms[room] != nil
}

// SocketIDs returns the ids of the sockets that o chooses on this node.
func (m *Memory) SocketIDs(o Options) []string {
	list := sockets.Get().(*[]*Socket)
	*list = m.collect((*list)[:0], o)
	ids := make([]string, len(*list))
	for i, s := range *list {
		ids[i] = s.id
	}
	release(list)
	return ids
}

// sockets holds the lists of receivers between two broadcasts.
var sockets = sync.Pool{New: func() any { return new([]*Socket) }}

func release(list *[]*Socket) {
	clear(*list)
	sockets.Put(list)
}

// collect appends the sockets that o chooses to dst. A socket that is excluded,
// or chosen already, carries the mark of this call.
func (m *Memory) collect(dst []*Socket, o Options) []*Socket {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.collectLocked(dst, o)
}

func (m *Memory) collectLocked(dst []*Socket, o Options) []*Socket {
	m.mark++
	for _, name := range o.Except {
		if r := m.rooms[name]; r != nil {
			for _, member := range r.members {
				if member != nil {
					member.socket.mark = m.mark
				}
			}
		}
	}
	if len(o.Rooms) == 0 {
		return m.all.collect(slices.Grow(dst, m.all.size()), m.mark)
	}
	for _, name := range o.Rooms {
		if r := m.rooms[name]; r != nil {
			dst = r.collect(slices.Grow(dst, r.size()), m.mark)
		}
	}
	return dst
}
