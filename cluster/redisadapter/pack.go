package redisadapter

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

// maxDepth bounds how deep values may be nested, in both directions. Nothing
// that people send comes near it; without it a few kilobytes of brackets
// would cost a deep stack.
const maxDepth = 256

// appendValue appends v as notepack writes the JavaScript value that v stands
// for: the smallest integer form, integral floats as integers, other numbers
// as float64, []byte as bin. The keys of a Go map are sorted, since a map has
// lost their order; anything that is not a plain value takes its JSON form,
// the order of a struct's fields kept.
func appendValue(dst []byte, v any, depth int) ([]byte, error) {
	if depth > maxDepth {
		return dst, errDepth
	}
	switch v := v.(type) {
	case nil:
		return msgp.AppendNil(dst), nil
	case bool:
		return msgp.AppendBool(dst, v), nil
	case string:
		return appendString(dst, v), nil
	case []byte:
		return msgp.AppendBytes(dst, v), nil
	case float64:
		return appendNumber(dst, v), nil
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
		return appendPackedText(dst, v, depth)
	case []any:
		return appendArray(dst, v, depth)
	case map[string]any:
		if v == nil {
			return msgp.AppendNil(dst), nil
		}
		dst = msgp.AppendMapHeader(dst, uint32(len(v)))
		var err error
		for _, k := range slices.Sorted(maps.Keys(v)) {
			dst = appendString(dst, k)
			if dst, err = appendValue(dst, v[k], depth+1); err != nil {
				return dst, err
			}
		}
		return dst, nil
	}
	text, err := socketio.AppendJSON(nil, v)
	if err != nil {
		return dst, err
	}
	return appendPackedText(dst, text, depth)
}

func appendArray(dst []byte, vs []any, depth int) (_ []byte, err error) {
	dst = msgp.AppendArrayHeader(dst, uint32(len(vs)))
	for _, v := range vs {
		if dst, err = appendValue(dst, v, depth+1); err != nil {
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

// appendNumber appends a JavaScript number. Integral ones beyond 64 bits stay
// floats (notepack writes a wrong number for them).
func appendNumber(dst []byte, f float64) []byte {
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

// appendString appends s as str. JavaScript knows no invalid UTF-8.
func appendString(dst []byte, s string) []byte {
	if !utf8.ValidString(s) {
		s = strings.ToValidUTF8(s, "\ufffd")
	}
	return msgp.AppendString(dst, s)
}

func appendStrings(dst []byte, ss []string) []byte {
	dst = msgp.AppendArrayHeader(dst, uint32(len(ss)))
	for _, s := range ss {
		dst = appendString(dst, s)
	}
	return dst
}

// appendPackedText appends the value of one complete JSON text.
func appendPackedText(dst, text []byte, depth int) ([]byte, error) {
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
