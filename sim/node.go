package sim

import (
	"cmp"
	"fmt"
	"net/http"
	"net/netip"
	"time"

	"stickylab/cluster"
	"stickylab/cluster/adapter"
	"stickylab/cluster/memnet"
	"stickylab/cluster/trace"
	"stickylab/sim/ledger"
	"stickylab/sim/network"
	"stickylab/sim/scenario"
)

// NodeOptions describe a node that runs alone on TCP, for a cluster of several
// processes or machines. Name and Listen must be set.
type NodeOptions struct {
	Name   string
	Listen string // "127.0.0.1:3030"

	// Adapter is the kind of adapter; default adapter.Redis.
	Adapter adapter.Kind
	// RedisAddress is the Redis of the adapter; "" means that the adapter is off.
	RedisAddress string
	Redis        *cluster.RedisAccess
	Key          string // of the adapter; "" means socket.io

	SocketIO cluster.SocketIO // zero fields mean their defaults

	Page http.Handler // what the node answers to requests that are not for the chat

	Bounds         cluster.Limits // zero means cluster.DefaultLimits
	MaxConnections int            // default 10,000
	MaxPerAddress  int            // sessions of one client address; zero means what Bounds says
}

// Node is a node that runs alone.
type Node struct {
	service
	rec   *trace.Recorder
	world *world
	node  *cluster.Node
}

// StartNode starts a node. It fails if Listen is not an address with a port or is
// taken.
func StartNode(o NodeOptions) (*Node, error) {
	at, err := netip.ParseAddrPort(o.Listen)
	if err != nil {
		return nil, fmt.Errorf("%q is not an address to listen on, such as 127.0.0.1:3030", o.Listen)
	}
	n := &Node{}
	n.init(nodeHistory)
	state := ledger.New(ledger.Config{Settle: scenario.DefaultSettle, RealClients: true, MaxBytes: servedMemory, Every: sliceLength})
	n.begin(state)
	n.rec = trace.NewRecorder(func(events []trace.Event) {
		for i := range events {
			state.Apply(&events[i])
		}
		n.record(events, state)
	})
	n.world = &world{backend: n.overTCP, run: n.clock, rec: n.rec, ids: unguessable}
	n.net = network.NewTCP(network.TCPOptions{Quiet: n.rec.CloseStep, MaxConnections: cmp.Or(o.MaxConnections, maxConnections), Go: n.world.spawn})
	n.world.wire = n.net
	n.net.AddHost(o.Name, memnet.Node, at.Addr())
	n.net.Want(at, o.Listen, true)
	serving := &cluster.Serving{Limits: cmp.Or(o.Bounds, cluster.DefaultLimits())}
	serving.MaxPerAddress = cmp.Or(o.MaxPerAddress, serving.MaxPerAddress)
	if o.RedisAddress != "" {
		n.net.Outside("redis", o.RedisAddress)
		serving.Redis = cmp.Or(o.Redis, new(cluster.RedisAccess))
	}
	n.node = cluster.NewNode(n.world.env(), cluster.NodeConfig{Name: o.Name, Listen: o.Listen, Key: o.Key, SocketIO: o.SocketIO, Page: o.Page}, o.RedisAddress, serving)
	if err := n.node.Start(); err != nil {
		n.net.Stop()
		return nil, err
	}
	kind := adapter.None
	if o.RedisAddress != "" {
		kind = cmp.Or(o.Adapter, adapter.Redis)
	}
	if err := n.node.SetAdapter(kind); err != nil {
		n.node.Stop()
		n.net.Stop()
		return nil, err
	}
	n.tend(n.rec, state)
	n.serve()
	return n, nil
}

// Addr returns where the node listens.
func (n *Node) Addr() string { return n.Places()[0].Real }

// Head returns how long the node has been up.
func (n *Node) Head() time.Duration { return time.Since(n.rec.Start()) }

// Close stops the node as io.close() does. It fails when a goroutine of the node has
// panicked, or does not end.
func (n *Node) Close() error { return n.end(n.world, func() { n.node.Stop() }, func() {}) }
