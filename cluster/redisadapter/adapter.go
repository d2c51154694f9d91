// Package redisadapter is the Socket.IO adapter that joins nodes into a
// cluster over Redis pub/sub, wire compatible with @socket.io/redis-adapter 8.3
// and @socket.io/redis-emitter.
//
// Delivery is at most once, as with the official adapter: what is published
// while Redis is away reaches this node's sockets only, and no error tells.
package redisadapter

import (
	"context"
	"errors"
	"strconv"
	"sync"
	"sync/atomic"

	"stickylab/cluster/adapter/link"
	"stickylab/cluster/socketio"
)

// Config is what an adapter needs. Env, Host and Addr must be set. The default of UID is 6
// characters of an Env.ID.
type Config struct {
	link.Config
	// PublishOnSpecificResponseChannel sends answers to the node that asked and
	// not to all, the option of that name of the official adapter.
	PublishOnSpecificResponseChannel bool
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
	pub    *link.Publisher
	sub    subscriber
	events link.Serial // server-side events, whose handlers may block

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
// ns.SetAdapter. It fails when cfg is not complete, see link.Config.Complete.
func New(ns *socketio.Namespace, cfg Config) (*Adapter, error) {
	if err := cfg.Complete(ns.Name()); err != nil {
		return nil, err
	}
	a := &Adapter{
		cfg: cfg, ns: ns, memory: ns.Memory(), nsp: ns.Name(),
		asked:     make(map[string]*pendingCall),
		answering: make(map[*answering]struct{}),
	}
	a.ctx, a.cancel = context.WithCancel(context.Background())
	a.pub = link.NewPublisher(a.ctx, &a.cfg.Config)
	a.pub.Dropped, a.pub.Refused = func() { a.dropped.Add(1) }, func() { a.refused.Add(1) }
	a.sub.init(a)
	link.Join(a.pub.Line, a.sub.line)
	if cfg.UID == "" {
		if cfg.Env.ID == nil {
			return nil, errors.New("redisadapter: neither UID nor Env.ID is set")
		}
		id := cfg.Env.ID(a.sub.line.Lane)
		a.cfg.UID = id[:min(6, len(id))]
	}
	a.events.Start = cfg.Env.Go
	a.channel = cfg.Key + "#" + a.nsp + "#"
	a.requests = cfg.Key + "-request#" + a.nsp + "#"
	a.responses = cfg.Key + "-response#" + a.nsp + "#"
	a.ownResponses = a.responses + a.cfg.UID + "#"
	cfg.Env.Go(a.pub.Line.Run)
	cfg.Env.Go(a.sub.line.Run)
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
		a.pub.Close()
	}
	return nil
}

// Kill ends the adapter as the crash of its process does: what was published and
// is not written is lost.
func (a *Adapter) Kill() {
	if a.end() {
		a.pub.Kill()
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
	a.sub.line.Close()
	return true
}

// publish hands a message to the publisher; false: it was dropped.
func (a *Adapter) publish(channel string, message []byte) bool {
	if queued, _ := a.pub.Send(link.Command{Name: "PUBLISH", Args: []any{channel, message}}); !queued {
		a.dropped.Add(1)
		return false
	}
	a.published.Add(1)
	return true
}
