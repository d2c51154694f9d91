package ledger

import "time"

// Outsider is a socket that is no virtual client's: a real user.
type Outsider struct {
	Name      string // as the user gave it
	Node      string
	Transport string // "polling" or "websocket"
	Session   string
	Socket    string
	Rooms     []string      // in order of joining
	Since     time.Duration // when the socket opened
}

// Outsiders returns the open sockets of real users, up to most, in no lasting
// order, and how many there are.
func (l *Ledger) Outsiders(most int) (list []Outsider, count int) {
	for i := range l.sockets {
		s := &l.sockets[i]
		if !s.open || s.client >= 0 {
			continue
		}
		if count++; len(list) >= most {
			continue
		}
		o := Outsider{
			Name: s.user.String(), Node: l.nodes[s.node].name.String(), Transport: "polling",
			Session: s.session.String(), Socket: s.name.String(), Since: s.opened, Rooms: []string{},
		}
		if l.sessions[s.session].websocket {
			o.Transport = "websocket"
		}
		for _, r := range s.rooms {
			o.Rooms = append(o.Rooms, r.String())
		}
		list = append(list, o)
	}
	return list, count
}
