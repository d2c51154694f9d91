package redisadapter

import (
	"context"
	"fmt"

	"stickylab/cluster/adapter/link"
	"stickylab/cluster/socketio"
)

// Broadcast publishes p, unless it is for this node only, and delivers it to
// this node's sockets. While Redis is away only these get it.
func (a *Adapter) Broadcast(p socketio.Packet, o socketio.Options) {
	o.Rooms, o.Except = link.Distinct(o.Rooms), link.Distinct(o.Except)
	if !o.Flags.Local {
		message, messages, err := appendBroadcast(make([]byte, 0, 256), a.cfg.UID, a.nsp, p, o)
		o.Encoded = messages
		channel := a.channel
		if len(o.Rooms) == 1 {
			channel += o.Rooms[0] + "#"
		}
		if err == nil && a.publish(channel, message) && a.cfg.OnPublish != nil {
			a.cfg.OnPublish(p, o.Tag)
		}
	}
	a.memory.Broadcast(p, o)
}

// BroadcastWithAck is complete when each server of the cluster has said how
// many clients it asks and each of them has answered. Otherwise it returns the answers so
// far and an error: socketio.ErrAckTimeout in time, or that p cannot be encoded or the
// adapter is closed, in which case nothing is sent.
func (a *Adapter) BroadcastWithAck(ctx context.Context, p socketio.Packet, o socketio.Options) ([]any, error) {
	if o.Flags.Local {
		return a.memory.BroadcastWithAck(ctx, p, o)
	}
	o.Rooms, o.Except = link.Distinct(o.Rooms), link.Distinct(o.Except)
	q := &pendingCall{id: a.newRequestID(), kind: kindBroadcast, servers: -1, values: []any{}}
	message, err := appendBroadcastRequest(nil, a.cfg.UID, q.id, a.nsp, p, o)
	if err != nil {
		return nil, err
	}
	if !a.ask(q) {
		return nil, link.ErrClosed
	}
	if a.publish(a.requests, message) && a.cfg.OnPublish != nil {
		a.cfg.OnPublish(p, o.Tag)
	}
	cancel := a.memory.BroadcastLocalWithAck(p, o,
		func(n int) { a.update(q, func() { q.take(response{kind: kindClientCount, count: n}) }) },
		func(v any) { a.update(q, func() { q.take(response{kind: kindAck, value: v}) }) })
	defer cancel()
	forget := a.pub.Count(func(n int) { a.update(q, func() { q.servers = n }) }, "PUBSUB", "NUMSUB", a.requests)
	defer forget()
	err = a.wait(ctx, q, o.Flags.Timeout, socketio.ErrAckTimeout)
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
	q := &pendingCall{kind: kindFetch, sockets: local}
	if err := a.call(ctx, q, request{options: &o}, errFetchTimeout); err != nil {
		return nil, err
	}
	return q.sockets, nil
}

// AllRooms returns each room of the cluster once, this node's first. Its errors are like
// those of FetchSockets.
func (a *Adapter) AllRooms(ctx context.Context) ([]string, error) {
	local, err := a.memory.AllRooms(ctx)
	if err != nil {
		return nil, err
	}
	q := &pendingCall{kind: kindAllRooms, rooms: local}
	if err := a.call(ctx, q, request{}, errRoomsTimeout); err != nil {
		return nil, err
	}
	return link.Distinct(q.rooms), nil
}

// call asks the other servers, if there are any, and waits for all answers.
func (a *Adapter) call(ctx context.Context, q *pendingCall, r request, late error) error {
	servers, err := a.servers(ctx, late)
	if err != nil || servers <= 1 {
		return err
	}
	q.id, q.missing = a.newRequestID(), servers-1
	r.uid, r.id, r.kind = a.cfg.UID, q.id, q.kind
	message, err := appendRequest(nil, r)
	if err != nil {
		return err
	}
	if !a.ask(q) {
		return link.ErrClosed
	}
	a.publish(a.requests, message)
	return a.wait(ctx, q, a.cfg.RequestsTimeout, late)
}

// AddSockets has every node act when it hears of it from Redis, this one too:
// with Redis away nothing happens, as with the official adapter.
func (a *Adapter) AddSockets(o socketio.Options, rooms []string) {
	if o.Flags.Local {
		a.memory.AddSockets(o, rooms)
		return
	}
	a.command(request{kind: kindJoin, options: &o, rooms: rooms})
}

// DelSockets acts like AddSockets.
func (a *Adapter) DelSockets(o socketio.Options, rooms []string) {
	if o.Flags.Local {
		a.memory.DelSockets(o, rooms)
		return
	}
	a.command(request{kind: kindLeave, options: &o, rooms: rooms})
}

// DisconnectSockets acts like AddSockets.
func (a *Adapter) DisconnectSockets(o socketio.Options, close bool) {
	if o.Flags.Local {
		a.memory.DisconnectSockets(o, close)
		return
	}
	a.command(request{kind: kindDisconnect, options: &o, close: close})
}

// command publishes a request that is not answered.
func (a *Adapter) command(r request) {
	r.uid = a.cfg.UID
	if message, err := appendRequest(nil, r); err == nil { // its fields always have a form
		a.publish(a.requests, message)
	}
}

// ServerSideEmit fails when data cannot be encoded.
func (a *Adapter) ServerSideEmit(data []any) error {
	message, err := appendRequest(nil, request{uid: a.cfg.UID, kind: kindServerSideEmit, data: data})
	if err != nil {
		return err
	}
	a.publish(a.requests, message)
	return nil
}

// ServerSideEmitWithAck returns one value of each other node. When some are
// missing it returns those that came and an error that counts them.
func (a *Adapter) ServerSideEmitWithAck(ctx context.Context, data []any) ([]any, error) {
	q := &pendingCall{kind: kindServerSideEmit, values: []any{}}
	err := a.call(ctx, q, request{data: data}, errCountTimeout)
	if err == errCountTimeout && q.id != "" { // asked: the answers are late, not the count
		err = fmt.Errorf("timeout reached: only %d responses received out of %d", len(q.values), len(q.values)+q.missing)
	}
	return q.values, err
}

// ServerCount asks Redis for the number of servers, this one included. It fails when no
// answer comes in time, or the adapter is closed.
func (a *Adapter) ServerCount(ctx context.Context) (int, error) {
	return a.servers(ctx, errCountTimeout)
}
