package redisadapter

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"

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

// appendResponse appends r in the official order of keys.
func appendResponse(dst []byte, r response) (_ []byte, err error) {
	if r.kind == kindAck {
		dst = msgp.AppendMapHeader(dst, 3)
		dst = msgp.AppendUint64(msgp.AppendString(dst, "type"), uint64(kindAck))
		dst = appendString(msgp.AppendString(dst, "requestId"), r.id)
		if dst, err = appendValue(msgp.AppendString(dst, "packet"), r.value, 0); err != nil {
			return dst, fmt.Errorf("encoding a response: %w", err)
		}
		return dst, nil
	}
	dst = append(dst, '{')
	if r.kind != kindNone {
		dst = append(dst, `"type":`...)
		dst = append(strconv.AppendInt(dst, int64(r.kind), 10), ',')
	}
	dst = append(dst, `"requestId":`...)
	dst = socketio.AppendQuoted(dst, r.id)
	switch {
	case r.kind == kindClientCount:
		dst = append(dst, `,"clientCount":`...)
		dst = strconv.AppendInt(dst, int64(r.count), 10)
	case r.kind == kindServerSideEmit:
		dst, err = appendJSONValue(append(dst, `,"data":`...), r.value)
	case r.sockets != nil:
		dst, err = appendSockets(append(dst, `,"sockets":`...), r.sockets)
	case r.ids != nil:
		dst = appendJSONStrings(append(dst, `,"sockets":`...), r.ids)
	case r.rooms != nil:
		dst = appendJSONStrings(append(dst, `,"rooms":`...), r.rooms)
	}
	if err != nil {
		return dst, fmt.Errorf("encoding a response: %w", err)
	}
	return append(dst, '}'), nil
}

// handshakeKeys are in the order in which the official server makes them.
var handshakeKeys = []string{"headers", "time", "address", "xdomain", "secure", "issued", "url", "query", "auth"}

func appendSockets(dst []byte, sockets []socketio.RemoteSocket) (_ []byte, err error) {
	dst = append(dst, '[')
	for i, s := range sockets {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = append(dst, `{"id":`...)
		dst = socketio.AppendQuoted(dst, s.ID)
		dst = append(dst, `,"handshake":`...)
		if dst, err = appendObject(dst, s.Handshake, handshakeKeys); err != nil {
			return dst, err
		}
		dst = append(dst, `,"rooms":`...)
		dst = appendJSONStrings(dst, s.Rooms)
		dst = append(dst, `,"data":`...)
		if dst, err = appendObject(dst, s.Data, nil); err != nil {
			return dst, err
		}
		dst = append(dst, '}')
	}
	return append(dst, ']'), nil
}

// appendObject appends m, the keys in first before the others.
func appendObject(dst []byte, m map[string]any, first []string) (_ []byte, err error) {
	keys := slices.Sorted(maps.Keys(m))
	slices.SortStableFunc(keys, func(a, b string) int { return cmp.Compare(place(first, a), place(first, b)) })
	dst = append(dst, '{')
	for i, key := range keys {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = append(socketio.AppendQuoted(dst, key), ':')
		if dst, err = appendJSONValue(dst, m[key]); err != nil {
			return dst, err
		}
	}
	return append(dst, '}'), nil
}

func place(keys []string, key string) int {
	if i := slices.Index(keys, key); i >= 0 {
		return i
	}
	return len(keys)
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
		var s socketio.RemoteSocket
		if err := json.Unmarshal(item, &s); err != nil {
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

func decodePackedResponse(b []byte) (r response, err error) {
	n, b, err := msgp.ReadMapHeaderBytes(b)
	if err != nil {
		return r, err
	}
	r.kind = kindNone
	for range n {
		var key []byte
		if key, b, err = readKey(b); err != nil {
			return r, err
		}
		switch string(key) {
		case "type":
			r.kind, b, err = readKind(b)
		case "requestId":
			r.id, b, err = readString(b)
		case "clientCount":
			var f float64
			f, b, err = readNumber(b)
			r.count = int(min(max(f, -1), 1<<31))
		case "packet", "data":
			r.value, b, err = readValue(b, 0)
		default:
			b, err = msgp.Skip(b)
		}
		if err != nil {
			return r, err
		}
	}
	if len(b) > 0 {
		return r, errTrailing
	}
	if r.kind == kindNone {
		return r, errors.New("type is missing")
	}
	return r, nil
}
