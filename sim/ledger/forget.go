package ledger

import "time"

// What a ledger remembers besides its counts is bounded by time, Config.Keep, and
// by memory, Config.MaxBytes: the messages that have settled, and the sockets that
// have ended.

const (
	// socketSize is about how many bytes a socket takes that has ended, with its names.
	socketSize = 600

	// endedSockets is how many ended sockets are remembered to which no message refers.
	endedSockets = 1000
)

// full reports whether the ledger remembers more than it may.
func (l *Ledger) full() bool {
	return l.config.MaxBytes > 0 && l.messages.size+socketSize*len(l.closed) > l.config.MaxBytes
}

// forgettable returns whether the oldest of what can be forgotten is a message, and
// since when it is of no use but for queries and late copies; forever when there is
// nothing. A socket is kept as long as a message refers to it.
func (l *Ledger) forgettable() (message bool, since time.Duration) {
	q := &l.messages
	if len(l.closed) > 0 {
		s := l.sockets[l.closed[0]]
		if m := q.oldest(); m == nil || s.endedBefore(m.at) {
			return false, s.closedAt + l.config.Settle
		}
	}
	if q.settled > q.base {
		return true, q.queue[0].at + l.config.Settle
	}
	return false, forever
}

// nextForget returns when the ledger has something to forget.
func (l *Ledger) nextForget() time.Duration {
	if _, since := l.forgettable(); since != forever {
		return since + l.config.Keep
	}
	return forever
}

// forget drops what has been of no use for long enough, and more when the ledger is
// full.
func (l *Ledger) forget(now time.Duration) {
	for {
		message, since := l.forgettable()
		switch {
		case since == forever || since+l.config.Keep > now && !l.full() && (message || len(l.closed) <= endedSockets):
			return
		case message:
			l.messages.forget()
		default:
			l.forgetSocket()
		}
	}
}

// forget drops the oldest message.
func (q *messages) forget() {
	m := q.queue[0]
	if q.at[m.id] == q.base {
		delete(q.at, m.id)
	}
	q.size -= m.size()
	q.queue[0] = nil
	q.queue = q.queue[1:]
	q.base++
}

// forgetSocket drops the socket that ended first. Its number can be given again.
func (l *Ledger) forgetSocket() {
	i := l.closed[0]
	l.closed = l.closed[1:]
	s := l.sockets[i]
	if l.socketAt[s.name] == i { // else it was recovered
		delete(l.socketAt, s.name)
	}
	if l.latest[s.user] == i+1 {
		delete(l.latest, s.user)
	}
	l.sockets[i] = nil
	l.free = l.free.with(i)
	for last := len(l.sockets) - 1; last >= 0 && l.sockets[last] == nil; last-- {
		l.free.drop(int32(last))
		l.sockets = l.sockets[:last]
	}
}
