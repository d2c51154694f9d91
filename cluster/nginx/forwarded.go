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
	found := own
	list := strings.FieldsFunc(header(r.Header), func(r rune) bool { return r == ',' || r == ' ' })
	for i := len(list) - 1; i >= 0; i-- {
		a, ok := parseForwarded(list[i])
		if !ok {
			break
		}
		found = a
		if !r.Recursive || !r.Trusts(a.Addr()) {
			break
		}
	}
	return found
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

// parseForwarded accepts an address with or without a port. 255.255.255.255 is
// nginx's word for none.
func parseForwarded(s string) (netip.AddrPort, bool) {
	p, err := netip.ParseAddrPort(s)
	if err != nil {
		a, err := netip.ParseAddr(strings.Trim(s, "[]"))
		if err != nil {
			return netip.AddrPort{}, false
		}
		p = netip.AddrPortFrom(a, 0)
	}
	return netip.AddrPortFrom(p.Addr().WithZone(""), p.Port()), p.Addr() != netip.AddrFrom4([4]byte{255, 255, 255, 255})
}
