// Package wire reads HTTP/1 requests as nginx does, byte by byte: what nginx takes
// is taken, with nginx's reading of it, and what nginx refuses is refused with its
// status. It follows ngx_http_parse.c and ngx_http_request.c.
package wire

import (
	"slices"
	"strings"
)

// Request is the head of a request.
type Request struct {
	Method string
	Target string // as sent, from the path on: $request_uri
	Path   string // decoded, doubled slashes and dots resolved: $uri
	Args   string // what follows the "?", as sent: $args
	Proto  string // as sent, "" for HTTP/0.9
	Line   string // the request line as sent: $request; "" when it was refused

	// Host is the host asked for, in lower case and without a port, "" for none;
	// one in the request line goes before the header.
	Host    string
	Headers Headers // in the order sent; names as sent

	Length   int64 // of the body as announced, -1 when it comes in chunks
	Keep     bool  // the client lets the connection stay open
	Continue bool  // the client waits for 100 before it sends the body

	minor int // of the HTTP version; that of 0.9 is 9
}

// HTTP11 reports whether the client understands HTTP/1.1.
func (r *Request) HTTP11() bool { return r.Proto != "" && r.minor >= 1 }

// Header is a line of a head.
type Header struct{ Name, Value string }

// Headers are the lines of a head. Names are compared without case.
type Headers []Header

// Get returns the value of the first header of that name, "" for none.
func (h Headers) Get(name string) string {
	if i := h.index(name); i >= 0 {
		return h[i].Value
	}
	return ""
}

// Has reports whether there is a header of that name.
func (h Headers) Has(name string) bool { return h.index(name) >= 0 }

func (h Headers) index(name string) int {
	return slices.IndexFunc(h, func(h Header) bool { return strings.EqualFold(h.Name, name) })
}

// Joined returns the values of all headers of that name, with commas between.
func (h Headers) Joined(name string) string {
	all := ""
	for i := range h {
		switch {
		case !strings.EqualFold(h[i].Name, name):
		case all == "":
			all = h[i].Value
		default:
			all += ", " + h[i].Value
		}
	}
	return all
}

// Refusal is why a request is not served.
type Refusal struct {
	Status int    // of nginx's page; TooLarge is shown as 400
	Text   string // in nginx's error log
	Bare   bool   // the answer has no head, as for HTTP/0.9
}

// TooLarge is nginx's own status for a head that does not fit into its buffers
// (NGX_HTTP_REQUEST_HEADER_TOO_LARGE).
const TooLarge = 494

const (
	inLine    = " while reading client request line"
	inHeaders = " while reading client request headers"
)

var (
	invalidMethod   = &Refusal{Status: 400, Text: "client sent invalid method" + inLine}
	invalidRequest  = &Refusal{Status: 400, Text: "client sent invalid request" + inLine}
	invalidVersion  = &Refusal{Status: 505, Text: "client sent invalid version" + inLine}
	invalidMethod09 = &Refusal{Status: 400, Text: "client sent invalid method in HTTP/0.9 request" + inLine, Bare: true}
	tooLongURI      = &Refusal{Status: 414, Text: "client sent too long URI" + inLine}
	invalidLineHost = &Refusal{Status: 400, Text: "client sent invalid host in request line" + inLine}

	tooLongHeader   = &Refusal{Status: TooLarge, Text: "client sent too long header line" + inHeaders}
	tooManyHeaders  = &Refusal{Status: TooLarge, Text: "client sent too many header lines" + inHeaders}
	invalidHeader   = &Refusal{Status: 400, Text: "client sent invalid header line" + inHeaders}
	duplicateHeader = &Refusal{Status: 400, Text: "client sent duplicate header line" + inHeaders}
	duplicateHost   = &Refusal{Status: 400, Text: "client sent duplicate host header" + inHeaders}
	invalidHost     = &Refusal{Status: 400, Text: "client sent invalid host header" + inHeaders}
	noHost          = &Refusal{Status: 400, Text: `client sent HTTP/1.1 request without "Host" header` + inHeaders}
	invalidLength   = &Refusal{Status: 400, Text: `client sent invalid "Content-Length" header` + inHeaders}
	encodingIn10    = &Refusal{Status: 400, Text: `client sent HTTP/1.0 request with "Transfer-Encoding" header` + inHeaders}
	lengthAndChunks = &Refusal{Status: 400, Text: `client sent "Content-Length" and "Transfer-Encoding" headers at the same time` + inHeaders}
	unknownEncoding = &Refusal{Status: 501, Text: `client sent unknown "Transfer-Encoding"` + inHeaders}
	connectRefused  = &Refusal{Status: 405, Text: "client sent CONNECT method" + inHeaders}
	traceRefused    = &Refusal{Status: 405, Text: "client sent TRACE method" + inHeaders}
	invalidChunks   = &Refusal{Status: 400, Text: "client sent invalid chunked body"}
)
