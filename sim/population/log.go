package population

import (
	"bytes"
	"encoding/json"
	"net/netip"
	"strings"
)

var noClient = &problem{1, "no address of a client"}

// readCombined reads a line of nginx's log_format combined (ngx_http_log_module):
//
//	203.0.113.77 - - [01/Dec/2026:10:00:00 +0000] "GET /socket.io/?EIO=4&transport=polling HTTP/1.1" 200 118 "-" "..."
//
// A name of a server may stand before the address, and anything after the request.
func readCombined(line []byte) (entry, *problem) {
	head, rest, ok := bytes.Cut(line, []byte{'"'})
	if !ok {
		return entry{}, noClient
	}
	fields := bytes.Fields(head)
	for _, f := range fields[:min(len(fields), 2)] {
		if a, ok := address(string(f)); ok {
			request, _, _ := bytes.Cut(rest, []byte{'"'})
			return entry{address: a, weight: 1, handshake: handshake(string(request))}, nil
		}
	}
	return entry{}, noClient
}

// Keys of JSON logs, the first that a line has counts.
var (
	addressKeys = []string{"remote_addr", "client_ip", "clientip", "remote_ip", "ip", "client", "x_forwarded_for"}
	requestKeys = []string{"request", "request_uri", "uri", "url", "path", "args", "query_string", "query"}
)

// readJSON reads an object with the address of the client, and optionally the request.
func readJSON(line []byte) (entry, *problem) {
	var object map[string]any
	if json.Unmarshal(line, &object) != nil {
		return entry{}, noClient
	}
	for _, key := range addressKeys {
		text, _ := object[key].(string)
		first, _, _ := strings.Cut(text, ",") // of X-Forwarded-For the client is the first
		a, ok := address(strings.TrimSpace(first))
		if !ok {
			continue
		}
		e := entry{address: a, weight: 1}
		var request strings.Builder
		for _, key := range requestKeys {
			part, _ := object[key].(string)
			request.WriteString(part + " ")
		}
		e.handshake = handshake(request.String())
		return e, nil
	}
	return entry{}, noClient
}

// address reads an address, with or without a port.
func address(s string) (netip.Addr, bool) {
	if a, err := netip.ParseAddr(s); err == nil && a.Zone() == "" {
		return a.Unmap(), true
	}
	if a, err := netip.ParseAddrPort(s); err == nil && a.Addr().Zone() == "" {
		return a.Addr().Unmap(), true
	}
	return netip.Addr{}, false
}

// handshake reports whether a request opens a session: it has the parameters of
// Engine.IO, and no sid yet (Engine.IO protocol, section Handshake).
func handshake(request string) bool {
	return strings.Contains(request, "EIO=") && strings.Contains(request, "transport=") && !strings.Contains(request, "?sid=") && !strings.Contains(request, "&sid=")
}
