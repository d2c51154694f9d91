package cluster

import (
	"context"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"

	"stickylab/cluster/engineio"
	"stickylab/cluster/env"
	"stickylab/cluster/redisadapter"
	"stickylab/cluster/socketio"
	"stickylab/cluster/trace"
)

// NodeConfig describes one chat node.
type NodeConfig struct {
	Name   string
	Listen string // "127.0.0.1:3030"
}

// Node is one chat node: an HTTP server with Engine.IO, Socket.IO and the
// chat. It is used by one goroutine at a time.
type Node struct {
	name      string
	id        trace.Name
	listen    string
	redisAddr string
	world     env.Env
	lane      *trace.Lane // of what is done to the node
	wants     bool        // the adapter, also in the next life

	// Of one life; nil when the node is down.
	env     env.Env
	conns   *connections
	engine  *engineio.Server
	io      *socketio.Server
	http    *http.Server
	adapter *redisadapter.Adapter
}

func newNode(e env.Env, c NodeConfig, redisAddr string) *Node {
	return &Node{
		name: c.Name, id: trace.N(c.Name), listen: c.Listen, redisAddr: redisAddr,
		world: e, lane: e.Lane(c.Name),
	}
}

// Up reports whether the node runs.
func (n *Node) Up() bool { return n.http != nil }

// Adapter reports whether the Redis adapter is on.
func (n *Node) Adapter() bool { return n.adapter != nil }

// Start begins a life of the node, without an adapter.
func (n *Node) Start() error {
	if n.Up() {
		return fmt.Errorf("node %q is up already", n.name)
	}
	conns := &connections{}
	e := conns.around(n.world)
	l, err := e.Listen(n.name, n.listen)
	if err != nil {
		return fmt.Errorf("node %q: %w", n.name, err)
	}
	n.env, n.conns = e, conns
	n.io = socketio.NewServer(socketio.Config{
		NewID:  func(s *engineio.Session) string { return e.ID(userOf(s).in) },
		Go:     e.Go,
		OnJoin: n.moved(trace.Joined), OnLeave: n.moved(trace.Left),
	})
	n.engine = engineio.NewServer(engineio.Config{
		NewID:     func(r *http.Request) string { return e.ID(env.LaneOf(r.Context())) },
		Go:        e.Go,
		Guard:     e.Guard,
		Observer:  observer{n},
		OnSession: n.io.Handle,
	})
	n.chat(n.io.Of("/"))

	n.http = &http.Server{
		Handler: guarded(e, n.engine),
		ConnContext: func(ctx context.Context, c net.Conn) context.Context {
			return env.WithLane(ctx, e.Lane(n.name+"<"+env.ConnName(c)))
		},
		ErrorLog: log.New(io.Discard, "", 0), // what matters is in the trace
	}
	server := n.http
	e.Go(func() { server.Serve(l) })
	n.lane.Emit(trace.Event{Kind: trace.NodeUp, Node: n.id, Peer: trace.N(n.listen)})
	return nil
}

// guarded reports panics of h, but for the one by which a handler asks net/http
// to drop the connection.
func guarded(e env.Env, h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		abort := false
		e.Guard(func() {
			defer func() {
				if v := recover(); v == http.ErrAbortHandler {
					abort = true
				} else if v != nil {
					panic(v)
				}
			}()
			h.ServeHTTP(w, r)
		})
		if abort {
			panic(http.ErrAbortHandler)
		}
	})
}

// SetAdapter puts the Redis adapter on or takes it off. It returns at once;
// the node hears of the others when RedisUp is traced.
func (n *Node) SetAdapter(on bool) error {
	n.wants = on
	if !n.Up() || on == n.Adapter() {
		return nil
	}
	ns := n.io.Of("/")
	if !on {
		n.lane.Emit(trace.Event{Kind: trace.AdapterOff, Node: n.id})
		ns.SetAdapter(nil)
		old := n.adapter
		n.adapter = nil
		n.env.Go(func() { old.Close() })
		return nil
	}
	a, err := redisadapter.New(ns, redisadapter.Config{
		Env: n.env, Host: n.name, Addr: n.redisAddr,
		Lane: fmt.Sprintf("%s/redis%d", n.name, n.lane.Next("adapter")),
		UID:  n.env.ID(n.lane)[:6],
		OnUp: func(lane *trace.Lane) {
			lane.Emit(trace.Event{Kind: trace.RedisUp, Node: n.id})
		},
		OnDown: func(lane *trace.Lane, err error) {
			lane.Emit(trace.Event{Kind: trace.RedisDown, Node: n.id, Text: trace.N(err.Error())})
		},
		OnPublish: func(p socketio.Packet, tag any) {
			if c, ok := tag.(*copies); ok {
				c.lane.Emit(trace.Event{Kind: trace.Published, Node: n.id, Msg: c.msg, Cause: c.cause})
			}
		},
		OnRelay: func(lane *trace.Lane, p socketio.Packet) any {
			msg, ok := msgOf(p)
			if !ok {
				return nil
			}
			cause := lane.Emit(trace.Event{Kind: trace.Relayed, Node: n.id, Msg: msg})
			return &copies{msg: msg, cause: cause, lane: lane}
		},
	})
	if err != nil {
		return fmt.Errorf("node %q: %w", n.name, err)
	}
	n.adapter = a
	n.lane.Emit(trace.Event{Kind: trace.AdapterOn, Node: n.id})
	ns.SetAdapter(a)
	return nil
}

// Kill ends the node as SIGKILL does: every connection is cut, nobody is told.
func (n *Node) Kill() { n.end("killed", n.engineKill) }

// Stop ends the node as io.close() does: clients are told and may come back.
func (n *Node) Stop() { n.end("stopped", func() { n.io.Close(); n.engine.Close() }) }

func (n *Node) engineKill() {
	n.engine.Kill()
	n.conns.cut()
}

func (n *Node) end(how string, quit func()) {
	if !n.Up() {
		return
	}
	n.lane.Emit(trace.Event{Kind: trace.NodeDown, Node: n.id, Text: trace.N(how)})
	quit()
	server, adapter := n.http, n.adapter
	n.http, n.adapter = nil, nil
	n.env.Go(func() {
		if adapter != nil {
			adapter.Close()
		}
		server.Close()
	})
}
