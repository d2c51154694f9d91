package proxy

import (
	"bufio"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// answer is what a client gets for a request.
type answer struct {
	conn   *clientConn
	header http.Header
	http11 bool          // the client understands HTTP/1.1
	bare   bool          // no head is sent: the client speaks HTTP/0.9
	head   bool          // no body is sent: the request is HEAD, other than of HTTP/0.9
	keep   bool          // the connection stays open after it
	told   time.Duration // for how long, as the client is told; 0 means not

	out     *output // nil until the head is written
	chunked bool
}

// output gathers what is written in small pieces, so that few packets carry it: pieces
// of a body, and behind it the head and what is around chunks.
type output struct {
	body *bufio.Writer
	wire *bufio.Writer
}

var outputs = sync.Pool{New: func() any {
	return &output{bufio.NewWriterSize(nil, 2<<10), bufio.NewWriterSize(nil, 4<<10+len(keptLine))}
}}

const keptLine = "Connection: keep-alive\r\n"

// writeHead begins the answer. status is the line's text, such as "200 OK".
func (a *answer) writeHead(status string, code int) {
	if a.bare {
		a.head = false
	}
	if code == http.StatusNoContent || code == http.StatusNotModified {
		a.head = true
	}
	if !a.head && a.header["Content-Length"] == nil {
		a.chunked = a.http11
		a.keep = a.keep && a.http11
	}
	a.out = outputs.Get().(*output)
	a.out.wire.Reset(a.conn)
	a.out.body.Reset(piece{a})
	if a.bare {
		return
	}
	connection := "close"
	if a.keep {
		connection = "keep-alive"
	}
	a.out.wire.Write(a.appendHead(a.out.wire.AvailableBuffer(), status, connection))
}

// leading are the headers that nginx writes before the others
// (ngx_http_header_filter).
var leading = []string{"Content-Type", "Content-Length", "Location"}

func (a *answer) appendHead(b []byte, status, connection string) []byte {
	b = append(b, "HTTP/1.1 "...)
	b = append(b, status...)
	b = append(b, "\r\n"...)
	b = appendHeader(b, "Server", a.conn.p.name)
	b = append(b, "Date: "...)
	b = time.Now().UTC().AppendFormat(b, http.TimeFormat)
	b = append(b, "\r\n"...)
	for _, name := range leading {
		b = appendHeaders(b, name, a.header[name])
	}
	if a.chunked {
		b = appendHeader(b, "Transfer-Encoding", "chunked")
	}
	b = appendHeader(b, "Connection", connection)
	if a.keep && a.told > 0 {
		b = appendHeader(b, "Keep-Alive", "timeout="+strconv.Itoa(int(a.told/time.Second)))
	}
	for _, name := range slices.Sorted(maps.Keys(a.header)) {
		if !slices.Contains(leading, name) {
			b = appendHeaders(b, wireName(name), a.header[name])
		}
	}
	return append(b, "\r\n"...)
}

// wireName writes the WebSocket headers as nodes do.
func wireName(name string) string {
	if rest, ok := strings.CutPrefix(name, "Sec-Websocket-"); ok {
		return "Sec-WebSocket-" + rest
	}
	return name
}

func appendHeaders(b []byte, name string, values []string) []byte {
	for _, value := range values {
		b = appendHeader(b, name, value)
	}
	return b
}

// Write writes some of the body.
func (a *answer) Write(b []byte) (int, error) {
	if a.head || len(b) == 0 {
		return len(b), nil
	}
	return a.out.body.Write(b)
}

// piece writes a piece of a body, which may be a chunk.
type piece struct{ a *answer }

func (p piece) Write(b []byte) (int, error) {
	w := p.a.out.wire
	if !p.a.chunked {
		return w.Write(b)
	}
	w.Write(append(strconv.AppendInt(w.AvailableBuffer(), int64(len(b)), 16), "\r\n"...))
	w.Write(b)
	_, err := w.WriteString("\r\n")
	return len(b), err
}

// flush sends what was held back.
func (a *answer) flush() error {
	if err := a.out.body.Flush(); err != nil {
		return err
	}
	return a.out.wire.Flush()
}

// end ends the answer, if there is one. It reports whether all of it was written; whole is
// false when some is missing.
func (a *answer) end(whole bool) bool {
	if a.out == nil {
		return whole
	}
	err := a.out.body.Flush()
	if whole && a.chunked && !a.head {
		a.out.wire.WriteString("0\r\n\r\n")
	}
	if err == nil {
		err = a.out.wire.Flush()
	}
	a.out.body.Reset(nil)
	a.out.wire.Reset(nil)
	outputs.Put(a.out)
	return whole && err == nil
}
