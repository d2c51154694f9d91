package pack

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/tinylib/msgp/msgp"
)

var (
	errShort     = errors.New("message ends too early")
	ErrTrailing  = errors.New("bytes after the message")
	errExtension = errors.New("unknown msgpack extension")
)

// ReadValue reads one msgpack value as encoding/json would have read its JSON
// form: numbers are float64 (NaN and the infinities nil), objects are
// map[string]any, dates are strings; bin is a new []byte.
func ReadValue(b []byte, depth int) (v any, rest []byte, err error) {
	if depth > MaxDepth {
		return nil, b, ErrDepth
	}
	switch msgp.NextType(b) {
	case msgp.NilType:
		rest, err = msgp.ReadNilBytes(b)
		return nil, rest, err
	case msgp.BoolType:
		return box(msgp.ReadBoolBytes(b))
	case msgp.StrType:
		return box(ReadString(b))
	case msgp.BinType:
		return box(msgp.ReadBytesBytes(b, nil))
	case msgp.ArrayType:
		n, rest, err := msgp.ReadArrayHeaderBytes(b)
		if err != nil {
			return nil, b, err
		}
		vs := make([]any, 0, min(int(n), len(rest)))
		for range n {
			var v any
			if v, rest, err = ReadValue(rest, depth+1); err != nil {
				return nil, b, err
			}
			vs = append(vs, v)
		}
		return vs, rest, nil
	case msgp.MapType:
		m := make(map[string]any)
		rest, err = ReadMap(b, func(key, b []byte) (rest []byte, err error) {
			m[string(key)], rest, err = ReadValue(b, depth+1)
			return rest, err
		})
		return box(m, rest, err)
	}
	if IsNumber(b) {
		f, rest, err := ReadNumber(b)
		if err != nil || math.IsNaN(f) || math.IsInf(f, 0) {
			return nil, rest, err
		}
		return f, rest, nil
	}
	return readExtension(b)
}

// ReadMap reads a map. field is called for each key with the bytes from its value
// on, and returns those after it.
func ReadMap(b []byte, field func(key, b []byte) (rest []byte, err error)) (rest []byte, err error) {
	n, b, err := msgp.ReadMapHeaderBytes(b)
	for ; n > 0 && err == nil; n-- {
		var key []byte
		if key, b, err = readKey(b); err == nil {
			b, err = field(key, b)
		}
	}
	return b, err
}

// ReadMessage is ReadMap for a message that holds a map and nothing else.
func ReadMessage(b []byte, field func(key, b []byte) (rest []byte, err error)) error {
	rest, err := ReadMap(b, field)
	if err == nil && len(rest) > 0 {
		err = ErrTrailing
	}
	return err
}

func box[T any](v T, rest []byte, err error) (any, []byte, error) {
	if err != nil {
		return nil, rest, err
	}
	return v, rest, nil
}

// IsNumber reports whether b starts with an integer or a float.
func IsNumber(b []byte) bool {
	switch msgp.NextType(b) {
	case msgp.IntType, msgp.UintType, msgp.Float64Type, msgp.Float32Type:
		return true
	}
	return false
}

// ReadNumber reads an integer or a float. It fails on any other value.
func ReadNumber(b []byte) (float64, []byte, error) {
	switch msgp.NextType(b) {
	case msgp.IntType:
		i, rest, err := msgp.ReadInt64Bytes(b)
		return float64(i), rest, err
	case msgp.UintType:
		u, rest, err := msgp.ReadUint64Bytes(b)
		return float64(u), rest, err
	case msgp.Float32Type:
		f, rest, err := msgp.ReadFloat32Bytes(b)
		return float64(f), rest, err
	}
	return msgp.ReadFloat64Bytes(b)
}

// ReadString reads a str; invalid UTF-8 is replaced. It fails on any other value.
func ReadString(b []byte) (string, []byte, error) {
	s, rest, err := msgp.ReadStringBytes(b)
	if err == nil && !utf8.ValidString(s) {
		s = strings.ToValidUTF8(s, "\ufffd")
	}
	return s, rest, err
}

