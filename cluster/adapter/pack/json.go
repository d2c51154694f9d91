package pack

import (
	"encoding/json"
	"errors"
	"strconv"

	"github.com/tinylib/msgp/msgp"

	"stickylab/cluster/socketio"
)

// ErrBinary: the value holds bytes, for which JSON has no form.
var ErrBinary = errors.New("binary inside")

// AppendJSON appends the JSON form of the first msgpack value of b, keys in
// their order, and returns what follows it.
func AppendJSON(dst, b []byte, depth int) (_, rest []byte, err error) {
	if depth > MaxDepth {
		return dst, b, ErrDepth
	}
	switch t := msgp.NextType(b); t {
	case msgp.NilType:
		rest, err = msgp.ReadNilBytes(b)
		return append(dst, "null"...), rest, err
	case msgp.BoolType:
		v, rest, err := msgp.ReadBoolBytes(b)
		return strconv.AppendBool(dst, v), rest, err
	case msgp.StrType:
		s, rest, err := msgp.ReadStringZC(b)
		if err != nil {
			return dst, b, err
		}
		return socketio.AppendQuoted(dst, s), rest, nil
	case msgp.IntType:
		i, rest, err := msgp.ReadInt64Bytes(b)
		return strconv.AppendInt(dst, i, 10), rest, err
	case msgp.UintType:
		u, rest, err := msgp.ReadUint64Bytes(b)
		return strconv.AppendUint(dst, u, 10), rest, err
	case msgp.Float64Type, msgp.Float32Type:
		f, rest, err := ReadNumber(b)
		return socketio.AppendNumber(dst, f), rest, err
	case msgp.BinType:
		return dst, b, ErrBinary
	case msgp.ArrayType:
		n, rest, err := msgp.ReadArrayHeaderBytes(b)
		if err != nil {
			return dst, b, err
		}
		dst = append(dst, '[')
		for i := range n {
			if i > 0 {
				dst = append(dst, ',')
			}
			if dst, rest, err = AppendJSON(dst, rest, depth+1); err != nil {
				return dst, b, err
			}
		}
		return append(dst, ']'), rest, nil
	case msgp.MapType:
		separator := byte('{')
		rest, err = ReadMap(b, func(key, b []byte) (rest []byte, err error) {
			dst = append(socketio.AppendQuoted(append(dst, separator), key), ':')
			separator = ','
			dst, rest, err = AppendJSON(dst, b, depth+1)
			return rest, err
		})
		if separator == '{' {
			dst = append(dst, '{')
		}
		return append(dst, '}'), rest, err
	}
	v, rest, err := readExtension(b)
	switch v := v.(type) {
	case string:
		dst = socketio.AppendQuoted(dst, []byte(v))
	case []byte:
		err = ErrBinary
	default:
		dst = append(dst, "null"...)
	}
	return dst, rest, err
}

// CheckJSON reports what is wrong with a text: its syntax, or nesting beyond
// MaxDepth, which encoding/json would follow to 10,000.
func CheckJSON(text []byte) error {
	if !json.Valid(text) {
		return errors.New("malformed JSON")
	}
	depth, quoted := 0, false
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case quoted && c == '\\':
			i++
		case c == '"':
			quoted = !quoted
		case quoted:
		case c == '{' || c == '[':
			if depth++; depth > MaxDepth {
				return ErrDepth
			}
		case c == '}' || c == ']':
			depth--
		}
	}
	return nil
}
