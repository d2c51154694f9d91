package ledger

import (
	"time"

	"stickylab/cluster/trace"
)

// client is a virtual client as it knows itself.
type client struct {
	name, group, ip, room      trace.Name
	connected, ever            bool
	joined                     bool         // has been in a room
	trying                     bool         // lost its connection and means to come back
	node, first                int32        // of its connection; of its first
	number                     int32        // of its group
	rooms                      []trace.Name // that it joined and did not leave; replaced, never changed
	claimed                    trace.Name   // the session that it named last
	session, socket, transport trace.Name
	failure                    trace.Name    // of its last attempt to connect
	since                      time.Duration // of being connected or not
	reconnects                 int
	received                   int
	lost                       int // connections
	unserved                   int // requests
	missed                     [reasons]uint32
	recovery                   Recovery
	notRecovered               RecoveryFailure // the last
}

// clientOf returns the number of a client, which it gives at first sight.
func (l *Ledger) clientOf(name trace.Name) int32 {
	i, ok := l.clientAt[name]
	if !ok {
		i = int32(len(l.clients))
		l.clients = append(l.clients, client{name: name, node: -1, first: -1})
		l.clientAt[name] = i
	}
	return i
}

func (l *Ledger) client(e *trace.Event) {
	if e.Client == (trace.Name{}) {
		return
	}
	i := l.clientOf(e.Client)
	c := &l.clients[i]
	switch e.Kind {
	case trace.Asked:
		l.claim(e.Session, i)
		l.segments.last(l.owner).group(c.number).asked++
		l.countPeaks()
	case trace.Answered:
		if e.Status == 0 || e.Status >= 400 {
			l.segments.around(l.now-e.Value, l.owner).group(c.number).unanswered++ // when it was asked
		}
		if e.Status == 0 || e.Status >= 500 {
			c.unserved++
		}
	case trace.Reconnecting:
		c.trying = true
		c.reconnects++
		l.segments.last(l.owner).group(c.number).reconnects++
		l.updateAway(i)

	case trace.ClientAdded:
		c.ip, c.room, c.group = e.Peer, e.Room, e.Text
		c.number = l.numberOf(e.Text)
	case trace.ClientMoved:
		c.ip = e.Peer

	case trace.Connected:
		c.connected, c.ever, c.trying, c.since = true, true, false, l.now
		c.failure = trace.Name{}
		c.session, c.socket, c.transport = e.Session, e.Socket, e.Text
		c.node = l.place(e)
		if c.first < 0 {
			c.first = c.node
		}
		l.claim(e.Session, i)
		l.updateAway(i)
		l.updateOutside(i)
	case trace.ConnectError:
		c.failure = e.Text
	case trace.Upgraded:
		c.transport = trace.WebSocket.Name()
	case trace.Disconnected:
		if at, ok := l.socketAt[c.socket]; ok && c.connected {
			l.clientGone(at)
		}
		if e.Text.Is(trace.ClientDisconnect) {
			l.endWished(c.session)
		} else {
			c.lost++
		}
		c.connected, c.since = false, l.now
		c.trying = !e.Text.Is(trace.ClientDisconnect) && !e.Text.Is(trace.ServerDisconnect)
		l.updateAway(i)
		l.outside.drop(i)
	}
}

// place finds the node on which a client has connected, or -1, and ties the
// socket to the client.
func (l *Ledger) place(e *trace.Event) int32 {
	if i, ok := l.socketAt[e.Socket]; ok {
		if c := l.clientAt[e.Client]; l.sockets[i].client != c {
			l.ownSocket(i).client = c
		}
		return l.sockets[i].node
	}
	if s, ok := l.sessions[e.Session]; ok {
		return s.node
	}
	return -1
}

// away reports whether the client had joined, is not connected and is trying
// again.
func (c *client) away() bool { return !c.connected && c.joined && c.trying }
