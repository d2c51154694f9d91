package proxy

import (
	"bufio"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"stickylab/cluster/proxy/wire"
)

// answer is what a client gets for a request.
type answer struct {
	conn   *clientConn
	http11 bool          // the client understands HTTP/1.1
	bare   bool          // no head is sent: the client speaks HTTP/0.9
	old    bool          // none is sent: the upstream speaks HTTP/0.9
	head   bool          // no body is sent: the request is HEAD, other than of HTTP/0.9
	keep   bool          // the connection stays open after it
	told   time.Duration // for how long, as the client is told; 0 means not

	contentType string       // "" for none
	length      int64        // of the body, -1 when it is not known
	location    string       // a URL made of a path; that of others is among headers
	headers     wire.Headers // the others, in their order
	absent      []string     // in lower case: those of nginx's own that are not sent

	unsent  bool    // nothing is written: the answer is for nginx itself
	out     *output // nil until the head is written
	chunked bool
	wrote   bool // some of the body
	broken  bool // the body is not as it should be
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
	if a.unsent {
		a.head = true
		return
	}
	if a.bare {
		a.head = false
	}
	if code == http.StatusNoContent || code == http.StatusNotModified {
		a.head = true
	}
	if !a.head && a.length < 0 && code >= 200 && !a.old {
		a.chunked = a.http11
		a.keep = a.keep && a.http11
	}
	a.keep = a.keep && !a.conn.p.stale(a.conn) // also where a reload came meanwhile
	a.out = outputs.Get().(*output)
	a.out.wire.Reset(a.conn)
	a.out.body.Reset(piece{a})
	if a.bare || a.old {
		return
	}
	connection := "close"
	switch {
	case code == http.StatusSwitchingProtocols:
		connection = "upgrade"
	case a.keep:
		connection = "keep-alive"
	}
	a.out.wire.Write(a.appendHead(a.out.wire.AvailableBuffer(), status, connection))
}

// appendHead writes the head, in nginx's order (ngx_http_header_filter).
func (a *answer) appendHead(b []byte, status, connection string) []byte {
	b = append(b, "HTTP/1.1 "...)
	b = append(b, status...)
	b = append(b, "\r\n"...)
	if !a.headers.Has("Server") && !slices.Contains(a.absent, "server") {
		b = appendHeader(b, "Server", a.conn.p.name)
	}
	if !a.headers.Has("Date") && !slices.Contains(a.absent, "date") {
		b = append(b, "Date: "...)
		b = time.Now().UTC().AppendFormat(b, http.TimeFormat)
		b = append(b, "\r\n"...)
	}
	if a.contentType != "" {
		b = appendHeader(b, "Content-Type", a.contentType)
	}
	if a.length >= 0 {
		b = appendHeader(b, "Content-Length", strconv.FormatInt(a.length, 10))
	}
	if a.location != "" {
		b = appendHeader(b, "Location", a.location)
	}
	if a.chunked {
		b = appendHeader(b, "Transfer-Encoding", "chunked")
	}
	b = appendHeader(b, "Connection", connection)
	if a.keep && a.told > 0 {
		b = appendHeader(b, "Keep-Alive", "timeout="+strconv.Itoa(int(a.told/time.Second)))
	}
	for _, h := range a.headers {
		b = appendHeader(b, h.Name, h.Value)
	}
	return append(b, "\r\n"...)
}

// add adds a header.
func (a *answer) add(name, value string) {
	a.headers = append(a.headers, wire.Header{Name: name, Value: value})
}

// remove removes the headers of a name.
func (a *answer) remove(name string) {
	a.headers = slices.DeleteFunc(a.headers, func(h wire.Header) bool { return strings.EqualFold(h.Name, name) })
}

// Write writes some of the body.
func (a *answer) Write(b []byte) (int, error) {
	if a.head || len(b) == 0 {
		return len(b), nil
	}
	a.wrote = true
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
	if a.out == nil {
		return nil
	}
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
	if a.broken && !a.wrote { // nginx has not sent the head either
		a.out.wire.Reset(a.conn)
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
