package proxy

import (
	"bytes"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"stickylab/cluster/balance"
	"stickylab/cluster/trace"
)

// Write puts nginx's page in the place of what net/http says to a client whose
// request it cannot read, such as one that begins with a PROXY line where none
// is expected.
func (c *clientConn) Write(b []byte) (int, error) {
	status := badRequest(b)
	if status == 0 {
		return c.Conn.Write(b)
	}
	c.p.emit(c.lane, trace.Event{
		Kind: trace.ProxyError, Peer: trace.N(balance.RemoteAddr(c.remote.Addr())), Status: int32(status),
		Text: trace.N("client sent invalid request while reading client request line"),
	})
	server := c.p.name
	body := errorPage(status, server)
	_, err := fmt.Fprintf(c.Conn, "HTTP/1.1 %d %s\r\nServer: %s\r\nDate: %s\r\nContent-Type: text/html\r\nContent-Length: %d\r\nConnection: close\r\n\r\n%s",
		status, reason(status), server, time.Now().UTC().Format(http.TimeFormat), len(body), body)
	if err != nil {
		return 0, err
	}
	return len(b), nil
}

// badRequestHead follows the status line in what net/http itself says. Answers of
// the proxy have a Server line.
var badRequestHead = []byte("\r\nContent-Type: text/plain; charset=utf-8\r\nConnection: close\r\n\r\n")

// badRequest returns nginx's status for what net/http refuses by itself, 0 for any
// other answer.
func badRequest(b []byte) int {
	const line = "HTTP/1.1 "
	end := bytes.IndexByte(b[:min(len(b), 200)], '\r')
	if end < len(line)+3 || string(b[:len(line)]) != line || !bytes.HasPrefix(b[end:], badRequestHead) {
		return 0
	}
	switch status, _ := strconv.Atoi(string(b[len(line) : len(line)+3])); status {
	case http.StatusNotImplemented, http.StatusHTTPVersionNotSupported:
		return status
	case http.StatusRequestHeaderFieldsTooLarge:
		return 0 // to nginx that is 400 or 414, and which cannot be told here
	}
	return http.StatusBadRequest
}
