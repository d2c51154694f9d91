package proxy

import (
	"net/netip"
	"strings"

	"stickylab/cluster/nginx"
	"stickylab/cluster/proxy/wire"
)

// realIP returns the address and port of the client of a request.
func realIP(c *clientConn, rule *nginx.RealIP, h wire.Headers) netip.AddrPort {
	if known := c.gen.realIPs[rule]; known != nil {
		rule = known
	}
	found := rule.Client(c.remote, func(name string) string {
		switch {
		case name == nginx.ProxyProtocol:
			return c.proxyHeader.from.Source
		case name == "X-Forwarded-For":
			return listed(h, name) // written otherwise it is any header, whose first counts (ngx_http_realip)
		}
		return h.Get(name)
	})
	if rule != nil && rule.Header == nginx.ProxyProtocol && found != c.remote {
		return netip.AddrPortFrom(found.Addr(), uint16(c.proxyHeader.from.SourcePort))
	}
	return found
}

// listed joins the values of the headers of a name that count: an empty one ends the search
// from the last one back (ngx_http_get_forwarded_addr).
func listed(h wire.Headers, name string) string {
	all := ""
	for i := range h {
		switch {
		case !strings.EqualFold(h[i].Name, name):
		case all == "" || h[i].Value == "":
			all = h[i].Value
		default:
			all += ", " + h[i].Value
		}
	}
	return all
}
