package pack

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strconv"

	"stickylab/cluster/engineio"
	"stickylab/cluster/socketio"
)

// EventText returns the data of the event p of namespace nsp as a JSON array, and the
// messages that this node's sockets get; messages are those if the caller has them
// already. With attachments it returns no text: only MessagePack has a form for them. It
// fails when p is no event, or when JSON cannot hold its data.
func EventText(p socketio.Packet, nsp string, messages []engineio.Message) (text []byte, _ []engineio.Message, err error) {
	p.Namespace, p.ID = nsp, nil
	if _, ok := p.Data.([]any); !ok || p.Type != socketio.Event && p.Type != socketio.BinaryEvent {
		return nil, messages, ErrNotEvent
	}
	if messages == nil {
		if messages, err = socketio.Encode(p); err != nil {
			return nil, nil, err
		}
	}
	if len(messages) > 1 {
		return nil, messages, nil
	}
	return messages[0].Data[TextHead(nsp):], messages, nil
}

// TextHead returns how many bytes precede the data of an event in the Socket.IO
// protocol.
func TextHead(nsp string) int {
	if nsp == "/" {
		return 1
	}
	return 1 + len(nsp) + len(",")
}

// ReadEventText reads the data of an event, a JSON array that is valid, for the
// namespace nsp. As with ReadPacket arrays and objects are json.RawMessage, and the name
// must be one that clients accept. It fails on any other name, and on nesting beyond
// MaxDepth.
func ReadEventText(text []byte, nsp string) (in Received, err error) {
	text = bytes.TrimSpace(text)
	if err := CheckJSON(text); err != nil {
		return in, err
	}
	var items []json.RawMessage
	if err := json.Unmarshal(text, &items); err != nil || len(items) == 0 {
		return in, ErrNotEvent
	}
	data := make([]any, len(items))
	for i, item := range items {
		if item[0] == '[' || item[0] == '{' {
			data[i] = item
		} else if err := json.Unmarshal(item, &data[i]); err != nil {
			return in, err
		}
	}
	switch name := data[0].(type) {
	case float64:
	case string:
		if socketio.Reserved(name) {
			return in, fmt.Errorf("%w: %q is reserved", ErrName, name)
		}
	default:
		return in, ErrName
	}
	in.Packet = socketio.Packet{Type: socketio.Event, Namespace: nsp, Data: data}
	in.Messages = []engineio.Message{{Data: append(appendTextHead(make([]byte, 0, len(text)+len(nsp)+8), nsp), text...)}}
	in.Event = RemoteEvent{text: items}
	return in, nil
}

// textName returns the name of an event in JSON.
func (e RemoteEvent) textName() string {
	var name any
	json.Unmarshal(e.text[0], &name)
	switch name := name.(type) {
	case string:
		return name
	case float64:
		return strconv.FormatFloat(name, 'f', -1, 64)
	}
	return ""
}

// textField returns the string under a key of the first argument of an event in JSON.
func (e RemoteEvent) textField(key string) (value string) {
	if len(e.text) < 2 {
		return ""
	}
	var fields Fields
	if json.Unmarshal(e.text[1], &fields) == nil {
		fields.Read(key, &value) // what is no string leaves it empty
	}
	return value
}

// ReadOptionsText reads {rooms,except,flags} from JSON; what is missing or null is empty.
// It fails when a field has another form.
func ReadOptionsText(text []byte) (o socketio.Options, err error) {
	fields, err := ReadFields(text)
	if err != nil {
		return o, err
	}
	var flags Fields
	for _, f := range []struct {
		key  string
		into any
	}{{"rooms", (*Names)(&o.Rooms)}, {"except", (*Names)(&o.Except)}, {"flags", &flags}} {
		if err := fields.Read(f.key, f.into); err != nil {
			return o, err
		}
	}
	var ms float64
	flags.Read("volatile", &o.Flags.Volatile) // flags of another form are passed over, as in MessagePack
	flags.Read("compress", &o.Flags.Compress)
	flags.Read("timeout", &ms)
	o.Flags.Timeout = duration(ms)
	return o, nil
}
