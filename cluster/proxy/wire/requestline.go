package wire

// state is where in the head the next byte belongs: the states of
// ngx_http_parse_request_line, and header after it.
type state uint8

const (
	start state = iota
	method
	beforeURI
	scheme
	schemeSlash
	schemeSlashes
	beforeHost // of CONNECT
	hostStart
	host
	hostLiteral
	hostEnd
	port
	uri
	afterURI
	protocol // in "HTTP/"
	majorFirst
	major
	minorFirst
	minor
	afterMinor
	lineFeed

	header // see headerLine
)

// requestLine takes a byte of the request line, which is at h.pos. It reports
// whether the line is whole.
func (h *Head) requestLine(ch byte) (whole bool, bad *Refusal) {
	at := h.pos
	switch h.state {
	case start:
		h.begin = at
		if ch == '\r' || ch == '\n' {
			return false, nil
		}
		h.state = method
		fallthrough
	case method:
		if ch == ' ' && at > h.begin {
			h.methodEnd, h.state = at, beforeURI
			if h.strict && h.is("CONNECT") {
				h.state = beforeHost
			}
		} else if (ch < 'A' || ch > 'Z') && ch != '_' && ch != '-' {
			return false, invalidMethod
		}
	case beforeURI:
		switch {
		case ch == '/':
			h.target, h.state = span{at, at}, uri
		case letter(ch):
			h.state = scheme
		case ch != ' ':
			return false, invalidRequest
		}
	case scheme:
		switch {
		case ch == ':':
			h.state = schemeSlash
		case !letter(ch) && !digit(ch) && ch != '+' && ch != '-' && ch != '.':
			return false, invalidRequest
		}
	case schemeSlash, schemeSlashes:
		if ch != '/' {
			return false, invalidRequest
		}
		h.state++
		if h.state == beforeHost {
			h.state = hostStart
		}
	case beforeHost, hostStart, host, hostLiteral, hostEnd, port:
		return false, h.authority(ch)
	case uri:
		switch {
		case ch == ' ':
			h.target.end, h.state = at, afterURI
		case ch == '\r' || ch == '\n':
			h.target.end = at
			return h.endLine(ch, 9)
		case ch < 0x20 || ch == 0x7f:
			return false, invalidRequest
		}
	case afterURI:
		switch ch {
		case ' ':
		case '\r', '\n':
			return h.endLine(ch, 9)
		case 'H':
			h.proto, h.state = span{at, at}, protocol
		default:
			return false, invalidRequest
		}
	case protocol:
		const text = "HTTP/"
		i := at - h.proto.begin
		if ch != text[i] {
			return false, invalidRequest
		}
		if i == len(text)-1 {
			h.state = majorFirst
		}
	case majorFirst, major:
		switch {
		case ch == '.' && h.state == major:
			h.state = minorFirst
		case !digit(ch) || ch == '0' && h.state == majorFirst:
			return false, invalidRequest
		case ch > '1' || h.state == major:
			return false, invalidVersion
		default:
			h.state = major
		}
	case minorFirst:
		if !digit(ch) {
			return false, invalidRequest
		}
		h.minor, h.state = int(ch-'0'), minor
	case minor, afterMinor:
		switch {
		case ch == '\r' || ch == '\n':
			h.proto.end = at
			return h.endLine(ch, h.minor)
		case ch == ' ':
			h.state = afterMinor
		case h.state == afterMinor || !digit(ch) || h.minor > 99:
			return false, invalidRequest
		default:
			h.minor = 10*h.minor + int(ch-'0')
		}
	case lineFeed:
		if ch != '\n' {
			return false, invalidRequest
		}
		return h.endLine(ch, h.minor)
	}
	return false, nil
}

// endLine ends the request line with a line feed, after which a carriage return
// may be one byte away.
func (h *Head) endLine(ch byte, minor int) (whole bool, bad *Refusal) {
	h.minor = minor
	if h.lineEnd == 0 {
		h.lineEnd = h.pos
	}
	if ch == '\r' {
		h.state = lineFeed
		return false, nil
	}
	if h.old() && !h.is("GET") {
		return false, invalidMethod09
	}
	return true, nil
}

// authority takes a byte of the host in a request line: that of the absolute form,
// or that of CONNECT.
func (h *Head) authority(ch byte) *Refusal {
	at, connect := h.pos, h.strict && h.is("CONNECT")
	if h.state == beforeHost {
		if ch == ' ' {
			return nil
		}
		h.state = hostStart
	}
	if h.state == hostStart {
		h.lineHost, h.state = span{at, at}, host
		if ch == '[' {
			h.state = hostLiteral
			return nil
		}
	}
	switch h.state {
	case host:
		if letter(ch) || digit(ch) || ch == '.' || ch == '-' {
			return nil
		}
	case hostLiteral:
		if ch == ']' {
			h.state = hostEnd
		} else if !literal(ch) && ch != ':' {
			return invalidRequest
		}
		return nil
	case port:
		if digit(ch) {
			return nil
		}
	}
	if h.state != port || h.strict { // newer ones look at the port with the host
		h.lineHost.end = at
	}
	switch {
	case ch == ':' && h.state != port:
		h.state = port
	case connect && (h.state != port || ch != ' '):
		return invalidRequest
	case ch == '/':
		h.target, h.state = span{at, at}, uri
	case ch == '?':
		h.target, h.state = span{at, at}, uri
	case ch == ' ':
		h.state = afterURI // the path is "/"
	default:
		return invalidRequest
	}
	return nil
}

func letter(ch byte) bool { return ch|0x20 >= 'a' && ch|0x20 <= 'z' }
func digit(ch byte) bool  { return ch >= '0' && ch <= '9' }

// literal reports whether a byte may be in an IP literal or, besides "%", in a name:
// the unreserved ones and the sub-delimiters of RFC 3986.
func literal(ch byte) bool {
	switch ch {
	case '-', '.', '_', '~', '!', '$', '&', '\'', '(', ')', '*', '+', ',', ';', '=':
		return true
	}
	return letter(ch) || digit(ch)
}
