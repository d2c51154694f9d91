package cluster

import (
	"fmt"
	"net/http"
	"time"

	"stickylab/cluster/adapter"
	"stickylab/cluster/host"
	"stickylab/cluster/socketio"
	"stickylab/cluster/trace"
)

// NodeConfig describes one chat node.
type NodeConfig struct {
	Name   string
	Listen string // "127.0.0.1:3030"

	// App is the application that the node belongs to: one with another App has
	// other users, though it may share the Redis. Nothing but the trace knows it.
	App string
	// Key is the prefix of the adapter's channels on Redis. Default "socket.io".
	Key      string
	Adapter  adapter.Options
	SocketIO SocketIO

	// Page answers the requests that are not for the chat. With nil they get 404.
	Page http.Handler
}

// SocketIO are the options of a node's Socket.IO server that the two ends of a
// connection notice. Zero fields have the defaults of socket.io 4.
type SocketIO struct {
	Path           string        // prefix of the request path; default "/socket.io/"
	PingInterval   time.Duration // default 25 s
	PingTimeout    time.Duration // default 20 s
	UpgradeTimeout time.Duration // default 10 s
	ConnectTimeout time.Duration // default 45 s
	MaxPayload     int           // maxHttpBufferSize, in bytes; default 1e6, or what Limits say
	EngineIO       string        // the engine.io whose rules apply, see engineio.Config.Release

	Recovery *socketio.Recovery // connection state recovery; default nil, off
}

// Node is one chat node: an HTTP server with Engine.IO, Socket.IO and the
// chat. It is used by one goroutine at a time.
type Node struct {
	name           string
	id             trace.Name
	listen         string
	redisAddr      string
	app, key       string
	options        SocketIO
	adapterOptions adapter.Options
	page           http.Handler
	serving        *Serving
	world          host.Env
	lane           *trace.Lane  // of what is done to the node
	wants          adapter.Kind // the adapter, also of the next instance
	instance       *instance    // nil when the node is down
}

func newNode(e host.Env, c NodeConfig, redisAddr string) *Node {
	return &Node{
		name: c.Name, id: trace.N(c.Name), listen: c.Listen, redisAddr: redisAddr, app: c.App, key: c.Key, options: c.SocketIO, adapterOptions: c.Adapter, wants: adapter.None, page: c.Page,
		world: e, lane: e.Lane(trace.LaneID{Host: c.Name}),
	}
}

// Up reports whether the node runs.
func (n *Node) Up() bool { return n.instance != nil }

// Adapter returns the kind of the node's adapter, adapter.None when it has none or is down.
func (n *Node) Adapter() adapter.Kind {
	if !n.Up() {
		return adapter.None
	}
	return n.instance.kind
}

// Start starts the node, without an adapter. It fails when the node is up or
// cannot listen.
func (n *Node) Start() error {
	if n.Up() {
		return fmt.Errorf("node %q is already up", n.name)
	}
	l := newInstance(n)
	if err := l.serve(); err != nil {
		return fmt.Errorf("node %q: %w", n.name, err)
	}
	n.instance = l
	n.lane.Emit(trace.Event{Kind: trace.NodeUp, Node: n.id, Peer: trace.N(n.listen), Text: trace.N(n.app)})
	return nil
}

// SetAdapter gives the node an adapter of a kind, or none, now or, for a node that is down,
// when the cluster restarts it. It returns at once; the node gets messages of the
// others from when RedisUp is traced. It fails when there is no such kind, or its
// configuration is not valid.
func (n *Node) SetAdapter(k adapter.Kind) error {
	if _, err := adapter.Of(k); err != nil {
		return fmt.Errorf("node %q: %w", n.name, err)
	}
	n.wants = k
	if !n.Up() || k == n.Adapter() {
		return nil
	}
	if n.instance.adapter != nil {
		n.lane.Emit(trace.Event{Kind: trace.AdapterOff, Node: n.id})
		n.instance.leave()
	}
	if k == adapter.None {
		return nil
	}
	n.lane.Emit(trace.Event{Kind: trace.AdapterOn, Node: n.id, Text: kindName(k)})
	if err := n.instance.join(k); err != nil {
		return fmt.Errorf("node %q: %w", n.name, err)
	}
	return nil
}

// kindName returns how the trace names a kind: the classic one, which was there first, not
// at all.
func kindName(k adapter.Kind) trace.Name {
	if k == adapter.Redis {
		return trace.Name{}
	}
	return trace.N(string(k))
}

// Kill ends the node as SIGKILL does: every connection is cut without notice.
func (n *Node) Kill() { n.end(trace.Killed, (*instance).kill) }

// Stop ends the node as io.close() does: clients are told and may reconnect.
func (n *Node) Stop() { n.end(trace.Stopped, (*instance).stop) }

// stopAsync is Stop in a new goroutine.
func (n *Node) stopAsync() {
	n.end(trace.Stopped, func(l *instance) {
		l.loop.resume(0)
		l.listener.Close() // now: the next instance may start before the goroutine does
		l.env.Go(l.stop)
	})
}

func (n *Node) end(how trace.Text, quit func(*instance)) {
	if !n.Up() {
		return
	}
	n.lane.Emit(trace.Event{Kind: trace.NodeDown, Node: n.id, Text: how.Name()})
	quit(n.instance)
	n.instance = nil
}
