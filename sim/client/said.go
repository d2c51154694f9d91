package client

import (
	"bytes"
	"strconv"
)

// saidHead begins the frame of a chat message: Engine.IO message (4),
// Socket.IO event (2), and the arguments in the order in which nodes write
// them.
const saidHead = `42["said",{"id":"`

// parseSaid finds the sender and the number in a frame such as
// `42["said",{"id":"beijing-07:12",...`, without decoding it. It reports false
// for anything of another shape, which may still be a chat message.
func parseSaid(frame []byte) (from []byte, n uint32, ok bool) {
	rest, ok := bytes.CutPrefix(frame, []byte(saidHead))
	id, after, closed := bytes.Cut(rest, []byte{'"'})
	if !ok || !closed || len(after) == 0 || after[0] != ',' && after[0] != '}' || bytes.IndexByte(id, '\\') >= 0 {
		return nil, 0, false
	}
	return parseID(id)
}

// parseID splits a message's id, "beijing-07:12", at its last colon.
func parseID(id []byte) (from []byte, n uint32, ok bool) {
	colon := bytes.LastIndexByte(id, ':')
	digits := id[colon+1:]
	number, err := strconv.ParseUint(string(digits), 10, 32)
	if colon <= 0 || err != nil || digits[0] == '0' {
		return nil, 0, false
	}
	return id[:colon], uint32(number), true
}

// parseOffset finds the offset at the end of a frame that parseSaid takes, such as
// `...,"node":"im-3030"},"Q83NRKr"]`. It reports false for anything of another shape,
// which may still have one.
func parseOffset(frame []byte) ([]byte, bool) {
	rest, ok := bytes.CutSuffix(frame, []byte(`"]`))
	at := bytes.LastIndexByte(rest, '"')
	if !ok || at < 2 || rest[at-1] != ',' || rest[at-2] != '}' || bytes.IndexByte(rest[at:], '\\') >= 0 {
		return nil, false
	}
	return rest[at+1:], true
}
