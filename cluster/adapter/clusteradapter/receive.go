package clusteradapter

import (
	"slices"

	"stickylab/cluster/adapter/pack"
	"stickylab/cluster/host"
	"stickylab/cluster/socketio"
	"stickylab/cluster/trace"
)

// Malformed counts a message that could not be read.
func (a *Adapter) Malformed() {
	a.received.Add(1)
	a.malformed.Add(1)
}

// Receive acts on a message that came for this node, in the goroutine of a connection,
// which owns the lane. Its own messages it passes over, and those of other namespaces.
func (a *Adapter) Receive(lane *trace.Lane, m *Message) {
	a.received.Add(1)
	if m.UID == a.cfg.UID || m.Namespace != a.nsp {
		return
	}
	switch m.Type {
	case Broadcast:
		a.onBroadcast(lane, m)
	case Join, Leave, Disconnect:
		a.apply(m)
	case Fetch:
		if sockets, err := a.memory.FetchSockets(a.ctx, *m.Options); err == nil {
			a.respond(m, &Message{Type: FetchResponse, Sockets: sockets})
		}
	case ServerSideEmit:
		var ack func(any)
		if m.RequestID != "" {
			ack = func(v any) { a.respond(m, &Message{Type: ServerSideEmitResponse, Value: v}) }
		}
		// A handler may wait for other nodes, whose answers come through this
		// goroutine.
		a.events.Do(func() { a.memory.HandleServerSide(m.Data, ack) })
	case FetchResponse, ServerSideEmitResponse, ClientCount, Ack:
		a.mu.Lock()
		q := a.asked[m.RequestID]
		a.mu.Unlock()
		if q != nil {
			a.update(q, func() { q.take(m) })
		}
	}
}

func (a *Adapter) onBroadcast(lane *trace.Lane, m *Message) {
	o := *m.Options
	if m.RequestID != "" {
		o.Tag = a.relay(lane, m.Event)
		a.ackBroadcast(lane, m, o)
		return
	}
	if len(o.Rooms) > 0 && !slices.ContainsFunc(o.Rooms, a.memory.HasRoom) {
		if a.cfg.OnIdle != nil {
			a.cfg.OnIdle(lane, m.Event)
		}
		return
	}
	o.Encoded, o.Offset = m.Messages, m.Offset
	o.Tag = a.relay(lane, m.Event)
	a.memory.Broadcast(m.Packet, o)
}

func (a *Adapter) relay(lane *trace.Lane, e pack.RemoteEvent) any {
	if a.cfg.OnRelay == nil {
		return nil
	}
	return a.cfg.OnRelay(lane, e)
}

// An answering is a broadcast from another node while this one waits for its
// sockets' acknowledgements.
type answering struct {
	adapter *Adapter
	cancel  func()
	timer   host.Timer
}

// ackBroadcast sends an event that asks for acknowledgements, tells the
// asker how many sockets it went to, and passes on each answer, until the time
// that the asker waits is over.
func (a *Adapter) ackBroadcast(lane *trace.Lane, m *Message, o socketio.Options) {
	count := 0
	q := &answering{adapter: a}
	q.cancel = a.memory.BroadcastLocalWithAck(m.Packet, o,
		func(n int) {
			count = n
			a.respond(m, &Message{Type: ClientCount, Count: n})
		},
		func(v any) { a.respond(m, &Message{Type: Ack, Value: v}) })
	lifetime := o.Flags.Timeout
	if lifetime == 0 {
		lifetime = a.cfg.RequestsTimeout
	}
	a.mu.Lock()
	open := !a.closed && count > 0
	if open {
		a.answering[q] = struct{}{}
		q.timer = a.cfg.Env.AfterFunc(lane.Name(), lifetime, q.end)
	}
	a.mu.Unlock()
	if !open {
		q.cancel()
	}
}

// end forgets the answers that are missing.
func (q *answering) end() {
	q.adapter.mu.Lock()
	delete(q.adapter.answering, q)
	q.adapter.mu.Unlock()
	q.timer.Stop()
	q.cancel()
}
