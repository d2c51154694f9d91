package socketio

import (
	"context"
	"slices"
	"time"

	"stickylab/cluster/engineio"
)

// Options choose the sockets that an operation of a namespace is for: those in
// any of Rooms (all, when Rooms is empty) that are in none of Except. A
// socket's id is also the name of a room.
type Options struct {
	Rooms  []string
	Except []string
	Flags  Flags
	Tag    any // travels with each copy that this node writes, see engineio.Message

	// Offset is that of an event which an adapter with sessions keeps, "" for none: it
	// becomes its last argument, with connection state recovery.
	Offset string

	// Encoded is the packet of a Broadcast as Encode returned it, if it was
	// encoded already; Memory then sends this.
	Encoded []engineio.Message
}

// Flags modify a broadcast.
type Flags struct {
	Local    bool          // this node's sockets only
	Volatile bool          // drop it for sockets that are not ready to send
	Compress *bool         // nil for the default
	Timeout  time.Duration // how long to wait for acknowledgements
}

// RemoteSocket is a socket of the cluster as FetchSockets describes it.
type RemoteSocket struct {
	ID        string
	Handshake map[string]any // headers, time, address, xdomain, secure, issued, url, query, auth
	Rooms     []string
	Data      any // of a Go node a map[string]any; other nodes have what they like
}

// An Adapter carries the operations of one namespace to the sockets concerned:
// on this node (see Memory), or on every node of a cluster.
//
// Methods that ask other nodes take a context and return the error texts of
// the official adapters when an answer is missing.
type Adapter interface {
	Broadcast(p Packet, o Options)
	// BroadcastWithAck sends p to each socket and returns one value for each
	// answer, in the order of arrival. With o.Flags.Timeout over, it returns the
	// answers so far and ErrAckTimeout.
	BroadcastWithAck(ctx context.Context, p Packet, o Options) ([]any, error)
	FetchSockets(ctx context.Context, o Options) ([]RemoteSocket, error)
	AddSockets(o Options, rooms []string)
	DelSockets(o Options, rooms []string)
	DisconnectSockets(o Options, close bool)
	// ServerSideEmit runs the other nodes' handlers for the event data[0].
	ServerSideEmit(data []any) error
	ServerSideEmitWithAck(ctx context.Context, data []any) ([]any, error)
	AllRooms(ctx context.Context) ([]string, error)
	ServerCount(ctx context.Context) (int, error)
	// Close leaves the cluster. The namespace's sockets and rooms stay.
	Close() error
}

// Includes reports whether a socket with those rooms, its id among them, is chosen.
func (o *Options) Includes(rooms []string) bool {
	in := func(list []string) func(string) bool {
		return func(room string) bool { return slices.Contains(list, room) }
	}
	return (len(o.Rooms) == 0 || slices.ContainsFunc(rooms, in(o.Rooms))) && !slices.ContainsFunc(rooms, in(o.Except))
}
