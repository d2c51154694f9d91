package cluster

import (
	"strconv"
	"strings"

	"stickylab/cluster/adapter/pack"
	"stickylab/cluster/socketio"
	"stickylab/cluster/trace"
)

// The chat: the application that every node runs, in the namespace "/".
//
//	CONNECT {"name":"beijing-07"}            the user's name, free to choose
//	<- welcome {"node":"im-3030"}            at connection
//	-> join "lobby"                          answered {"room":"lobby","node":"im-3030"}
//	-> say {"id":..,"room":..,"text":..}     id is the name, a colon and a number
//	<- said {"id":..,"from":..,"room":..,"text":..,"node":..}   to everyone in the room, the speaker included

// MaxRoom is how many bytes the name of a room may have. To join a longer
// one, or to say something there, does nothing.
const MaxRoom = 64

// maxName is how many bytes the name of a user may have; a longer one is
// replaced by the socket's id.
const maxName = 64

type welcome struct {
	Node string `json:"node"`
}

type joined struct {
	Room string `json:"room"`
	Node string `json:"node"`
}

type said struct {
	ID   string `json:"id"`
	From string `json:"from"`
	Room string `json:"room"`
	Text string `json:"text"`
	Node string `json:"node"`
}

// chat serves the application on a namespace.
func (l *instance) chat(ns *socketio.Namespace) {
	ns.OnConnection(func(s *socketio.Socket) {
		u := l.welcome(s)
		on := func(event string, f func(arg any, ack func(...any))) {
			s.On(event, func(args []any, ack func(...any)) {
				var arg any
				if len(args) > 0 {
					arg = args[0]
				}
				if ack == nil {
					ack = func(...any) {}
				}
				f(arg, ack)
			})
		}
		on("join", func(arg any, ack func(...any)) {
			room, _ := arg.(string)
			switch {
			case room == "" || len(room) > MaxRoom:
			case l.serving.full(s):
				ack(refused{errTooManyRooms})
			default:
				s.Join(room)
				ack(joined{Room: room, Node: l.name})
			}
		})
		on("leave", func(arg any, ack func(...any)) {
			if room, ok := arg.(string); ok {
				s.Leave(room)
			}
			ack()
		})
		on("say", func(arg any, ack func(...any)) {
			l.say(ns, u, arg)
			ack()
		})
		if err := s.Emit("welcome", welcome{l.name}); err != nil {
			s.Disconnect(true)
		}
	})
}

// say sends what a user said to everyone in the room.
func (l *instance) say(ns *socketio.Namespace, u *user, arg any) {
	m, _ := arg.(map[string]any)
	room, _ := m["room"].(string)
	words, _ := m["text"].(string)
	id, _ := m["id"].(string)
	if room == "" || len(room) > MaxRoom {
		return
	}
	msg, ok := parseMsg(id)
	if !ok { // a client that does not number its messages
		u.unnumbered++
		msg = trace.Msg{From: trace.N(u.socket.String()), N: u.unnumbered}
		id = msg.String()
	}
	cause := l.emit(u.in, trace.Event{Kind: trace.Sent, Node: l.id, Client: u.name, Socket: u.socket, Msg: msg, Room: trace.N(room), Text: l.serving.quote(words)})
	// An error says that JSON cannot hold the text: it is sent to no client.
	ns.To(room).Tag(&broadcastTag{msg: msg, cause: cause, lane: u.in}).Emit("said", said{
		ID: id, From: u.name.String(), Room: room, Text: words, Node: l.name,
	})
}

// parseMsg reads a message id, as trace.Msg writes it.
func parseMsg(id string) (trace.Msg, bool) {
	colon := strings.LastIndexByte(id, ':')
	if colon <= 0 || colon > maxName {
		return trace.Msg{}, false
	}
	k, err := strconv.ParseUint(id[colon+1:], 10, 32)
	if err != nil || k == 0 {
		return trace.Msg{}, false
	}
	return trace.Msg{From: trace.N(id[:colon]), N: uint32(k)}, true
}

// msgOf reads the message id of a said event that came from another node.
func msgOf(e pack.RemoteEvent) (trace.Msg, bool) {
	if e.Name() != "said" {
		return trace.Msg{}, false
	}
	return parseMsg(e.Field("id"))
}
