package socketio

import (
	"encoding/json"
	"maps"
	"math"
	"slices"
	"strconv"
	"unicode/utf8"
)

// An Object is written as a JSON object with its keys in this order.
type Object []Field

// A Field is one key of an Object.
type Field struct {
	Key   string
	Value any
}

// AppendJSON appends v as JSON.stringify would: no HTML escapes, integral floats as
// integers, NaN and the infinities as null, []byte in the form that a Node Buffer
// takes. The keys of a map are sorted. It fails for a value that encoding/json
// refuses.
func AppendJSON(dst []byte, v any) ([]byte, error) {
	w := jsonWriter{dst: dst, bytes: (*jsonWriter).buffer}
	err := w.value(v)
	return w.dst, err
}

// A jsonWriter appends values in the form of AppendJSON.
type jsonWriter struct {
	dst         []byte
	bytes       func(*jsonWriter, []byte) // writes a []byte; nil for base64 text
	attachments [][]byte
}

// attach makes b an attachment.
func (w *jsonWriter) attach(b []byte) {
	w.dst = append(w.dst, `{"_placeholder":true,"num":`...)
	w.dst = strconv.AppendInt(w.dst, int64(len(w.attachments)), 10)
	w.dst = append(w.dst, '}')
	w.attachments = append(w.attachments, b)
}

// buffer writes b as a Node Buffer.
func (w *jsonWriter) buffer(b []byte) {
	w.dst = append(w.dst, `{"type":"Buffer","data":[`...)
	for i, c := range b {
		if i > 0 {
			w.dst = append(w.dst, ',')
		}
		w.dst = strconv.AppendUint(w.dst, uint64(c), 10)
	}
	w.dst = append(w.dst, "]}"...)
}

func (w *jsonWriter) value(v any) error {
	switch v := v.(type) {
	case nil:
		w.dst = append(w.dst, "null"...)
	case bool:
		w.dst = strconv.AppendBool(w.dst, v)
	case string:
		w.dst = AppendQuoted(w.dst, v)
	case float64:
		w.dst = AppendNumber(w.dst, v)
	case int:
		w.dst = strconv.AppendInt(w.dst, int64(v), 10)
	case int64:
		w.dst = strconv.AppendInt(w.dst, v, 10)
	case uint64:
		w.dst = strconv.AppendUint(w.dst, v, 10)
	case []byte:
		if w.bytes == nil {
			return w.other(v)
		}
		w.bytes(w, v)
	case []any:
		w.dst = append(w.dst, '[')
		for i, item := range v {
			if i > 0 {
				w.dst = append(w.dst, ',')
			}
			if err := w.value(item); err != nil {
				return err
			}
		}
		w.dst = append(w.dst, ']')
	case map[string]any:
		if v == nil {
			w.dst = append(w.dst, "null"...)
			return nil
		}
		o := make(Object, 0, len(v))
		for _, key := range slices.Sorted(maps.Keys(v)) {
			o = append(o, Field{key, v[key]})
		}
		return w.object(o)
	case Object:
		return w.object(v)
	default:
		return w.other(v)
	}
	return nil
}

func (w *jsonWriter) object(o Object) error {
	w.dst = append(w.dst, '{')
	for i, f := range o {
		if i > 0 {
			w.dst = append(w.dst, ',')
		}
		w.dst = append(AppendQuoted(w.dst, f.Key), ':')
		if err := w.value(f.Value); err != nil {
			return err
		}
	}
	w.dst = append(w.dst, '}')
	return nil
}

// other leaves v to encoding/json: structs, typed slices and maps, marshalers.
func (w *jsonWriter) other(v any) error {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		return err
	}
	w.dst = w.dst[:len(w.dst)-1] // Encode ends with a newline
	return nil
}

// Write appends what encoding/json has written.
func (w *jsonWriter) Write(p []byte) (int, error) {
	w.dst = append(w.dst, p...)
	return len(p), nil
}

// AppendQuoted appends s quoted as JSON.stringify does it; bytes that are not
// UTF-8 become U+FFFD.
func AppendQuoted[T string | []byte](dst []byte, s T) []byte {
	const hex = "0123456789abcdef"
	dst = append(dst, '"')
	plain := 0 // from here on nothing was appended yet
	for i := 0; i < len(s); {
		c := s[i]
		if c >= ' ' && c != '"' && c != '\\' && c < utf8.RuneSelf {
			i++
			continue
		}
		size := 1
		if c >= utf8.RuneSelf {
			var r rune
			r, size = utf8.DecodeRuneInString(string(s[i:min(i+utf8.UTFMax, len(s))]))
			if r != utf8.RuneError || size > 1 {
				i += size
				continue
			}
		}
		dst = append(dst, s[plain:i]...)
		switch c {
		case '"', '\\':
			dst = append(dst, '\\', c)
		case '\b':
			dst = append(dst, '\\', 'b')
		case '\f':
			dst = append(dst, '\\', 'f')
		case '\n':
			dst = append(dst, '\\', 'n')
		case '\r':
			dst = append(dst, '\\', 'r')
		case '\t':
			dst = append(dst, '\\', 't')
		default:
			if c < ' ' {
				dst = append(dst, '\\', 'u', '0', '0', hex[c>>4], hex[c&15])
			} else {
				dst = append(dst, "\ufffd"...)
			}
		}
		i += size
		plain = i
	}
	dst = append(dst, s[plain:]...)
	return append(dst, '"')
}

// AppendNumber appends f as JSON.stringify writes it: null when it is no number.
func AppendNumber(dst []byte, f float64) []byte {
	switch {
	case math.IsNaN(f) || math.IsInf(f, 0):
		return append(dst, "null"...)
	case f == math.Trunc(f) && math.Abs(f) < 1<<53:
		return strconv.AppendInt(dst, int64(f), 10)
	}
	if a := math.Abs(f); a >= 1e-6 && a < 1e21 {
		return strconv.AppendFloat(dst, f, 'f', -1, 64)
	}
	dst = strconv.AppendFloat(dst, f, 'e', -1, 64)
	// ECMAScript writes e-7 where Go writes e-07.
	if n := len(dst); n >= 4 && dst[n-4] == 'e' && dst[n-2] == '0' {
		dst[n-2] = dst[n-1]
		dst = dst[:n-1]
	}
	return dst
}
