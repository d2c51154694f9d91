package client

import (
	"bytes"
	"math"
)

// saidHead begins the frame of a chat message: Engine.IO message (4),
// Socket.IO event (2), and the arguments in the order in which nodes write
// them.
const saidHead = `42["said",{"id":"`

// parseSaid finds the sender and the number in a frame such as
// `42["said",{"id":"beijing-07:12",...`, without decoding it. It reports false
// for anything of another shape, which may still be a chat message.
func parseSaid(frame []byte) (from []byte, n uint32, ok bool) {
	if len(frame) < len(saidHead) || string(frame[:len(saidHead)]) != saidHead {
		return nil, 0, false
	}
	rest := frame[len(saidHead):]
	end := bytes.IndexByte(rest, '"')
	if end < 0 || end+1 == len(rest) || rest[end+1] != ',' && rest[end+1] != '}' {
		return nil, 0, false
	}
	if bytes.IndexByte(rest[:end], '\\') >= 0 {
		return nil, 0, false
	}
	return parseID(rest[:end])
}

// parseID splits a message's id, "beijing-07:12", at its last colon.
func parseID(id []byte) (from []byte, n uint32, ok bool) {
	colon := bytes.LastIndexByte(id, ':')
	digits := id[colon+1:]
	if colon <= 0 || len(digits) == 0 || len(digits) > 10 || digits[0] == '0' {
		return nil, 0, false
	}
	var number uint64
	for _, d := range digits {
		if d < '0' || d > '9' {
			return nil, 0, false
		}
		number = number*10 + uint64(d-'0')
	}
	if number > math.MaxUint32 {
		return nil, 0, false
	}
	return id[:colon], uint32(number), true
}
