package ledger

import (
	"time"

	"stickylab/cluster/trace"
)

// RealClient is a socket that is no virtual client's: a real user.
type RealClient struct {
	Name      string // as the user gave it
	IP        string // as its node was told
	Node      string
	Transport string // "polling" or "websocket"; "" once it has ended
	Session   string
	Socket    string
	Rooms     []string      // in order of joining
	Since     time.Duration // when the socket opened

	// LeftOver is when the user reconnected, if the socket is known to be left over
	// from before; 0 otherwise.
	LeftOver time.Duration

	Ended bool
	At    time.Duration // when it ended
	Why   string        // in the words of its node; "" when that died with it
}

// RealClients returns the open sockets of real users, up to most, in no lasting
// order, and how many there are.
func (l *Ledger) RealClients(most int) (list []RealClient, count int) {
	for i := range l.sockets {
		if s := l.sockets[i]; s == nil || !s.open || s.client >= 0 {
			continue
		}
		if count++; len(list) < most {
			list = append(list, l.realClient(l.sockets[i]))
		}
	}
	return list, count
}

// RealClient returns the real user with that socket, also once it has ended, for
// as long as that is remembered.
func (l *Ledger) RealClient(socket string) (RealClient, bool) {
	i, ok := l.socketAt[trace.N(socket)]
	if !ok || l.sockets[i].client >= 0 {
		return RealClient{}, false
	}
	return l.realClient(l.sockets[i]), true
}

// newer returns the next socket of the user, nil for none or when it is forgotten.
func (l *Ledger) newer(s *socket) *socket {
	if s.newer == 0 || int(s.newer) > len(l.sockets) {
		return nil
	}
	n := l.sockets[s.newer-1]
	if n == nil || n.user != s.user || n.opened < s.opened {
		return nil // its number was given again
	}
	return n
}

func (l *Ledger) realClient(s *socket) RealClient {
	o := RealClient{
		Name: s.user.String(), IP: s.peer.String(), Node: l.nodes[s.node].name.String(), Session: s.session.String(),
		Socket: s.name.String(), Since: s.opened, Rooms: []string{},
	}
	if n := l.newer(s); n != nil && s.goneBy(l.now) {
		o.LeftOver = n.opened
	}
	switch {
	case !s.open:
		o.Ended, o.At, o.Why = true, s.closedAt, s.closeText.String()
	case l.sessions[s.session].websocket:
		o.Transport = string(trace.WebSocket)
	default:
		o.Transport = string(trace.Polling)
	}
	for _, r := range s.rooms {
		o.Rooms = append(o.Rooms, r.String())
	}
	return o
}
