package nginx

import (
	"net/netip"
	"strings"
)

// Client returns the client's address and port as the realip module finds them:
// own, that of the connection, or the one that header returns, if own is trusted.
// header is asked for the rule's header, or for ProxyProtocol; of X-Forwarded-For
// it returns all, joined by commas. The port is 0 where none is given. A nil rule trusts
// no peer (ngx_http_realip_handler, ngx_http_get_forwarded_addr).
func (r *RealIP) Client(own netip.AddrPort, header func(name string) string) netip.AddrPort {
	if r == nil || !r.Trusts(own.Addr()) {
		return own
	}
	found, text := own, header(r.Header)
	for text != "" {
		rest, last := lastOf(text)
		a, ok := parseInetPort(last, r.brackets)
		if !ok {
			break
		}
		found = a
		if !r.Recursive || !r.Trusts(a.Addr()) {
			break
		}
		text = rest
	}
	return found
}

// lastOf parts the last entry of a list from those before it, which spaces and commas
// part. One at its beginning belongs to the first entry
// (ngx_http_get_forwarded_addr_internal).
func lastOf(list string) (rest, last string) {
	list = list[:1] + strings.TrimRight(list[1:], " ,")
	if i := strings.LastIndexAny(list, " ,"); i > 0 {
		return list[:i], list[i+1:]
	}
	return "", list
}

// Trusts reports whether an address may name the client.
func (r *RealIP) Trusts(a netip.Addr) bool {
	for _, p := range r.From {
		if p.Contains(a) || p.Contains(a.Unmap()) {
			return true
		}
	}
	return false
}
