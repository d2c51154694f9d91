package proxy

import (
	"net/http"
	"net/netip"
	"strings"

	"stickylab/cluster/nginx"
)

// realIP returns the client's address and port as the realip module finds them:
// the connection's own, or what a header or the PROXY protocol says if the
// connection's may be trusted. The port is 0 where none was said
// (ngx_http_realip_handler).
func realIP(c *clientConn, rule *nginx.RealIP, h http.Header) netip.AddrPort {
	own := c.remote
	if rule == nil || !trusted(own.Addr(), rule.From) {
		return own
	}
	value := h.Get(rule.Header)
	switch {
	case rule.Header == nginx.ProxyProtocol:
		value = c.heard.from.Source
	case strings.EqualFold(rule.Header, "X-Forwarded-For"):
		value = joined(h, rule.Header)
	}
	found := own
	list := strings.FieldsFunc(value, func(r rune) bool { return r == ',' || r == ' ' })
	for i := len(list) - 1; i >= 0; i-- {
		a, ok := parseAddr(list[i])
		if !ok {
			break
		}
		found = a
		if !rule.Recursive || !trusted(a.Addr(), rule.From) {
			break
		}
	}
	if rule.Header == nginx.ProxyProtocol && found != own {
		found = netip.AddrPortFrom(found.Addr(), uint16(c.heard.from.SourcePort))
	}
	return found
}

func trusted(a netip.Addr, from []netip.Prefix) bool {
	for _, p := range from {
		if p.Contains(a) || p.Contains(a.Unmap()) {
			return true
		}
	}
	return false
}

// parseAddr accepts an address with or without a port. 255.255.255.255 is
// nginx's word for none.
func parseAddr(s string) (netip.AddrPort, bool) {
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
