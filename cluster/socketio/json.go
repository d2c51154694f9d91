package socketio

import (
	"encoding/json"
	"maps"
	"math"
	"slices"
	"strconv"
	"unicode/utf8"
)

// A jsonWriter appends values in the form that JSON.stringify gives them: no
// HTML escapes, integral floats as integers, NaN and the infinities as null.
// The keys of a map are sorted.
type jsonWriter struct {
	dst         []byte
	binary      bool // whether []byte becomes an attachment, else base64 text
	attachments [][]byte
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
		w.dst = appendFloat(w.dst, v)
	case int:
		w.dst = strconv.AppendInt(w.dst, int64(v), 10)
	case int64:
		w.dst = strconv.AppendInt(w.dst, v, 10)
	case uint64:
		w.dst = strconv.AppendUint(w.dst, v, 10)
	case []byte:
		if !w.binary {
			return w.other(v)
		}
		w.dst = append(w.dst, `{"_placeholder":true,"num":`...)
		w.dst = strconv.AppendInt(w.dst, int64(len(w.attachments)), 10)
		w.dst = append(w.dst, '}')
		w.attachments = append(w.attachments, v)
	case []any:
		return w.array(v)
	case map[string]any:
		return w.object(v)
	default:
		return w.other(v)
	}
	return nil
}

func (w *jsonWriter) array(v []any) error {
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
	return nil
}

func (w *jsonWriter) object(v map[string]any) error {
	if v == nil {
		w.dst = append(w.dst, "null"...)
		return nil
	}
	w.dst = append(w.dst, '{')
	for i, key := range slices.Sorted(maps.Keys(v)) {
		if i > 0 {
			w.dst = append(w.dst, ',')
		}
		w.dst = AppendQuoted(w.dst, key)
		w.dst = append(w.dst, ':')
		if err := w.value(v[key]); err != nil {
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

// appendFloat appends f as ECMAScript's Number::toString writes it.
func appendFloat(dst []byte, f float64) []byte {
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
