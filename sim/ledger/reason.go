package ledger

import (
	"fmt"
	"stickylab/cluster/trace"
	"time"
)

// Reason says why a message that was due did not arrive. It is derived from
// the trace when the message has settled: from the state at the instant of
// sending, and from what happened since.
type Reason uint8

// The reasons, the first that holds being the reason. The first six are about
// the way from node to node and do not apply once the receiver's node has the
// message; an "off" or "down" that came after sending counts as well, unless
// the message was past it already.
const (
	AdapterOffSender   Reason = iota // the sender's node has no adapter: it tells no other node
	AdapterOffReceiver               // the receiver's node has no adapter: it hears no other node
	RedisDownSender                  // the adapter of the sender's node has no link to Redis
	RedisDownReceiver                // the adapter of the receiver's node has no link to Redis
	SenderNodeDied                   // the sender's node went down before it published the message
	ReceiverNodeDied                 // the receiver's node went down
	ReceiverGone                     // the receiver's client was away already when the message was sent; its node had not noticed
	NodeFrozen                       // the receiver's node was frozen or blocked, and had not written the message
	ConnectionBroke                  // the receiver's connection ended before the message was read
	LeftRoom                         // the receiver left the room before its node wrote the message
	NeverRelayed                     // the message did not come through Redis, and nothing above says why
	NeverWritten                     // the receiver's node had the message and did not write it
	NeverRead                        // written by the node, and not read (yet)

	reasons // keep last
)

var reasonNames = [reasons]string{
	AdapterOffSender: "adapter off on the sender's node", AdapterOffReceiver: "adapter off on the receiver's node",
	RedisDownSender: "sender's node has no link to Redis", RedisDownReceiver: "receiver's node has no link to Redis",
	SenderNodeDied: "sender's node went down", ReceiverNodeDied: "receiver's node went down",
	ReceiverGone: "receiver was gone, unnoticed", NodeFrozen: "receiver's node stood still", ConnectionBroke: "receiver's connection broke", LeftRoom: "receiver left the room",
	NeverRelayed: "never relayed", NeverWritten: "never written", NeverRead: "written, never read",
}

// String returns the reason in a few words, without names.
func (r Reason) String() string {
	if r < reasons {
		return reasonNames[r]
	}
	return fmt.Sprintf("reason(%d)", uint8(r))
}

// Sentence tells the reason for a message that was sent on the node sender and
// due on the node receiver.
func (r Reason) Sentence(sender, receiver string) string {
	switch r {
	case AdapterOffSender:
		return fmt.Sprintf("receiver is on %s, adapter is off on %s", receiver, sender)
	case AdapterOffReceiver:
		return fmt.Sprintf("receiver is on %s, adapter is off there (sent on %s)", receiver, sender)
	case RedisDownSender:
		return fmt.Sprintf("receiver is on %s, %s has no link to Redis", receiver, sender)
	case RedisDownReceiver:
		return fmt.Sprintf("receiver is on %s, which has no link to Redis (sent on %s)", receiver, sender)
	case SenderNodeDied:
		return fmt.Sprintf("receiver is on %s, %s went down before it passed the message on", receiver, sender)
	case ReceiverNodeDied:
		return fmt.Sprintf("receiver was on %s, which went down (sent on %s)", receiver, sender)
	case ReceiverGone:
		return fmt.Sprintf("receiver was gone, %s had not noticed (sent on %s)", receiver, sender)
	case NodeFrozen:
		return fmt.Sprintf("receiver is on %s, which stood still (sent on %s)", receiver, sender)
	case ConnectionBroke:
		return fmt.Sprintf("receiver's connection to %s broke (sent on %s)", receiver, sender)
	case LeftRoom:
		return fmt.Sprintf("receiver on %s left the room meanwhile (sent on %s)", receiver, sender)
	case NeverRelayed:
		return fmt.Sprintf("receiver is on %s, nothing came there from %s", receiver, sender)
	case NeverWritten:
		return fmt.Sprintf("receiver is on %s, which never wrote it (sent on %s)", receiver, sender)
	case NeverRead:
		return fmt.Sprintf("%s wrote it, receiver did not read it (sent on %s)", receiver, sender)
	}
	return r.String()
}

// why derives the reason for which m did not arrive at socket i.
func (l *Ledger) why(m *message, i int32) Reason {
	s := &l.sockets[i]
	if m.wrote.has(i) {
		return l.broken(m, s, NeverRead)
	}
	if s.node == m.node || m.relayed.has(s.node) {
		return l.broken(m, s, NeverWritten)
	}

	from, to := &l.nodes[m.node], &l.nodes[s.node]
	switch {
	case !m.published && !m.era.adapter.has(m.node):
		return AdapterOffSender
	case !m.era.adapter.has(s.node):
		return AdapterOffReceiver
	case !m.published && !m.era.redis.has(m.node):
		return RedisDownSender
	case !m.era.redis.has(s.node):
		return RedisDownReceiver
	case !m.published && from.downAt >= m.at:
		return SenderNodeDied
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

// broken derives the reason on the way from the receiver's node to the
// receiver; otherwise is the reason when nothing broke.
func (l *Ledger) broken(m *message, s *socket, otherwise Reason) Reason {
	switch {
	case s.diedWithNode(l, m.at):
		return ReceiverNodeDied
	case s.goneAt != never && s.goneAt <= m.at:
		return ReceiverGone
	case otherwise != NeverRead && l.nodes[s.node].frozenSince(m.at):
		return NodeFrozen
	case s.goneAt != never || !s.open:
		return ConnectionBroke
	case otherwise != NeverRead && s.hasLeft(m.room, m.at):
		return LeftRoom
	}
	return otherwise
}

// diedWithNode reports whether the socket ended, since the instant, because
// its node went down, killed or stopped.
func (s *socket) diedWithNode(l *Ledger, since time.Duration) bool {
	if s.open || l.nodes[s.node].downAt < since {
		return false
	}
	return s.died || s.closeText.Is(trace.ServerShuttingDown)
}
