package wire

import (
	"fmt"
	"strings"
)

// Answer is the head of an answer of an upstream.
type Answer struct {
	Status  int
	Line    string  // of the status line, "200 OK"
	Headers Headers // in the order sent; names as sent
	Length  int64   // of the body as announced, -1 when it is not
	Chunked bool
	Close   bool // the connection takes no further request
	Old     bool // all is the body: what came is not HTTP, or HTTP/0.9
}

// AnswerError is an answer that nginx does not take; the text is that of its error log.
type AnswerError struct{ Text string }

func (e *AnswerError) Error() string { return e.Text }

func unacceptable(format string, args ...any) error {
	return &AnswerError{"upstream sent " + fmt.Sprintf(format, args...)}
}

// AnswerHead reads the head of an answer (ngx_http_proxy_process_status_line,
// ngx_http_proxy_process_header).
type AnswerHead struct {
	Strict bool // the length and coding of the body must be right, as newer versions want it
	Hints  bool // 103 is no answer yet, as for newer versions

	pos    int
	status statusLine
	line   headerLine
	inside bool // the header lines have begun
	answer Answer
	seen   map[string]string // the headers that may come once, in lower case
}

// Reset makes the head ready for the next answer.
func (h *AnswerHead) Reset() { *h = AnswerHead{Strict: h.Strict, Hints: h.Hints} }

// Parse reads on. b is all that came since the answer began, also what the last call
// got. When the result is not nil the head ends after size bytes of b. After an error the
// head must not be used.
func (h *AnswerHead) Parse(b []byte) (a *Answer, size int, err error) {
	for ; h.pos < len(b); h.pos++ {
		if !h.inside {
			whole, ok := h.status.take(b, h.pos)
			if !ok {
				return &Answer{Status: 200, Length: -1, Close: true, Old: true}, 0, nil
			}
			if whole {
				h.begin(b)
			}
			continue
		}
		switch h.line.take(b, h.pos, true, true) {
		case lineRefused:
			return nil, 0, unacceptable("invalid header: \"%s\\x%02x...\"", b[h.line.name.begin:h.pos], b[h.pos])
		case lineEnded:
			if err := h.header(string(b[h.line.name.begin:h.line.name.end]), string(b[h.line.value.begin:h.line.value.end])); err != nil {
				return nil, 0, err
			}
		case headEnded:
			if h.Hints && h.answer.Status == 103 {
				next := AnswerHead{Strict: h.Strict, Hints: h.Hints, pos: h.pos}
				*h = next
				continue
			}
			if h.answer.Chunked {
				h.answer.Length = -1
			}
			return &h.answer, h.pos + 1, nil
		}
	}
	return nil, 0, nil
}

// begin takes over the status line.
func (h *AnswerHead) begin(b []byte) {
	h.inside = true
	h.answer = Answer{Status: h.status.code, Line: string(b[h.status.text.begin:h.status.text.end]), Length: -1, Close: h.status.major*1000+h.status.minor < 1001}
}

// once are the headers of which newer versions take only the first.
var once = map[string]bool{
	"status": true, "content-type": true, "date": true, "last-modified": true, "etag": true, "server": true, "location": true, "refresh": true,
	"expires": true, "x-accel-expires": true, "x-accel-redirect": true, "x-accel-limit-rate": true,
}

// header takes a header line.
func (h *AnswerHead) header(name, value string) error {
	a := &h.answer
	lower := strings.ToLower(name)
	was, again := h.seen[lower]
	if once[lower] || lower == "content-length" || lower == "transfer-encoding" {
		if again && h.Strict && once[lower] {
			return nil
		}
		if h.seen == nil {
			h.seen = map[string]string{}
		}
		h.seen[lower] = value
	}
	a.Headers = append(a.Headers, Header{name, value})
	if h.Hints && a.Status == 103 {
		return nil
	}
	switch lower {
	case "connection":
		a.Close = a.Close || strings.Contains(strings.ToLower(value), "close")
	case "content-length":
		n, ok := decimal([]byte(value))
		if ok = ok && value != ""; !ok {
			n = -1
		}
		a.Length = n
		_, coded := h.seen["transfer-encoding"]
		switch {
		case !h.Strict:
		case again:
			return unacceptable("duplicate header line: \"%s: %s\", previous value: \"%s: %s\"", name, value, name, was)
		case coded:
			return unacceptable(`"Content-Length" and "Transfer-Encoding" headers at the same time`)
		case !ok:
			return unacceptable("invalid \"Content-Length\" header: \"%s: %s\"", name, value)
		}
	case "transfer-encoding":
		_, sized := h.seen["content-length"]
		switch {
		case !h.Strict:
			a.Chunked = a.Chunked || strings.Contains(strings.ToLower(value), "chunked")
			return nil
		case again:
			return unacceptable("duplicate header line: \"%s: %s\", previous value: \"%s: %s\"", name, value, name, was)
		case sized:
			return unacceptable(`"Content-Length" and "Transfer-Encoding" headers at the same time`)
		case !strings.EqualFold(value, "chunked"):
			return unacceptable("unknown \"Transfer-Encoding\": %q", value)
		}
		a.Chunked = true
	}
	return nil
}

// statusLine reads the first line of an answer (ngx_http_parse_status_line).
type statusLine struct {
	state        statusState
	major, minor int
	code, count  int  // the status and its digits
	text         span // from the status on
}

type statusState uint8

const (
	statusProtocol statusState = iota // in "HTTP/"
	statusMajorFirst
	statusMajor
	statusMinorFirst
	statusMinor
	statusCode
	statusSpace
	statusText
	statusFeed
)

// take takes the byte at a place. ok is false when this is no status line.
func (s *statusLine) take(b []byte, at int) (whole, ok bool) {
	ch := b[at]
	switch s.state {
	case statusProtocol:
		const text = "HTTP/"
		if ch != text[s.count] {
			return false, false
		}
		if s.count++; s.count == len(text) {
			s.state, s.count = statusMajorFirst, 0
		}
		return false, true
	case statusMajorFirst:
		s.major, s.state = int(ch-'0'), statusMajor
		return false, digit(ch) && ch != '0'
	case statusMajor:
		if ch == '.' {
			s.state = statusMinorFirst
			return false, true
		}
		ok = digit(ch) && s.major <= 99
		s.major = 10*s.major + int(ch-'0')
		return false, ok
	case statusMinorFirst:
		s.minor, s.state = int(ch-'0'), statusMinor
		return false, digit(ch)
	case statusMinor:
		if ch == ' ' {
			s.state = statusCode
			return false, true
		}
		ok = digit(ch) && s.minor <= 99
		s.minor = 10*s.minor + int(ch-'0')
		return false, ok
	case statusCode:
		switch {
		case ch == ' ':
			return false, true
		case !digit(ch):
			return false, false
		}
		s.code = 10*s.code + int(ch-'0')
		if s.count++; s.count == 3 {
			s.state, s.text.begin = statusSpace, at-2
		}
		return false, true
	case statusSpace, statusText:
		switch ch {
		case '\r':
			s.text.end, s.state = at, statusFeed
		case '\n':
			s.text.end = at
			return true, true
		case ' ', '.': // as in "403.1"
			s.state = statusText
		default:
			return false, s.state == statusText
		}
		return false, true
	}
	return ch == '\n', ch == '\n'
}
