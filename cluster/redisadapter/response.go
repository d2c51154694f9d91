package redisadapter

import (
	"encoding/json"
	"errors"
	"fmt"

	"github.com/tinylib/msgp/msgp"

	"stickylab/cluster/adapter/pack"
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
		dst = pack.AppendString(msgp.AppendString(dst, "requestId"), r.id)
		dst, err = pack.AppendValue(msgp.AppendString(dst, "packet"), r.value, 0)
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
			sockets[i] = pack.SocketObject(s)
		}
		add("sockets", sockets)
	case r.ids != nil:
		add("sockets", pack.List(r.ids))
	case r.rooms != nil:
		add("rooms", pack.List(r.rooms))
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
	fields, err := pack.ReadFields(b)
	if err != nil {
		return r, err
	}
	r.kind = kindNone
	err = errors.Join(
		fields.Read("type", &r.kind),
		fields.Read("requestId", &r.id),
		fields.Read("clientCount", &r.count),
		fields.Read("rooms", (*pack.Names)(&r.rooms)),
		fields.Read("data", &r.value),
	)
	if err != nil {
		return r, err
	}
	if _, ok := fields["rooms"]; ok && r.rooms == nil {
		r.rooms = []string{}
	}
	if r.kind == kindAck {
		return r, fields.Read("packet", &r.value)
	}
	var items []json.RawMessage
	if err := fields.Read("sockets", &items); err != nil || items == nil {
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
		s, err := pack.DecodeSocket(item)
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

func decodePackedResponse(b []byte) (r response, err error) {
	r.kind = kindNone
	err = pack.ReadMessage(b, func(key, b []byte) (rest []byte, err error) {
		switch string(key) {
		case "type":
			r.kind, rest, err = readKind(b)
		case "requestId":
			r.id, rest, err = pack.ReadString(b)
		case "clientCount":
			var f float64
			f, rest, err = pack.ReadNumber(b)
			r.count = int(min(max(f, -1), 1<<31))
		case "packet", "data":
			r.value, rest, err = pack.ReadValue(b, 0)
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
