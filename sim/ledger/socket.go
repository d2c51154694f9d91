package ledger

import (
	"slices"
	"time"

	"stickylab/cluster/trace"
)

// session is an Engine.IO session that is open on a node.
type session struct {
	node      int32
	group     int32 // number of its client's
	websocket bool
	wished    bool  // its end will be the client's wish
	socket    int32 // its socket's number, plus 1; 0 for none
	opened    time.Duration
	peer      trace.Name // the client's address, as the node was told
}

// socket is a Socket.IO socket, open or ended. Its number is its place in the
// sets of receivers.
type socket struct {
	owner               *owner
	name, session, user trace.Name
	peer                trace.Name // the user's address, as the node was told
	client              int32      // who, or -1 if it is no virtual client
	node, group         int32
	open, died          bool // died: with its node
	opened, closedAt    time.Duration
	closeText           trace.Name
	goneAt              time.Duration // when its client knew itself disconnected, as far as known, or never
	newer, older        int32         // the number of the user's next socket and of the one before, plus 1; 0 for none
	recovered           bool          // it continues the one before, whose name it has
	rooms               []trace.Name  // in order of joining; replaced, never changed
	left                []departure   // lately; replaced, never changed
}

// departure is a room that a socket left, and when.
type departure struct {
	room trace.Name
	at   time.Duration
}

// hasLeft reports whether the socket left the room at an instant or since.
func (s *socket) hasLeft(room trace.Name, since time.Duration) bool {
	return slices.ContainsFunc(s.left, func(d departure) bool { return d.room == room && d.at >= since })
}

func (l *Ledger) session(e *trace.Event) {
	s, known := l.sessions[e.Session]
	switch e.Kind {
	case trace.SessionOpened:
		if known {
			return
		}
		s = session{node: l.nodeOf(e.Node), websocket: e.Text.Is(trace.WebSocket), opened: l.now, peer: e.Peer}
		l.sessions[e.Session] = s
		l.nodes[s.node].count(s, 1)
		l.segments.last(l.owner).opened++
	case trace.SessionUpgraded:
		if known && !s.websocket {
			l.nodes[s.node].count(s, -1)
			s.websocket = true
			l.nodes[s.node].count(s, 1)
			l.sessions[e.Session] = s
			l.segments.last(l.owner).upgraded++
		}
	case trace.SessionClosed:
		if !known {
			return // it went with its node
		}
		l.nodes[s.node].count(s, -1)
		delete(l.sessions, e.Session)
		if !s.wished && !e.Text.Is(trace.ClientDisconnect) && !e.Text.Is(trace.ClientNamespaceDisconnect) {
			l.lost(s)
		}
	}
}

// count adds d sessions like s.
func (n *node) count(s session, d int) {
	n.sessions += d
	if s.websocket {
		n.websockets += d
	} else {
		n.polling += d
	}
}

func (l *Ledger) socket(e *trace.Event) {
	i, known := l.socketAt[e.Socket]
	if e.Kind == trace.SocketOpened {
		if !known || !l.sockets[i].open {
			l.openSocket(e)
		}
		return
	}
	if !known || !l.sockets[i].open {
		return
	}
	s := l.ownSocket(i)
	switch e.Kind {
	case trace.SocketClosed:
		if e.Text.Is(trace.ClientNamespaceDisconnect) {
			l.endWished(s.session)
		}
		l.closeSocket(i, e.Text, false)
	case trace.Joined:
		if slices.Contains(s.rooms, e.Room) {
			return
		}
		l.ownRoom(e.Room).put(i)
		s.rooms = append(slices.Clip(s.rooms), e.Room)
		if s.client >= 0 {
			l.enteredRoom(s.client, e.Room)
		}
	case trace.Left:
		at := slices.Index(s.rooms, e.Room)
		if at < 0 {
			return
		}
		l.leave(i, e.Room)
		if s.client >= 0 {
			l.leftRoom(s.client, e.Room)
		}
		s.rooms = slices.Delete(slices.Clone(s.rooms), at, at+1)
		var lately []departure
		for _, d := range s.left {
			if d.at > l.now-l.config.Settle {
				lately = append(lately, d)
			}
		}
		s.left = append(lately, departure{e.Room, l.now})
	}
}

