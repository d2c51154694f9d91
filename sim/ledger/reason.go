package ledger

import (
	"fmt"
	"strings"
	"time"

	"stickylab/cluster/trace"
)

// Reason says why a message that was due did not arrive. It is derived from
// the trace as soon as that is certain, and again when the message has settled: from
// the state at the instant of sending, and from what happened since.
type Reason uint8

// The reasons, of which the first that holds is given. The six after the first are
// about the hop from node to node and do not apply once the receiver's node has the
// message; an "off" or "down" that came after sending counts as well, unless
// the message was past it already.
const (
	LeftOver           Reason = iota // the receiver had reconnected and received the message on a newer socket: the user missed nothing
	AdapterOffSender                 // the sender's node has no adapter: it sends to no other node
	AdapterOffReceiver               // the receiver's node has no adapter: it receives from no other node
	RedisDownSender                  // the adapter of the sender's node has no link to Redis
	RedisDownReceiver                // the adapter of the receiver's node has no link to Redis
	SenderNodeDied                   // the sender's node went down before it published the message
	ReceiverGone                     // the receiver's client was away already when the message was sent; its node had not noticed
	ReceiverNodeDied                 // the receiver's node went down
	NodeFrozen                       // the receiver's node was frozen or blocked, and had not written the message
	ConnectionBroke                  // the receiver's connection ended before the message was read
	LeftRoom                         // the receiver left the room before its node wrote the message
	NeverRelayed                     // the message did not come through Redis, and nothing above says why
	NeverWritten                     // the receiver's node had the message and did not write it
	NeverRead                        // written by the node, and not read (yet)
	WaitsForRedis                    // sender and receiver are on one node, whose adapter serves them only when Redis has taken the message

	firstOther                                          // and those after it: see OtherAdapter
	reasons    = firstOther + joiningKinds*joiningKinds // keep last
)

type reasonText struct{ short, sentence, cause string }

// reasonTexts tell each reason in a few words, in a sentence about a message
// from node {from} to node {to}, and as what follows a colon.
var reasonTexts = [reasons]reasonText{
	LeftOver:           {"left over from before a reconnect", "left over on {to} from before a reconnect, the user received it on the new socket", "left over from before a reconnect"},
	AdapterOffSender:   {"sender's adapter is off", "receiver is on {to}, adapter is off on {from}", "adapter off on {from}"},
	AdapterOffReceiver: {"receiver's adapter is off", "receiver is on {to}, adapter is off there", "adapter off on {to}"},
	RedisDownSender:    {"sender's node has no link to Redis", "receiver is on {to}, {from} has no link to Redis", "no link to Redis on {from}"},
	RedisDownReceiver:  {"receiver's node has no link to Redis", "receiver is on {to}, which has no link to Redis", "no link to Redis on {to}"},
	SenderNodeDied:     {"sender's node went down", "receiver is on {to}, {from} went down before it passed the message on", "{from} went down before it published"},
	ReceiverNodeDied:   {"receiver's node went down", "receiver was on {to}, which went down", "{to} went down"},
	ReceiverGone:       {"receiver was gone, unnoticed", "receiver was gone, {to} had not noticed", "gone, unnoticed by {to}"},
	NodeFrozen:         {"receiver's node was frozen", "receiver is on {to}, which was frozen", "{to} was frozen"},
	ConnectionBroke:    {"receiver's connection broke", "receiver's connection to {to} broke", "connection to {to} broke"},
	LeftRoom:           {"receiver left the room", "receiver on {to} left the room meanwhile", "left the room meanwhile"},
	NeverRelayed:       {"never relayed", "receiver is on {to}, nothing came there from {from}", "nothing came from {from}"},
	NeverWritten:       {"never written", "receiver is on {to}, which never wrote it", "never written by {to}"},
	WaitsForRedis:      {"sender's node waits for Redis", "{to} waits for Redis before it serves its own sockets", "{to} waits for Redis"},
	NeverRead:          {"written, never read", "{to} wrote it, receiver did not read it", "written by {to}, never read"},
}

// String returns the reason in a few words, without names.
func (r Reason) String() string {
	if r < reasons {
		return reasonTexts[r].short
	}
	return fmt.Sprintf("reason(%d)", uint8(r))
}

