package redisadapter

import (
	"encoding/json"
	"errors"
	"fmt"
	"strconv"

	"github.com/tinylib/msgp/msgp"

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

	received // of kindBroadcast
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
		add("opts", socketio.Object{{Key: "rooms", Value: list(r.options.Rooms)}, {Key: "except", Value: list(r.options.Except)}})
	}
	switch r.kind {
	case kindSockets, kindJoin, kindLeave:
		add("rooms", list(r.rooms))
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

// list returns strings as an array to be encoded.
func list(ss []string) []any {
	out := make([]any, len(ss))
	for i, s := range ss {
		out[i] = s
	}
	return out
}

// appendBroadcastRequest appends the msgpack form of kindBroadcast.
func appendBroadcastRequest(dst []byte, uid, id, nsp string, p socketio.Packet, o socketio.Options) ([]byte, error) {
	dst = msgp.AppendMapHeader(dst, 5)
	dst = appendString(msgp.AppendString(dst, "uid"), uid)
	dst = appendString(msgp.AppendString(dst, "requestId"), id)
	dst = msgp.AppendUint64(msgp.AppendString(dst, "type"), uint64(kindBroadcast))
	dst, _, err := appendEvent(msgp.AppendString(dst, "packet"), p, nsp, nil)
	if err != nil {
		return dst, fmt.Errorf("encoding a request: %w", err)
	}
	return appendOptions(msgp.AppendString(dst, "opts"), o, false), nil
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
			return errName
		}
	case kindSockets, kindAllRooms, kindJoin, kindLeave, kindDisconnect:
	default:
		return fmt.Errorf("unknown type %d", r.kind)
	}
	if r.kind == kindBroadcast && r.packet.Data == nil {
		return errNotEvent
	}
	return nil
}

func decodeJSONRequest(b []byte) (r request, err error) {
	fields, err := readFields(b)
	if err != nil {
		return r, err
	}
	r.kind = kindNone
	var opts map[string]json.RawMessage
	err = errors.Join(
		fields.read("type", &r.kind),
		fields.read("uid", &r.uid),
		fields.read("requestId", &r.id),
		fields.read("opts", &opts),
		fields.read("rooms", (*names)(&r.rooms)),
		fields.read("close", &r.close),
		fields.read("data", &r.data),
		fields.read("sid", &r.sid),
		fields.read("room", &r.room),
	)
	if err == nil && opts != nil {
		r.options = new(socketio.Options)
		err = errors.Join(
			fieldSet(opts).read("rooms", (*names)(&r.options.Rooms)),
			fieldSet(opts).read("except", (*names)(&r.options.Except)),
		)
	}
	return r, err
}

func decodePackedRequest(b []byte) (r request, err error) {
	r.kind = kindNone
	err = readMessage(b, func(key, b []byte) (rest []byte, err error) {
		switch string(key) {
		case "uid":
			r.uid, rest, err = readString(b)
		case "requestId":
			r.id, rest, err = readString(b)
		case "type":
			r.kind, rest, err = readKind(b)
		case "packet":
			r.received, rest, err = readPacket(b)
		case "opts":
			var o socketio.Options
			o, rest, err = readOptions(b)
			r.options = &o
		case "rooms":
			r.rooms, rest, err = readNames(b)
		case "close":
			r.close, rest, err = msgp.ReadBoolBytes(b)
		case "data":
			var v any
			v, rest, err = readValue(b, 0)
			r.data, _ = v.([]any)
		case "sid":
			r.sid, rest, err = readString(b)
		case "room":
			r.room, rest, err = readName(b)
		default:
			rest, err = msgp.Skip(b)
		}
		return rest, err
	})
	return r, err
}

// readMessage is readMap for a message that holds a map and nothing else.
func readMessage(b []byte, field func(key, b []byte) (rest []byte, err error)) error {
	rest, err := readMap(b, field)
	if err == nil && len(rest) > 0 {
		err = errTrailing
	}
	return err
}

func readKind(b []byte) (kind, []byte, error) {
	f, b, err := readNumber(b)
	if err != nil || f != float64(kind(f)) {
		return kindNone, b, err
	}
	return kind(f), b, nil
}

// A fieldSet is an object whose values are not read yet. Unlike struct tags
// it tells "uid" from "UID".
type fieldSet map[string]json.RawMessage

func readFields(text []byte) (fieldSet, error) {
	if err := checkJSON(text); err != nil {
		return nil, err
	}
	var fields fieldSet
	err := json.Unmarshal(text, &fields)
	return fields, err
}

// read reads a field; one that is missing or null leaves v as it is.
func (f fieldSet) read(key string, v any) error {
	text, ok := f[key]
	if !ok {
		return nil
	}
	if err := json.Unmarshal(text, v); err != nil {
		return fmt.Errorf("%q: %w", key, err)
	}
	return nil
}

// names are rooms in JSON: strings, or numbers in their decimal form.
type names []string

func (n *names) UnmarshalJSON(text []byte) error {
	var vs []any
	if err := json.Unmarshal(text, &vs); err != nil {
		return err
	}
	*n = nil
	for _, v := range vs {
		switch v := v.(type) {
		case string:
			*n = append(*n, v)
		case float64:
			*n = append(*n, strconv.FormatFloat(v, 'f', -1, 64))
		default:
			return fmt.Errorf("%v is no room", v)
		}
	}
	return nil
}
