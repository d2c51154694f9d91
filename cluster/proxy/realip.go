package proxy

import (
	"net/netip"

	"stickylab/cluster/nginx"
	"stickylab/cluster/proxy/wire"
)

// realIP returns the address and port of the client of a request.
func realIP(c *clientConn, rule *nginx.RealIP, h wire.Headers) netip.AddrPort {
	found := rule.Client(c.remote, func(name string) string {
		switch {
		case name == nginx.ProxyProtocol:
			return c.proxyHeader.from.Source
		case name == "X-Forwarded-For":
			return h.Joined(name) // written otherwise it is any header, whose first counts (ngx_http_realip)
		}
		return h.Get(name)
	})
	if rule != nil && rule.Header == nginx.ProxyProtocol && found != c.remote {
		return netip.AddrPortFrom(found.Addr(), uint16(c.proxyHeader.from.SourcePort))
	}
	return found
}
