package redisadapter

import (
	"encoding/json"
	"errors"
	"math"
	"strconv"

	"github.com/tinylib/msgp/msgp"

	"stickylab/cluster/socketio"
)

// errBinary: the value holds bytes, for which JSON has no form.
var errBinary = errors.New("binary inside")

// appendJSON appends the JSON form of the first msgpack value of b, keys in
// their order, and returns what follows it.
func appendJSON(dst, b []byte, depth int) (_, rest []byte, err error) {
	if depth > maxDepth {
		return dst, b, errDepth
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
		f, rest, err := readNumber(b)
		return appendJSONNumber(dst, f), rest, err
	case msgp.BinType:
		return dst, b, errBinary
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
			if dst, rest, err = appendJSON(dst, rest, depth+1); err != nil {
				return dst, b, err
			}
		}
		return append(dst, ']'), rest, nil
	case msgp.MapType:
		n, rest, err := msgp.ReadMapHeaderBytes(b)
		if err != nil {
			return dst, b, err
		}
		dst = append(dst, '{')
		for i := range n {
			if i > 0 {
				dst = append(dst, ',')
			}
			var key []byte
			if key, rest, err = readKey(rest); err != nil {
				return dst, b, err
			}
			dst = append(socketio.AppendQuoted(dst, key), ':')
			if dst, rest, err = appendJSON(dst, rest, depth+1); err != nil {
				return dst, b, err
			}
		}
		return append(dst, '}'), rest, nil
	}
	v, rest, err := readExtension(b)
	switch v := v.(type) {
	case string:
		dst = socketio.AppendQuoted(dst, []byte(v))
	case []byte:
		err = errBinary
	default:
		dst = append(dst, "null"...)
	}
	return dst, rest, err
}

func appendJSONStrings(dst []byte, ss []string) []byte {
	dst = append(dst, '[')
	for i, s := range ss {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = socketio.AppendQuoted(dst, s)
	}
	return append(dst, ']')
}

// appendJSONNumber appends f as JSON.stringify does: null when it is none.
func appendJSONNumber(dst []byte, f float64) []byte {
	abs := math.Abs(f)
	switch {
	case math.IsNaN(f) || math.IsInf(f, 0):
		return append(dst, "null"...)
	case f == math.Trunc(f) && abs < 1<<53:
		return strconv.AppendInt(dst, int64(f), 10)
	case abs < 1e-6 || abs >= 1e21:
		dst = strconv.AppendFloat(dst, f, 'e', -1, 64)
		if n := len(dst); n >= 4 && dst[n-4] == 'e' && dst[n-2] == '0' { // e-07: e-7
			dst[n-2] = dst[n-1]
			dst = dst[:n-1]
		}
		return dst
	}
	return strconv.AppendFloat(dst, f, 'f', -1, 64)
}

// appendJSONValue appends v as JSON.stringify would, bytes in the form that a
// Node Buffer takes.
func appendJSONValue(dst []byte, v any) (_ []byte, err error) {
	switch v := v.(type) {
	case string:
		return socketio.AppendQuoted(dst, v), nil
	case float64:
		return appendJSONNumber(dst, v), nil
	case []byte:
		dst = append(dst, `{"type":"Buffer","data":[`...)
		for i, c := range v {
			if i > 0 {
				dst = append(dst, ',')
			}
			dst = strconv.AppendUint(dst, uint64(c), 10)
		}
		return append(dst, "]}"...), nil
	case []any:
		dst = append(dst, '[')
		for i, item := range v {
			if i > 0 {
				dst = append(dst, ',')
			}
			if dst, err = appendJSONValue(dst, item); err != nil {
				return dst, err
			}
		}
		return append(dst, ']'), nil
	case map[string]any:
		if v != nil {
			return appendObject(dst, v, nil)
		}
	}
	text, release, err := marshal(v)
	if err != nil {
		return dst, err
	}
	defer release()
	return append(dst, text...), nil
}

// checkJSON reports what is wrong with a text: its syntax, or nesting beyond
// maxDepth, which encoding/json would follow to 10,000.
func checkJSON(text []byte) error {
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
			if depth++; depth > maxDepth {
				return errDepth
			}
		case c == '}' || c == ']':
			depth--
		}
	}
	return nil
}
