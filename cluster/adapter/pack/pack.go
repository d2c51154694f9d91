// Package pack writes and reads what adapters put into their messages, in
// MessagePack as notepack and @msgpack/msgpack write it, and in JSON: values, events
// with their options, descriptions of sockets.
package pack

import (
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/tinylib/msgp/msgp"

	"stickylab/cluster/socketio"
)

// MaxDepth bounds how deep values may be nested, in both directions. Nothing
// that people send comes near it; without it a few kilobytes of brackets
// would cost a deep stack.
const MaxDepth = 256

// AppendValue appends v as notepack writes the JavaScript value that v stands
// for: the smallest integer form, integral floats as integers, other numbers
// as float64, []byte as bin. The keys of a Go map are sorted, since a map has
// lost their order; anything that is not a plain value takes its JSON form,
// the order of a struct's fields kept.
func AppendValue(dst []byte, v any, depth int) ([]byte, error) {
	if depth > MaxDepth {
		return dst, ErrDepth
	}
	switch v := v.(type) {
	case nil:
		return msgp.AppendNil(dst), nil
	case bool:
		return msgp.AppendBool(dst, v), nil
	case string:
		return AppendString(dst, v), nil
	case []byte:
		return msgp.AppendBytes(dst, v), nil
	case float64:
		return AppendNumber(dst, v), nil
	case int:
		return appendInt(dst, int64(v)), nil
	case int64:
		return appendInt(dst, v), nil
	case uint64:
		return msgp.AppendUint64(dst, v), nil
	case int32:
		return appendInt(dst, int64(v)), nil
	case uint32:
		return msgp.AppendUint64(dst, uint64(v)), nil
	case json.RawMessage:
		return AppendText(dst, v, depth)
	case []any:
		return AppendArray(dst, v, depth)
	case socketio.Object:
		dst = msgp.AppendMapHeader(dst, uint32(len(v)))
		var err error
		for _, f := range v {
			dst = AppendString(dst, f.Key)
			if dst, err = AppendValue(dst, f.Value, depth+1); err != nil {
				return dst, err
			}
		}
		return dst, nil
	case map[string]any:
		if v == nil {
			return msgp.AppendNil(dst), nil
		}
		dst = msgp.AppendMapHeader(dst, uint32(len(v)))
		var err error
		for _, k := range slices.Sorted(maps.Keys(v)) {
			dst = AppendString(dst, k)
			if dst, err = AppendValue(dst, v[k], depth+1); err != nil {
				return dst, err
			}
		}
		return dst, nil
	}
	text, err := socketio.AppendJSON(nil, v)
	if err != nil {
		return dst, err
	}
	return AppendText(dst, text, depth)
}

// AppendArray appends an array of values. It fails as AppendValue does.
func AppendArray(dst []byte, vs []any, depth int) (_ []byte, err error) {
	dst = msgp.AppendArrayHeader(dst, uint32(len(vs)))
	for _, v := range vs {
		if dst, err = AppendValue(dst, v, depth+1); err != nil {
			return dst, err
		}
	}
	return dst, nil
}

// appendInt appends i in the smallest form: unsigned ones when it is not
// negative, as notepack does.
func appendInt(dst []byte, i int64) []byte {
	if i >= 0 {
		return msgp.AppendUint64(dst, uint64(i))
	}
	return msgp.AppendInt64(dst, i)
}

// AppendNumber appends a JavaScript number. Integral ones beyond 64 bits stay
// floats (notepack writes a wrong number for them).
func AppendNumber(dst []byte, f float64) []byte {
	switch {
	case f != math.Trunc(f) || math.IsInf(f, 0): // NaN is not equal to itself
		return msgp.AppendFloat64(dst, f)
	case f >= 0 && f < 1<<64:
		return msgp.AppendUint64(dst, uint64(f))
	case f < 0 && f >= -1<<63:
		return msgp.AppendInt64(dst, int64(f))
	}
	return msgp.AppendFloat64(dst, f)
}

// AppendString appends s as str. JavaScript knows no invalid UTF-8.
func AppendString(dst []byte, s string) []byte {
	if !utf8.ValidString(s) {
		s = strings.ToValidUTF8(s, "\ufffd")
	}
	return msgp.AppendString(dst, s)
}

// AppendStrings appends an array of strings.
func AppendStrings(dst []byte, ss []string) []byte {
	dst = msgp.AppendArrayHeader(dst, uint32(len(ss)))
	for _, s := range ss {
		dst = AppendString(dst, s)
	}
	return dst
}

// AppendText appends the value of one complete JSON text.
func AppendText(dst, text []byte, depth int) ([]byte, error) {
	if len(text) == 0 { // as json.Marshal does for an empty RawMessage
		return msgp.AppendNil(dst), nil
	}
	dst, rest, err := appendPackedJSON(dst, text, depth)
	if err != nil {
		return dst, err
	}
	if rest = skipSpace(rest); len(rest) > 0 {
		return dst, fmt.Errorf("%q after a JSON value", clip(rest))
	}
	return dst, nil
}
