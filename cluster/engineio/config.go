package engineio

import (
	"crypto/rand"
	"encoding/base64"
	"net/http"
	"strings"
	"time"

	"stickylab/cluster/host"
)

// Config says how a Server behaves. The zero value works, with the defaults of
// engine.io 6.
type Config struct {
	Path           string        // prefix of the request path; default "/socket.io/"
	PingInterval   time.Duration // from the last pong to the next ping; default 25 s
	PingTimeout    time.Duration // from a ping to the end of a silent session; default 20 s
	UpgradeTimeout time.Duration // for a probing WebSocket to finish; default 10 s
	MaxPayload     int           // bytes of one POST body or WebSocket message; default 1e6

	// MaxBacklog bounds the bytes that wait for a client that does not read;
	// beyond it the session ends with "transport error". Default 16 MiB, or
	// twice MaxPayload.
	MaxBacklog int

	// Release is the engine.io whose rules apply, one of Releases. Before 6.6.13 a
	// POST that is larger than MaxPayload, or takes longer than 30 s, did not end
	// its session. Default: the newest.
	Release string

	CORS CORS // off by default

	// AllowRequest may refuse a handshake. Its error's text replaces
	// "Forbidden" in the answer.
	AllowRequest func(*http.Request) error

	// NewID returns the id of a new session, which must be new to this server.
	// Default: 20 characters that cannot be guessed.
	NewID func(*http.Request) string

	// Coalesce joins what several calls of Send have queued into one write to
	// the connection: fewer system calls under load. Without it each Send is
	// one write, so that the wire does not depend on how goroutines were
	// scheduled.
	Coalesce bool

	Go        func(func())   // starts a goroutine; default: the go statement
	AfterFunc host.AfterFunc // see host.Env; default: the wall clock

	Observer Observer // may be nil

	// OnSession is called for each new session before any of its packets is
	// read. It sets OnMessage and OnClose, and may Send.
	OnSession func(*Session)
}

// Releases are those of engine.io that a Server can be like, the newest first.
var Releases = []string{"6.6.13", "6.6.12"}

// CORS is the answer to browsers of other origins. It is off while Origin is
// empty.
type CORS struct {
	Origin      string // "*", or the one origin that is allowed: "https://chat.example.com"
	Credentials bool   // allow cookies; browsers then refuse Origin "*"
}

// Observer is told what happens to sessions. It is called without locks of this
// package held, but perhaps from Send, and must not block.
type Observer interface {
	Opened(s *Session)
	Upgraded(s *Session)
	Closed(s *Session, reason string)

	// Refused reports each answer with a status of 400 or more. sid is the
	// session asked for, code the Engine.IO error code, or -1 when the answer
	// has an empty body.
	Refused(r *http.Request, sid string, status, code int, text string)

	// Wrote reports a Message with a Tag when it is handed to the transport,
	// in order and never twice at once for one session. What was queued when a
	// session closed is reported after Closed, or at the same time.
	Wrote(s *Session, m Message)
}

// Message is the content of a message packet. Data must not change once it was
// sent; many sessions may share it.
type Message struct {
	Data   []byte
	Binary bool
	Tag    any // opaque; when not nil the Observer is told of the write
}

func (c Config) withDefaults() Config {
	if c.Path == "" {
		c.Path = "/socket.io/"
	}
	c.Path = strings.TrimSuffix(c.Path, "/") + "/"
	if c.PingInterval <= 0 {
		c.PingInterval = 25 * time.Second
	}
	if c.PingTimeout <= 0 {
		c.PingTimeout = 20 * time.Second
	}
	if c.UpgradeTimeout <= 0 {
		c.UpgradeTimeout = 10 * time.Second
	}
	if c.MaxPayload <= 0 {
		c.MaxPayload = 1_000_000
	}
	if c.MaxBacklog <= 0 {
		c.MaxBacklog = max(16<<20, 2*c.MaxPayload)
	}
	if c.Release == "" {
		c.Release = Releases[0]
	}
	if c.NewID == nil {
		c.NewID = randomID
	}
	if c.Go == nil {
		c.Go = func(f func()) { go f() }
	}
	if c.AfterFunc == nil {
		c.AfterFunc = host.WallTimer
	}
	if c.Observer == nil {
		c.Observer = unobserved{}
	}
	if c.OnSession == nil {
		c.OnSession = func(*Session) {}
	}
	return c
}

func randomID(*http.Request) string {
	var raw [15]byte
	rand.Read(raw[:])
	return base64.RawURLEncoding.EncodeToString(raw[:])
}

type unobserved struct{}

func (unobserved) Opened(*Session)                                 {}
func (unobserved) Upgraded(*Session)                               {}
func (unobserved) Closed(*Session, string)                         {}
func (unobserved) Refused(*http.Request, string, int, int, string) {}
func (unobserved) Wrote(*Session, Message)                         {}
