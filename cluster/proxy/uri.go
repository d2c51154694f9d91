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

// absolute makes a URL of a path, as absolute_redirect does.
func (x *request) absolute(path string) string {
	host := x.hostName()
	if port := x.conn.local.Port(); port != 80 {
		host += ":" + strconv.Itoa(int(port))
	}
	return "http://" + host + path
}
