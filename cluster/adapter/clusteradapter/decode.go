package clusteradapter

import (
	"encoding/json"
	"errors"
	"fmt"
	"unicode/utf8"

	"github.com/tinylib/msgp/msgp"

	"stickylab/cluster/adapter/pack"
	"stickylab/cluster/socketio"
)

// Decode reads a message in JSON or in MessagePack, whichever its first byte says. It
// fails on what an official server would fail over, or make its clients fail over.
func Decode(b []byte) (*Message, error) {
	m, data, err := envelope(b)
	if err == nil {
		err = m.ReadData(data)
	}
	if err != nil {
		return nil, fmt.Errorf("decoding a message: %w", err)
	}
	return m, nil
}

// envelope reads all but the data, which it returns.
func envelope(b []byte) (m *Message, data []byte, err error) {
	m = new(Message)
	if len(b) > 0 && b[0] == '{' {
		fields, err := pack.ReadFields(b)
		if err != nil {
			return m, nil, err
		}
		return m, fields["data"], errors.Join(fields.Read("type", &m.Type), fields.Read("uid", &m.UID), fields.Read("nsp", &m.Namespace))
	}
	err = pack.ReadMessage(b, func(key, b []byte) (rest []byte, err error) {
		switch string(key) {
		case "type":
			var f float64
			f, rest, err = pack.ReadNumber(b)
			m.Type = Type(min(max(f, 0), 100))
			if f != float64(m.Type) {
				m.Type = 0
			}
		case "uid":
			m.UID, rest, err = pack.ReadString(b)
		case "nsp":
			m.Namespace, rest, err = pack.ReadString(b)
		default:
			if rest, err = msgp.Skip(b); err == nil && string(key) == "data" {
				data = b[:len(b)-len(rest)]
			}
		}
		return rest, err
	})
	return m, data, err
}

// ReadData reads the data of a message whose type and namespace are known, in either
// form. It fails like Decode.
func (m *Message) ReadData(b []byte) error {
	if m.Type < InitialHeartbeat || m.Type > Closing {
		return fmt.Errorf("unknown type %d", m.Type)
	}
	if m.Namespace == "" {
		return errors.New("no namespace is named")
	}
	if !m.hasData() {
		return nil
	}
	if len(b) == 0 {
		return errNoData
	}
	var err error
	if b[0] == '{' {
		err = m.readText(b)
	} else {
		err = m.readPacked(b)
	}
	if err == nil {
		err = m.check()
	}
	return err
}

func (m *Message) readText(b []byte) error {
	fields, err := pack.ReadFields(b)
	if err != nil {
		return err
	}
	if err := errors.Join(
		fields.Read("requestId", &m.RequestID),
		fields.Read("rooms", (*pack.Names)(&m.Rooms)),
		fields.Read("close", &m.Close),
		fields.Read("clientCount", &m.Count),
	); err != nil {
		return err
	}
	if opts, ok := fields["opts"]; ok {
		o, err := pack.ReadOptionsText(opts)
		if err != nil {
			return err
		}
		m.Options = &o
	}
	switch m.Type {
	case Broadcast:
		var packet pack.Fields
		var kind int
		if err := errors.Join(fields.Read("packet", &packet), packet.Read("type", &kind)); err != nil {
			return err
		}
		if !pack.IsEvent(kind) {
			return pack.ErrNotEvent
		}
		text := packet["data"]
		if !utf8.Valid(text) {
			text = []byte(string([]rune(string(text)))) // as JavaScript reads it
		}
		m.Received, err = pack.ReadEventText(text, m.Namespace)
		return err
	case ServerSideEmit:
		return fields.Read("packet", &m.Data)
	case ServerSideEmitResponse, Ack:
		return fields.Read("packet", &m.Value)
	case FetchResponse:
		var items []json.RawMessage
		if err := fields.Read("sockets", &items); err != nil {
			return err
		}
		m.Sockets = []socketio.RemoteSocket{}
		for _, item := range items {
			s, err := pack.DecodeSocket(item)
			if err != nil {
				return err
			}
			m.Sockets = append(m.Sockets, s)
		}
	}
	return nil
}

func (m *Message) readPacked(b []byte) error {
	return pack.ReadMessage(b, func(key, b []byte) (rest []byte, err error) {
		switch string(key) {
		case "requestId":
			m.RequestID, rest, err = pack.ReadString(b)
		case "rooms":
			m.Rooms, rest, err = pack.ReadNames(b)
		case "close":
			m.Close, rest, err = msgp.ReadBoolBytes(b)
		case "clientCount":
			var f float64
			f, rest, err = pack.ReadNumber(b)
			m.Count = int(min(max(f, -1), 1<<31))
		case "opts":
			var o socketio.Options
			o, rest, err = pack.ReadOptions(b)
			m.Options = &o
		case "packet":
			rest, err = m.readPackedPacket(b)
		case "sockets":
			var v any
			v, rest, err = pack.ReadValue(b, 0)
			items, _ := v.([]any)
			m.Sockets = []socketio.RemoteSocket{}
			for _, item := range items {
				s, err := pack.SocketOf(item)
				if err != nil {
					return rest, err
				}
				m.Sockets = append(m.Sockets, s)
			}
		default:
			rest, err = msgp.Skip(b)
		}
		return rest, err
	})
}

func (m *Message) readPackedPacket(b []byte) (rest []byte, err error) {
	if m.Type == Broadcast {
		m.Received, rest, err = pack.ReadPacket(b, m.Namespace)
		m.Packet.Namespace = m.Namespace
		return rest, err
	}
	v, rest, err := pack.ReadValue(b, 0)
	if m.Type == ServerSideEmit {
		m.Data, _ = v.([]any)
	}
	m.Value = v
	return rest, err
}

// check refuses what the official adapter would fail over when it acts on it.
func (m *Message) check() error {
	switch m.Type {
	case Broadcast, Join, Leave, Disconnect, Fetch:
		if m.Options == nil {
			return errors.New("options are missing")
		}
	}
	switch m.Type {
	case Broadcast:
		if m.Packet.Data == nil {
			return pack.ErrNotEvent
		}
	case ServerSideEmit:
		if len(m.Data) == 0 {
			return errNoData
		}
		if _, ok := m.Data[0].(string); !ok {
			return pack.ErrName
		}
	case Fetch, FetchResponse, ServerSideEmitResponse, ClientCount, Ack:
		if m.RequestID == "" {
			return errors.New("no request is named")
		}
	}
	if m.Count < 0 {
		return fmt.Errorf("a count of %d", m.Count)
	}
	return nil
}
