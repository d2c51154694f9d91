package nginx

import (
	"slices"
	"strings"

	"stickylab/cluster/nginx/syntax"
)

// decisive are directives that can refuse a request, lead it elsewhere, or take
// away what a WebSocket needs.
var decisive = strings.Fields(`
	deny limit_req limit_conn rewrite if auth_request auth_jwt limit_except internal try_files error_page proxy_intercept_errors proxy_cache mirror
	proxy_bind proxy_method proxy_set_body proxy_pass_request_body proxy_pass_request_headers ssl_verify_client valid_referers secure_link geoip_country
	content_by_lua content_by_lua_block content_by_lua_file access_by_lua access_by_lua_block access_by_lua_file rewrite_by_lua_block rewrite_by_lua_file
	set_by_lua_block js_content js_access js_preread js_filter perl ssl_preread uwsgi_pass fastcgi_pass scgi_pass grpc_pass memcached_pass
	auth_basic`)

// Decisive reports whether a directive can stop or change a request.
func Decisive(d *syntax.Directive) bool {
	switch d.Name {
	case "auth_basic", "auth_request", "proxy_cache", "ssl_verify_client", "proxy_bind", "mirror", "ssl_preread", "auth_jwt":
		return d.Arg(0) != "off"
	case "proxy_pass_request_body", "proxy_pass_request_headers":
		return d.Arg(0) == "off"
	case "error_page":
		return strings.HasPrefix(d.Arg(len(d.Args)-1), "@")
	}
	return slices.Contains(decisive, d.Name)
}
