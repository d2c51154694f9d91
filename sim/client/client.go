// Package client is a chat user's Socket.IO client that behaves as the official
// socket.io-client 4.8 does, down to its error texts and its back-off.
//
// The names of the parts follow the original: the Manager keeps a connection
// and reconnects (manager.go), the Socket speaks for the namespace "/"
// (socket.go), and the engine is one Engine.IO session over polling or
// WebSocket (engine.go, polling.go, websocket.go).
package client

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"net/http"
	"strconv"
	"sync"
	"time"

	"stickylab/cluster/host"
	"stickylab/cluster/socketio"
	"stickylab/cluster/trace"
)

// The transports, as Config.Transports names them.
const (
	Polling   = string(trace.Polling)
	WebSocket = string(trace.WebSocket)
)

// Config describes a client. Name, URL, Dial, Lane, Rand, Go and AfterFunc must be set.
type Config struct {
	// Name is the user's name, given in CONNECT and part of each message's id.
	Name string

	// URL of the Engine.IO endpoint: "http://192.168.33.10:80/socket.io/". A
	// query in it goes with every request.
	URL string

	// HostHeader is what requests say in Host. Default: the host of URL.
	HostHeader string

	// Header is sent with every request; it may have another User-Agent, but
	// not what the connection or the jar decides.
	Header http.Header

	// Protocol is the version of Engine.IO that requests name. Default 4. The
	// client speaks no other; 3 is for one that nodes refuse.
	Protocol int

	// Transports to use: the first one to connect with, and WebSocket to
	// upgrade to if it is listed too. Default: Polling, WebSocket.
	Transports []string

	// Room is joined after every connect. "" joins none.
	Room string

	// NoCookies drops the cookies that servers set, as Node clients do without
	// withCredentials. Browsers keep those of the same site.
	NoCookies bool

	Reconnection Reconnection

	// JoinOnce joins Room after the first connect of a page only: code that joins
	// elsewhere than in the connect handler.
	JoinOnce bool

	// HandlersOnConnect registers the handlers of events in the connect handler, and
	// so once more after each reconnect: each of them handles every event.
	HandlersOnConnect bool

	// Retries is how often a message is said again whose acknowledgement did not come
	// within AckTimeout: the options retries and ackTimeout. With it messages go
	// one by one. Default 0: no acknowledgement is asked for.
	Retries    int
	AckTimeout time.Duration

	// Background throttles the timers of the client as Chrome does those of a tab that
	// is hidden: they fire at full seconds.
	Background bool

	// Dial connects to addr, for the goroutine that owns the lane.
	Dial func(ctx context.Context, lane *trace.Lane, addr string) (net.Conn, error)

	// Drop makes a connection vanish as when the network changes, for Moved:
	// the peer may hear nothing of it. It is closed next. It must not block.
	// Default: it is only closed.
	Drop func(net.Conn)

	// Lane returns a new lane of the trace.
	Lane func(id trace.LaneID) *trace.Lane

	// Rand is this client's own: it decides the back-off.
	Rand *rand.Rand

	// Names interns senders' names. Clients of one run should share one.
	// Default: a new one.
	Names *Names

	// Go starts f in a goroutine.
	Go func(f func())

	// AfterFunc calls a function once its time has come; see host.Env.
	AfterFunc host.AfterFunc
}

// Reconnection says how a client reconnects by itself.
type Reconnection struct {
	Off      bool
	Attempts int           // before it gives up; zero means no limit
	Delay    time.Duration // before the first attempt; default 1 s
	DelayMax time.Duration // default 5 s
	Factor   float64       // of the randomization, 0 to 1; default 0.5
}

// A Client is one user. All methods are safe from any goroutine, and none
// blocks.
type Client struct {
	cfg    Config
	target target
	lane   *trace.Lane
	name   trace.Name
	room   trace.Name
	done   chan struct{}

	poll, post, bye, ws wire
	jar                 jar
	usual               string // header lines of every request

	ctx    context.Context // of dials
	cancel context.CancelFunc

	mu      sync.Mutex
	running int       // goroutines
	closed  bool      // by Close
	cause   trace.Ref // of what is being done

	// Of the Manager.
	eng           *engine // the latest
	phase         phase
	reconnecting  bool
	skipReconnect bool
	retrying      bool // this attempt is a reconnection
	backoff       backoff
	timer         host.Timer // connect timeout, or the delay before an attempt
	turn          uint32     // counts uses of timer, to tell a late one

	// Of the Socket.
	active    bool // it wants to be connected
	connected bool
	socket    trace.Name
	acks      uint64 // ids given
	said      uint32
	buffer    []socketio.Packet // said while not connected
	failure   Failure

	// Of the page.
	connects int // of this page
	joined   bool
	queue    []queued // said, with retries, and not acknowledged
	asked    uint64   // the acknowledgement that the first of queue waits for
	ackTimer host.Timer

	// Of connection state recovery, when the server has it on.
	pid       string
	offset    string // the last argument of the last event that ended with a text
	recovered bool
	early     []socketio.Packet // events that came before the answer to CONNECT
}

// Failure is the latest error that the client met.
type Failure struct {
	Text    string // "xhr poll error", "xhr post error", "websocket error", "timeout", "probe error", the message of a CONNECT_ERROR
	Status  int    // of the HTTP answer, 0 when there was none
	Message string // from the answer's body: "Session ID unknown"
}

