// Package ledger folds the trace into the state at any time: the placement of
// clients, which deliveries were due, which arrived, and why the others did not.
// It also owns the sentences about events (Describe), error texts (ErrorText) and
// reasons (Reason), so that reports and screens agree.
package ledger

import (
	"math"
	"time"

	"stickylab/cluster/trace"
)

// Config configures a ledger. The zero value works.
type Config struct {
	// Settle is how long a message may be in flight: what has not arrived by then
	// is missed. Zero means that only what has arrived counts.
	Settle time.Duration

	// Keep is how long a settled message is remembered, for copies that arrive
	// late and for queries about it. Default 60 s, which is more than a
	// broken connection lives unnoticed with the usual heartbeat (45 s). What
	// arrives later still is not counted.
	Keep time.Duration

	// End is when the run is over and its wind-down begins; what happens from
	// then on is in no window, except the arrival of what was sent before.
	// Default: never.
	End time.Duration

	// Nodes are named in the order in which they are listed. Others follow in the order in
	// which they appear. Default: none is known before it appears.
	Nodes []string

	// RealClients counts what is written to a real client's socket as arrived:
	// when the client reads it is not known.
	RealClients bool

	// MaxBytes bounds what is remembered: of more than that the oldest is forgotten
	// before its time, and what is sent when messages in flight alone take as much is not
	// followed. Default 0, no bound.
	MaxBytes int

	// Every cuts the time into slices whose counts can be asked for later, for
	// SnapshotSince and Series; each Switch begins one. Default 0: only the windows that are
	// watched are kept apart.
	Every time.Duration
}

// Instants before and after everything that happens.
const (
	never   = time.Duration(math.MinInt64)
	forever = time.Duration(math.MaxInt64)
)

// A Ledger is the fold of a trace. It belongs to one goroutine; a Clone may be
// given to another.
type Ledger struct {
	config Config
	now    time.Duration
	next   time.Duration // when Advance has something to do
	owner  *owner

	nodes      []node // first those of Config.Nodes
	nodeIndex  map[trace.Name]int32
	era        *era // the adapters and links of now
	sessions   map[trace.Name]session
	sockets    []*socket
	socketAt   map[trace.Name]int32
	closed     []int32              // sockets that ended, oldest first
	free       set                  // numbers of sockets that were forgotten
	latest     map[trace.Name]int32 // user -> the number of the newest socket, plus 1
	rooms      map[trace.Name]*roster
	clients    []client // in order of appearance
	clientAt   map[trace.Name]int32
	groups     []trace.Name // in order of appearance
	groupAt    map[trace.Name]int32
	members    []set                // open sockets by the number of their group
	holders    map[trace.Name]int32 // session -> the client whose it is, or was last
	lent       bool                 // a clone may share holders
	away       set                  // clients
	outside    set                  // clients that are connected, and not in each room that they joined before
	zombies    set                  // open sockets of which the virtual client is gone
	doubted    []uint64             // messages of which it is not known whether they are published, oldest first
	doubtUntil time.Duration        // until when that is so of the first, or forever
	refusals   []refusal            // oldest first
	switched   Switch               // the last one
	policy     trace.Name
	configured int
	recovers   bool // a node recovers connections

	messages messages
	unsent   map[trace.Msg]time.Duration // said, not yet sent: when it was said
	segments segments
	windows  []watch
	peaks    []peakCounter
	texts    map[trace.Name]trace.Name // error text as found -> as counted
}

// An owner marks what a ledger may change in place; what it shares with a
// clone bears another mark and is copied first.
type owner struct{ _ byte }

