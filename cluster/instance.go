package cluster

import (
	"context"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"strings"
	"sync/atomic"
	"time"

	"stickylab/cluster/adapter"
	"stickylab/cluster/adapter/link"
	"stickylab/cluster/adapter/pack"
	"stickylab/cluster/engineio"
	"stickylab/cluster/host"
	"stickylab/cluster/socketio"
	"stickylab/cluster/trace"
)

// instance is one run of a node's process, from a start to its end.
type instance struct {
	*Node
	env      host.Env // the node's, with connections tracked and waiting for the event loop
	conns    *connections
	loop     *eventLoop
	engine   *engineio.Server
	io       *socketio.Server
	http     *http.Server
	listener net.Listener
	adapter  adapter.Adapter // nil while off
	kind     adapter.Kind    // of adapter
	from     addresses
	dead     atomic.Bool // killed: it reports nothing anymore
	server   *trace.Lane // of what the node itself emits
}

func newInstance(n *Node) *instance {
	l := &instance{Node: n, kind: adapter.None}
	l.loop = &eventLoop{soon: func(f func()) { n.world.AfterFunc(n.name, 0, f) }}
	l.server = n.world.Lane(trace.LaneID{Host: n.name, Purpose: fmt.Sprintf("server%d", n.lane.Next("life"))})
	l.conns = &connections{loop: l.loop}
	l.env = l.loop.around(l.conns.around(n.world))
	l.io = socketio.NewServer(socketio.Config{
		ConnectTimeout: n.options.ConnectTimeout,

		NewID:     func(s *engineio.Session) string { return l.env.ID(userOf(s).in) },
		Go:        l.env.Go,
		AfterFunc: l.env.AfterFunc,
		OnJoin:    l.onRoomChange(trace.Joined),
		OnLeave:   l.onRoomChange(trace.Left),
		Recovery:  l.serving.recovery(n.options.Recovery),
		OnRecover: func(s *socketio.Socket) { l.introduce(s) },
	})
	l.engine = engineio.NewServer(l.serving.engine(engineio.Config{
		Path: n.options.Path, PingInterval: n.options.PingInterval, PingTimeout: n.options.PingTimeout,
		UpgradeTimeout: n.options.UpgradeTimeout, MaxPayload: n.options.MaxPayload, Release: n.options.EngineIO,

		NewID:     func(r *http.Request) string { return l.env.ID(host.LaneOf(r.Context())) },
		Go:        l.env.Go,
		AfterFunc: l.env.AfterFunc,
		Observer:  observer{l},
		OnSession: l.io.Handle,
	}, func() int { return l.engine.Len() }, &l.from))
	l.chat(l.io.Of("/"))
	l.http = &http.Server{
		Handler: guarded(n.world, l.routes()), // its connection has waited for the event loop
		ConnContext: func(ctx context.Context, c net.Conn) context.Context {
			return host.WithLane(ctx, l.env.Lane(trace.LaneID{Host: n.name, Origin: host.DialOf(c)}))
		},
		ErrorLog: log.New(io.Discard, "", 0), // what matters is in the trace
	}
	l.serving.http(l.http)
	return l
}

// routes returns the handler of the node: the chat, and the page, if there is one,
// for all other requests.
func (l *instance) routes() http.Handler {
	if l.page == nil {
		return l.engine
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasPrefix(r.URL.EscapedPath(), l.engine.Path()) {
			l.engine.ServeHTTP(w, r)
		} else {
			l.page.ServeHTTP(w, r)
		}
	})
}

