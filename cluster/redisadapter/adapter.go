// Package redisadapter is the Socket.IO adapter that joins nodes into a
// cluster over Redis pub/sub, wire compatible with @socket.io/redis-adapter 8.3
// and @socket.io/redis-emitter.
//
// Delivery is at most once, as with the official adapter: what is published
// while Redis is away reaches this node's sockets only, and no error tells.
package redisadapter

import (
	"cmp"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"stickylab/cluster/host"
	"stickylab/cluster/socketio"
	"stickylab/cluster/trace"
)

// errClosed is returned by calls that wait when the adapter is closed.
var errClosed = errors.New("the adapter is closed")

// Config is what an adapter needs. Env, Host and Addr must be set.
type Config struct {
	Env  host.Env
	Host string // the node's name, from which is dialed
	Addr string // of Redis

	// Lane is the first part of the purposes of the two lanes, LANE/pub and
	// LANE/sub. It must be unique among the adapters of a host. Default: "redis"
	// for "/", "redis/chat" for "/chat".
	Lane string

	Username string // for AUTH, with Password; "" for the default user
	Password string // for AUTH; "" for none

	// TLS is nil for none. Its ServerName is that of Addr if not set.
	TLS *tls.Config

	Key string // prefix of the channels. Default: "socket.io"
	UID string // names the adapter in the cluster. Default: 6 characters of an Env.ID

	// RequestsTimeout is how long to wait for the other nodes' answers.
	// Default: 5 s.
	RequestsTimeout time.Duration
	// PublishOnSpecificResponseChannel sends answers to the node that asked and
	// not to all, the option of that name of the official adapter.
	PublishOnSpecificResponseChannel bool

	// Coalesce joins what is queued into one write to the connection: fewer
	// system calls under load. Without it each command is one write, so that
	// the wire does not depend on how goroutines were scheduled.
	Coalesce bool

	PingInterval time.Duration // silence after which Redis is asked for a sign. Default: 20 s
	PingTimeout  time.Duration // how long it may take to give one. Default: 5 s

	// The callbacks may be nil; they must not block.

	// OnUp is called when the subscription is in place, OnDown when it is lost
	// and when the first attempt fails; once for each change, in the
	// subscriber's goroutine, which owns the lane.
	OnUp   func(*trace.Lane)
	OnDown func(*trace.Lane, error)
	// OnPublish is called in the goroutine of a Broadcast or BroadcastWithAck
	// when its packet is on its way to Redis. tag is the broadcast's.
	OnPublish func(p socketio.Packet, tag any)
	// OnRelay is called, in the subscriber's goroutine, when a broadcast came
	// from another node, before it is delivered; it returns the tag of the
	// delivery.
	OnRelay func(lane *trace.Lane, e RemoteEvent) (tag any)
	// OnIdle is called, there too, when a broadcast came from another node for a
	// room that this one does not have. The official adapter drops it before it
	// reads it, and so does this one when OnIdle is nil.
	OnIdle func(lane *trace.Lane, e RemoteEvent)
}

// Adapter is the adapter of one namespace on one node.
type Adapter struct {
	cfg    Config
	ns     *socketio.Namespace
	memory *socketio.Memory
	nsp    string // its name

	channel      string // K#N#; that of a room has ROOM# after it
	requests     string // K-request#N#
	responses    string // K-response#N#
	ownResponses string // K-response#N#UID#

	ctx    context.Context // until Close
	cancel context.CancelFunc
	pub    publisher
	sub    subscriber
	events serial // server-side events, whose handlers may block

	mu        sync.Mutex
	asked     map[string]*pendingCall // requests that wait for responses, by id
	answering map[*answering]struct{}
	closed    bool

	requestIDs                                       atomic.Uint64
	published, received, dropped, refused, malformed atomic.Uint64
}

var _ socketio.Adapter = (*Adapter)(nil)

// Stats counts since New.
type Stats struct {
	Published uint64 // messages handed to the connection
	Received  uint64 // messages from Redis, the echoes of the own ones included
	Dropped   uint64 // messages lost because Redis was away
	Refused   uint64 // commands that Redis answered with an error
	Malformed uint64 // messages received that could not be read
}

