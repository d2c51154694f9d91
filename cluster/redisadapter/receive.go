package redisadapter

import (
	"unicode/utf8"

	"stickylab/cluster/adapter/pack"
	"stickylab/cluster/host"
	"stickylab/cluster/socketio"
)

// The methods of this file run in the subscriber's goroutine.

// onBroadcast delivers a message on K#N#...# to this node's sockets. The room
// in the channel's name only filters; the options say who gets it.
func (a *Adapter) onBroadcast(channel, message []byte) {
	a.received.Add(1)
	if len(channel) < len(a.channel) || string(channel[:len(a.channel)]) != a.channel {
		return
	}
	room := channel[len(a.channel):]
	_, last := utf8.DecodeLastRune(room) // a "#", but no matter what
	room = room[:len(room)-last]
	idle := len(room) > 0 && !a.memory.HasRoom(string(room))
	if idle && a.cfg.OnIdle == nil {
		return
	}
	m, err := decodeBroadcast(message, a.cfg.UID)
	if err != nil {
		if !idle {
			a.malformed.Add(1)
		}
		return
	}
	if m.uid == a.cfg.UID || m.Packet.Namespace != a.nsp {
		return
	}
	if idle {
		a.cfg.OnIdle(a.sub.line.Lane, m.Event)
		return
	}
	m.options.Encoded = m.Messages
	m.options.Tag = a.relay(m.Event)
	a.memory.Broadcast(m.Packet, m.options)
}

func (a *Adapter) relay(e pack.RemoteEvent) any {
	if a.cfg.OnRelay == nil {
		return nil
	}
	return a.cfg.OnRelay(a.sub.line.Lane, e)
}

// onMessage acts on a message on one of the other channels.
func (a *Adapter) onMessage(channel string, message []byte) {
	a.received.Add(1)
	switch channel {
	case a.requests:
		r, err := decodeRequest(message)
		if err != nil {
			a.malformed.Add(1)
			return
		}
		a.onRequest(r)
	case a.responses, a.ownResponses:
		r, err := decodeResponse(message)
		if err != nil {
			a.malformed.Add(1)
			return
		}
		a.mu.Lock()
		q := a.asked[r.id]
		a.mu.Unlock()
		if q != nil {
			a.update(q, func() { q.take(r) })
		}
	}
}

// onRequest acts on a request. Its own ones it passes over, but for those to
// join, leave and disconnect: that is how they reach this node's sockets.
func (a *Adapter) onRequest(r request) {
	switch r.kind {
	case kindJoin, kindLeave, kindDisconnect:
		a.apply(r)
		return
	}
	if r.uid == a.cfg.UID {
		return
	}
	switch r.kind {
	case kindSockets:
		a.respond(r, response{kind: kindNone, ids: a.memory.SocketIDs(socketio.Options{Rooms: r.rooms})})
	case kindAllRooms:
		if rooms, err := a.memory.AllRooms(a.ctx); err == nil {
			a.respond(r, response{kind: kindNone, rooms: rooms})
		}
	case kindFetch:
		if sockets, err := a.memory.FetchSockets(a.ctx, *r.options); err == nil {
			a.respond(r, response{kind: kindNone, sockets: sockets})
		}
	case kindServerSideEmit:
		var ack func(any)
		if r.id != "" {
			ack = func(v any) { // goes to all, also with responses to the asker on
				a.send(a.responses, response{kind: kindServerSideEmit, id: r.id, value: v})
			}
		}
		// A handler may wait for other nodes, whose answers come through this
		// goroutine.
		a.events.Do(func() { a.memory.HandleServerSide(r.data, ack) })
	case kindBroadcast:
		a.onBroadcastRequest(r)
	}
}

// apply joins, leaves or disconnects. Requests without options name one socket.
func (a *Adapter) apply(r request) {
	o, rooms := r.options, r.rooms
	if o == nil {
		if r.sid == "" || !a.memory.HasRoom(r.sid) {
			return
		}
		o, rooms = &socketio.Options{Rooms: []string{r.sid}}, []string{r.room}
	}
	switch r.kind {
	case kindJoin:
		a.memory.AddSockets(*o, rooms)
	case kindLeave:
		a.memory.DelSockets(*o, rooms)
	case kindDisconnect:
		a.memory.DisconnectSockets(*o, r.close)
	}
	if r.options == nil && r.id != "" {
		a.respond(r, response{kind: kindNone})
	}
}

// respond answers r.
func (a *Adapter) respond(r request, answer response) {
	channel := a.responses
	if a.cfg.PublishOnSpecificResponseChannel && r.uid != "" {
		channel += r.uid + "#"
	}
	answer.id = r.id
	a.send(channel, answer)
}

func (a *Adapter) send(channel string, r response) {
	if message, err := appendResponse(nil, r); err == nil { // else the asker waits in vain, as for a node that is gone
		a.publish(channel, message)
	}
}

// An answering is a broadcast from another node while this one waits for its
// sockets' acknowledgements.
type answering struct {
	adapter *Adapter
	cancel  func()
	timer   host.Timer
}

// onBroadcastRequest sends an event that asks for acknowledgements, tells the
// asker how many sockets it went to, and passes on each answer, until the time
// that the asker waits is over.
func (a *Adapter) onBroadcastRequest(r request) {
	if r.Packet.Namespace != a.nsp {
		return
	}
	o := *r.options
	o.Tag = a.relay(r.Event)
	count := 0
	q := &answering{adapter: a}
	q.cancel = a.memory.BroadcastLocalWithAck(r.Packet, o,
		func(n int) {
			count = n
			a.respond(r, response{kind: kindClientCount, count: n})
		},
		func(v any) { a.respond(r, response{kind: kindAck, value: v}) })
	lifetime := o.Flags.Timeout
	if lifetime == 0 {
		lifetime = a.cfg.RequestsTimeout
	}
	a.mu.Lock()
	open := !a.closed && count > 0
	if open {
		a.answering[q] = struct{}{}
		q.timer = a.cfg.Env.AfterFunc(a.sub.line.Lane.Name(), lifetime, q.end)
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
