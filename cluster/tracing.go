package cluster

import (
	"net"
	"net/http"

	"stickylab/cluster/engineio"
	"stickylab/cluster/host"
	"stickylab/cluster/socketio"
	"stickylab/cluster/trace"
)

// user is what a node knows of one session's user. The session's goroutines own
// its lanes: in for what it sends, out for what is written to it, lifecycle for
// its opening and end.
type user struct {
	session            trace.Name
	socket, name       trace.Name
	in, out, lifecycle *trace.Lane
	unnumbered         uint32
}

// broadcastTag marks a broadcast: each copy that a node writes is traced back to
// it.
type broadcastTag struct {
	msg   trace.Msg
	cause trace.Ref
	lane  *trace.Lane // that broadcasts
}

// observer turns what Engine.IO on a node reports into events.
type observer struct{ l *instance }

var _ engineio.Observer = observer{}

func (o observer) Opened(s *engineio.Session) {
	l := o.l
	lane := func(of string) *trace.Lane {
		return l.env.Lane(trace.LaneID{Host: l.name, Purpose: s.ID() + of, Serial: of == "/out"})
	}
	u := &user{
		session:   trace.N(s.ID()),
		in:        lane("/in"),
		out:       lane("/out"),
		lifecycle: lane(""),
	}
	s.SetData(u)
	l.from.add(clientOf(s.Request()), 1)
	l.emit(u.lifecycle, trace.Event{Kind: trace.SessionOpened, Node: l.id, Session: u.session, Peer: clientOf(s.Request()), Text: trace.N(s.Transport())})
}

func (o observer) Upgraded(s *engineio.Session) {
	u := userOf(s)
	o.l.emit(u.lifecycle, trace.Event{Kind: trace.SessionUpgraded, Node: o.l.id, Session: u.session})
}

func (o observer) Closed(s *engineio.Session, reason string) {
	u := userOf(s)
	o.l.from.add(clientOf(s.Request()), -1)
	o.l.emit(u.lifecycle, trace.Event{Kind: trace.SessionClosed, Node: o.l.id, Session: u.session, Text: trace.N(reason)})
}

func (o observer) Refused(r *http.Request, sid string, status, code int, text string) {
	if lane := host.LaneOf(r.Context()); lane != nil {
		o.l.emit(lane, trace.Event{Kind: trace.Refused, Node: o.l.id, Session: trace.N(sid), Peer: clientOf(r), Status: int32(status), Text: trace.N(text)})
	}
}

func (o observer) Wrote(s *engineio.Session, m engineio.Message) {
	u, c := userOf(s), m.Tag.(*broadcastTag)
	o.l.emit(u.out, trace.Event{Kind: trace.Wrote, Node: o.l.id, Socket: u.socket, Client: u.name, Msg: c.msg, Cause: c.cause})
}

func userOf(s *engineio.Session) *user { return s.Data().(*user) }

// welcome returns the user of a socket that has connected.
func (l *instance) welcome(s *socketio.Socket) *user {
	if recovered, _ := s.Recovered(); recovered {
		return userOf(s.Session())
	}
	u := l.introduce(s)
	if why := s.NotRecovered(); why != "" {
		l.emit(u.in, trace.Event{Kind: trace.NotRecovered, Node: l.id, Socket: u.socket, Client: u.name, Text: why.Name()})
	}
	return u
}

// introduce makes the user of a new socket known.
func (l *instance) introduce(s *socketio.Socket) *user {
	u := userOf(s.Session())
	name, _ := s.Auth()["name"].(string)
	if name == "" || len(name) > maxName {
		name = s.ID()
	}
	u.socket, u.name = trace.N(s.ID()), trace.N(name)
	l.emit(u.in, trace.Event{Kind: trace.SocketOpened, Node: l.id, Session: u.session, Socket: u.socket, Client: u.name})
	if recovered, replayed := s.Recovered(); recovered {
		l.emit(u.in, trace.Event{Kind: trace.Recovered, Node: l.id, Socket: u.socket, Client: u.name, Status: int32(replayed)})
	}
	s.OnDisconnect(func(reason string) {
		l.emit(u.lifecycle, trace.Event{Kind: trace.SocketClosed, Node: l.id, Socket: u.socket, Client: u.name, Text: trace.N(reason)})
	})
	return u
}

// onRoomChange reports that a socket joined or left a room, at its own
// request or at that of another node.
func (l *instance) onRoomChange(kind trace.Kind) func(*socketio.Socket, string) {
	return func(s *socketio.Socket, room string) {
		if room == s.ID() {
			return
		}
		u := userOf(s.Session())
		l.emit(u.in, trace.Event{Kind: kind, Node: l.id, Socket: u.socket, Client: u.name, Room: trace.N(room)})
	}
}

// clientOf returns the address of the client that a proxy names, else of the
// connection.
func clientOf(r *http.Request) trace.Name {
	if ip := r.Header.Get("X-Real-IP"); ip != "" {
		return trace.N(ip)
	}
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		host = r.RemoteAddr
	}
	return trace.N(host)
}
