package report

import (
	"strconv"
	"time"
	"unicode/utf8"

	"stickylab/cluster/trace"
	"stickylab/sim/format"
)

// AppendEvents appends a trace as JSON Lines: one event a line, in order, its
// fields always in the same order and left out when empty.
//
//	{"seq":812,"at":31.402118000,"lane":"im-3030/Yk3.../in","n":7,"kind":"sent","cause":"beijing-07/say#12",
//	 "node":"im-3030","client":"beijing-07","socket":"b1Q...","room":"lobby","msg":"beijing-07:12"}
//
// at and value are seconds with nine decimals; cause names the event that led
// to this one by its lane and its number there.
func AppendEvents(dst []byte, events []trace.Event) []byte {
	for i := range events {
		dst = appendEvent(dst, &events[i])
	}
	return dst
}

func appendEvent(dst []byte, e *trace.Event) []byte {
	dst = append(dst, `{"seq":`...)
	dst = strconv.AppendUint(dst, e.Seq, 10)
	dst = append(dst, `,"at":`...)
	dst = appendSeconds(dst, e.At)
	if e.Lane != nil {
		dst = append(dst, `,"lane":`...)
		dst = appendString(dst, e.Lane.Name())
		dst = append(dst, `,"n":`...)
		dst = strconv.AppendUint(dst, uint64(e.N), 10)
	}
	dst = append(dst, `,"kind":`...)
	dst = appendString(dst, e.Kind.String())
	if e.Cause.Lane != nil {
		dst = append(dst, `,"cause":"`...)
		dst = appendEscaped(dst, e.Cause.Lane.Name())
		dst = append(dst, '#')
		dst = strconv.AppendUint(dst, uint64(e.Cause.N), 10)
		dst = append(dst, '"')
	}
	dst = appendName(dst, `,"node":`, e.Node)
	dst = appendName(dst, `,"client":`, e.Client)
	dst = appendName(dst, `,"session":`, e.Session)
	dst = appendName(dst, `,"socket":`, e.Socket)
	dst = appendName(dst, `,"room":`, e.Room)
	dst = appendName(dst, `,"peer":`, e.Peer)
	dst = appendName(dst, `,"text":`, e.Text)
	if !e.Msg.IsZero() {
		dst = append(dst, `,"msg":"`...)
		dst = appendEscaped(dst, e.Msg.From.String())
		dst = append(dst, ':')
		dst = strconv.AppendUint(dst, uint64(e.Msg.N), 10)
		dst = append(dst, '"')
	}
	if e.Status != 0 {
		dst = append(dst, `,"status":`...)
		dst = strconv.AppendInt(dst, int64(e.Status), 10)
	}
	if e.Value != 0 {
		dst = append(dst, `,"value":`...)
		dst = appendSeconds(dst, e.Value)
	}
	return append(dst, '}', '\n')
}

func appendName(dst []byte, key string, n trace.Name) []byte {
	if n == (trace.Name{}) {
		return dst
	}
	return appendString(append(dst, key...), n.String())
}

// appendSeconds appends d in seconds with nine decimals.
func appendSeconds(dst []byte, d time.Duration) []byte {
	v := uint64(d)
	if d < 0 {
		dst = append(dst, '-')
		v = -v
	}
	dst = strconv.AppendUint(dst, v/1e9, 10)
	point := len(dst)
	dst = strconv.AppendUint(dst, 1e9+v%1e9, 10) // ten digits, the first of which makes room
	dst[point] = '.'
	return dst
}

func appendString(dst []byte, s string) []byte {
	dst = append(dst, '"')
	dst = appendEscaped(dst, s)
	return append(dst, '"')
}

// appendEscaped appends the inside of a JSON string (RFC 8259, section 7).
// Bytes that are not UTF-8 become U+FFFD, and what a terminal may obey is escaped.
func appendEscaped(dst []byte, s string) []byte {
	const hex = "0123456789abcdef"
	for i := 0; i < len(s); {
		switch c := s[i]; {
		case c >= utf8.RuneSelf:
			r, size := utf8.DecodeRuneInString(s[i:])
			if format.Shown(r) {
				dst = utf8.AppendRune(dst, r)
			} else {
				dst = format.AppendJSONEscape(dst, r)
			}
			i += size
			continue
		case c == '"' || c == '\\':
			dst = append(dst, '\\', c)
		case c < 0x20 || c == 0x7f:
			dst = append(dst, '\\', 'u', '0', '0', hex[c>>4], hex[c&15])
		default:
			dst = append(dst, c)
		}
		i++
	}
	return dst
}
