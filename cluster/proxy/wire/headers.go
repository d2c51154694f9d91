package wire

import "bytes"

// header takes a byte of a header line, which is at h.pos. It reports whether the
// head is whole.
func (h *Head) header(ch byte) (whole bool, bad *Refusal) {
	at := h.pos
	switch h.state {
	case header:
		h.line, h.invalid = field{name: span{at, at}}, false
		switch {
		case ch == '\r':
			h.state = lastFeed
			return false, nil
		case ch == '\n':
			return true, nil
		case ch <= ' ' || ch == 0x7f || ch == ':':
			return false, invalidHeader
		}
		h.state = name
		h.nameByte(ch)
	case name:
		switch {
		case ch == ':':
			h.line.name.end, h.state = at, beforeValue
		case ch == '\r' || ch == '\n':
			h.line.name.end, h.line.value = at, span{at, at}
			return false, h.endHeader(ch)
		case ch <= ' ' || ch == 0x7f:
			return false, invalidHeader
		default:
			h.nameByte(ch)
		}
	case beforeValue:
		if ch == ' ' {
			return false, nil
		}
		h.line.value, h.state = span{at, at}, value
		fallthrough
	case value, afterValue:
		switch ch {
		case 0:
			return false, invalidHeader
		case '\r', '\n':
			return false, h.endHeader(ch)
		case ' ':
			h.state = afterValue
		default:
			h.line.value.end, h.state = at+1, value
		}
	case headerFeed:
		switch ch {
		case '\n':
			return false, h.endHeader(ch)
		case '\r':
		default:
			return false, invalidHeader
		}
	case lastFeed:
		if ch != '\n' {
			return false, invalidHeader
		}
		return true, nil
	}
	return false, nil
}

// nameByte looks at a byte of a header's name.
func (h *Head) nameByte(ch byte) {
	if !letter(ch) && !digit(ch) && ch != '-' && (ch != '_' || !h.rules.Underscores) {
		h.invalid = true
	}
}

// endHeader ends a header line with a line feed, after which carriage returns may be
// some bytes away.
func (h *Head) endHeader(ch byte) *Refusal {
	if ch == '\r' {
		h.state = headerFeed
		return nil
	}
	h.state = header
	if h.invalid && !h.rules.KeepInvalid {
		return nil // nginx drops it
	}
	if len(h.fields) >= maxHeaders {
		return tooManyHeaders
	}
	h.fields = append(h.fields, h.line)
	return h.known()
}

// kind is a header that nginx looks at in a request.
type kind uint8

const (
	hostHeader kind = iota
	connectionHeader
	lengthHeader
	codingHeader
	expectHeader
	modifiedHeader
	unmodifiedHeader
	matchHeader
	noneMatchHeader
	contentRangeHeader
	ifRangeHeader
	authorizationHeader
)

// kinds are the headers of ngx_http_headers_in that may come only once, and
// Connection.
var kinds = map[string]kind{
	"host": hostHeader, "connection": connectionHeader, "content-length": lengthHeader, "transfer-encoding": codingHeader,
	"expect": expectHeader, "if-modified-since": modifiedHeader, "if-unmodified-since": unmodifiedHeader, "if-match": matchHeader,
	"if-none-match": noneMatchHeader, "content-range": contentRangeHeader, "if-range": ifRangeHeader, "authorization": authorizationHeader,
}

func has(k kind) uint32 { return 1 << k }

// known looks at a header that means something to nginx.
func (h *Head) known() *Refusal {
	var room [19]byte // the longest of the names
	label := h.b[h.line.name.begin:h.line.name.end]
	if len(label) > len(room) {
		return nil
	}
	for i, ch := range label {
		if ch >= 'A' && ch <= 'Z' {
			ch |= 0x20
		}
		room[i] = ch
	}
	k, ok := kinds[string(room[:len(label)])]
	if !ok {
		return nil
	}
	text := h.b[h.line.value.begin:h.line.value.end]
	if k == connectionHeader {
		switch lower := bytes.ToLower(text); {
		case bytes.Contains(lower, []byte("close")):
			h.keep = closing
		case bytes.Contains(lower, []byte("keep-alive")):
			h.keep = keepAlive
		}
		return nil
	}
	again := h.seen&has(k) != 0
	h.seen |= has(k)
	switch {
	case again && k == hostHeader:
		return duplicateHost
	case again:
		return duplicateHeader
	case k == lengthHeader:
		h.length = h.line.value
	case k == codingHeader:
		h.coding = h.line.value
	case k == hostHeader:
		host, ok := validHost(string(text), h.strict)
		if !ok {
			return invalidHost
		}
		if h.host == "" {
			h.chose(host)
		}
	}
	return nil
}
