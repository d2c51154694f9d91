package proxy

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
)

// appendHead writes the head of the request to the upstream as nginx does:
// what proxy_set_header says, nginx's own headers, then those of the client
// that neither replaces.
func (x *request) appendHead(b []byte) []byte {
	version := " HTTP/1.0\r\n"
	if x.plan.http11 {
		version = " HTTP/1.1\r\n"
	}
	b = append(b, x.r.Method...)
	b = append(b, ' ')
	b = append(b, x.target()...)
	b = append(b, version...)
	for _, h := range x.plan.headers {
		if value := x.expand(h.Value); value != "" {
			b = appendHeader(b, h.Name, value)
		}
	}
	if x.plan.host {
		b = appendHeader(b, "Host", x.plan.Upstream)
	}
	if x.plan.connection != "" {
		b = appendHeader(b, "Connection", x.plan.connection)
	}
	if x.plan.length && (len(x.body) > 0 || x.r.Header["Content-Length"] != nil) {
		b = appendHeader(b, "Content-Length", strconv.Itoa(len(x.body)))
	}
	return appendRest(b, x.r.Header, func(name string) bool { return !x.plan.dropped[name] && strings.IndexByte(name, '_') < 0 })
}

// appendRest ends a head with the headers that are wanted, sorted: net/http does not
// keep the order in which they were sent.
func appendRest(b []byte, h http.Header, wanted func(name string) bool) []byte {
	var room [24]string
	names := room[:0]
	for name := range h {
		if wanted(name) {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	for _, name := range names {
		for _, value := range h[name] {
			b = appendHeader(b, wireName(name), value)
		}
	}
	return append(b, "\r\n"...)
}

func appendHeader(b []byte, name, value string) []byte {
	b = append(b, name...)
	b = append(b, ": "...)
	b = append(b, value...)
	return append(b, "\r\n"...)
}

// wireName writes the WebSocket headers as clients do.
func wireName(name string) string {
	if rest, ok := strings.CutPrefix(name, "Sec-Websocket-"); ok {
		return "Sec-WebSocket-" + rest
	}
	return name
}

// Headers of the answer that nginx does not pass on (proxy_hide_header's
// defaults, and those of the connection).
var hidden = map[string]bool{
	"Date": true, "Server": true, "X-Pad": true,
	"X-Accel-Expires": true, "X-Accel-Redirect": true, "X-Accel-Limit-Rate": true, "X-Accel-Buffering": true, "X-Accel-Charset": true,
	"Connection": true, "Keep-Alive": true, "Transfer-Encoding": true,
}

// copyHeader passes the answer's headers on.
func copyHeader(to, from http.Header) {
	for name, values := range from {
		if !hidden[name] {
			to[name] = values
		}
	}
}
