package pack

import (
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/tinylib/msgp/msgp"

	"stickylab/cluster/engineio"
	"stickylab/cluster/socketio"
)

// The number of an event in a packet of the adapter. It is the one of
// socket.io-parser; events with attachments have it too.
const (
	packetEvent       = 2
	packetBinaryEvent = 5
)

var (
	ErrNotEvent = errors.New("not an event packet")
	ErrName     = errors.New("not an event name")
)

// AppendEvent appends {type,data,nsp} for the event p of namespace nsp, and
// returns the messages that this node's sockets get; messages are those if the
// caller has them already. The packed form is made from their text: a value is
// taken apart once, and both forms have the same order of keys.
func AppendEvent(dst []byte, p socketio.Packet, nsp string, messages []engineio.Message) ([]byte, []engineio.Message, error) {
	p.Namespace, p.ID = nsp, nil
	data, ok := p.Data.([]any)
	if !ok || p.Type != socketio.Event && p.Type != socketio.BinaryEvent {
		return dst, messages, ErrNotEvent
	}
	var err error
	if messages == nil {
		if messages, err = socketio.Encode(p); err != nil {
			return dst, nil, err
		}
	}
	if len(messages) > 1 { // attachments have no place in the text
		dst, err = AppendPacket(dst, data, nsp)
		return dst, messages, err
	}
	dst, err = AppendText(appendPacketHead(dst), messages[0].Data[TextHead(nsp):], 0)
	return appendPacketTail(dst, nsp), messages, err
}

// AppendPacket appends {type,data,nsp} for an event.
func AppendPacket(dst []byte, data []any, nsp string) ([]byte, error) {
	dst, err := AppendArray(appendPacketHead(dst), data, 0)
	return appendPacketTail(dst, nsp), err
}

func appendPacketHead(dst []byte) []byte {
	dst = msgp.AppendMapHeader(dst, 3)
	dst = msgp.AppendString(dst, "type")
	dst = msgp.AppendUint64(dst, packetEvent)
	return msgp.AppendString(dst, "data")
}

func appendPacketTail(dst []byte, nsp string) []byte {
	return AppendString(msgp.AppendString(dst, "nsp"), nsp)
}

// appendTextHead appends what precedes the data of an event in the
// Socket.IO protocol.
func appendTextHead(dst []byte, nsp string) []byte {
	dst = append(dst, '0'+packetEvent)
	if nsp != "/" {
		dst = append(append(dst, nsp...), ',')
	}
	return dst
}

// ReadPacket reads {type,data,nsp}. A packet without nsp is of the given one, its id is
// dropped (receivers would be given an acknowledgement to call that no node
// waits for), and its name must be one that clients accept: they close the
// connection over any other.
//
// Arguments without binary inside are not taken apart: arrays and objects are
// json.RawMessage, with the keys in the sender's order, and the messages for
// this node's sockets are complete. With binary inside, messages is nil and
// the arguments are []any, map[string]any and []byte.
func ReadPacket(b []byte, nsp string) (in Received, rest []byte, err error) {
	p := &in.Packet
	p.Type, p.Namespace = socketio.Event, nsp
	var kind float64
	var data []byte
	rest, err = ReadMap(b, func(key, b []byte) (rest []byte, err error) {
		switch string(key) {
		case "type":
			kind, rest, err = ReadNumber(b)
		case "nsp":
			p.Namespace, rest, err = ReadString(b)
		case "data":
			data = b
			rest, err = msgp.Skip(b)
		default:
			rest, err = msgp.Skip(b)
		}
		return rest, err
	})
	switch {
	case err != nil:
		return in, rest, err
	case kind != float64(int(kind)) || !IsEvent(int(kind)) || data == nil:
		return in, rest, ErrNotEvent
	}
	if err = CheckName(data); err != nil {
		return in, rest, err
	}
	in.Event = RemoteEvent{data: data}
	p.Data, in.Messages, err = readData(data, p.Namespace)
	return in, rest, err
}

// IsEvent reports whether a packet with that number is an event.
func IsEvent(kind int) bool { return kind == packetEvent || kind == packetBinaryEvent }

// Received is a packet from another node.
type Received struct {
	Packet   socketio.Packet
	Messages []engineio.Message // the packet encoded, if it has no attachments
	Event    RemoteEvent
}

// A RemoteEvent is an event from another node as it came. It is good for as long as the
// callback that it is given to.
type RemoteEvent struct {
	data []byte            // in MessagePack, or
	text []json.RawMessage // in JSON
}

// Name returns the event's name.
func (e RemoteEvent) Name() string {
	if e.text != nil {
		return e.textName()
	}
	_, b, err := msgp.ReadArrayHeaderBytes(e.data)
	if err != nil {
		return ""
	}
	name, _, _ := ReadName(b)
	return name
}

// Field returns the string under a key of the event's first argument, "" when
// there is none.
func (e RemoteEvent) Field(key string) string {
	if e.text != nil {
		return e.textField(key)
	}
	n, b, err := msgp.ReadArrayHeaderBytes(e.data)
	if err != nil || n < 2 {
		return ""
	}
	if b, err = msgp.Skip(b); err != nil {
		return ""
	}
	value := ""
	ReadMap(b, func(k, b []byte) (rest []byte, err error) {
		if string(k) == key && msgp.NextType(b) == msgp.StrType {
			value, rest, err = ReadString(b)
			return rest, err
		}
		return msgp.Skip(b)
	})
	return value
}