// New returns an adapter for ns and starts to connect. It does not wait for
// Redis, see Config.OnUp. The caller makes the namespace use it:
// ns.SetAdapter. It fails when a required field of cfg is missing, or when cfg.TLS needs a
// server name and Addr is not host:port.
func New(ns *socketio.Namespace, cfg Config) (*Adapter, error) {
	if cfg.Host == "" || cfg.Addr == "" || cfg.Env.Dial == nil || cfg.Env.Lane == nil || cfg.Env.Go == nil || cfg.Env.AfterFunc == nil {
		return nil, errors.New("redisadapter: Env, Host and Addr must be set")
	}
	if cfg.Lane == "" {
		cfg.Lane = "redis"
		if ns.Name() != "/" {
			cfg.Lane += ns.Name()
		}
	}
	cfg.Key = cmp.Or(cfg.Key, "socket.io")
	if cfg.TLS != nil && cfg.TLS.ServerName == "" {
		host, _, err := net.SplitHostPort(cfg.Addr)
		if err != nil {
			return nil, fmt.Errorf("redisadapter: %w", err)
		}
		cfg.TLS = cfg.TLS.Clone()
		cfg.TLS.ServerName = host
	}
	cfg.RequestsTimeout = cmp.Or(cfg.RequestsTimeout, 5*time.Second)
	cfg.PingInterval = cmp.Or(cfg.PingInterval, 20*time.Second)
	cfg.PingTimeout = cmp.Or(cfg.PingTimeout, 5*time.Second)

	a := &Adapter{
		cfg: cfg, ns: ns, memory: ns.Memory(), nsp: ns.Name(),
		asked:     make(map[string]*pendingCall),
		answering: make(map[*answering]struct{}),
	}
	a.pub.init(a)
	a.sub.init(a)
	a.pub.line.other, a.sub.line.other = &a.sub.line, &a.pub.line
	a.pub.line.news, a.sub.line.news = make(chan struct{}, 1), make(chan struct{}, 1)
	if cfg.UID == "" {
		if cfg.Env.ID == nil {
			return nil, errors.New("redisadapter: neither UID nor Env.ID is set")
		}
		id := cfg.Env.ID(a.sub.line.lane)
		a.cfg.UID = id[:min(6, len(id))]
	}
	a.events.start = cfg.Env.Go
	a.channel = cfg.Key + "#" + a.nsp + "#"
	a.requests = cfg.Key + "-request#" + a.nsp + "#"
	a.responses = cfg.Key + "-response#" + a.nsp + "#"
	a.ownResponses = a.responses + a.cfg.UID + "#"
	a.ctx, a.cancel = context.WithCancel(context.Background())
	cfg.Env.Go(a.pub.line.run)
	cfg.Env.Go(a.sub.line.run)
	return a, nil
}

// newRequestID returns an id that no other request of the cluster has.
func (a *Adapter) newRequestID() string {
	return a.cfg.UID + strconv.FormatUint(a.requestIDs.Add(1), 36)
}

// UID returns the adapter's name in the cluster.
func (a *Adapter) UID() string { return a.cfg.UID }

// Stats returns what the adapter has counted.
func (a *Adapter) Stats() Stats {
	return Stats{
		Published: a.published.Load(),
		Received:  a.received.Load(),
		Dropped:   a.dropped.Load(),
		Refused:   a.refused.Load(),
		Malformed: a.malformed.Load(),
	}
}

// Close leaves the cluster: the subscriptions end, what was published before
// still goes out, and calls that wait for other nodes fail. It does not wait
// for the connections to be closed.
func (a *Adapter) Close() error {
	if a.end() {
		a.pub.close()
	}
	return nil
}

// Kill ends the adapter as the crash of its process does: what was published and
// is not written is lost.
func (a *Adapter) Kill() {
	if a.end() {
		a.pub.line.close()
	}
}

// end ends all but the publisher, and reports whether it had not ended before.
func (a *Adapter) end() bool {
	a.mu.Lock()
	if a.closed {
		a.mu.Unlock()
		return false
	}
	a.closed = true
	open := a.answering
	a.answering = nil
	a.mu.Unlock()
	a.cancel()
	for q := range open { // in any order: each forgets what is its own
		q.end()
	}
	a.sub.line.close()
	return true
}

// publish hands a message to the publisher; false: it was dropped.
func (a *Adapter) publish(channel string, message []byte) bool {
	if !a.pub.publish(channel, message) {
		a.dropped.Add(1)
		return false
	}
	a.published.Add(1)
	return true
}

// A serial runs functions one after another, in a goroutine that exists while
// there are any.
type serial struct {
	start func(func())

	mu      sync.Mutex
	queue   []func()
	running bool
}

func (s *serial) do(f func()) {
	s.mu.Lock()
	s.queue = append(s.queue, f)
	idle := !s.running
	s.running = true
	s.mu.Unlock()
	if idle {
		s.start(s.run)
	}
}

func (s *serial) run() {
	for {
		s.mu.Lock()
		if len(s.queue) == 0 {
			s.queue, s.running = nil, false
			s.mu.Unlock()
			return
		}
		f := s.queue[0]
		s.queue = s.queue[1:]
		s.mu.Unlock()
		f()
	}
}
