package socketio

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"strconv"
)

// Errors of a Decoder, in the words of the official parser. The peer that gets
// one closes the connection.
var (
	errPlaintext          = errors.New("got plaintext data when reconstructing a packet")
	errBinary             = errors.New("got binary data when not reconstructing a packet")
	errIllegalAttachments = errors.New("illegal attachments")
	errTooManyAttachments = errors.New("too many attachments")
	errInvalidPayload     = errors.New("invalid payload")
)

// A Decoder puts packets together from the messages of one session. It serves
// both ends of a connection. The zero Decoder is ready.
type Decoder struct {
	pending     *Packet // waits for attachments
	missing     int
	attachments [][]byte
}

// Add takes the next message. It returns nil and no error while attachments of
// the packet are missing. After an error the decoder must not be used again.
// data is not kept. Socket.IO protocol v5, section Packet encoding.
func (d *Decoder) Add(data []byte, binary bool) (*Packet, error) {
	p, err := d.add(data, binary)
	if err != nil {
		return nil, fmt.Errorf("socketio: %w", err)
	}
	return p, nil
}

func (d *Decoder) add(data []byte, binary bool) (*Packet, error) {
	if binary {
		if d.pending == nil {
			return nil, errBinary
		}
		d.attachments = append(d.attachments, bytes.Clone(data))
		if len(d.attachments) < d.missing {
			return nil, nil
		}
		return d.complete()
	}
	if d.pending != nil {
		return nil, errPlaintext
	}
	p, n, err := parse(data)
	if err != nil {
		return nil, err
	}
	if p.Type == BinaryEvent || p.Type == BinaryAck {
		d.pending, d.missing = p, n
		if n > 0 {
			return nil, nil
		}
		return d.complete()
	}
	return p, nil
}

// complete puts the attachments in the place of their placeholders.
func (d *Decoder) complete() (*Packet, error) {
	p, attachments := d.pending, d.attachments
	*d = Decoder{}
	if p.Data != nil {
		data, err := restore(p.Data, attachments)
		if err != nil {
			return nil, err
		}
		p.Data = data
	}
	return p, nil
}

func restore(v any, attachments [][]byte) (any, error) {
	var err error
	switch v := v.(type) {
	case []any:
		for i := range v {
			if v[i], err = restore(v[i], attachments); err != nil {
				return nil, err
			}
		}
	case map[string]any:
		if v["_placeholder"] == true {
			num, ok := v["num"].(float64)
			if !ok || num < 0 || num >= float64(len(attachments)) {
				return nil, errIllegalAttachments
			}
			if num != float64(int(num)) {
				return nil, nil // an array of JavaScript has nothing there
			}
			a := attachments[int(num)]
			if a == nil {
				a = []byte{}
			}
			return a, nil
		}
		for key := range v { // each is restored by itself: the order means nothing
			if v[key], err = restore(v[key], attachments); err != nil {
				return nil, err
			}
		}
	}
	return v, nil
}

// parse reads the text of a packet: <type>[<attachments>-][<namespace>,][<id>][<json>].
// An id above 64 bits, which no client sends, is none.
func parse(data []byte) (p *Packet, attachments int, err error) {
	if len(data) == 0 || data[0] < '0' || data[0] > '0'+byte(BinaryAck) {
		return nil, 0, fmt.Errorf("unknown packet type %q", data[:min(1, len(data))])
	}
	p = &Packet{Type: PacketType(data[0] - '0'), Namespace: "/"}
	rest := data[1:]

	if p.Type == BinaryEvent || p.Type == BinaryAck {
		count, after, found := bytes.Cut(rest, []byte{'-'})
		n, err := strconv.ParseFloat(string(count), 64) // "1.0" is a number to JavaScript
		if !found || err != nil || n < 1 || n != math.Trunc(n) {
			return nil, 0, errIllegalAttachments
		}
		if n > MaxAttachments {
			return nil, 0, errTooManyAttachments
		}
		attachments, rest = int(n), after
	}
	if len(rest) > 0 && rest[0] == '/' {
		name, after, _ := bytes.Cut(rest, []byte{','}) // the comma may be missing at the end
		if len(name) > 1 {
			p.Namespace = string(name)
		}
		rest = after
	}
	digits := 0
	for digits < len(rest) && rest[digits] >= '0' && rest[digits] <= '9' {
		digits++
	}
	if digits > 0 {
		if id, err := strconv.ParseUint(string(rest[:digits]), 10, 64); err == nil {
			p.ID = &id
		}
		rest = rest[digits:]
	}
	p.Data, err = payload(p.Type, rest)
	return p, attachments, err
}

// payload reads and checks the data of a packet of type t.
func payload(t PacketType, text []byte) (any, error) {
	if len(text) == 0 {
		return nil, nil
	}
	data, err := unmarshal(text)
	if t == Disconnect || err != nil || !valid(t, data) {
		return nil, errInvalidPayload
	}
	return data, nil
}

// unmarshal reads JSON. A number that no float64 holds is infinite, as it is to
// JavaScript.
func unmarshal(text []byte) (data any, err error) {
	err = json.Unmarshal(text, &data)
	if _, ok := errors.AsType[*json.UnmarshalTypeError](err); !ok {
		return data, err
	}
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	if err := d.Decode(&data); err != nil {
		return nil, err
	}
	return numbers(data), nil
}

// numbers puts a float64 in the place of each json.Number in v.
func numbers(v any) any {
	switch v := v.(type) {
	case json.Number:
		f, _ := strconv.ParseFloat(string(v), 64) // out of range it is infinite
		return f
	case []any:
		for i := range v {
			v[i] = numbers(v[i])
		}
	case map[string]any:
		for key := range v { // each by itself: the order means nothing
			v[key] = numbers(v[key])
		}
	}
	return v
}

func valid(t PacketType, data any) bool {
	switch data := data.(type) {
	case map[string]any:
		return t == Connect || t == ConnectError
	case string:
		return t == ConnectError
	case []any:
		switch t {
		case Ack, BinaryAck:
			return true
		case Event, BinaryEvent:
			if len(data) == 0 {
				return false
			}
			switch name := data[0].(type) {
			case string:
				return !Reserved(name)
			case float64:
				return true
			}
		}
	}
	return false
}
