package clusteradapter

import (
	"context"
	"errors"
	"fmt"

	"stickylab/cluster/adapter/link"
	"stickylab/cluster/socketio"
)

// Broadcast publishes p, unless it is for this node only, and delivers it to this node's
// sockets when Redis has taken it, or has failed to.
func (a *Adapter) Broadcast(p socketio.Packet, o socketio.Options) {
	o.Rooms, o.Except = link.Distinct(o.Rooms), link.Distinct(o.Except)
	if o.Flags.Local {
		a.memory.Broadcast(p, o)
		return
	}
	m, messages, err := broadcast(p, a.nsp, "", &o)
	o.Encoded = messages
	if err != nil {
		a.memory.Broadcast(p, o) // which drops it, too
		return
	}
	queued, now := a.publish(m, func(offset string, late bool, err error) {
		a.latePublish(p, o.Tag, late, err)
		o.Offset = offset
		a.memory.Broadcast(p, o)
	})
	switch {
	case !queued:
		a.memory.Broadcast(p, o)
	case now && a.cfg.OnPublish != nil:
		a.cfg.OnPublish(p, o.Tag)
	}
}

func (a *Adapter) latePublish(p socketio.Packet, tag any, late bool, err error) {
	if err == nil && late && a.cfg.OnLatePublish != nil {
		a.cfg.OnLatePublish(a.transport.Lane(), p, tag)
	}
}

// BroadcastWithAck is complete when each server of the cluster has said how
// many clients it asks and each of them has answered. It does not wait for Redis. Otherwise
// it returns the answers so far and an error: socketio.ErrAckTimeout in time, or that p
// cannot be encoded or the adapter is closed, in which case nothing is sent.
func (a *Adapter) BroadcastWithAck(ctx context.Context, p socketio.Packet, o socketio.Options) ([]any, error) {
	if o.Flags.Local {
		return a.memory.BroadcastWithAck(ctx, p, o)
	}
	o.Rooms, o.Except = link.Distinct(o.Rooms), link.Distinct(o.Except)
	q := &pendingCall{id: a.newRequestID(), kind: Broadcast, servers: -1, values: []any{}}
	m, _, err := broadcast(p, a.nsp, q.id, &o)
	if err != nil {
		return nil, err
	}
	if !a.ask(q) {
		return nil, link.ErrClosed
	}
	_, now := a.publish(m, func(_ string, late bool, err error) { a.latePublish(p, o.Tag, late, err) })
	if now && a.cfg.OnPublish != nil {
		a.cfg.OnPublish(p, o.Tag)
	}
	cancel := a.memory.BroadcastLocalWithAck(p, o,
		func(n int) { a.update(q, func() { q.take(&Message{Type: ClientCount, Count: n}) }) },
		func(v any) { a.update(q, func() { q.take(&Message{Type: Ack, Value: v}) }) })
	defer cancel()
	forget := a.transport.Count(func(n int) { a.update(q, func() { q.servers = n }) })
	defer forget()
	err = a.wait(ctx, q, o.Flags.Timeout, func() error { return socketio.ErrAckTimeout })
	return q.values, err
}

// FetchSockets returns this node's sockets first, then those of the others in
// the order in which they answered. Unless all have answered in time it returns none, and
// the official adapter's timeout error; it also fails when the adapter is closed.
func (a *Adapter) FetchSockets(ctx context.Context, o socketio.Options) ([]socketio.RemoteSocket, error) {
	local, err := a.memory.FetchSockets(ctx, o)
	if err != nil || o.Flags.Local {
		return local, err
	}
	q := &pendingCall{kind: Fetch, sockets: local}
	if err := a.call(ctx, q, &Message{Type: Fetch, Options: &o}); err != nil {
		return nil, err
	}
	return q.sockets, nil
}

// ErrAllRooms: the official adapters of this family have no such call.
var ErrAllRooms = errors.New("this adapter knows the rooms of one node only")

