package wire

import (
	"strconv"
	"strings"

	"stickylab/cluster/nginx"
)

// maxHeaders is the default of max_headers.
const maxHeaders = 1000

// span is a piece of the head.
type span struct{ begin, end int }

// field is a header line.
type field struct{ name, value span }

// Head reads the head of one request from a connection. Reset it before each.
type Head struct {
	rules   *nginx.HeadRules
	virtual func(host string) *nginx.HeadRules
	strict  bool

	b     []byte // what Parse got
	pos   int    // how much of it was read
	state state

	begin     int // of the request line
	methodEnd int
	lineEnd   int
	target    span
	lineHost  span
	proto     span
	minor     int

	line   headerLine // being read
	fields []field
	seen   uint32 // the kinds of headers that there were
	host   string
	length span
	coding span
	keep   keeping
	body   int64 // its length, once it is known; see Request.Length

	// nginx's buffers: how much room the one being filled has, and how many
	// large ones are in use.
	room, large int
}

// keeping is what the client says about the connection.
type keeping uint8

const (
	unsaid keeping = iota
	closing
	keepAlive
)

// Reset makes the head ready for the next request. rules are those of the default
// server of the address; virtual returns those of the server of a host, nil means
// that all servers have the same. strict chooses the rules of newer versions
// (nginx.Version.StrictHeads).
func (h *Head) Reset(rules *nginx.HeadRules, virtual func(host string) *nginx.HeadRules, strict bool) {
	*h = Head{rules: rules, virtual: virtual, strict: strict, fields: h.fields[:0], room: rules.Buffer}
}

// Blank returns how many bytes of what Parse got are empty lines before the request,
// and forgets them: the next call must come without.
func (h *Head) Blank() int {
	n := 0
	if h.state == start {
		n, h.pos = h.pos, 0
	}
	return n
}

// Started reports whether the request has begun.
func (h *Head) Started() bool { return h.state != start }

// Parse reads on. b is all that came since the request began, also what the last
// call got. When whole is true the head ends after size bytes of it and Request
// returns it. After a refusal the head must not be used.
func (h *Head) Parse(b []byte) (size int, whole bool, bad *Refusal) {
	h.b = b
	for h.pos < len(b) {
		ch := b[h.pos]
		var ended bool
		if h.state < header {
			if ended, bad = h.requestLine(ch); ended {
				h.state = header
				if bad = h.lineEnded(); bad == nil && h.old() {
					h.pos++
					return h.pos, true, nil
				}
			}
		} else {
			whole, bad = h.header()
		}
		if bad != nil {
			return 0, false, bad
		}
		h.pos++
		if whole {
			return h.pos, true, h.check()
		}
		if h.room--; h.room == 0 {
			if bad = h.grow(); bad != nil {
				return 0, false, bad
			}
		}
	}
	return 0, false, nil
}

// old reports whether the request is of HTTP/0.9.
func (h *Head) old() bool { return h.proto.end == 0 }

// is reports whether the request has that method.
func (h *Head) is(method string) bool { return string(h.b[h.begin:h.methodEnd]) == method }

// grow takes the next buffer (ngx_http_alloc_large_header_buffer): a line, though not
// the whole head, must fit into one.
func (h *Head) grow() *Refusal {
	begin, full := h.begin, tooLongURI
	switch {
	case h.state == start:
		h.room = h.rules.Buffer
		return nil
	case h.state >= header:
		begin, full = h.line.name.begin, tooLongHeader
	}
	used := h.pos - begin
	if h.state == header && h.line.state == lineStart {
		used = 0
	}
	if used >= h.rules.Large || h.large == h.rules.Number {
		return full
	}
	h.large++
	h.room = h.rules.Large - used
	return nil
}

// lineEnded looks at the request line (ngx_http_process_request_line).
func (h *Head) lineEnded() *Refusal {
	if _, _, ok := split(h.text(h.target)); !ok {
		return h.bare(*invalidRequest)
	}
	if h.lineHost.begin == 0 {
		return nil
	}
	name, ok := validHost(h.text(h.lineHost), h.strict)
	if !ok {
		return h.bare(*invalidLineHost)
	}
	h.chose(name)
	return nil
}

// bare is the refusal of a request line that is otherwise whole.
func (h *Head) bare(r Refusal) *Refusal {
	r.Bare = h.old()
	return &r
}

func (h *Head) text(s span) string { return string(h.b[s.begin:s.end]) }

// chose notes the host asked for, whose server's rules count from now on.
func (h *Head) chose(host string) {
	h.host = host
	if h.virtual != nil {
		h.rules = h.virtual(host)
	}
}

// check looks at the head as a whole (ngx_http_process_request_header).
func (h *Head) check() *Refusal {
	modern := h.minor >= 1
	chunks := h.coding.begin > 0
	if modern && h.seen&has(hostHeader) == 0 {
		return noHost
	}
	if h.length.begin > 0 {
		var ok bool
		if h.body, ok = decimal(h.b[h.length.begin:h.length.end]); !ok {
			return invalidLength
		}
	}
	switch {
	case chunks && !modern:
		return encodingIn10
	case chunks && !strings.EqualFold(h.text(h.coding), "chunked"):
		return unknownEncoding
	case chunks && h.length.begin > 0:
		return lengthAndChunks
	case chunks:
		h.body = -1
	}
	switch {
	case h.is("CONNECT"):
		return connectRefused
	case h.is("TRACE"):
		return traceRefused
	}
	return nil
}

// decimal reads a size as ngx_atoof does.
func decimal(b []byte) (int64, bool) {
	for _, ch := range b {
		if !digit(ch) {
			return 0, false
		}
	}
	n, err := strconv.ParseInt(string(b), 10, 64)
	if err != nil {
		return 0, false
	}
	return n, true
}

// Request returns the head, which must be whole.
func (h *Head) Request() *Request {
	text := string(h.b[:h.pos])
	of := func(s span) string { return text[s.begin:s.end] }
	r := &Request{
		Line: text[h.begin:h.lineEnd], Method: text[h.begin:h.methodEnd], Target: of(h.target), Proto: of(h.proto), Host: h.host, minor: h.minor,
		Keep: h.keep == keepAlive || h.keep == unsaid && h.minor >= 1,
	}
	if r.Target == "" || r.Target[0] == '?' { // of the absolute form
		r.Target = "/" + r.Target
	}
	r.Path, r.Args, _ = split(r.Target)
	if h.old() {
		r.Keep = false
		return r
	}
	r.Length = h.body
	r.Headers = make(Headers, len(h.fields))
	for i, f := range h.fields {
		r.Headers[i] = Header{of(f.name), of(f.value)}
	}
	r.Continue = h.seen&has(expectHeader) != 0 && h.minor >= 1 && strings.EqualFold(r.Headers.Get("Expect"), "100-continue")
	return r
}

// Refused returns what is known of a request that was refused. Its length is that of a
// body which nginx waits for nevertheless.
func (h *Head) Refused() *Request {
	r := &Request{Host: h.host, Length: h.body, minor: h.minor}
	if h.methodEnd > 0 {
		r.Method = h.text(span{h.begin, h.methodEnd})
	}
	if h.target.end > 0 {
		r.Target = h.text(h.target)
		r.Path, r.Args, _ = split(r.Target)
	}
	return r
}