// New returns the ledger of a run of which nothing has happened yet.
func New(c Config) *Ledger {
	if c.Keep <= 0 {
		c.Keep = time.Minute
	}
	if c.End <= 0 {
		c.End = forever
	}
	l := &Ledger{
		config:    c,
		owner:     new(owner),
		nodeIndex: make(map[trace.Name]int32),
		era:       &era{},
		sessions:  make(map[trace.Name]session),
		socketAt:  make(map[trace.Name]int32),
		latest:    make(map[trace.Name]int32),
		rooms:     make(map[trace.Name]*roster),
		clientAt:  make(map[trace.Name]int32),
		groupAt:   make(map[trace.Name]int32),
		members:   make([]set, 1),
		holders:   make(map[trace.Name]int32),
		unsent:    make(map[trace.Msg]time.Duration),
		texts:     make(map[trace.Name]trace.Name),
		messages:  messages{base: 1, settled: 1, at: make(map[trace.Msg]uint64)},

		doubtUntil: forever,
	}
	l.segments.start(0, l.owner, true)
	if c.End != forever {
		l.segments.bound(c.End)
	}
	l.plan()
	for _, name := range c.Nodes {
		l.nodeOf(trace.N(name))
	}
	return l
}

// Now returns the time up to which the ledger knows.
func (l *Ledger) Now() time.Duration { return l.now }

// Config returns the configuration, defaults filled in.
func (l *Ledger) Config() Config { return l.config }

// Apply folds in the next event of the trace.
func (l *Ledger) Apply(e *trace.Event) {
	if e.At > l.now {
		if e.At > l.doubtUntil {
			l.resolve(e.At)
		}
		if e.At >= l.next {
			l.Advance(e.At)
		}
		l.now = e.At
	}
	switch e.Kind {
	case trace.Read:
		l.read(e)
		return
	case trace.Wrote:
		l.wrote(e)
		return
	case trace.Said:
		l.said(e)
	case trace.Sent:
		l.sent(e)
	case trace.Published, trace.Relayed:
		l.passed(e)

	case trace.Repeated, trace.Resent, trace.Discarded:
		l.code(e)

	case trace.Asked, trace.Answered, trace.Reconnecting, trace.Connected, trace.Upgraded, trace.Disconnected,
		trace.ConnectError, trace.UpgradeError, trace.ClientAdded, trace.ClientMoved:
		l.client(e)
	case trace.SessionOpened, trace.SessionUpgraded, trace.SessionClosed:
		l.session(e)
	case trace.SocketOpened, trace.SocketClosed, trace.Joined, trace.Left:
		l.socket(e)
	case trace.Recovered, trace.NotRecovered:
		l.recovery(e)
	case trace.NodeUp, trace.NodeDown, trace.AdapterOn, trace.AdapterOff, trace.RedisUp, trace.RedisDown:
		l.node(e)
		l.note(e)

	case trace.NodeFroze, trace.NodeResumed:
		l.freezeNode(e)
		l.note(e)
	case trace.Counted:
		l.roomCounted(e)

	case trace.PeerConns, trace.PeerFails:
		l.peer(e)

	case trace.Proxied:
		l.attributeRefusal(e)
		l.polled(e)
	case trace.Refused, trace.ProxyError, trace.FrontError:
		// Only their texts count. What a front passes counts once, at the proxy.
	case trace.ConfigLoaded:
		l.policy = e.Text
		l.configured++
		l.note(e)
	}
	if text := errorText(e, l.counted); text != (trace.Name{}) {
		l.segments.last(l.owner).fail(text, 1)
		l.attribute(e, text)
	}
}

// Advance tells the ledger that the clock has reached now and that all events
// before now have been applied: messages settle, windows freeze and are judged.
// Apply calls it when an event's time requires that.
func (l *Ledger) Advance(now time.Duration) {
	if now < l.now {
		return
	}
	l.now = now
	if now > l.doubtUntil {
		l.resolve(now)
	}
	if now < l.next {
		return
	}
	l.freeze(now)
	l.segments.advance(now, l.config.Every, l.owner)
	l.settle(now)
	l.judge(now)
	l.forget(now)
	l.segments.fold(now-l.config.Settle-l.config.Keep, l.owner)
	l.plan()
}

// plan finds the next instant at which there is something to do besides
// applying events.
func (l *Ledger) plan() {
	l.next = min(l.segments.next(l.config.Every), l.messages.next(l.config), l.nextForget(), l.nextWindow())
}

// Policy returns the balancing method of the proxy as last loaded, and how
// often it has loaded a configuration.
func (l *Ledger) Policy() (method string, loaded int) { return l.policy.String(), l.configured }
