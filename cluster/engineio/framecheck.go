package engineio

import (
	"encoding/binary"
	"fmt"
	"unicode/utf8"

	"github.com/coder/websocket"
)

// maxFragments bounds the frames of one message, as the WebSocket library of
// engine.io does.
const maxFragments = 16 << 10

// A frameError says why a WebSocket is not read further. Its code is sent in the
// close frame, alone.
type frameError struct {
	code websocket.StatusCode
	text string
}

func (e *frameError) Error() string { return e.text }

// A frameCheck follows the frames that a client sends, and finds what breaks the
// protocol (RFC 6455, section 5) or a limit as soon as a frame announces it, with
// the close codes of the WebSocket library of engine.io.
type frameCheck struct {
	limit uint64 // bytes of a message

	head    [14]byte // of the frame, as far as it has come
	got     int
	checked bool   // the head, but for its mask
	length  uint64 // of the payload
	left    uint64 // that is still to come
	control []byte // payload of a control frame

	fragmented bool // a message has begun
	fragments  int
	size       uint64 // of the message
}

// add takes what was received next. With an error it returns how many of the bytes
// belong to the frames before the wrong one.
func (f *frameCheck) add(b []byte) (good int, err *frameError) {
	for at := 0; at < len(b); {
		if f.left == 0 {
			if f.got == 0 {
				good = at
			}
			n := copy(f.head[f.got:f.headLength()], b[at:])
			f.got += n
			at += n
			switch {
			case f.got < f.headLength(): // the second byte tells how long the head is
				continue
			case !f.checked: // now comes the mask
				f.checked = true
				if err := f.begin(); err != nil {
					return good, err
				}
				continue
			}
			f.left = f.length
		}
		n := int(min(uint64(len(b)-at), f.left))
		if f.isControl() {
			f.control = append(f.control, b[at:at+n]...)
		}
		f.left -= uint64(n)
		at += n
		if f.left == 0 {
			if err := f.end(); err != nil {
				return good, err
			}
		}
	}
	return len(b), nil
}

// headLength returns how long the head of the frame is: up to what is checked next,
// and then with its mask.
func (f *frameCheck) headLength() int {
	length := 2
	if f.got < 2 {
		return length
	}
	switch f.head[1] & 0x7f {
	case 126:
		length += 2
	case 127:
		length += 8
	}
	if f.checked {
		length += 4
	}
	return length
}

func (f *frameCheck) opcode() byte    { return f.head[0] & 0x0f }
func (f *frameCheck) isControl() bool { return f.opcode() >= 8 }
func (f *frameCheck) last() bool      { return f.head[0]&0x80 != 0 }

const (
	opContinuation = 0
	opClose        = 8
)

// begin checks the head of a frame, but for its mask.
func (f *frameCheck) begin() *frameError {
	breach := func(text string) *frameError { return &frameError{websocket.StatusProtocolError, text} }
	length := uint64(f.head[1] & 0x7f)
	switch op := f.opcode(); {
	case f.head[0]&0x70 != 0:
		return breach("reserved bits are set")
	case op == opContinuation && !f.fragmented, op != opContinuation && op < 3 && f.fragmented, op > 2 && op < 8, op > 10:
		return breach(fmt.Sprintf("opcode %d is not valid here", op))
	case op >= 8 && (!f.last() || length > 125 || op == opClose && length == 1):
		return breach("a control frame is fragmented or too long")
	case f.head[1]&0x80 == 0:
		return breach("a frame is not masked")
	}
	switch length {
	case 126:
		length = uint64(binary.BigEndian.Uint16(f.head[2:]))
	case 127:
		length = binary.BigEndian.Uint64(f.head[2:])
	}
	f.length = length
	if f.isControl() {
		f.control = f.control[:0]
		return nil
	}
	f.size += length
	if length > 1<<53-1 || f.size > f.limit {
		return &frameError{websocket.StatusMessageTooBig, fmt.Sprintf("a message is larger than %d bytes", f.limit)}
	}
	if f.fragments++; f.fragments > maxFragments {
		return &frameError{websocket.StatusPolicyViolation, "a message has too many fragments"}
	}
	return nil
}

// end follows a whole frame.
func (f *frameCheck) end() *frameError {
	mask := f.head[f.got-4 : f.got]
	f.got, f.checked = 0, false
	switch {
	case f.opcode() == opClose:
		for i := range f.control {
			f.control[i] ^= mask[i%4]
		}
		return checkClose(f.control)
	case f.isControl():
	case f.last():
		f.fragmented, f.fragments, f.size = false, 0, 0
	default:
		f.fragmented = true
	}
	return nil
}

// checkClose checks the payload of a close frame.
func checkClose(p []byte) *frameError {
	if len(p) < 2 {
		return nil
	}
	code := binary.BigEndian.Uint16(p)
	valid := code >= 1000 && code <= 1014 && code != 1004 && code != 1005 && code != 1006 || code >= 3000 && code < 5000
	switch {
	case !valid:
		return &frameError{websocket.StatusProtocolError, fmt.Sprintf("close code %d is not valid", code)}
	case !utf8.Valid(p[2:]):
		return &frameError{websocket.StatusInvalidFramePayloadData, "the reason of a close frame is not UTF-8"}
	}
	return nil
}
