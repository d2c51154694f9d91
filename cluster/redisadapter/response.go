package redisadapter

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/tinylib/msgp/msgp"

	"stickylab/cluster/socketio"
)

// A response is a message on K-response#N# or K-response#N#UID#: JSON, or
// msgpack for kindAck. Most have no type: the requester knows what it asked.
type response struct {
	kind  kind // kindServerSideEmit, kindClientCount, kindAck, or kindNone
	id    string
	count int // of kindClientCount
	value any // of kindServerSideEmit and kindAck

	sockets []socketio.RemoteSocket // answers kindFetch; nil when it is no answer to that
	ids     []string                // answers kindSockets
	rooms   []string                // answers kindAllRooms
}

// appendResponse appends r in the official order of keys. It fails when a value has
// no form in JSON, or in msgpack.
func appendResponse(dst []byte, r response) (_ []byte, err error) {
	if r.kind == kindAck {
		dst = msgp.AppendMapHeader(dst, 3)
		dst = msgp.AppendUint64(msgp.AppendString(dst, "type"), uint64(kindAck))
		dst = appendString(msgp.AppendString(dst, "requestId"), r.id)
		dst, err = appendValue(msgp.AppendString(dst, "packet"), r.value, 0)
	} else {
		dst, err = socketio.AppendJSON(dst, r.object())
	}
	if err != nil {
		return dst, fmt.Errorf("encoding a response: %w", err)
	}
	return dst, nil
}

// object returns what is written of r as JSON.
func (r *response) object() (o socketio.Object) {
	add := func(key string, value any) { o = append(o, socketio.Field{Key: key, Value: value}) }
	if r.kind != kindNone {
		add("type", int(r.kind))
	}
	add("requestId", r.id)
	switch {
	case r.kind == kindClientCount:
		add("clientCount", r.count)
	case r.kind == kindServerSideEmit:
		add("data", r.value)
	case r.sockets != nil:
		sockets := make([]any, len(r.sockets))
		for i, s := range r.sockets {
			sockets[i] = socketio.Object{
				{Key: "id", Value: s.ID}, {Key: "handshake", Value: ordered(s.Handshake, handshakeKeys...)},
				{Key: "rooms", Value: list(s.Rooms)}, {Key: "data", Value: data(s.Data)},
			}
		}
		add("sockets", sockets)
	case r.ids != nil:
		add("sockets", list(r.ids))
	case r.rooms != nil:
		add("rooms", list(r.rooms))
	}
	return o
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

// decodeResponse reads a response in either form.
func decodeResponse(b []byte) (r response, err error) {
	if len(b) > 0 && b[0] == '{' {
		r, err = decodeJSONResponse(b)
	} else {
		r, err = decodePackedResponse(b)
	}
	if err == nil && r.id == "" {
		err = errors.New("no request is named")
	}
	if err == nil && r.count < 0 {
		err = fmt.Errorf("a count of %d", r.count)
	}
	if err != nil {
		return r, fmt.Errorf("decoding a response: %w", err)
	}
	return r, nil
}

func decodeJSONResponse(b []byte) (r response, err error) {
	fields, err := readFields(b)
	if err != nil {
		return r, err
	}
	r.kind = kindNone
	err = errors.Join(
		fields.read("type", &r.kind),
		fields.read("requestId", &r.id),
		fields.read("clientCount", &r.count),
		fields.read("rooms", (*names)(&r.rooms)),
		fields.read("data", &r.value),
	)
	if err != nil {
		return r, err
	}
	if _, ok := fields["rooms"]; ok && r.rooms == nil {
		r.rooms = []string{}
	}
	if r.kind == kindAck {
		return r, fields.read("packet", &r.value)
	}
	var items []json.RawMessage
	if err := fields.read("sockets", &items); err != nil || items == nil {
		return r, err
	}
	r.sockets, r.ids = []socketio.RemoteSocket{}, []string{}
	for _, item := range items {
		if item[0] == '"' {
			var id string
			if err := json.Unmarshal(item, &id); err != nil {
				return r, err
			}
			r.ids = append(r.ids, id)
			continue
		}
		s, err := decodeSocket(item)
		if err != nil {
			return r, err
		}
		r.sockets = append(r.sockets, s)
	}
	if len(r.ids) > 0 {
		r.sockets = nil
	} else {
		r.ids = nil
	}
	return r, nil
}

// decodeSocket reads the description of a socket. Applications keep what they like
// in its data, and a room may have any value for a name: one that is neither a
// string nor a number is taken by its JSON text.
func decodeSocket(b []byte) (s socketio.RemoteSocket, err error) {
	fields, err := readFields(b)
	if err != nil {
		return s, err
	}
	var rooms []json.RawMessage
	err = errors.Join(
		fields.read("id", &s.ID),
		fields.read("handshake", &s.Handshake),
		fields.read("rooms", &rooms),
		fields.read("data", &s.Data),
	)
	s.Rooms = make([]string, len(rooms))
	for i, text := range rooms {
		var one names
		if json.Unmarshal(fmt.Appendf(nil, "[%s]", text), &one) == nil {
			s.Rooms[i] = one[0]
		} else {
			s.Rooms[i] = string(text)
		}
	}
	return s, err
}

func decodePackedResponse(b []byte) (r response, err error) {
	r.kind = kindNone
	err = readMessage(b, func(key, b []byte) (rest []byte, err error) {
		switch string(key) {
		case "type":
			r.kind, rest, err = readKind(b)
		case "requestId":
			r.id, rest, err = readString(b)
		case "clientCount":
			var f float64
			f, rest, err = readNumber(b)
			r.count = int(min(max(f, -1), 1<<31))
		case "packet", "data":
			r.value, rest, err = readValue(b, 0)
		default:
			rest, err = msgp.Skip(b)
		}
		return rest, err
	})
	if err == nil && r.kind == kindNone {
		err = errors.New("type is missing")
	}
	return r, err
}