// CheckName checks the first item of an event's data.
func CheckName(b []byte) error {
	n, b, err := msgp.ReadArrayHeaderBytes(b)
	if err != nil {
		return err
	}
	if n == 0 {
		return ErrName
	}
	if IsNumber(b) {
		return nil
	}
	name, _, err := msgp.ReadStringZC(b)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrName, err)
	}
	if socketio.Reserved(string(name)) {
		return fmt.Errorf("%w: %q is reserved", ErrName, name)
	}
	return nil
}

func readData(b []byte, nsp string) ([]any, []engineio.Message, error) {
	n, rest, _ := msgp.ReadArrayHeaderBytes(b)
	data := make([]any, 0, min(int(n), len(rest)))
	text := appendTextHead(make([]byte, 0, len(b)+len(b)/4+16), nsp)
	for i := range n {
		text = append(text, ",["[b2i(i == 0)])
		start := len(text)
		var after []byte
		var err error
		if text, after, err = AppendJSON(text, rest, 1); err != nil {
			if errors.Is(err, ErrBinary) {
				v, _, err := ReadValue(b, 0)
				data, _ := v.([]any)
				return data, nil, err
			}
			return nil, nil, err
		}
		switch t := msgp.NextType(rest); {
		case t == msgp.ArrayType || t == msgp.MapType:
			data = append(data, json.RawMessage(text[start:len(text):len(text)]))
		default:
			v, _, err := ReadValue(rest, 1)
			if err != nil {
				return nil, nil, err
			}
			data = append(data, v)
		}
		rest = after
	}
	text = append(text, ']')
	return data, []engineio.Message{{Data: text}}, nil
}

func b2i(b bool) int {
	if b {
		return 1
	}
	return 0
}

// AppendOptions appends {rooms,except,flags}, or in the emitter's order
// {rooms,flags,except}.
func AppendOptions(dst []byte, o socketio.Options, emitter bool) []byte {
	dst = msgp.AppendMapHeader(dst, 3)
	dst = msgp.AppendString(dst, "rooms")
	dst = AppendStrings(dst, o.Rooms)
	if emitter {
		dst = appendFlags(msgp.AppendString(dst, "flags"), o.Flags)
	}
	dst = msgp.AppendString(dst, "except")
	dst = AppendStrings(dst, o.Except)
	if !emitter {
		dst = appendFlags(msgp.AppendString(dst, "flags"), o.Flags)
	}
	return dst
}

func appendFlags(dst []byte, f socketio.Flags) []byte {
	n := b2i(f.Volatile) + b2i(f.Compress != nil) + b2i(f.Timeout > 0)
	dst = msgp.AppendMapHeader(dst, uint32(n))
	if f.Volatile {
		dst = msgp.AppendBool(msgp.AppendString(dst, "volatile"), true)
	}
	if f.Compress != nil {
		dst = msgp.AppendBool(msgp.AppendString(dst, "compress"), *f.Compress)
	}
	if f.Timeout > 0 { // milliseconds
		dst = AppendNumber(msgp.AppendString(dst, "timeout"), float64(f.Timeout)/float64(time.Millisecond))
	}
	return dst
}

// ReadOptions reads {rooms,except,flags} in any order; what is missing or nil
// is empty.
func ReadOptions(b []byte) (o socketio.Options, rest []byte, err error) {
	rest, err = ReadMap(b, func(key, b []byte) (rest []byte, err error) {
		switch string(key) {
		case "rooms":
			o.Rooms, rest, err = ReadNames(b)
		case "except":
			o.Except, rest, err = ReadNames(b)
		case "flags":
			o.Flags, rest, err = readFlags(b)
		default:
			rest, err = msgp.Skip(b)
		}
		return rest, err
	})
	return o, rest, err
}

func readFlags(b []byte) (f socketio.Flags, rest []byte, err error) {
	if msgp.IsNil(b) {
		rest, err = msgp.ReadNilBytes(b)
		return f, rest, err
	}
	rest, err = ReadMap(b, func(key, b []byte) (rest []byte, err error) {
		switch t := msgp.NextType(b); {
		case string(key) == "volatile" && t == msgp.BoolType:
			f.Volatile, rest, err = msgp.ReadBoolBytes(b)
		case string(key) == "compress" && t == msgp.BoolType:
			var on bool
			on, rest, err = msgp.ReadBoolBytes(b)
			f.Compress = &on
		case string(key) == "timeout" && IsNumber(b):
			var ms float64
			ms, rest, err = ReadNumber(b)
			f.Timeout = duration(ms)
		default:
			rest, err = msgp.Skip(b)
		}
		return rest, err
	})
	return f, rest, err
}

// duration is that of a JavaScript timer, which at most lasts 2^31-1 ms.
func duration(ms float64) time.Duration {
	if ms > 0 && ms < 1<<31 {
		return time.Duration(ms * float64(time.Millisecond))
	}
	return 0
}