// AllRooms returns this node's rooms and ErrAllRooms: no message of the family asks other
// nodes for theirs.
func (a *Adapter) AllRooms(ctx context.Context) ([]string, error) {
	rooms, err := a.memory.AllRooms(ctx)
	return rooms, errors.Join(err, ErrAllRooms)
}

// call asks the other servers, if there are any, and waits for all answers.
func (a *Adapter) call(ctx context.Context, q *pendingCall, m *Message) error {
	servers, err := a.ServerCount(ctx)
	if err != nil || servers <= 1 {
		return err
	}
	q.id, q.expected = a.newRequestID(), servers-1
	m.RequestID = q.id
	if !a.ask(q) {
		return link.ErrClosed
	}
	a.publish(m, nil)
	timeout := a.cfg.RequestsTimeout
	if m.Options != nil && m.Options.Flags.Timeout > 0 {
		timeout = m.Options.Flags.Timeout
	}
	return a.wait(ctx, q, timeout, q.late)
}

// late is the error of the official adapter for a call of which answers are missing.
func (q *pendingCall) late() error {
	return fmt.Errorf("timeout reached: only %d responses received out of %d", q.current, q.expected)
}

// AddSockets acts on this node's sockets when Redis has taken the message, or has failed
// to.
func (a *Adapter) AddSockets(o socketio.Options, rooms []string) {
	a.command(&Message{Type: Join, Options: &o, Rooms: rooms})
}

// DelSockets acts like AddSockets.
func (a *Adapter) DelSockets(o socketio.Options, rooms []string) {
	a.command(&Message{Type: Leave, Options: &o, Rooms: rooms})
}

// DisconnectSockets acts like AddSockets.
func (a *Adapter) DisconnectSockets(o socketio.Options, close bool) {
	a.command(&Message{Type: Disconnect, Options: &o, Close: close})
}

func (a *Adapter) command(m *Message) {
	if m.Options.Flags.Local {
		a.apply(m)
		return
	}
	if queued, _ := a.publish(m, func(string, bool, error) { a.apply(m) }); !queued {
		a.apply(m)
	}
}

// apply joins, leaves or disconnects this node's sockets.
func (a *Adapter) apply(m *Message) {
	switch m.Type {
	case Join:
		a.memory.AddSockets(*m.Options, m.Rooms)
	case Leave:
		a.memory.DelSockets(*m.Options, m.Rooms)
	case Disconnect:
		a.memory.DisconnectSockets(*m.Options, m.Close)
	}
}

// ServerSideEmit fails when data cannot be encoded.
func (a *Adapter) ServerSideEmit(data []any) error {
	m := &Message{Type: ServerSideEmit, Data: data}
	if _, err := m.AppendPacked(nil); err != nil {
		return err
	}
	a.publish(m, nil)
	return nil
}

// ServerSideEmitWithAck returns one value of each other node. When some are
// missing it returns those that came and an error that counts them.
func (a *Adapter) ServerSideEmitWithAck(ctx context.Context, data []any) ([]any, error) {
	q := &pendingCall{kind: ServerSideEmit, values: []any{}}
	err := a.call(ctx, q, &Message{Type: ServerSideEmit, Data: data})
	return q.values, err
}

// errCountTimeout: the official adapter has no limit for the count of servers, and no
// text.
var errCountTimeout = errors.New("timeout reached while waiting for serverCount response")

// ServerCount asks Redis for the number of servers, this one included. It fails when no
// answer comes in time, or the adapter is closed.
func (a *Adapter) ServerCount(ctx context.Context) (int, error) {
	var n int
	done := make(chan struct{})
	forget := a.transport.Count(func(count int) {
		n = count
		close(done)
	})
	defer forget()
	if err := a.await(ctx, a.cfg.UID, done, a.cfg.RequestsTimeout); err == link.ErrLate {
		return 0, errCountTimeout
	} else if err != nil {
		return 0, err
	}
	return n, nil
}
