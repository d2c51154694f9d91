// Package sharded is the adapter that carries messages over the sharded pub/sub of Redis 7,
// wire compatible with createShardedAdapter of @socket.io/redis-adapter 8.3.
//
// A node subscribes to a channel for all messages, to one for answers to it, and in the
// dynamic modes to one for each room that it has: it gets no message for rooms that it does
// not have. What is published to a room between a join and the subscription that the join
// caused does not reach the node, as with the official one.
package sharded

import (
	"fmt"
	"slices"

	"stickylab/cluster/adapter/clusteradapter"
	"stickylab/cluster/adapter/link"
	"stickylab/cluster/socketio"
	"stickylab/cluster/trace"
)

// A Mode says which rooms have a separate channel: subscriptionMode.
type Mode string

// The modes.
const (
	Dynamic        Mode = "dynamic"         // those that are not a single socket's
	DynamicPrivate Mode = "dynamic-private" // all
	Static         Mode = "static"          // none
)

// Modes are all modes, the default first.
var Modes = []Mode{Dynamic, DynamicPrivate, Static}

// Config is what an adapter needs.
type Config struct {
	link.Config
	Mode Mode // default Dynamic
}

// transport carries messages over SPUBLISH and SSUBSCRIBE.
type transport struct {
	adapter  *clusteradapter.Adapter
	cfg      link.Config
	mode     Mode
	channel  string // K#N#; that of a room has ROOM# after it, that for answers UID#
	response string
	pub      *link.Publisher
	sub      *link.Subscriber
}

// New returns an adapter for ns and starts to connect. It does not wait for
// Redis, see link.Config.OnUp. It fails when cfg is not complete, see
// link.Config.Complete, or when its mode is none of Modes.
func New(ns *socketio.Namespace, cfg Config) (*clusteradapter.Adapter, error) {
	if cfg.Mode == "" {
		cfg.Mode = Dynamic
	}
	if !slices.Contains(Modes, cfg.Mode) {
		return nil, fmt.Errorf("subscription mode %q is none of %q", cfg.Mode, Modes)
	}
	a, complete, err := clusteradapter.New(ns, cfg.Config)
	if err != nil {
		return nil, err
	}
	t := &transport{adapter: a, cfg: complete, mode: cfg.Mode}
	t.channel = t.cfg.Key + "#" + ns.Name() + "#"
	t.response = t.channel + t.cfg.UID + "#"
	t.pub = link.NewPublisher(a.Context(), &t.cfg)
	t.sub = link.NewSubscriber(a.Context(), &t.cfg, link.Subscription{
		Subscribe: "SSUBSCRIBE", Unsubscribe: "SUNSUBSCRIBE", Channels: []string{t.channel, t.response}, Single: true, On: t.onMessage,
	})
	link.Join(t.pub.Line, t.sub.Line)
	a.Use(t)
	if t.mode != Static {
		ns.Memory().Watch(t.onRoom)
	}
	t.cfg.Env.Go(t.pub.Line.Run)
	t.cfg.Env.Go(t.sub.Line.Run)
	return a, nil
}

// onRoom keeps the subscriptions to those of the rooms.
func (t *transport) onRoom(room string, own, exists bool) {
	if own && t.mode == Dynamic {
		return
	}
	if exists {
		t.sub.Add(t.channel + room + "#")
	} else {
		t.sub.Remove(t.channel + room + "#")
	}
}

// idLength is how long the ids of sockets are, by which the official adapter knows them.
const idLength = 20

// channelOf returns the channel of a message. Acknowledgements are asked for on that of all
// servers, for their number is what the asker counts to.
func (t *transport) channelOf(m *clusteradapter.Message) string {
	if m.Type != clusteradapter.Broadcast || m.RequestID != "" || len(m.Options.Rooms) != 1 {
		return t.channel
	}
	room := m.Options.Rooms[0]
	if t.mode == DynamicPrivate || t.mode == Dynamic && utf16Length(room) != idLength {
		return t.channel + room + "#"
	}
	return t.channel
}

// utf16Length returns the length of s in JavaScript.
func utf16Length(s string) (n int) {
	for _, r := range s {
		if n++; r > 0xffff {
			n++
		}
	}
	return n
}

func encode(m *clusteradapter.Message) ([]byte, error) {
	if m.Binary() {
		return m.AppendPacked(nil)
	}
	return m.AppendText(make([]byte, 0, 256))
}

func (t *transport) Publish(m *clusteradapter.Message, done clusteradapter.Done) (queued, now bool) {
	payload, err := encode(m)
	if err != nil {
		return false, false
	}
	c := link.Command{Name: "SPUBLISH", Args: []any{t.channelOf(m), payload}, Wait: true}
	if done != nil {
		c.Done = func(_ any, late bool, err error) { done("", late, err) }
	}
	return t.pub.Send(c)
}

func (t *transport) Respond(uid string, m *clusteradapter.Message) {
	if payload, err := encode(m); err == nil { // else the asker waits in vain, as for a node that is gone
		t.pub.Send(link.Command{Name: "SPUBLISH", Args: []any{t.channel + uid + "#", payload}, Wait: true})
	}
}

func (t *transport) Count(done func(n int)) (forget func()) {
	return t.pub.Count(done, "PUBSUB", "SHARDNUMSUB", t.channel)
}

func (t *transport) Lane() *trace.Lane { return t.pub.Line.Lane }

func (t *transport) Close() { t.end(); t.pub.Close() }

func (t *transport) Kill() { t.end(); t.pub.Kill() }

func (t *transport) end() {
	t.adapter.Namespace().Memory().Watch(nil)
	t.sub.Line.Close()
}

// onMessage acts on a message, in the subscriber's goroutine.
func (t *transport) onMessage(_ string, payload []byte) {
	m, err := clusteradapter.Decode(payload)
	if err != nil {
		t.adapter.Malformed()
		return
	}
	t.adapter.Receive(t.sub.Line.Lane, m)
}
