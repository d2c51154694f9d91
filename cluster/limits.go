package cluster

import (
	"crypto/tls"
	"errors"
	"net/http"
	"strings"
	"sync"
	"time"

	"stickylab/cluster/adapter/link"
	"stickylab/cluster/engineio"
	"stickylab/cluster/host"
	"stickylab/cluster/proxy"
	"stickylab/cluster/socketio"
	"stickylab/cluster/trace"
)

// Serving configures a cluster for real clients: limits on what they can make it
// hold, and a Redis that may be an external one.
type Serving struct {
	Limits
	Redis *RedisAccess // nil for the embedded one, or one without a login
}

// RedisAccess is how an external Redis is reached.
type RedisAccess struct {
	Username, Password string      // "" for none
	TLS                *tls.Config // nil for no TLS
}

// Limits are what one peer, and all of them together, can make a node hold.
type Limits struct {
	HeaderTimeout  time.Duration // for the head of a request
	RequestTimeout time.Duration // for a whole request, and for its answer; longer than a poll waits
	MaxHeader      int           // bytes of a request's head
	MaxPayload     int           // bytes of one POST body or WebSocket message
	MaxBacklog     int           // bytes that wait for one client
	MaxSessions    int           // on one node; those beyond are refused with 403
	MaxPerAddress  int           // sessions of one client address on one node, likewise
	MaxRooms       int           // of one socket
}

// DefaultPerAddress leaves half of a node's sessions to other addresses. Behind one
// address there may be many people, and without a front all of this machine.
const DefaultPerAddress = 5_000

// DefaultLimits returns the limits of a server that was not tuned.
func DefaultLimits() Limits {
	return Limits{
		HeaderTimeout: time.Minute, RequestTimeout: 2 * time.Minute, MaxHeader: 16 << 10,
		MaxPayload: 1_000_000, MaxBacklog: 1 << 20, MaxSessions: 10_000, MaxPerAddress: DefaultPerAddress, MaxRooms: 100,
	}
}

// idleTimeout is how long a connection may wait for its next request: longer
// than a proxy keeps it (keepalive_timeout of an upstream, 60 s).
const idleTimeout = 75 * time.Second

// servingCloseGrace is the closeGrace of a node on a real machine, which needs
// longer to write answers.
const servingCloseGrace = 250 * time.Millisecond

var (
	errExternalRedis = errors.New("redis is not the embedded one: it cannot be taken down from here")
	errTooMany       = errors.New("too many sessions")
	errTooManyFrom   = errors.New("too many sessions from one address")
)

const errTooManyRooms = "too many rooms"

func (s *Serving) externalRedis() bool { return s != nil && s.Redis != nil }

// defaultPingInterval is that of socket.io 4.
const defaultPingInterval = 25 * time.Second

// withPingInterval returns the limits with enough time for a poll that waits
// longer than by default for a ping.
func (s *Serving) withPingInterval(o SocketIO) *Serving {
	if s == nil || s.RequestTimeout <= 0 || o.PingInterval <= defaultPingInterval {
		return s
	}
	out := *s
	out.RequestTimeout += o.PingInterval - defaultPingInterval
	return &out
}

func (s *Serving) proxy() proxy.Bounds {
	if s == nil {
		return proxy.Bounds{}
	}
	return proxy.Bounds{HeaderTimeout: s.HeaderTimeout, RequestTimeout: s.RequestTimeout}
}

// addresses counts the sessions of each client address on a node.
type addresses struct {
	mu sync.Mutex
	of map[trace.Name]int
}

// add adds n sessions of an address.
func (a *addresses) add(of trace.Name, n int) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.of == nil {
		a.of = make(map[trace.Name]int)
	}
	if a.of[of] += n; a.of[of] == 0 {
		delete(a.of, of)
	}
}

func (a *addresses) count(of trace.Name) int {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.of[of]
}

// engine adds the bounds to a node's configuration; count is how many sessions
// it has, from those of each address.
func (s *Serving) engine(c engineio.Config, count func() int, from *addresses) engineio.Config {
	if s == nil {
		return c
	}
	c.Coalesce, c.MaxBacklog = true, s.MaxBacklog
	if c.MaxPayload <= 0 {
		c.MaxPayload = s.MaxPayload
	} else if s.MaxBacklog > 0 { // what one may say, others must be able to hear
		c.MaxBacklog = max(s.MaxBacklog, 2*c.MaxPayload)
	}
	c.AllowRequest = func(r *http.Request) error {
		switch {
		case s.MaxSessions > 0 && count() >= s.MaxSessions:
			return errTooMany
		case s.MaxPerAddress > 0 && from.count(clientOf(r)) >= s.MaxPerAddress:
			return errTooManyFrom
		}
		return nil
	}
	return c
}

func (s *Serving) adapter(c link.Config) link.Config {
	if s == nil {
		return c
	}
	c.Coalesce = true
	if r := s.Redis; r != nil {
		c.Username, c.Password, c.TLS = r.Username, r.Password, r.TLS
	}
	return c
}

// maxReplay is how many bytes a node keeps for connection state recovery, of a chat
// about the last 30,000 messages.
const maxReplay = 16 << 20

func (s *Serving) recovery(r *socketio.Recovery) *socketio.Recovery {
	if s == nil || r == nil {
		return r
	}
	bounded := *r
	bounded.MaxBytes = maxReplay
	return &bounded
}

func (s *Serving) http(h *http.Server) {
	if s == nil {
		return
	}
	h.ReadHeaderTimeout, h.ReadTimeout, h.WriteTimeout = s.HeaderTimeout, s.RequestTimeout, s.RequestTimeout
	h.IdleTimeout, h.MaxHeaderBytes = idleTimeout, s.MaxHeader
}

func (s *Serving) closeGrace() time.Duration {
	if s == nil {
		return closeGrace
	}
	return servingCloseGrace
}

// full reports whether a socket may join no more rooms, besides its own.
func (s *Serving) full(socket *socketio.Socket) bool {
	return s != nil && s.MaxRooms > 0 && len(socket.Rooms()) > s.MaxRooms
}

// maxQuote is how many bytes of a text the trace keeps.
const maxQuote = 160

// quote returns what the trace keeps of a real user's text, which is not known from
// anything else.
func (s *Serving) quote(words string) trace.Name {
	if s == nil {
		return trace.Name{}
	}
	if len(words) > maxQuote {
		words = strings.ToValidUTF8(words[:maxQuote], "") + "…"
	}
	return trace.N(words)
}

// refused is the answer to a join beyond MaxRooms.
type refused struct {
	Error string `json:"error"`
}

// StopNodes stops the nodes, which tell their clients, and leaves the rest as it
// is until Close.
func (c *Cluster) StopNodes() {
	for _, n := range c.nodes {
		n.Stop()
	}
}

// NewNode returns a single node, without a cluster around it, that uses the Redis
// at an address. It is down until Start.
func NewNode(e host.Env, c NodeConfig, redis string, s *Serving) *Node {
	n := newNode(e, c, redis)
	n.serving = s.withPingInterval(c.SocketIO)
	return n
}
