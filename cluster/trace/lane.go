package trace

import "strconv"

// A Lane is the stream of events of one goroutine, or of one activity that
// never runs in two goroutines at once.
type Lane struct {
	id   LaneID
	name string // of id, by which the lanes of a step are sorted
	to   *Recorder

	// Guarded by the recorder's lock.
	n     uint32
	step  uint32
	depth uint16
	owner uint64 // the goroutine that has emitted in this step; see Recorder.Strict

	counters map[string]uint32
}

// LaneID says whose activity a lane is. It must not depend on how goroutines
// were scheduled.
type LaneID struct {
	Host    string // the client, proxy or node that acts
	Purpose string // what for, such as "poll" or "redis1/sub"; "" for the host as a whole
	Client  Name   // the virtual client that acts, or that dialed Origin; set from Origin when empty
	Origin  Dial   // the connection that the lane serves; the zero Dial for none

	// Serial says that the order of the lane's events is that of a queue, whichever
	// goroutine empties it; see Recorder.Strict.
	Serial bool
}

// Purposes of a client's lanes: its polls, its POSTs, the POST that ends a
// session, its WebSocket.
const (
	LanePoll      = "poll"
	LanePost      = "post"
	LaneBye       = "bye"
	LaneWebSocket = "ws"
)

// String returns the lane's name, "beijing-07/poll", or, for one that serves a
// connection, "im-3030<proxy<beijing-07/poll#1#1".
func (id LaneID) String() string {
	name := id.Host
	if id.Purpose != "" {
		name += "/" + id.Purpose
	}
	if id.Origin != (Dial{}) {
		name += "<" + id.Origin.String()
	}
	return name
}

// A Dial identifies a connection by who opened it.
type Dial struct {
	Lane *Lane  // that dialed; nil for a connection from outside the run
	N    uint32 // which of the lane's dials, from 1
	Addr string // where a connection from outside comes from
}

// String returns the dialing lane's name and the number of the dial, or where
// the connection comes from.
func (d Dial) String() string {
	if d.Lane == nil {
		return d.Addr
	}
	return d.Lane.name + "#" + strconv.FormatUint(uint64(d.N), 10)
}

// Name returns the text of the lane's LaneID.
func (l *Lane) Name() string { return l.name }

// Purpose returns what the lane is for; see LaneID.
func (l *Lane) Purpose() string { return l.id.Purpose }

// Client returns the virtual client that acts on the lane, or that dialed the
// connection that the lane serves. Of a connection between a proxy and a node it
// is the client for which it was dialed: others may use it later. It is empty
// for no client, as for a nil lane.
func (l *Lane) Client() Name {
	if l == nil {
		return Name{}
	}
	return l.id.Client
}

// Dialer returns the lane that dialed the connection that l serves, or nil.
func (l *Lane) Dialer() *Lane {
	if l == nil {
		return nil
	}
	return l.id.Origin.Lane
}

// Direct reports whether the lane serves a connection that a client dialed, not
// a proxy.
func (l *Lane) Direct() bool { return l.Dialer() != nil && l.Dialer().Dialer() == nil }

// Root returns the lane with which the connection that l serves began, through
// however many proxies it came: l itself when it serves none.
func (l *Lane) Root() *Lane {
	for l.Dialer() != nil {
		l = l.Dialer()
	}
	return l
}

// Emit records e on the lane and returns a reference to it, for the events
// that it causes. Lane, N and At are set; it is safe from any goroutine, but
// the order within a step is the same in every run only when the lane belongs
// to one.
func (l *Lane) Emit(e Event) Ref { return l.to.add(l, &e) }

// Next counts, from 1, the things of a kind that this lane has made: sessions,
// messages. It is for the goroutine that owns the lane.
func (l *Lane) Next(kind string) uint32 {
	l.to.used(l, kind)
	if l.counters == nil {
		l.counters = make(map[string]uint32, 1)
	}
	l.counters[kind]++
	return l.counters[kind]
}

// NextDial returns the identity of the connection that the lane dials now. It
// is for the goroutine that owns the lane.
func (l *Lane) NextDial() Dial { return Dial{Lane: l, N: l.Next("dial")} }
