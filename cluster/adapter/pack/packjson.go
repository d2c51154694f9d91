package pack

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/tinylib/msgp/msgp"
)

var (
	ErrDepth    = errors.New("nested too deeply")
	errJSONText = errors.New("JSON text ends too early")
)

var packedWords = [...]struct {
	text   []byte
	packed byte
}{{[]byte("null"), 0xc0}, {[]byte("false"), 0xc2}, {[]byte("true"), 0xc3}}

// appendPackedJSON appends the first value of a JSON text in msgpack, keys in
// the order of the text, and returns what follows it. It walks text that
// json.Marshal wrote, so it does not look for every error of syntax, but no
// text makes it panic.
func appendPackedJSON(dst, text []byte, depth int) ([]byte, []byte, error) {
	text = skipSpace(text)
	if len(text) == 0 {
		return dst, nil, errJSONText
	}
	if depth > MaxDepth {
		return dst, nil, ErrDepth
	}
	switch text[0] {
	case '{':
		return appendPackedItems(dst, text[1:], '}', depth)
	case '[':
		return appendPackedItems(dst, text[1:], ']', depth)
	case '"':
		return appendPackedString(dst, text)
	case 't', 'f', 'n':
		for _, word := range packedWords {
			if bytes.HasPrefix(text, word.text) {
				return append(dst, word.packed), text[len(word.text):], nil
			}
		}
		return dst, nil, fmt.Errorf("unexpected %q in JSON", clip(text))
	}
	return appendPackedNumber(dst, text)
}

func appendPackedItems(dst, text []byte, end byte, depth int) (_, _ []byte, err error) {
	at := len(dst)
	dst = append(dst, 0) // room for the header of up to 15 items
	n := uint32(0)
	for {
		text = skipSpace(text)
		if len(text) == 0 {
			return dst, nil, errJSONText
		}
		if text[0] == end {
			break
		}
		if n > 0 {
			if text[0] != ',' {
				return dst, nil, fmt.Errorf("unexpected %q in JSON", clip(text))
			}
			text = skipSpace(text[1:])
		}
		if end == '}' {
			if dst, text, err = appendPackedString(dst, text); err != nil {
				return dst, nil, err
			}
			if text = skipSpace(text); len(text) == 0 || text[0] != ':' {
				return dst, nil, fmt.Errorf("unexpected %q in JSON", clip(text))
			}
			text = text[1:]
		}
		if dst, text, err = appendPackedJSON(dst, text, depth+1); err != nil {
			return dst, nil, err
		}
		n++
	}
	return setHeader(dst, at, n, end == '}'), text[1:], nil
}

// setHeader puts the header of n items at dst[at], where one byte was left.
func setHeader(dst []byte, at int, n uint32, object bool) []byte {
	fixed, wide := byte(0x90), byte(0xdc)
	if object {
		fixed, wide = 0x80, 0xde
	}
	switch {
	case n < 16:
		dst[at] = fixed | byte(n)
	case n <= math.MaxUint16:
		dst = slices.Insert(dst, at+1, 0, 0)
		dst[at] = wide
		binary.BigEndian.PutUint16(dst[at+1:], uint16(n))
	default:
		dst = slices.Insert(dst, at+1, 0, 0, 0, 0)
		dst[at] = wide + 1
		binary.BigEndian.PutUint32(dst[at+1:], n)
	}
	return dst
}

func appendPackedString(dst, text []byte) ([]byte, []byte, error) {
	if len(text) == 0 || text[0] != '"' {
		return dst, nil, fmt.Errorf("unexpected %q in JSON", clip(text))
	}
	escaped := false
	for i := 1; i < len(text); i++ {
		switch text[i] {
		case '\\':
			escaped = true
			i++
		case '"':
			if !escaped {
				return msgp.AppendStringFromBytes(dst, text[1:i]), text[i+1:], nil
			}
			var s string
			if err := json.Unmarshal(text[:i+1], &s); err != nil {
				return dst, nil, err
			}
			return msgp.AppendString(dst, s), text[i+1:], nil
		}
	}
	return dst, nil, errJSONText
}

func appendPackedNumber(dst, text []byte) ([]byte, []byte, error) {
	end := 0
	for end < len(text) && strings.IndexByte("0123456789+-.eE", text[end]) >= 0 {
		end++
	}
	literal := string(text[:end])
	if i, err := strconv.ParseInt(literal, 10, 64); err == nil {
		return appendInt(dst, i), text[end:], nil
	}
	if u, err := strconv.ParseUint(literal, 10, 64); err == nil {
		return msgp.AppendUint64(dst, u), text[end:], nil
	}
	f, err := strconv.ParseFloat(literal, 64)
	if err != nil {
		return dst, nil, fmt.Errorf("unexpected %q in JSON", clip(text))
	}
	return AppendNumber(dst, f), text[end:], nil
}

func skipSpace(text []byte) []byte {
	for len(text) > 0 && (text[0] == ' ' || text[0] == '\n' || text[0] == '\t' || text[0] == '\r') {
		text = text[1:]
	}
	return text
}

func clip(b []byte) []byte { return b[:min(len(b), 32)] }
