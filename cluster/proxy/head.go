package proxy

import (
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
		b = appendHeader(b, "Host", x.plan.proxyHost())
	}
	if x.plan.connection != "" {
		b = appendHeader(b, "Connection", x.plan.connection)
	}
	if x.plan.length && (x.r.Length != 0 || x.r.Headers.Has("Content-Length")) {
		length := int64(len(x.body))
		if x.inquiry { // it has the heads of the request that it asks about, and no body
			length = x.r.Length
		}
		if length >= 0 {
			b = appendHeader(b, "Content-Length", strconv.FormatInt(length, 10))
		}
	}
	for _, h := range x.r.Headers {
		if !x.plan.drops(h.Name) {
			b = appendHeader(b, h.Name, h.Value)
		}
	}
	return append(b, "\r\n"...)
}

// proxyHost is $proxy_host: where proxy_pass leads, as written (ngx_http_proxy_set_vars).
func (pl *plan) proxyHost() string {
	if strings.HasPrefix(pl.Upstream, "unix:") {
		return "localhost"
	}
	return pl.Upstream
}

// drops reports whether a header of the client does not go to the upstream.
func (pl *plan) drops(name string) bool {
	var room [32]byte
	lower := room[:0]
	for i := range len(name) {
		ch := name[i]
		if ch >= 'A' && ch <= 'Z' {
			ch |= 0x20
		}
		lower = append(lower, ch)
	}
	return pl.dropped[string(lower)]
}

func appendHeader(b []byte, name, value string) []byte {
	b = append(b, name...)
	b = append(b, ": "...)
	b = append(b, value...)
	return append(b, "\r\n"...)
}
