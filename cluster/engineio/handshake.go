package engineio

import (
	"encoding/json"
	"time"
)

// OpenPacket is the content of the open packet. Engine.IO v4 protocol, section
// "Handshake". Its five keys, in this order, are all that official clients and
// suites expect.
type OpenPacket struct {
	SID          string   `json:"sid"`
	Upgrades     []string `json:"upgrades"`     // never null
	PingInterval int64    `json:"pingInterval"` // milliseconds
	PingTimeout  int64    `json:"pingTimeout"`  // milliseconds
	MaxPayload   int      `json:"maxPayload"`   // bytes of one POST body or WebSocket message
}

// opening returns the open packet of a session that starts on the transport.
func (s *Server) opening(sid string, t transport) Packet {
	open := OpenPacket{
		SID:          sid,
		Upgrades:     []string{},
		PingInterval: int64(s.cfg.PingInterval / time.Millisecond),
		PingTimeout:  int64(s.cfg.PingTimeout / time.Millisecond),
		MaxPayload:   s.cfg.MaxPayload,
	}
	if t == polling {
		open.Upgrades = append(open.Upgrades, websocketName)
	}
	data, err := json.Marshal(open)
	if err != nil {
		panic(err) // strings and numbers always marshal
	}
	return Packet{Type: Open, Data: data}
}