// Because returns the reason in a sentence that goes with the name of the
// sender's node: "receiver is on im-5080, adapter is off on im-3030".
func (r Reason) Because(sender, receiver string) string {
	if r >= reasons {
		return r.String()
	}
	return strings.NewReplacer("{from}", sender, "{to}", receiver).Replace(reasonTexts[r].sentence)
}

// Cause returns the reason as what follows "0 of 20 on B: ", short enough for a line of
// a screen: "adapter off on A".
func (r Reason) Cause(sender, receiver string) string {
	if r >= reasons {
		return r.String()
	}
	return strings.NewReplacer("{from}", sender, "{to}", receiver).Replace(reasonTexts[r].cause)
}

// Sentence returns the reason in a sentence that names both nodes.
func (r Reason) Sentence(sender, receiver string) string {
	text := r.Because(sender, receiver)
	if r < reasons && !strings.Contains(reasonTexts[r].sentence, "{from}") {
		text += fmt.Sprintf(" (sent on %s)", sender)
	}
	return text
}

// why derives the reason for which m did not arrive at socket i, which has that
// position in its roster.
func (l *Ledger) why(m *message, position, i int32) Reason {
	s := l.sockets[i]
	if _, ok := l.replaced(m, s); ok {
		return LeftOver
	}
	if m.wrote.has(position) {
		return l.broken(m, s, NeverRead)
	}
	if s.node == m.node || m.relayed.has(s.node) {
		if s.node == m.node && m.waits() && !m.published {
			return l.broken(m, s, WaitsForRedis)
		}
		return l.broken(m, s, NeverWritten)
	}

	from, to := &l.nodes[m.node], &l.nodes[s.node]
	switch {
	case !m.published && !m.era.adapter.has(m.node):
		return AdapterOffSender
	case !m.era.adapter.has(s.node):
		return AdapterOffReceiver
	case m.strangers(s.node):
		return otherAdapter(m.era.kindAt(m.node), m.era.kindAt(s.node))
	case !m.published && !m.era.redis.has(m.node):
		return RedisDownSender
	case !m.era.redis.has(s.node):
		return RedisDownReceiver
	case !m.published && from.downAt >= m.at:
		return SenderNodeDied
	case s.goneBy(m.at):
		return ReceiverGone
	case s.diedWithNode(l, m.at):
		return ReceiverNodeDied
	case !m.published && from.adapterOffAt >= m.at:
		return AdapterOffSender
	case to.adapterOffAt >= m.at:
		return AdapterOffReceiver
	case from.redisDownAt >= m.at:
		return RedisDownSender
	case to.redisDownAt >= m.at:
		return RedisDownReceiver
	}
	return l.broken(m, s, NeverRelayed)
}

// replaced returns the socket with which a user had replaced a socket when m was
// sent, and on which m arrived. That the old one has no user any more must be known:
// its client said so, a request of it failed, or it did not answer a ping.
func (l *Ledger) replaced(m *message, s *socket) (*socket, bool) {
	if s.goneAt == never && !s.closeText.Is(trace.PingTimeout) {
		return nil, false
	}
	for old, n := s, l.newer(s); n != nil; old, n = n, l.newer(n) {
		if p, due := m.due.find(old.newer - 1); due && m.arrived.has(p) {
			return n, true
		}
	}
	return nil, false
}

// broken derives the reason on the last hop, from the receiver's node to the
// receiver; otherwise is the reason when nothing broke.
func (l *Ledger) broken(m *message, s *socket, otherwise Reason) Reason {
	switch {
	case s.goneBy(m.at):
		return ReceiverGone
	case s.diedWithNode(l, m.at):
		return ReceiverNodeDied
	case otherwise != NeverRead && l.nodes[s.node].frozenSince(m.at):
		return NodeFrozen
	case s.goneAt != never || !s.open:
		return ConnectionBroke
	case otherwise != NeverRead && s.hasLeft(m.room, m.at):
		return LeftRoom
	}
	return otherwise
}

// goneBy reports whether the socket's client knew itself disconnected at an instant.
func (s *socket) goneBy(at time.Duration) bool { return s.goneAt != never && s.goneAt <= at }

// diedWithNode reports whether the socket ended, since the instant, because
// its node went down, killed or stopped.
func (s *socket) diedWithNode(l *Ledger, since time.Duration) bool {
	if s.open || l.nodes[s.node].downAt < since {
		return false
	}
	return s.died || s.closeText.Is(trace.ServerShuttingDown)
}
