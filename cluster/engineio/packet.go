// Package engineio is an Engine.IO v4 server: sessions over HTTP long-polling
// and WebSocket.
package engineio

import (
	"bytes"
	"encoding/base64"
	"fmt"
)

// PacketType is the kind of a packet; on the wire it is the digit '0' to '6'.
// Engine.IO v4 protocol, section "Packet encoding".
type PacketType byte

// The packet types.
const (
	Open PacketType = iota
	Close
	Ping
	Pong
	MessagePacket
	Upgrade
	Noop
	packetTypes // keep last
)

// Packet is one Engine.IO packet. Binary is for messages only. Tag does not
// travel; it is the Tag of the Message that the packet carries.
type Packet struct {
	Type   PacketType
	Data   []byte
	Binary bool
	Tag    any
}

// AppendPacket appends the text form of p, which is one WebSocket text frame
// or one packet of a polling payload: "4hello". The text form of a binary
// packet, "b" and base64, is for polling; on WebSocket its Data goes raw into a
// binary frame.
func AppendPacket(dst []byte, p Packet) []byte {
	if p.Binary {
		dst = append(dst, 'b')
		return base64.StdEncoding.AppendEncode(dst, p.Data)
	}
	dst = append(dst, '0'+byte(p.Type))
	return append(dst, p.Data...)
}

// DecodePacket decodes one WebSocket frame, binary or text, or (as text) one
// packet of a payload. Any binary frame is a message. Data aliases data unless
// it was base64. It fails on an empty text and an unknown type.
func DecodePacket(data []byte, binary bool) (Packet, error) {
	if binary {
		return Packet{Type: MessagePacket, Data: data, Binary: true}, nil
	}
	if len(data) == 0 {
		return Packet{}, fmt.Errorf("engine.io packet: empty")
	}
	if data[0] == 'b' {
		return Packet{Type: MessagePacket, Data: decodeBase64(data[1:]), Binary: true}, nil
	}
	t := PacketType(data[0] - '0')
	if t >= packetTypes {
		return Packet{}, fmt.Errorf("engine.io packet: unknown type %q", data[0])
	}
	return Packet{Type: t, Data: data[1:len(data):len(data)]}, nil
}

// decodeBase64 reads base64 as Node's Buffer does: in both alphabets, up to the
// first padding, without what belongs to neither.
func decodeBase64(src []byte) []byte {
	src, _, _ = bytes.Cut(src, []byte{'='})
	raw := make([]byte, 0, base64.RawStdEncoding.DecodedLen(len(src)))
	out, err := base64.RawStdEncoding.AppendDecode(raw, src)
	if err == nil {
		return out
	}
	plain := make([]byte, 0, len(src))
	for _, c := range src {
		switch {
		case c == '-':
			c = '+'
		case c == '_':
			c = '/'
		case c >= 'A' && c <= 'Z', c >= 'a' && c <= 'z', c >= '0' && c <= '9', c == '+', c == '/':
		default:
			continue
		}
		plain = append(plain, c)
	}
	if len(plain)%4 == 1 {
		plain = plain[:len(plain)-1] // six bits are no byte
	}
	out, _ = base64.RawStdEncoding.AppendDecode(raw, plain) // nothing is left that it refuses
	return out
}
