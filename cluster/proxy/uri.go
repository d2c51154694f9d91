package proxy

import (
	"strconv"
)

// target is the request's target for the upstream; that of a proxy_pass with variables
// goes as it is.
func (x *request) target() string {
	if x.uri != "" {
		return x.uri
	}
	return x.visit.Target(x.plan.ProxyPass, x.r.Target)
}

// absolute makes a URL of a path, as absolute_redirect does (ngx_http_header_filter).
func (x *request) absolute(path string) string {
	rules := x.visit.URLs()
	host, scheme, usual := x.r.Host, "http", uint16(80)
	switch {
	case rules.OwnServer:
		host = x.Variable("server_name")
	case host == "":
		host = x.Variable("server_addr")
	}
	if x.tls() {
		scheme, usual = "https", 443
	}
	if port := x.conn.local.Port(); port != usual && !rules.OmitPort {
		host += ":" + strconv.Itoa(int(port))
	}
	return scheme + "://" + host + path
}
