package adapter

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"stickylab/cluster/adapter/clusteradapter"
	"stickylab/cluster/adapter/link"
	"stickylab/cluster/adapter/sharded"
	"stickylab/cluster/adapter/streams"
	"stickylab/cluster/redisadapter"
	"stickylab/cluster/socketio"
)

// A Kind is what carries broadcasts between nodes.
type Kind string

// The kinds, named as in scenario files.
const (
	None    Kind = "none"
	Redis   Kind = "redis"
	Sharded Kind = "redis-sharded"
	Streams Kind = "redis-streams"
)

// A Spec describes a kind.
type Spec struct {
	Kind    Kind
	Doc     string // what it is, in a sentence without a subject
	Package string // the official one, with which it is compatible; "" for none
	Redis   string // the oldest Redis that has what it needs; "" means that it needs none
	// Waits means that a node serves its own sockets only when Redis has taken the message.
	Waits bool

	// Keeps means that a node whose connection was lost reads later what it has missed.
	Keeps bool

	// Sessions means that every node finds the session of a client that comes back, for
	// connection state recovery. The memory of a node has only its own.
	Sessions bool

	open func(*socketio.Namespace, link.Config, Options) (Adapter, error)
}

// Kinds are all kinds.
var Kinds = []Spec{
	{Kind: None, Doc: "keeps messages on the node where they were said"},
	{Kind: Redis, Doc: "publishes to all nodes over Redis pub/sub", Package: "@socket.io/redis-adapter", Redis: "2.8",
		open: func(ns *socketio.Namespace, c link.Config, _ Options) (Adapter, error) {
			return redisadapter.New(ns, redisadapter.Config{Config: c})
		}},
	{Kind: Sharded, Doc: "publishes over the sharded pub/sub of Redis 7, to the nodes that have the room", Package: "@socket.io/redis-adapter", Redis: "7.0", Waits: true,
		open: func(ns *socketio.Namespace, c link.Config, o Options) (Adapter, error) {
			return sharded.New(ns, sharded.Config{Config: c, Mode: o.SubscriptionMode})
		}},
	{Kind: Streams, Doc: "adds to a Redis stream, from which a node whose connection was lost reads what it missed", Package: "@socket.io/redis-streams-adapter", Redis: "5.0", Waits: true, Keeps: true, Sessions: true,
		open: func(ns *socketio.Namespace, c link.Config, o Options) (Adapter, error) {
			return streams.New(ns, streams.Config{Config: c, MaxLen: o.MaxLen, ReadCount: o.ReadCount, Block: o.Block})
		}},
}

// Options are those of single kinds. Zero fields have the defaults of the official
// packages.
type Options struct {
	SubscriptionMode sharded.Mode // of Sharded; default sharded.Dynamic

	MaxLen    int           // of Streams: about how many entries the stream keeps; default 10,000
	ReadCount int           // of Streams: how many are read at once; default 100
	Block     time.Duration // of Streams: how long a read waits for entries; default 5 s
}

// Of returns the description of a kind. It fails when there is none of that name.
func Of(k Kind) (Spec, error) {
	i := slices.IndexFunc(Kinds, func(s Spec) bool { return s.Kind == k })
	if i < 0 {
		return Spec{}, fmt.Errorf("%q is no adapter; there are %v", k, Names())
	}
	return Kinds[i], nil
}

// Names returns the names of all kinds.
func Names() (names []string) {
	for _, s := range Kinds {
		names = append(names, string(s.Kind))
	}
	return names
}

// Explained returns what each kind does, in one line.
func Explained() string {
	var parts []string
	for _, s := range Kinds {
		parts = append(parts, string(s.Kind)+" "+s.Doc)
	}
	return strings.Join(parts, "; ")
}

// UID returns the name of an adapter of a kind, in its official form, made of an id.
func UID(k Kind, id string) string {
	if k == Redis {
		return id[:min(6, len(id))]
	}
	return clusteradapter.Digits(id)
}

// An Adapter is one that is open.
type Adapter interface {
	socketio.Adapter
	UID() string
	// Kill ends it as the crash of its process does.
	Kill()
}

// Open returns an adapter of a kind for ns, which starts to connect. It does not wait for
// Redis, see link.Config.OnUp. The caller makes the namespace use it. It fails for None and
// unknown kinds, and when the configuration or the options are not valid.
func Open(ns *socketio.Namespace, k Kind, c link.Config, o Options) (Adapter, error) {
	spec, err := Of(k)
	if err != nil {
		return nil, err
	}
	if spec.open == nil {
		return nil, fmt.Errorf("%q is nothing to open", k)
	}
	return spec.open(ns, c, o)
}