// connectTimeout bounds one attempt to connect, as the original's option timeout.
const connectTimeout = 20 * time.Second

var errClosed = errors.New("client is closed")

// New returns a client that does nothing yet. The error is about Config.URL or
// Config.Transports.
func New(cfg Config) (*Client, error) {
	t, err := parseTarget(cfg.URL, cfg.HostHeader)
	if err != nil {
		return nil, err
	}
	if len(cfg.Transports) == 0 {
		cfg.Transports = []string{Polling, WebSocket}
	}
	for _, name := range cfg.Transports {
		if name != Polling && name != WebSocket {
			return nil, fmt.Errorf("unknown transport %q, want %q or %q", name, Polling, WebSocket)
		}
	}
	t.version = strconv.Itoa(cmp.Or(cfg.Protocol, 4))
	again := &cfg.Reconnection
	again.Delay, again.DelayMax, again.Factor = cmp.Or(again.Delay, time.Second), cmp.Or(again.DelayMax, 5*time.Second), cmp.Or(again.Factor, 0.5)
	if cfg.Names == nil {
		cfg.Names = NewNames()
	}
	c := &Client{
		cfg:    cfg,
		target: t,
		lane:   cfg.Lane(trace.LaneID{Host: cfg.Name, Client: trace.N(cfg.Name)}),
		name:   trace.N(cfg.Name),
		room:   trace.N(cfg.Room),
		done:   make(chan struct{}),
	}
	c.jar.off = cfg.NoCookies
	if !has(cfg.Header, "User-Agent") {
		c.usual = "User-Agent: " + userAgent + "\r\n"
	}
	if !has(cfg.Header, "Accept") {
		c.usual += "Accept: */*\r\n"
	}
	c.ctx, c.cancel = context.WithCancel(context.Background())
	c.poll = wire{c: c, purpose: trace.LanePoll}
	c.post = wire{c: c, purpose: trace.LanePost}
	c.bye = wire{c: c, purpose: trace.LaneBye}
	c.ws = wire{c: c, purpose: trace.LaneWebSocket}
	return c, nil
}

// Connect connects if the client is neither connected nor about to be, and keeps it
// connected from now on. It is needed again after Disconnect, after "io server
// disconnect" and after a refused CONNECT.
func (c *Client) Connect() {
	c.enter(trace.Ref{}, c.connect)
}

// Disconnect leaves: "io client disconnect", and no reconnection.
func (c *Client) Disconnect() {
	c.enter(trace.Ref{}, c.disconnect)
}

// Say says text in the room. While the client is not connected the message
// waits, as long as it takes.
func (c *Client) Say(text string) {
	c.enter(trace.Ref{}, func() { c.say(text) })
}

// Moved says that the network has changed: every connection is gone, as when
// a browser goes offline and online with another address. The client notices
// at once ("transport close") and reconnects after its usual back-off.
func (c *Client) Moved() {
	c.enter(trace.Ref{}, func() {
		c.cut(nil, c.cfg.Drop)
		c.moved()
	})
}

// Reload does what a reload of the page does: every connection closes, what waited to
// be said is lost, and once the page is there again the client connects anew, also one
// that had left or given up.
func (c *Client) Reload() {
	c.enter(trace.Ref{}, func() {
		c.cut(nil, nil)
		c.reload()
	})
}

// Close ends everything at once: nothing more is sent or reported. Done tells
// when the last goroutine has ended.
func (c *Client) Close() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		return
	}
	c.closed = true
	c.stopTimer()
	c.running++ // for what follows
	c.cancel()
	c.stopAckTimer()
	if c.eng != nil && c.eng.ping != nil {
		c.eng.ping.Stop()
	}
	c.cut(nil, nil)
	c.left()
}

// Done is closed when Close was called and every goroutine has ended.
func (c *Client) Done() <-chan struct{} { return c.done }

// enter runs f with the client to itself, unless it is closed. cause is the
// event that led to it.
func (c *Client) enter(cause trace.Ref, f func()) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		return
	}
	c.cause = cause
	f()
}

// spawn starts f in a goroutine that counts. The caller holds c.mu.
func (c *Client) spawn(f func()) {
	c.running++
	c.cfg.Go(func() {
		defer func() {
			c.mu.Lock()
			defer c.mu.Unlock()
			c.left()
		}()
		f()
	})
}

// left counts a goroutine that ends. The caller holds c.mu.
func (c *Client) left() {
	c.running--
	if c.closed && c.running == 0 {
		close(c.done)
	}
}

// after calls f, with the client to itself, once d has passed.
func (c *Client) after(d time.Duration, f func()) host.Timer {
	return c.cfg.AfterFunc(c.cfg.Name, c.throttled(d), func() { c.enter(trace.Ref{}, f) })
}

// throttled returns how long a timer takes in fact.
func (c *Client) throttled(d time.Duration) time.Duration {
	if !c.cfg.Background {
		return d
	}
	at := time.Now().Add(d)
	full := at.Truncate(time.Second)
	if full.Before(at) {
		full = full.Add(time.Second)
	}
	return d + full.Sub(at)
}

// emit records an event of the client's, caused by the one before it. The
// caller holds c.mu.
func (c *Client) emit(e trace.Event) {
	e.Client, e.Cause = c.name, c.cause
	c.cause = c.lane.Emit(e)
}
