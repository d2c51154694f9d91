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
		if x.r.URL.Host != "" { // the client used the absolute form
			return x.r.URL.RequestURI()
		}
		return x.r.RequestURI
	}
	rest := strings.TrimPrefix(x.path, x.plan.location.Path)
	if raw, _, _ := strings.Cut(x.r.RequestURI, "?"); strings.IndexByte(raw, '%') >= 0 {
		rest = escapeURI(rest)
	}
	uri += rest
	if x.r.URL.RawQuery != "" {
		uri += "?" + x.r.URL.RawQuery
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
	to := escapeURI(x.path) + "/"
	if x.r.URL.RawQuery != "" {
		to += "?" + x.r.URL.RawQuery
	}
	x.w.Header()["Location"] = []string{x.absolute(to)}
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
