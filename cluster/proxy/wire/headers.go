package wire

import "bytes"

// header takes a byte of a header line, which is at h.pos. It reports whether the
// head is whole.
func (h *Head) header() (done bool, bad *Refusal) {
	switch h.line.take(h.b, h.pos, h.rules.Underscores, false) {
	case lineRefused:
		return false, invalidHeader
	case lineEnded:
		return false, h.endHeader()
	case headEnded:
		return true, nil
	}
	return false, nil
}

// endHeader takes over a header line.
func (h *Head) endHeader() *Refusal {
	if h.line.invalid && !h.rules.KeepInvalid {
		return nil // nginx drops it
	}
	if len(h.fields) >= maxHeaders {
		return tooManyHeaders
	}
	h.fields = append(h.fields, field{h.line.name, h.line.value})
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
