package socketio

import (
	"slices"
	"strconv"
)

// PacketType is the first digit of a packet. Socket.IO protocol v5, section
// Packet types.
type PacketType byte

// The packet types.
const (
	Connect PacketType = iota
	Disconnect
	Event
	Ack
	ConnectError
	BinaryEvent
	BinaryAck
)

var typeNames = [...]string{"CONNECT", "DISCONNECT", "EVENT", "ACK", "CONNECT_ERROR", "BINARY_EVENT", "BINARY_ACK"}

// String returns the type's name in the protocol text.
func (t PacketType) String() string {
	if int(t) < len(typeNames) {
		return typeNames[t]
	}
	return "packet type " + strconv.Itoa(int(t))
}

// MaxAttachments is how many binary attachments a packet may have; more close
// the connection (socket.io-parser since 4.2.6).
const MaxAttachments = 10

// Packet is a Socket.IO packet.
type Packet struct {
	Type      PacketType
	Namespace string  // with its slash; "" is read as "/"
	ID        *uint64 // asks for (Event) or names (Ack) an acknowledgement; nil for none

	// Data is []any for events (the name first; a decoded one may have nil) and acks, an object for Connect
	// (nil for none), a string or an object for ConnectError, nil for Disconnect.
	// Decoded values are nil, bool, float64, string, []byte (an attachment),
	// []any and map[string]any. To be encoded, values may be anything that
	// encoding/json takes; []byte values inside []any and map[string]any become
	// attachments.
	Data any
}

// Event returns the name and the arguments of an event, which is what Data of
// an Event or BinaryEvent holds. A numeric name is returned in its decimal
// form. ok is false for other packets.
func (p Packet) Event() (name string, args []any, ok bool) {
	if p.Type != Event && p.Type != BinaryEvent {
		return "", nil, false
	}
	data, _ := p.Data.([]any)
	if len(data) == 0 {
		return "", nil, false
	}
	switch first := data[0].(type) {
	case string:
		return first, data[1:], true
	case float64:
		return string(AppendNumber(nil, first)), data[1:], true
	}
	return "", nil, false
}

// reserved are the event names that the official libraries keep for their own
// use; a packet that carries one is malformed.
var reserved = []string{"connect", "connect_error", "disconnect", "disconnecting", "newListener", "removeListener"}

// Reserved reports whether event may not be emitted.
func Reserved(event string) bool { return slices.Contains(reserved, event) }
