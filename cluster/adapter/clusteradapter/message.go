package clusteradapter

import (
	"errors"
	"fmt"
	"strconv"

	"github.com/tinylib/msgp/msgp"

	"stickylab/cluster/adapter/pack"
	"stickylab/cluster/engineio"
	"stickylab/cluster/socketio"
)

// A Type is that of a message, MessageType in socket.io-adapter.
type Type int

// The types of messages.
const (
	InitialHeartbeat Type = iota + 1
	Heartbeat
	Broadcast
	Join
	Leave
	Disconnect
	Fetch
	FetchResponse
	ServerSideEmit
	ServerSideEmitResponse
	ClientCount
	Ack
	Closing
)

// A Message is what one node sends to others: {type,data,uid,nsp}.
type Message struct {
	Type      Type
	UID       string // of the sender
	Namespace string

	// What data holds depends on the type.

	RequestID string            // of what is answered and of answers; "" for none
	Options   *socketio.Options // of Broadcast, Join, Leave, Disconnect, Fetch
	Rooms     []string          // of Join, Leave
	Close     bool              // of Disconnect
	Data      []any             // of ServerSideEmit: the event and its arguments
	Value     any               // of ServerSideEmitResponse and Ack
	Count     int               // of ClientCount
	Sockets   []socketio.RemoteSocket

	Offset string // of what a transport with offsets has read

	pack.Received        // of a Broadcast that was read
	text          []byte // of one to be written: its data in JSON, nil with binary inside
	data          []any  // and as values
}

// broadcast returns the message of an event, and the messages that this node's sockets
// get. It fails when p cannot be encoded.
func broadcast(p socketio.Packet, nsp, requestID string, o *socketio.Options) (*Message, []engineio.Message, error) {
	text, messages, err := pack.EventText(p, nsp, o.Encoded)
	if err != nil {
		return nil, nil, fmt.Errorf("encoding a broadcast: %w", err)
	}
	data, _ := p.Data.([]any)
	return &Message{Type: Broadcast, RequestID: requestID, Options: o, text: text, data: data}, messages, nil
}

// Binary reports whether there are bytes inside, for which JSON has no form.
func (m *Message) Binary() bool {
	switch m.Type {
	case Broadcast:
		return m.text == nil
	case FetchResponse:
		for _, s := range m.Sockets {
			if pack.HasBinary(s.Data) || pack.HasBinary(s.Handshake) {
				return true
			}
		}
	case ServerSideEmit:
		return pack.HasBinary(m.Data)
	case ServerSideEmitResponse, Ack:
		return pack.HasBinary(m.Value)
	}
	return false
}

// AppendText appends the message as JSON. It fails when a value has no form in it.
func (m *Message) AppendText(dst []byte) ([]byte, error) {
	dst = strconv.AppendInt(append(dst, `{"type":`...), int64(m.Type), 10)
	if m.hasData() {
		var err error
		if dst, err = m.AppendDataText(append(dst, `,"data":`...)); err != nil {
			return dst, err
		}
	}
	dst = socketio.AppendQuoted(append(dst, `,"uid":`...), m.UID)
	dst = socketio.AppendQuoted(append(dst, `,"nsp":`...), m.Namespace)
	return append(dst, '}'), nil
}

// AppendPacked appends the message in MessagePack. It fails when a value has no form in it.
func (m *Message) AppendPacked(dst []byte) ([]byte, error) {
	fields := uint32(3)
	if m.hasData() {
		fields++
	}
	dst = msgp.AppendMapHeader(dst, fields)
	dst = msgp.AppendUint64(msgp.AppendString(dst, "type"), uint64(m.Type))
	if m.hasData() {
		var err error
		if dst, err = m.AppendDataPacked(msgp.AppendString(dst, "data")); err != nil {
			return dst, err
		}
	}
	dst = pack.AppendString(msgp.AppendString(dst, "uid"), m.UID)
	return pack.AppendString(msgp.AppendString(dst, "nsp"), m.Namespace), nil
}

func (m *Message) hasData() bool {
	return m.Type != InitialHeartbeat && m.Type != Heartbeat && m.Type != Closing
}

// AppendDataText appends the data of the message as JSON. It fails when a value has no
// form in it.
func (m *Message) AppendDataText(dst []byte) ([]byte, error) {
	if m.Type == Broadcast {
		dst = append(append(append(dst, `{"packet":{"type":2,"data":`...), m.text...), '}')
		if m.RequestID != "" {
			dst = socketio.AppendQuoted(append(dst, `,"requestId":`...), m.RequestID)
		}
		dst, err := socketio.AppendJSON(append(dst, `,"opts":`...), pack.OptionsObject(*m.Options))
		return append(dst, '}'), err
	}
	return socketio.AppendJSON(dst, m.object())
}

// AppendDataPacked appends the data of the message in MessagePack. It fails when a value
// has no form in it.
func (m *Message) AppendDataPacked(dst []byte) (_ []byte, err error) {
	if m.Type != Broadcast {
		return pack.AppendValue(dst, m.object(), 0)
	}
	fields := uint32(2)
	if m.RequestID != "" {
		fields++
	}
	dst = msgp.AppendString(msgp.AppendMapHeader(dst, fields), "packet")
	dst = msgp.AppendUint64(msgp.AppendString(msgp.AppendMapHeader(dst, 2), "type"), 2)
	dst = msgp.AppendString(dst, "data")
	if m.text != nil { // keeps the order of keys
		dst, err = pack.AppendText(dst, m.text, 0)
	} else {
		dst, err = pack.AppendArray(dst, m.data, 0)
	}
	if err != nil {
		return dst, err
	}
	if m.RequestID != "" {
		dst = pack.AppendString(msgp.AppendString(dst, "requestId"), m.RequestID)
	}
	return pack.AppendOptions(msgp.AppendString(dst, "opts"), *m.Options, false), nil
}

// object returns the data of a message that is no broadcast, in the official order of
// keys.
func (m *Message) object() (o socketio.Object) {
	add := func(key string, value any) { o = append(o, socketio.Field{Key: key, Value: value}) }
	if m.RequestID != "" && m.Type != Fetch {
		add("requestId", m.RequestID)
	}
	switch m.Type {
	case Join, Leave, Disconnect, Fetch:
		add("opts", pack.OptionsObject(*m.Options))
	}
	switch m.Type {
	case Join, Leave:
		add("rooms", pack.List(m.Rooms))
	case Disconnect:
		add("close", m.Close)
	case Fetch:
		add("requestId", m.RequestID)
	case FetchResponse:
		sockets := make([]any, len(m.Sockets))
		for i, s := range m.Sockets {
			sockets[i] = pack.SocketObject(s)
		}
		add("sockets", sockets)
	case ServerSideEmit:
		add("packet", m.Data)
	case ServerSideEmitResponse, Ack:
		add("packet", m.Value)
	case ClientCount:
		add("clientCount", m.Count)
	}
	return o
}

var errNoData = errors.New("data is missing")
