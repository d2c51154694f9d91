package socketio

import (
	"sync/atomic"

	"stickylab/cluster/engineio"
)

// ask sends messages, whose packet asks for the acknowledgement id, and has ack
// called once: with the answer, or with an error when the socket ends.
func (s *Socket) ask(id uint64, messages []engineio.Message, ack func(args []any, err error)) {
	s.mu.Lock()
	connected := s.connected.Load() // it ends under the lock
	if connected {
		if s.acks == nil {
			s.acks = make(map[uint64]func([]any, error), 1)
		}
		s.acks[id] = ack
	}
	s.mu.Unlock()
	if !connected {
		ack(nil, ErrDisconnected)
		return
	}
	s.conn.session.Send(messages...)
}

// forget drops an acknowledgement that is no longer waited for.
func (s *Socket) forget(id uint64) { s.take(id) }

func (s *Socket) take(id uint64) func(args []any, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	ack := s.acks[id]
	delete(s.acks, id)
	return ack
}

// receive handles a packet of a connected socket, other than CONNECT.
func (s *Socket) receive(p *Packet) {
	switch p.Type {
	case Event, BinaryEvent:
		s.dispatch(p)
	case Ack, BinaryAck:
		// The official server ignores an id that it does not know, and an
		// answer without a payload.
		args, ok := p.Data.([]any)
		if !ok || p.ID == nil {
			return
		}
		if ack := s.take(*p.ID); ack != nil {
			ack(args, nil)
		}
	case Disconnect:
		s.end(reasonClient, nil)
	}
}

func (s *Socket) dispatch(p *Packet) {
	event, args, ok := p.Event()
	if !ok {
		return
	}
	s.mu.Lock()
	handlers := s.handlers
	s.mu.Unlock()
	var ack func(...any)
	for _, h := range handlers {
		if h.event != event {
			continue
		}
		if p.ID != nil && ack == nil {
			ack = s.acknowledge(*p.ID)
		}
		h.run(args, ack)
	}
}

// acknowledge returns the function that answers the event with that id. An
// answer that cannot be encoded is dropped.
func (s *Socket) acknowledge(id uint64) func(...any) {
	var answered atomic.Bool
	return func(args ...any) {
		if answered.Swap(true) {
			return
		}
		if args == nil {
			args = []any{}
		}
		messages, err := Encode(Packet{Type: Ack, Namespace: s.ns.name, ID: &id, Data: args})
		if err == nil {
			s.deliver(messages, false)
		}
	}
}
