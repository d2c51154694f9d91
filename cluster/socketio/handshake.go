package socketio

import (
	"net"
	"strings"
)

// Handshake describes the request that opened the session, in the form in which
// nodes tell each other (RemoteSocket.Handshake).
func (s *Socket) Handshake() map[string]any {
	r := s.conn.session.Request()
	headers := make(map[string]any, len(r.Header)+1)
	headers["host"] = r.Host
	for name, values := range r.Header {
		separator := ", "
		if name == "Cookie" {
			separator = "; "
		}
		headers[strings.ToLower(name)] = strings.Join(values, separator)
	}
	query := make(map[string]any)
	for name, values := range r.URL.Query() {
		query[name] = values[len(values)-1]
	}
	address, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		address = r.RemoteAddr
	}
	return map[string]any{
		"headers": headers,
		"time":    s.issued.UTC().Format("Mon Jan 02 2006 15:04:05") + " GMT+0000 (Coordinated Universal Time)",
		"address": address,
		"xdomain": r.Header.Get("Origin") != "",
		"secure":  r.TLS != nil,
		"issued":  s.issued.UnixMilli(),
		"url":     r.URL.RequestURI(),
		"query":   query,
		"auth":    s.auth,
	}
}
