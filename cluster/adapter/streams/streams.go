// Package streams is the adapter that carries broadcasts in a Redis stream, wire compatible
// with @socket.io/redis-streams-adapter 0.3.
//
// A node reads the stream from where it was: after an outage of its connection it reads what
// was added meanwhile, as long as the stream keeps it. Requests to other nodes, and what asks
// for an answer, are not in the stream but go over Redis pub/sub, and are lost as there.
//
// The stream and the channels are named by the key, as with the defaults of the options
// streamName and channelPrefix. All namespaces share the stream.
package streams

import (
	"encoding/base64"
	"fmt"
	"math"
	"strconv"
	"sync"
	"time"

	"stickylab/cluster/adapter/clusteradapter"
	"stickylab/cluster/adapter/link"
	"stickylab/cluster/socketio"
	"stickylab/cluster/trace"
)

// Config is what an adapter needs. Zero fields have the defaults of the official package.
type Config struct {
	link.Config
	MaxLen    int           // maxLen: about how many entries the stream keeps. Default: 10,000
	ReadCount int           // readCount: how many entries are read at once. Default: 100
	Block     time.Duration // blockTimeInMs: how long a read waits for entries, in whole milliseconds. Default: 5 s
}

// Defaults are those of the official package.
const (
	MaxLen    = 10_000
	ReadCount = 100
	Block     = 5 * time.Second
)

// transport carries messages over XADD and XREAD, and some over PUBLISH.
type transport struct {
	adapter *clusteradapter.Adapter
	cfg     Config
	channel string // K#N#; that for answers has UID# after it
	pub     *link.Publisher
	sub     *link.Subscriber
	reader  *reader
	state   *linkState

	handing sync.Mutex // while an entry is handed out
	handed  string     // the last one
}

// New returns an adapter for ns and starts to connect. It does not wait for
// Redis, see link.Config.OnUp. It fails when cfg is not complete, see
// link.Config.Complete, or when a number is out of its range.
func New(ns *socketio.Namespace, cfg Config) (*Adapter, error) {
	for field, n := range map[string]*int{"max length": &cfg.MaxLen, "read count": &cfg.ReadCount} {
		if *n < 0 || *n > math.MaxInt32 {
			return nil, fmt.Errorf("the %s of a stream is %d, not from 1 to %d", field, *n, math.MaxInt32)
		}
	}
	if cfg.Block < 0 || cfg.Block > 0 && cfg.Block < time.Millisecond {
		return nil, fmt.Errorf("a read of a stream blocks for %v, not for 1 ms or more", cfg.Block)
	}
	if cfg.MaxLen == 0 {
		cfg.MaxLen = MaxLen
	}
	if cfg.ReadCount == 0 {
		cfg.ReadCount = ReadCount
	}
	if cfg.Block == 0 {
		cfg.Block = Block
	}
	a, complete, err := clusteradapter.New(ns, cfg.Config)
	if err != nil {
		return nil, err
	}
	cfg.Config = complete
	t := &transport{adapter: a, cfg: cfg}
	t.channel = cfg.Key + "#" + ns.Name() + "#"
	t.state = newLinkState(a.Context(), &t.cfg.Config, "sub", "read")
	t.pub = link.NewPublisher(a.Context(), &t.cfg.Config)
	t.sub = link.NewSubscriber(a.Context(), &t.cfg.Config, link.Subscription{
		Subscribe: "SUBSCRIBE", Unsubscribe: "UNSUBSCRIBE", Channels: []string{t.channel, t.channel + t.cfg.UID + "#"}, On: t.onMessage,
		Up:   func() { t.state.change("sub", true, nil) },
		Down: func(err error) { t.state.change("sub", false, err) },
	})
	t.reader = newReader(t)
	link.Join(t.pub.Line, t.sub.Line, t.reader.line)
	a.Use(t)
	for _, l := range []*link.Line{t.pub.Line, t.sub.Line, t.reader.line} {
		t.cfg.Env.Go(l.Run)
	}
	return &Adapter{Adapter: a, transport: t}, nil
}

// ephemeral reports whether a message is not kept in the stream.
func ephemeral(m *clusteradapter.Message) bool {
	switch m.Type {
	case clusteradapter.Broadcast:
		return m.RequestID != ""
	case clusteradapter.ServerSideEmit, clusteradapter.Fetch:
		return true
	}
	return false
}

func (t *transport) Publish(m *clusteradapter.Message, done clusteradapter.Done) (queued, now bool) {
	var c link.Command
	if ephemeral(m) {
		payload, err := m.AppendPacked(nil)
		if err != nil {
			return false, false
		}
		c = link.Command{Name: "PUBLISH", Args: []any{t.channel, payload}, Wait: true}
	} else {
		data, err := encode(m)
		if err != nil {
			return false, false
		}
		c = link.Command{Name: "XADD", Wait: true, Args: []any{
			t.cfg.Key, "MAXLEN", "~", strconv.Itoa(t.cfg.MaxLen), "*",
			"uid", m.UID, "nsp", m.Namespace, "type", strconv.Itoa(int(m.Type)), "data", data,
		}}
	}
	if done != nil {
		c.Done = func(reply any, late bool, err error) {
			id, _ := reply.([]byte)
			done(string(id), late, err)
		}
	}
	return t.pub.Send(c)
}

// encode returns the data of a message as the stream holds it: JSON or, with bytes inside,
// MessagePack in base64.
func encode(m *clusteradapter.Message) (string, error) {
	if !m.Binary() {
		text, err := m.AppendDataText(make([]byte, 0, 256))
		return string(text), err
	}
	packed, err := m.AppendDataPacked(nil)
	return base64.StdEncoding.EncodeToString(packed), err
}

func (t *transport) Respond(uid string, m *clusteradapter.Message) {
	if payload, err := m.AppendPacked(nil); err == nil { // else the asker waits in vain, as for a node that is gone
		t.pub.Send(link.Command{Name: "PUBLISH", Args: []any{t.channel + uid + "#", payload}, Wait: true})
	}
}

func (t *transport) Count(done func(n int)) (forget func()) {
	return t.pub.Count(done, "PUBSUB", "NUMSUB", t.channel)
}

func (t *transport) Lane() *trace.Lane { return t.pub.Line.Lane }

func (t *transport) Close() { t.end(); t.pub.Close() }

func (t *transport) Kill() { t.end(); t.pub.Kill() }

func (t *transport) end() {
	t.sub.Line.Close()
	t.reader.line.Close()
}

// onMessage acts on a message that came over pub/sub, in the subscriber's goroutine.
func (t *transport) onMessage(_ string, payload []byte) {
	m, err := clusteradapter.Decode(payload)
	if err != nil {
		t.adapter.Malformed()
		return
	}
	t.adapter.Receive(t.sub.Line.Lane, m)
}
