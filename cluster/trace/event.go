// Package trace defines the typed events by which every layer reports what
// happened, where and to whom.
//
// An event is emitted on a Lane, which belongs to one goroutine (or to one
// serialised activity, such as everything that is written to one session).
// Between two quiescences, a step, goroutines run concurrently, so the order in
// which events arrive at the Recorder means nothing; when the step is closed they
// are sorted and numbered, and only then may they be read.
//
// The trace says what happened. Why a message did not arrive is derived from
// it elsewhere.
package trace

import (
	"strconv"
	"time"
)

// Event is one thing that happened. Which of the fields after Kind are set
// depends on the Kind; see there.
type Event struct {
	Seq   uint64        // place in the trace, from 1; set when the step is closed
	At    time.Duration // since the start of the run
	Lane  *Lane         // where it was emitted; set by Lane.Emit
	N     uint32        // number in the lane, from 1; set by Lane.Emit
	Kind  Kind
	depth uint16
	Cause Ref // the event that led to this one, if known

	Node    Name // the node concerned, by name
	Client  Name // the client concerned: the name that it gave when it connected
	Session Name // Engine.IO sid
	Socket  Name // Socket.IO sid
	Room    Name
	Peer    Name // an address: of a client, of an upstream peer
	Text    Name // exact error text, reason, request line, transport, verb

	Msg    Msg
	Status int32         // HTTP status or Engine.IO error code
	Value  time.Duration // a delay
}

// Msg identifies a chat message: the client that said it and which of its
// messages it is, from 1.
type Msg struct {
	From Name
	N    uint32
}

// IsZero reports whether m identifies no message.
func (m Msg) IsZero() bool { return m == Msg{} }

// String returns the id as text, "beijing-07:12".
func (m Msg) String() string {
	return m.From.String() + ":" + strconv.FormatUint(uint64(m.N), 10)
}

// Ref names an emitted event so that later ones can give it as their cause.
// The zero Ref is no event.
type Ref struct {
	Lane  *Lane
	N     uint32
	step  uint32
	depth uint16
}
