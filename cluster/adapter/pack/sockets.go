package pack

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"time"

	"stickylab/cluster/socketio"
)

// List returns strings as an array to be encoded.
func List(ss []string) []any {
	out := make([]any, len(ss))
	for i, s := range ss {
		out[i] = s
	}
	return out
}

// OptionsObject returns {rooms,except,flags} to be encoded.
func OptionsObject(o socketio.Options) socketio.Object {
	flags := socketio.Object{}
	if o.Flags.Volatile {
		flags = append(flags, socketio.Field{Key: "volatile", Value: true})
	}
	if o.Flags.Compress != nil {
		flags = append(flags, socketio.Field{Key: "compress", Value: *o.Flags.Compress})
	}
	if o.Flags.Timeout > 0 { // milliseconds
		flags = append(flags, socketio.Field{Key: "timeout", Value: float64(o.Flags.Timeout) / float64(time.Millisecond)})
	}
	return socketio.Object{{Key: "rooms", Value: List(o.Rooms)}, {Key: "except", Value: List(o.Except)}, {Key: "flags", Value: flags}}
}

// data returns what is written of a socket's data.
func data(v any) any {
	if m, ok := v.(map[string]any); ok {
		return ordered(m)
	}
	return v
}

// handshakeKeys are in the order in which the official server makes them.
var handshakeKeys = []string{"headers", "time", "address", "xdomain", "secure", "issued", "url", "query", "auth"}

// SocketObject returns the description of a socket as the official server writes it.
func SocketObject(s socketio.RemoteSocket) socketio.Object {
	return socketio.Object{
		{Key: "id", Value: s.ID}, {Key: "handshake", Value: ordered(s.Handshake, handshakeKeys...)},
		{Key: "rooms", Value: List(s.Rooms)}, {Key: "data", Value: data(s.Data)},
	}
}

// ordered returns m with the keys in first before the others.
func ordered(m map[string]any, first ...string) (o socketio.Object) {
	for _, key := range slices.Concat(first, slices.Sorted(maps.Keys(m))) {
		known := slices.ContainsFunc(o, func(f socketio.Field) bool { return f.Key == key })
		if v, ok := m[key]; ok && !known {
			o = append(o, socketio.Field{Key: key, Value: v})
		}
	}
	return o
}

// DecodeSocket reads the description of a socket. Applications keep what they like
// in its data, and a room may have any value for a name: one that is neither a
// string nor a number is taken by its JSON text. It fails on malformed JSON.
func DecodeSocket(b []byte) (s socketio.RemoteSocket, err error) {
	fields, err := ReadFields(b)
	if err != nil {
		return s, err
	}
	var rooms []json.RawMessage
	err = errors.Join(
		fields.Read("id", &s.ID),
		fields.Read("handshake", &s.Handshake),
		fields.Read("rooms", &rooms),
		fields.Read("data", &s.Data),
	)
	s.Rooms = make([]string, len(rooms))
	for i, text := range rooms {
		var one Names
		if json.Unmarshal(fmt.Appendf(nil, "[%s]", text), &one) == nil {
			s.Rooms[i] = one[0]
		} else {
			s.Rooms[i] = string(text)
		}
	}
	return s, err
}

// SocketOf returns the socket that a value read from MessagePack describes. It fails when
// the value is no description.
func SocketOf(v any) (s socketio.RemoteSocket, err error) {
	m, _ := v.(map[string]any)
	id, ok := m["id"].(string)
	if !ok {
		return s, errors.New("not a socket")
	}
	handshake, _ := m["handshake"].(map[string]any)
	rooms, _ := m["rooms"].([]any)
	s = socketio.RemoteSocket{ID: id, Handshake: handshake, Rooms: make([]string, len(rooms)), Data: m["data"]}
	for i, room := range rooms {
		switch room := room.(type) {
		case string:
			s.Rooms[i] = room
		case float64:
			s.Rooms[i] = strconv.FormatFloat(room, 'f', -1, 64)
		default:
			s.Rooms[i] = fmt.Sprint(room)
		}
	}
	return s, nil
}

// HasBinary reports whether there are bytes in a value, for which JSON has no form.
func HasBinary(v any) bool {
	switch v := v.(type) {
	case []byte:
		return true
	case []any:
		return slices.ContainsFunc(v, HasBinary)
	case map[string]any:
		for _, item := range v {
			if HasBinary(item) {
				return true
			}
		}
	case socketio.Object:
		return slices.ContainsFunc(v, func(f socketio.Field) bool { return HasBinary(f.Value) })
	}
	return false
}

// SessionObject returns a session as the official server writes it.
func SessionObject(s socketio.Session) socketio.Object {
	return socketio.Object{{Key: "sid", Value: s.SID}, {Key: "pid", Value: s.PID}, {Key: "rooms", Value: List(s.Rooms)}, {Key: "data", Value: data(s.Data)}}
}
