package redisserver

import (
	"maps"
	"slices"
	"strings"
	"sync"

	"github.com/alicebob/miniredis/v2/server"
)

// shards are the subscriptions of sharded pub/sub, which miniredis does not have. This
// Redis is no cluster: it serves every slot, and two channels of one command may differ in
// theirs.
type shards struct {
	memory *memory

	mu       sync.Mutex
	channels map[string][]*server.Peer // in the order in which they subscribed
	peers    map[*server.Peer]*shardClient
}

// A shardClient is what one connection is subscribed to.
type shardClient struct {
	channels map[string]struct{}
	held     int64 // bytes, counted in memory.held
}

func newShards(m *memory) *shards {
	return &shards{memory: m, channels: make(map[string][]*server.Peer), peers: make(map[*server.Peer]*shardClient)}
}

// register adds the commands to the table of a miniredis. It returns an error when one is
// there already.
func (s *shards) register(to *server.Server) error {
	for name, f := range map[string]server.Cmd{"SSUBSCRIBE": s.subscribe, "SUNSUBSCRIBE": s.unsubscribe, "SPUBLISH": s.publish} {
		if err := to.Register(name, f); err != nil {
			return err
		}
	}
	return nil
}

func wrongNumber(c *server.Peer, command string) {
	c.WriteError("ERR wrong number of arguments for '" + strings.ToLower(command) + "' command")
}

// subscribe is SSUBSCRIBE. The channels are answered one by one; each is bounded like what
// is stored.
func (s *shards) subscribe(c *server.Peer, name string, channels []string) {
	if len(channels) == 0 {
		wrongNumber(c, name)
		return
	}
	for _, channel := range channels {
		n, ok := s.add(c, channel)
		if !ok {
			c.WriteError(outOfMemory)
			return
		}
		pushCount(c, "ssubscribe", channel, n)
	}
}

func (s *shards) add(c *server.Peer, channel string) (count int, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	own := s.peers[c]
	if own == nil {
		own = &shardClient{channels: make(map[string]struct{})}
	}
	if _, known := own.channels[channel]; known {
		return len(own.channels), true
	}
	size := int64(len(channel) + perElement)
	if own.held+size > maxCommand || !s.memory.add(&s.memory.held, size) {
		return 0, false
	}
	if s.peers[c] == nil {
		s.peers[c] = own
		c.OnDisconnect(func() { s.forget(c) })
	}
	own.held += size
	own.channels[channel] = struct{}{}
	s.channels[channel] = append(s.channels[channel], c)
	return len(own.channels), true
}

// unsubscribe is SUNSUBSCRIBE, without channels from all.
func (s *shards) unsubscribe(c *server.Peer, _ string, channels []string) {
	s.mu.Lock()
	own := s.peers[c]
	if len(channels) == 0 && own != nil {
		channels = slices.Sorted(maps.Keys(own.channels))
	}
	counts := make([]int, len(channels))
	for i, channel := range channels {
		if own != nil {
			s.drop(c, own, channel)
			counts[i] = len(own.channels)
		}
	}
	s.mu.Unlock()
	for i, channel := range channels {
		pushCount(c, "sunsubscribe", channel, counts[i])
	}
	if len(channels) == 0 {
		c.Block(func(w *server.Writer) {
			w.WritePushLen(3)
			w.WriteBulk("sunsubscribe")
			w.WriteNull()
			w.WriteInt(0)
		})
	}
}

// drop is called with the lock held.
func (s *shards) drop(c *server.Peer, own *shardClient, channel string) {
	if _, known := own.channels[channel]; !known {
		return
	}
	delete(own.channels, channel)
	size := int64(len(channel) + perElement)
	own.held -= size
	s.memory.free(size)
	left := slices.DeleteFunc(s.channels[channel], func(p *server.Peer) bool { return p == c })
	if s.channels[channel] = left; len(left) == 0 {
		delete(s.channels, channel)
	}
}

// forget drops a connection that has ended.
func (s *shards) forget(c *server.Peer) {
	s.mu.Lock()
	defer s.mu.Unlock()
	own := s.peers[c]
	delete(s.peers, c)
	for channel := range own.channels {
		s.drop(c, own, channel)
	}
}

func pushCount(c *server.Peer, what, channel string, n int) {
	c.Block(func(w *server.Writer) {
		w.WritePushLen(3)
		w.WriteBulk(what)
		w.WriteBulk(channel)
		w.WriteInt(n)
	})
}

// publish is SPUBLISH. It answers how many clients got the message.
func (s *shards) publish(c *server.Peer, name string, args []string) {
	if len(args) != 2 {
		wrongNumber(c, name)
		return
	}
	s.mu.Lock()
	to := slices.Clone(s.channels[args[0]])
	s.mu.Unlock()
	for _, p := range to {
		p.Block(func(w *server.Writer) {
			w.WritePushLen(3)
			w.WriteBulk("smessage")
			w.WriteBulk(args[0])
			w.WriteBulk(args[1])
			if p != c { // the reply to its own command follows
				w.Flush()
			}
		})
	}
	c.WriteInt(len(to))
}

// subscribed reports whether a connection has subscriptions, so that with RESP2 it may
// give few commands.
func (s *shards) subscribed(c *server.Peer) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	own := s.peers[c]
	return own != nil && len(own.channels) > 0
}

// inContext are the commands of a subscribed connection with RESP2.
var inContext = []string{"SUBSCRIBE", "UNSUBSCRIBE", "PSUBSCRIBE", "PUNSUBSCRIBE", "SSUBSCRIBE", "SUNSUBSCRIBE", "PING", "QUIT", "RESET"}

// hook answers what subscribed connections must not do and what PUBSUB has for sharded
// channels; false means that the command is for others.
func (s *shards) hook(c *server.Peer, command []string) bool {
	name, args := strings.ToUpper(command[0]), command[1:]
	if !c.Resp3 && s.subscribed(c) {
		switch {
		case !slices.Contains(inContext, name):
			c.WriteError("ERR Can't execute '" + strings.ToLower(name) + "': only (P|S)SUBSCRIBE / (P|S)UNSUBSCRIBE / PING / QUIT / RESET are allowed in this context")
			return true
		case name == "PING" && len(args) < 2:
			c.WriteStrings([]string{"pong", strings.Join(args, "")})
			return true
		}
	}
	if name != "PUBSUB" || len(args) == 0 {
		return false
	}
	switch strings.ToUpper(args[0]) {
	case "SHARDNUMSUB":
		c.WriteLen(2 * (len(args) - 1))
		for _, channel := range args[1:] {
			s.mu.Lock()
			n := len(s.channels[channel])
			s.mu.Unlock()
			c.WriteBulk(channel)
			c.WriteInt(n)
		}
	case "SHARDCHANNELS":
		if len(args) > 2 {
			wrongNumber(c, "pubsub|shardchannels")
			return true
		}
		s.mu.Lock()
		names := slices.Sorted(maps.Keys(s.channels))
		s.mu.Unlock()
		if len(args) == 2 {
			names = slices.DeleteFunc(names, func(n string) bool { return !matches(args[1], n) })
		}
		c.WriteStrings(names)
	default:
		return false
	}
	return true
}
