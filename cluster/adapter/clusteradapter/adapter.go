// Package clusteradapter is what the sharded and the streams adapter share: the messages
// between nodes and what they mean, as in the ClusterAdapter of socket.io-adapter 2.5.
// How messages travel is a Transport's.
//
// Unlike the classic adapter it waits for Redis before it serves the sockets of its
// node: what is broadcast while Redis is away reaches no socket at all until it is back, and
// then every node.
package clusteradapter

import (
	"context"
	"fmt"
	"hash/fnv"
	"sync"
	"sync/atomic"

	"stickylab/cluster/adapter/link"
	"stickylab/cluster/socketio"
	"stickylab/cluster/trace"
)

// Done is told that Redis has taken a message: at which offset, if the transport has those;
// late means that the message had to wait until Redis was there.
type Done func(offset string, late bool, err error)

// A Transport carries messages to the other nodes, and hands those that come to
// Adapter.Receive.
type Transport interface {
	// Publish sends a message to all nodes, and never blocks. done, which may be nil, is
	// called when Redis has taken the message or has failed to, in the goroutine of Lane.
	// queued is false when the message cannot be sent, and done will not be called; now
	// reports whether Redis is there.
	Publish(m *Message, done Done) (queued, now bool)
	// Respond sends an answer to the node that asked.
	Respond(uid string, m *Message)
	// Count asks for the number of nodes. done is called with the answer, or never; forget
	// must be called at the end.
	Count(done func(n int)) (forget func())
	// Lane is that of what is done when Redis has taken a message.
	Lane() *trace.Lane
	// Close ends the transport when what was published has gone out, Kill at once.
	Close()
	Kill()
}

// Adapter is the adapter of one namespace on one node.
type Adapter struct {
	cfg       link.Config
	ns        *socketio.Namespace
	memory    *socketio.Memory
	nsp       string // its name
	transport Transport

	ctx    context.Context // until Close
	cancel context.CancelFunc
	events link.Serial // server-side events, whose handlers may block

	mu        sync.Mutex
	asked     map[string]*pendingCall // requests that wait for responses, by id
	answering map[*answering]struct{}
	closed    bool

	requestIDs                              atomic.Uint64
	published, received, dropped, malformed atomic.Uint64
}

var _ socketio.Adapter = (*Adapter)(nil)

// Stats counts since New.
type Stats struct {
	Published uint64 // messages handed to the transport
	Received  uint64 // messages that came, the echoes of the own ones included
	Dropped   uint64 // messages that could not be sent
	Malformed uint64 // messages that came and could not be read
}

// New returns an adapter for ns without a transport, and its configuration completed. Its
// UID has the form of the official one, 16 hexadecimal digits, made of an Env.ID if it is
// not set. It fails when cfg is not complete, see link.Config.Complete.
func New(ns *socketio.Namespace, cfg link.Config) (*Adapter, link.Config, error) {
	if err := cfg.Complete(ns.Name()); err != nil {
		return nil, cfg, err
	}
	if cfg.UID == "" {
		if cfg.Env.ID == nil {
			return nil, cfg, fmt.Errorf("adapter: neither UID nor Env.ID is set")
		}
		cfg.UID = Digits(cfg.Env.ID(cfg.Env.Lane(trace.LaneID{Host: cfg.Host, Purpose: cfg.Lane})))
	}
	a := &Adapter{
		cfg: cfg, ns: ns, memory: ns.Memory(), nsp: ns.Name(),
		asked: make(map[string]*pendingCall), answering: make(map[*answering]struct{}),
	}
	a.events.Start = cfg.Env.Go
	a.ctx, a.cancel = context.WithCancel(context.Background())
	return a, cfg, nil
}

// Digits returns 16 hexadecimal digits that stand for s.
func Digits(s string) string {
	h := fnv.New64a()
	h.Write([]byte(s))
	return fmt.Sprintf("%016x", h.Sum64())
}

// Use gives the adapter its transport, before anything else is done with it.
func (a *Adapter) Use(t Transport) { a.transport = t }

// Context lasts until Close.
func (a *Adapter) Context() context.Context { return a.ctx }

// Namespace returns the namespace that the adapter serves.
func (a *Adapter) Namespace() *socketio.Namespace { return a.ns }

// newRequestID returns an id that no other request of the cluster has.
func (a *Adapter) newRequestID() string {
	return Digits(fmt.Sprintf("%s %d", a.cfg.UID, a.requestIDs.Add(1)))
}

// UID returns the adapter's name in the cluster.
func (a *Adapter) UID() string { return a.cfg.UID }

// Stats returns what the adapter has counted.
func (a *Adapter) Stats() Stats {
	return Stats{Published: a.published.Load(), Received: a.received.Load(), Dropped: a.dropped.Load(), Malformed: a.malformed.Load()}
}

// Close leaves the cluster: what was published before still goes out, and calls that wait
// for other nodes fail. It does not wait for the connections to be closed.
func (a *Adapter) Close() error {
	if a.end() {
		a.transport.Close()
	}
	return nil
}

// Kill ends the adapter as the crash of its process does: what was published and
// is not written is lost.
func (a *Adapter) Kill() {
	if a.end() {
		a.transport.Kill()
	}
}

// end ends all but the transport, and reports whether it had not ended before.
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
	return true
}

// publish sends a message to all.
func (a *Adapter) publish(m *Message, done Done) (queued, now bool) {
	m.UID, m.Namespace = a.cfg.UID, a.nsp
	queued, now = a.transport.Publish(m, done)
	if queued {
		a.published.Add(1)
	} else {
		a.dropped.Add(1)
	}
	return queued, now
}

// respond answers a message.
func (a *Adapter) respond(to *Message, m *Message) {
	m.UID, m.Namespace, m.RequestID = a.cfg.UID, a.nsp, to.RequestID
	a.transport.Respond(to.UID, m)
	a.published.Add(1)
}
