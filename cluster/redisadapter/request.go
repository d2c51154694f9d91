package redisadapter

import (
	"encoding/json"
	"errors"
	"fmt"

	"github.com/tinylib/msgp/msgp"

	"stickylab/cluster/adapter/pack"
	"stickylab/cluster/socketio"
)

// A kind is the type of a request or response, RequestType in the official
// adapter.
type kind int

const (
	kindSockets kind = iota
	kindAllRooms
	kindJoin
	kindLeave
	kindDisconnect
	kindFetch
	kindServerSideEmit
	kindBroadcast
	kindClientCount
	kindAck

	kindNone kind = -1
)

// A request is a message on K-request#N#: JSON, or msgpack for kindBroadcast.
type request struct {
	uid     string // "" when unknown, as in those of the emitter
	id      string // "" when no response is wanted
	kind    kind
	options *socketio.Options // nil when missing
	rooms   []string          // of kindSockets, kindJoin, kindLeave
	close   bool              // of kindDisconnect
	data    []any             // of kindServerSideEmit

	sid, room string // of the forms of kindJoin, kindLeave and kindDisconnect that name one socket

	pack.Received // of kindBroadcast
}

// appendRequest appends r as JSON, in the official order of keys. It fails when its
// data has no form in JSON.
func appendRequest(dst []byte, r request) ([]byte, error) {
	var o socketio.Object
	add := func(key string, value any) { o = append(o, socketio.Field{Key: key, Value: value}) }
	if r.uid != "" {
		add("uid", r.uid)
	}
	if r.id != "" {
		add("requestId", r.id)
	}
	add("type", int(r.kind))
	if r.options != nil {
		add("opts", socketio.Object{{Key: "rooms", Value: pack.List(r.options.Rooms)}, {Key: "except", Value: pack.List(r.options.Except)}})
	}
	switch r.kind {
	case kindSockets, kindJoin, kindLeave:
		add("rooms", pack.List(r.rooms))
	case kindDisconnect:
		add("close", r.close)
	case kindServerSideEmit:
		add("data", r.data)
	}
	dst, err := socketio.AppendJSON(dst, o)
	if err != nil {
		return dst, fmt.Errorf("encoding a request: %w", err)
	}
	return dst, nil
}

// appendBroadcastRequest appends the msgpack form of kindBroadcast.
func appendBroadcastRequest(dst []byte, uid, id, nsp string, p socketio.Packet, o socketio.Options) ([]byte, error) {
	dst = msgp.AppendMapHeader(dst, 5)
	dst = pack.AppendString(msgp.AppendString(dst, "uid"), uid)
	dst = pack.AppendString(msgp.AppendString(dst, "requestId"), id)
	dst = msgp.AppendUint64(msgp.AppendString(dst, "type"), uint64(kindBroadcast))
	dst, _, err := pack.AppendEvent(msgp.AppendString(dst, "packet"), p, nsp, nil)
	if err != nil {
		return dst, fmt.Errorf("encoding a request: %w", err)
	}
	return pack.AppendOptions(msgp.AppendString(dst, "opts"), o, false), nil
}

// decodeRequest reads a request in either form.
func decodeRequest(b []byte) (r request, err error) {
	if len(b) > 0 && b[0] == '{' {
		r, err = decodeJSONRequest(b)
	} else {
		r, err = decodePackedRequest(b)
	}
	if err == nil {
		err = r.check()
	}
	if err != nil {
		return r, fmt.Errorf("decoding a request: %w", err)
	}
	return r, nil
}

// check refuses what the official adapter would fail over when it acts on it.
func (r *request) check() error {
	switch r.kind {
	case kindFetch, kindBroadcast:
		if r.options == nil {
			return errors.New("options are missing")
		}
	case kindServerSideEmit:
		if len(r.data) == 0 {
			return errors.New("data is missing")
		}
		if _, ok := r.data[0].(string); !ok {
			return pack.ErrName
		}
	case kindSockets, kindAllRooms, kindJoin, kindLeave, kindDisconnect:
	default:
		return fmt.Errorf("unknown type %d", r.kind)
	}
	if r.kind == kindBroadcast && r.Packet.Data == nil {
		return pack.ErrNotEvent
	}
	return nil
}

func decodeJSONRequest(b []byte) (r request, err error) {
	fields, err := pack.ReadFields(b)
	if err != nil {
		return r, err
	}
	r.kind = kindNone
	var opts map[string]json.RawMessage
	err = errors.Join(
		fields.Read("type", &r.kind),
		fields.Read("uid", &r.uid),
		fields.Read("requestId", &r.id),
		fields.Read("opts", &opts),
		fields.Read("rooms", (*pack.Names)(&r.rooms)),
		fields.Read("close", &r.close),
		fields.Read("data", &r.data),
		fields.Read("sid", &r.sid),
		fields.Read("room", &r.room),
	)
	if err == nil && opts != nil {
		r.options = new(socketio.Options)
		err = errors.Join(
			pack.Fields(opts).Read("rooms", (*pack.Names)(&r.options.Rooms)),
			pack.Fields(opts).Read("except", (*pack.Names)(&r.options.Except)),
		)
	}
	return r, err
}

func decodePackedRequest(b []byte) (r request, err error) {
	r.kind = kindNone
	err = pack.ReadMessage(b, func(key, b []byte) (rest []byte, err error) {
		switch string(key) {
		case "uid":
			r.uid, rest, err = pack.ReadString(b)
		case "requestId":
			r.id, rest, err = pack.ReadString(b)
		case "type":
			r.kind, rest, err = readKind(b)
		case "packet":
			r.Received, rest, err = pack.ReadPacket(b, "/")
		case "opts":
			var o socketio.Options
			o, rest, err = pack.ReadOptions(b)
			r.options = &o
		case "rooms":
			r.rooms, rest, err = pack.ReadNames(b)
		case "close":
			r.close, rest, err = msgp.ReadBoolBytes(b)
		case "data":
			var v any
			v, rest, err = pack.ReadValue(b, 0)
			r.data, _ = v.([]any)
		case "sid":
			r.sid, rest, err = pack.ReadString(b)
		case "room":
			r.room, rest, err = pack.ReadName(b)
		default:
			rest, err = msgp.Skip(b)
		}
		return rest, err
	})
	return r, err
}

func readKind(b []byte) (kind, []byte, error) {
	f, b, err := pack.ReadNumber(b)
	if err != nil || f != float64(kind(f)) {
		return kindNone, b, err
	}
	return kind(f), b, nil
}
