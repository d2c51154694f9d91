package socketio

import (
	"context"
	"slices"
	"time"
)

// Broadcast is an operation of a namespace on a choice of its sockets, on every
// node of the cluster unless Local. Each method that narrows the choice returns
// a new Broadcast and leaves its receiver as it is.
type Broadcast struct {
	ns *Namespace
	o  Options
}

func (b *Broadcast) with(change func(*Options)) *Broadcast {
	c := *b
	change(&c.o)
	return &c
}

// To adds rooms: the sockets that are in any of the rooms added are chosen.
func (b *Broadcast) To(rooms ...string) *Broadcast {
	return b.with(func(o *Options) { o.Rooms = slices.Concat(o.Rooms, rooms) })
}

// Except excludes the sockets that are in any of rooms.
func (b *Broadcast) Except(rooms ...string) *Broadcast {
	return b.with(func(o *Options) { o.Except = slices.Concat(o.Except, rooms) })
}

// Local restricts the choice to this node's sockets.
func (b *Broadcast) Local() *Broadcast {
	return b.with(func(o *Options) { o.Flags.Local = true })
}

// Volatile drops the event for sockets that are not ready to send.
func (b *Broadcast) Volatile() *Broadcast {
	return b.with(func(o *Options) { o.Flags.Volatile = true })
}

// Compress tells the other nodes whether to compress; this node never does.
func (b *Broadcast) Compress(on bool) *Broadcast {
	return b.with(func(o *Options) { o.Flags.Compress = &on })
}

// Timeout is how long EmitWithAck waits; without it, until its context ends.
func (b *Broadcast) Timeout(d time.Duration) *Broadcast {
	return b.with(func(o *Options) { o.Flags.Timeout = d })
}

// Tag gives what the session's observer is told with each copy that this node
// writes.
func (b *Broadcast) Tag(tag any) *Broadcast {
	return b.with(func(o *Options) { o.Tag = tag })
}

// Emit sends an event. It fails when event is a reserved name or an argument
// cannot be encoded, in which case nothing is sent. []byte values in args, also
// inside []any and map[string]any, travel as attachments; the arguments must
// not be changed afterwards.
func (b *Broadcast) Emit(event string, args ...any) error {
	p, err := b.packet(event, args)
	if err != nil {
		return err
	}
	o := b.o
	if o.Encoded, err = Encode(p); err != nil {
		return err
	}
	b.adapter().Broadcast(p, o)
	return nil
}

// EmitWithAck sends an event and returns the first argument of each answer, in
// the order of arrival. When the timeout or ctx's deadline has passed it returns
// the answers so far and ErrAckTimeout. It sends nothing and fails where Emit does.
func (b *Broadcast) EmitWithAck(ctx context.Context, event string, args ...any) ([]any, error) {
	p, err := b.packet(event, args)
	if err != nil {
		return nil, err
	}
	if _, err := Encode(p); err != nil {
		return nil, err
	}
	return b.adapter().BroadcastWithAck(ctx, p, b.o)
}

func (b *Broadcast) packet(event string, args []any) (Packet, error) {
	if Reserved(event) {
		return Packet{}, errReserved(event)
	}
	return Packet{Type: Event, Namespace: b.ns.name, Data: eventData(event, args)}, nil
}

// FetchSockets describes the chosen sockets. Its errors are those of the namespace's
// adapter, for a node whose answer is missing.
func (b *Broadcast) FetchSockets(ctx context.Context) ([]RemoteSocket, error) {
	return b.adapter().FetchSockets(ctx, b.o)
}

// Join makes the chosen sockets join rooms.
func (b *Broadcast) Join(rooms ...string) { b.adapter().AddSockets(b.o, rooms) }

// Leave makes the chosen sockets leave rooms.
func (b *Broadcast) Leave(rooms ...string) { b.adapter().DelSockets(b.o, rooms) }

// Disconnect disconnects the chosen sockets, see Socket.Disconnect.
func (b *Broadcast) Disconnect(close bool) { b.adapter().DisconnectSockets(b.o, close) }

func (b *Broadcast) adapter() Adapter {
	if b.o.Flags.Local {
		return b.ns.memory
	}
	return b.ns.Adapter()
}