// readKey reads a map's key, which aliases b if it can; JavaScript turns
// numbers into strings there.
func readKey(b []byte) ([]byte, []byte, error) {
	if msgp.NextType(b) == msgp.StrType {
		key, rest, err := msgp.ReadStringZC(b)
		if err == nil && !utf8.Valid(key) {
			key = bytes.ToValidUTF8(key, []byte("\ufffd"))
		}
		return key, rest, err
	}
	key, rest, err := ReadName(b)
	return []byte(key), rest, err
}

// ReadName reads a room: a string, or a number in its decimal form.
func ReadName(b []byte) (string, []byte, error) {
	if IsNumber(b) {
		f, rest, err := ReadNumber(b)
		if err != nil {
			return "", b, err
		}
		return strconv.FormatFloat(f, 'f', -1, 64), rest, nil
	}
	return ReadString(b)
}

// ReadNames reads an array of rooms; nil is an empty one.
func ReadNames(b []byte) ([]string, []byte, error) {
	if msgp.IsNil(b) {
		rest, err := msgp.ReadNilBytes(b)
		return nil, rest, err
	}
	n, b, err := msgp.ReadArrayHeaderBytes(b)
	if err != nil || n == 0 {
		return nil, b, err
	}
	names := make([]string, 0, min(int(n), len(b)))
	for range n {
		var name string
		if name, b, err = ReadName(b); err != nil {
			return nil, b, err
		}
		names = append(names, name)
	}
	return names, b, nil
}

// readExtension reads what notepack writes as an extension: undefined (nil
// here), an ArrayBuffer (a []byte), and a Date in its two forms (the string
// that JSON.stringify makes of it).
func readExtension(b []byte) (any, []byte, error) {
	kind, data, rest, err := splitExtension(b)
	if err != nil {
		return nil, b, err
	}
	switch {
	case kind == 0 && b[0] == 0xd4:
		return nil, rest, nil
	case kind == 0 && b[0] == 0xd7: // milliseconds
		return dateText(time.UnixMilli(int64(binary.BigEndian.Uint64(data)))), rest, nil
	case kind == 0:
		return append([]byte{}, data...), rest, nil
	case kind == -1 && len(data) == 4: // seconds
		return dateText(time.Unix(int64(binary.BigEndian.Uint32(data)), 0)), rest, nil
	case kind == -1 && len(data) == 8: // 30 bits of nanoseconds, 34 of seconds
		u := binary.BigEndian.Uint64(data)
		return dateText(time.Unix(int64(u&(1<<34-1)), int64(u>>34))), rest, nil
	case kind == -1 && len(data) == 12:
		return dateText(time.Unix(int64(binary.BigEndian.Uint64(data[4:])), int64(binary.BigEndian.Uint32(data)))), rest, nil
	}
	return nil, b, fmt.Errorf("%w %d", errExtension, kind)
}

func splitExtension(b []byte) (kind int8, data, rest []byte, err error) {
	if len(b) < 2 {
		return 0, nil, b, errShort
	}
	size, head := uint64(0), 2
	switch c := b[0]; {
	case c >= 0xd4 && c <= 0xd8:
		size = 1 << (c - 0xd4)
	case c == 0xc7:
		size, head = uint64(b[1]), 3
	case c == 0xc8 && len(b) >= 4:
		size, head = uint64(binary.BigEndian.Uint16(b[1:])), 4
	case c == 0xc9 && len(b) >= 6:
		size, head = uint64(binary.BigEndian.Uint32(b[1:])), 6
	case c == 0xc8 || c == 0xc9:
		return 0, nil, b, errShort
	default:
		return 0, nil, b, fmt.Errorf("unknown msgpack byte 0x%02x", c)
	}
	if uint64(len(b)) < uint64(head)+size {
		return 0, nil, b, errShort
	}
	end := head + int(size)
	return int8(b[head-1]), b[head:end], b[end:], nil
}

// dateText is Date.prototype.toJSON, null for what is no date there.
func dateText(t time.Time) any {
	t = t.UTC()
	if y := t.Year(); y < 0 || y > 9999 {
		return nil
	}
	return t.Format("2006-01-02T15:04:05.000Z")
}
