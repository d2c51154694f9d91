package proxy

import (
	"net/http"
	"strconv"
	"strings"
)

// target is the request's target for the upstream. A URI in proxy_pass takes
// the place of what the location matched of the path, which then is the decoded
// and cleaned one (ngx_http_proxy_create_request); that of one with variables
// goes as it is.
func (x *request) target() string {
	uri := x.plan.URI
	if x.uri != "" {
		return x.uri
	}
	if uri == "" {
		return x.r.Target
	}
	rest := strings.TrimPrefix(x.r.Path, x.plan.location.Path)
	if raw, _, _ := strings.Cut(x.r.Target, "?"); strings.IndexByte(raw, '%') >= 0 {
		rest = escapeURI(rest)
	}
	uri += rest
	if x.r.Args != "" {
		uri += "?" + x.r.Args
	}
	return uri
}

// escaped are the bytes that ngx_escape_uri writes as %XX in a path, besides
// control characters and those above 126.
const escaped = ` "#%<>?\^` + "`{|}"

// escapeURI writes a decoded path as nginx does. Only a path that came with
// escapes gets any.
func escapeURI(path string) string {
	var b strings.Builder
	for i := range len(path) {
		c := path[i]
		if c <= ' ' || c >= 0x7f || strings.IndexByte(escaped, c) >= 0 {
			const hex = "0123456789ABCDEF"
			b.Write([]byte{'%', hex[c>>4], hex[c&15]})
			continue
		}
		b.WriteByte(c)
	}
	return b.String()
}

// addSlash redirects to the path with a slash, for which there is a location
// (ngx_http_core_find_config_phase).
func (x *request) addSlash() bool {
	to := escapeURI(x.r.Path) + "/"
	if x.r.Args != "" {
		to += "?" + x.r.Args
	}
	x.w.header["Location"] = []string{x.absolute(to)}
	return x.sendPage(http.StatusMovedPermanently)
}

// absolute makes a URL of a path, as absolute_redirect does.
func (x *request) absolute(path string) string {
	host := x.hostName()
	if port := x.conn.local.Port(); port != 80 {
		host += ":" + strconv.Itoa(int(port))
	}
	return "http://" + host + path
}