// guarded reports panics of h, but for the one by which a handler asks net/http
// to drop the connection.
func guarded(e host.Env, h http.Handler) http.Handler {
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

// serve begins to listen.
func (l *instance) serve() error {
	listener, err := l.env.Listen(l.name, l.listen)
	if err != nil {
		return err
	}
	l.listener = listener
	l.env.Go(func() { l.http.Serve(listener) })
	return nil
}

// join turns an adapter of a kind on.
func (l *instance) join(k adapter.Kind) error {
	ns := l.io.Of("/")
	c := l.serving.adapter(link.Config{
		Env: l.env, Host: l.name, Addr: l.redisAddr, Key: l.key,
		Lane: fmt.Sprintf("redis%d", l.lane.Next("adapter")),
		UID:  adapter.UID(k, l.env.ID(l.lane)),
		OnUp: func(lane *trace.Lane) {
			l.emit(lane, trace.Event{Kind: trace.RedisUp, Node: l.id})
		},
		OnDown: func(lane *trace.Lane, err error) {
			l.emit(lane, trace.Event{Kind: trace.RedisDown, Node: l.id, Text: trace.N(err.Error())})
		},
		OnPublish: func(p socketio.Packet, tag any) {
			if c, ok := tag.(*broadcastTag); ok {
				l.emit(c.lane, trace.Event{Kind: trace.Published, Node: l.id, Msg: c.msg, Cause: c.cause})
			}
		},
		OnLatePublish: func(lane *trace.Lane, p socketio.Packet, tag any) {
			if c, ok := tag.(*broadcastTag); ok {
				l.emit(lane, trace.Event{Kind: trace.Published, Node: l.id, Msg: c.msg, Cause: c.cause})
			}
		},
		OnRelay: func(lane *trace.Lane, e pack.RemoteEvent) any {
			msg, ok := msgOf(e)
			if !ok {
				return nil
			}
			cause := l.emit(lane, trace.Event{Kind: trace.Relayed, Node: l.id, Msg: msg})
			return &broadcastTag{msg: msg, cause: cause, lane: lane}
		},
		OnReplay: func(e pack.RemoteEvent) any {
			if msg, ok := msgOf(e); ok {
				return &broadcastTag{msg: msg}
			}
			return nil
		},
		OnIdle: func(lane *trace.Lane, e pack.RemoteEvent) {
			if msg, ok := msgOf(e); ok {
				l.emit(lane, trace.Event{Kind: trace.Relayed, Node: l.id, Msg: msg, Text: trace.NoSocketHere.Name()})
			}
		},
	})
	a, err := adapter.Open(ns, k, c, l.adapterOptions)
	if err != nil {
		return err
	}
	l.adapter, l.kind = a, k
	ns.SetAdapter(a)
	return nil
}

// leave turns the adapter off.
func (l *instance) leave() {
	l.io.Of("/").SetAdapter(nil)
	old := l.adapter
	l.adapter, l.kind = nil, adapter.None
	l.env.Go(func() { old.Close() })
}

// kill ends the instance at once. A dead node reports nothing: what its goroutines
// notice before they end depends on which of them runs first.
func (l *instance) kill() {
	l.dead.Store(true)
	l.io.Kill()
	l.engine.Kill()
	if l.adapter != nil {
		l.adapter.Kill()
	}
	l.conns.cut()
	l.loop.resume(0)
	l.close(0)
}

// stop ends the instance and tells every client.
func (l *instance) stop() {
	l.loop.resume(0)
	l.io.Close()
	l.engine.Close()
	l.close(l.serving.closeGrace())
}

// closeGrace is how long the last answers may take before their connections are
// closed: longer than it takes to write them.
const closeGrace = 10 * time.Millisecond

func (l *instance) close(after time.Duration) {
	l.listener.Close() // at once: the next instance listens there
	l.env.Go(func() {
		if l.adapter != nil {
			l.adapter.Close()
		}
		l.world.AfterFunc.Sleep(l.name, after)
		l.http.Close()
	})
}

// emit reports an event, unless the node is dead.
func (l *instance) emit(lane *trace.Lane, e trace.Event) trace.Ref {
	if l.dead.Load() {
		return trace.Ref{}
	}
	return lane.Emit(e)
}
