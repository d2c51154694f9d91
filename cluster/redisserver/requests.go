package redisserver

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"
)

const (
	// maxLine bounds a line, of an inline command or of a count, as
	// PROTO_INLINE_MAX_SIZE in Redis.
	maxLine = 64 << 10
	// maxCommand bounds one command, arguments and their overhead, in bytes. A
	// Redis takes 512 MB for an argument.
	maxCommand = 16 << 20
	// perArgument is what an argument takes besides its bytes.
	perArgument = 32
)

// A badRequest is a request that Redis answers with an error before it closes
// the connection.
type badRequest string

func (e badRequest) Error() string { return string(e) }

// errClosedSilently ends a connection without an answer.
var errClosedSilently = errors.New("not a Redis client")

// A requestReader reads commands as networking.c of Redis 7 does: as arrays of
// bulk strings or as one line of words ("inline").
type requestReader struct{ in *bufio.Reader }

func newRequestReader(r io.Reader) *requestReader {
	return &requestReader{bufio.NewReaderSize(r, 4<<10)}
}

// next returns the next command, its name first. It returns a badRequest for what
// is no command, and the connection's own errors.
func (r *requestReader) next() ([]string, error) {
	for {
		first, err := r.in.Peek(1)
		if err != nil {
			return nil, err
		}
		var args []string
		if first[0] == '*' {
			args, err = r.array()
		} else {
			args, err = r.inline()
		}
		if err != nil {
			return nil, err
		}
		if len(args) == 0 {
			continue // an empty line, "*0" or "*-1": Redis ignores them
		}
		// A browser can be made to send these (securityWarningCommand).
		if name := strings.ToLower(args[0]); name == "post" || name == "host:" {
			return nil, errClosedSilently
		}
		return args, nil
	}
}

// array reads "*2\r\n$4\r\nECHO\r\n$2\r\nhi\r\n".
func (r *requestReader) array() ([]string, error) {
	_, count, err := r.number("too big mbulk count string")
	if err != nil {
		return nil, err
	}
	if count == nil || *count > math.MaxInt32 || *count > maxCommand/perArgument {
		return nil, badRequest("invalid multibulk length")
	}
	var args []string
	size := int64(0)
	for range max(*count, 0) {
		first, length, err := r.number("too big bulk count string")
		if err != nil {
			return nil, err
		}
		if first != '$' {
			return nil, badRequest(fmt.Sprintf("expected '$', got '%c'", printable(first)))
		}
		if length == nil || *length < 0 || *length > maxCommand {
			return nil, badRequest("invalid bulk length")
		}
		if size += *length + perArgument; size > maxCommand {
			return nil, badRequest("too big request")
		}
		arg, err := r.bytes(int(*length))
		if err != nil {
			return nil, err
		}
		args = append(args, arg)
	}
	return args, nil
}

// bytes reads n bytes and the line's end after them, which Redis does not look
// at. The buffer grows with what arrives, not with what is announced.
func (r *requestReader) bytes(n int) (string, error) {
	var b strings.Builder
	if _, err := io.CopyN(&b, r.in, int64(n)); err != nil {
		return "", err
	}
	_, err := r.in.Discard(2)
	return b.String(), err
}

// number reads a line: its first byte, 0 when it has none, and the number after
// it, nil when there is none.
func (r *requestReader) number(tooBig string) (first byte, n *int64, err error) {
	text, err := r.line('\r', tooBig)
	if err != nil {
		return 0, nil, err
	}
	if _, err := r.in.Discard(1); err != nil { // a line feed, which Redis does not look at
		return 0, nil, err
	}
	if text == "" {
		return 0, nil, nil
	}
	// As string2ll, which reads a number in one form only.
	if v, err := strconv.ParseInt(text[1:], 10, 64); err == nil && strconv.FormatInt(v, 10) == text[1:] {
		n = &v
	}
	return text[0], n, nil
}

// line reads up to end, without it.
func (r *requestReader) line(end byte, tooBig string) (string, error) {
	var line []byte
	for {
		part, err := r.in.ReadSlice(end)
		line = append(line, part...)
		if len(line) > maxLine {
			return "", badRequest(tooBig)
		}
		if err == nil {
			return string(line[:len(line)-1]), nil
		}
		if err != bufio.ErrBufferFull {
			return "", err
		}
	}
}

// inline reads a command of one line, as telnet sends it.
func (r *requestReader) inline() ([]string, error) {
	line, err := r.line('\n', "too big inline request")
	if err != nil {
		return nil, err
	}
	args, ok := splitArgs(strings.TrimSuffix(line, "\r"))
	if !ok {
		return nil, badRequest("unbalanced quotes in request")
	}
	return args, nil
}

// splitArgs splits a line into words as sdssplitargs does: double quotes with
// escapes, single quotes in which only \' is one. It reports false for quotes
// that do not end, or that end inside of a word.
func splitArgs(line string) (args []string, ok bool) {
	i := 0
	for {
		for i < len(line) && isSpace(line[i]) {
			i++
		}
		if i == len(line) || line[i] == 0 {
			return args, true
		}
		word := []byte{}
		var quote byte
	word:
		for ; ; i++ {
			if i == len(line) || line[i] == 0 {
				if quote != 0 {
					return nil, false
				}
				break
			}
			c := line[i]
			switch {
			case quote == 0 && isSpace(c):
				break word
			case quote == 0 && (c == '"' || c == '\''):
				quote = c
			case quote == 0:
				word = append(word, c)
			case c == quote:
				if i+1 < len(line) && !isSpace(line[i+1]) {
					return nil, false
				}
				i++
				break word
			case quote == '\'' && c == '\\' && i+1 < len(line) && line[i+1] == '\'':
				word = append(word, '\'')
				i++
			case quote == '"' && c == '\\' && i+1 < len(line):
				b, used := unescape(line[i+1:])
				word = append(word, b)
				i += used
			default:
				word = append(word, c)
			}
		}
		args = append(args, string(word))
	}
}

// unescape reads what follows a backslash: the byte, and how many it took.
func unescape(s string) (b byte, used int) {
	if s[0] == 'x' && len(s) >= 3 {
		if n, err := strconv.ParseUint(s[1:3], 16, 8); err == nil {
			return byte(n), 3
		}
	}
	if i := strings.IndexByte("nrtba", s[0]); i >= 0 {
		return "\n\r\t\b\a"[i], 1
	}
	return s[0], 1
}

func isSpace(c byte) bool { return c == ' ' || c >= '\t' && c <= '\r' }

func printable(c byte) byte {
	if c < ' ' || c > '~' {
		return ' ' // Redis writes it as it is
	}
	return c
}

// encode writes a command as an array of bulk strings.
func encode(args ...string) []byte {
	size := 0
	for _, a := range args {
		size += len(a) + 16
	}
	out := append(make([]byte, 0, size+16), '*')
	out = append(strconv.AppendInt(out, int64(len(args)), 10), "\r\n"...)
	for _, a := range args {
		out = append(strconv.AppendInt(append(out, '$'), int64(len(a)), 10), "\r\n"...)
		out = append(append(out, a...), "\r\n"...)
	}
	return out
}