func (l *Ledger) openSocket(e *trace.Event) {
	s := &socket{
		owner: l.owner, name: e.Socket, session: e.Session, user: e.Client, peer: l.sessions[e.Session].peer, client: -1, node: l.nodeOf(e.Node),
		open: true, opened: l.now, closedAt: never, goneAt: never,
	}
	if c, ok := l.clientAt[e.Client]; ok {
		s.client, s.group = c, l.clients[c].number
		l.claim(e.Session, c)
	}
	i := l.free.lowest()
	if i < 0 {
		i = int32(len(l.sockets))
		l.sockets = append(l.sockets, s)
	} else {
		l.free.drop(i)
		l.sockets[i] = s
	}
	old := l.latest[s.user]
	if before, known := l.socketAt[s.name]; known { // it is recovered
		old = before + 1
	}
	l.socketAt[s.name] = i
	if in, ok := l.sessions[s.session]; ok {
		in.socket = i + 1
		l.sessions[s.session] = in
	}
	if old > 0 {
		l.ownSocket(old - 1).newer = i + 1
		s.older = old
	}
	if s.user != s.name { // a user without a name has that of the socket
		l.latest[s.user] = i + 1
	}
	n := &l.nodes[s.node]
	n.open = n.open.with(i)
	l.members[s.group] = l.members[s.group].with(i)
	n.sockets++
}

// endedBefore reports whether the socket had ended at an instant.
func (s *socket) endedBefore(at time.Duration) bool { return !s.open && s.closedAt < at }

func (l *Ledger) closeSocket(i int32, text trace.Name, died bool) {
	s := l.ownSocket(i)
	n := &l.nodes[s.node]
	s.open, s.died, s.closedAt, s.closeText = false, died, l.now, text
	for _, room := range s.rooms {
		l.leave(i, room)
	}
	s.rooms = nil
	n.open.drop(i)
	l.members[s.group].drop(i)
	l.zombies.drop(i)
	n.sockets--
	if s.client >= 0 && l.clients[s.client].socket == s.name { // that it is gone will show
		l.outside.drop(s.client)
	}
	if !died { // else all that was due on the node is decided together
		l.decideSocket(i)
	}
	l.closed = append(l.closed, i)
	l.next = min(l.next, l.nextForget())
	l.forget(l.now)
}

func (l *Ledger) leave(i int32, room trace.Name) {
	in := l.ownRoom(room)
	in.drop(i)
	if in.n == 0 {
		delete(l.rooms, room)
	}
}

// ownSocket returns a socket to be changed, copied first if a clone shares it.
func (l *Ledger) ownSocket(i int32) *socket {
	s := l.sockets[i]
	if s.owner != l.owner {
		c := *s
		c.owner = l.owner
		s, l.sockets[i] = &c, &c
	}
	return s
}

// polled notes what the proxy answered to a poll or POST of a real client: an official
// client gives its session up unless that is a 200. A virtual one says so itself.
func (l *Ledger) polled(e *trace.Event) {
	s, ok := l.sessions[e.Session]
	if !ok || s.socket == 0 || s.websocket || e.Text.Is(trace.GetWebSocket) || e.Status == statusClientGone {
		return
	}
	i := s.socket - 1
	if int(i) >= len(l.sockets) || l.sockets[i] == nil || l.sockets[i].session != e.Session {
		return // it has ended before its session, and is forgotten
	}
	switch x := l.sockets[i]; {
	case x.client >= 0:
	case e.Status >= 400 && x.goneAt == never:
		l.ownSocket(i).goneAt = l.now
	case e.Status == 200 && e.At-e.Value > x.goneAt && x.goneAt != never: // a request that it made since
		l.ownSocket(i).goneAt = never
	}
}

// statusClientGone is what nginx logs when the client did not wait for the answer.
const statusClientGone = 499

// endWished notes that the session's end, if it comes, is the client's wish.
func (l *Ledger) endWished(sid trace.Name) {
	if s, ok := l.sessions[sid]; ok {
		s.wished = true
		l.sessions[sid] = s
	}
}
