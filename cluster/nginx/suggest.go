package nginx

import (
	"slices"

	"stickylab/cluster/spell"
)

// nearDirective returns the directive that was probably meant: of those that
// may stand here first, of all others then.
func (r *reader) nearDirective(written string, c context) string {
	var here, elsewhere []string
	for _, name := range commonDirectives {
		masks, from := r.version.lookup(name)
		if from == fromNewer {
			continue
		}
		if allowed(masks, c) {
			here = append(here, name)
		} else {
			elsewhere = append(elsewhere, name)
		}
	}
	if near := spell.Nearest(written, here); near != "" {
		return near
	}
	if near := r.oneTypo(written, c); near != "" {
		return near
	}
	return spell.Nearest(written, elsewhere)
}

// oneTypo tries each single typing error against the whole table, which can be
// asked but not listed.
func (r *reader) oneTypo(written string, c context) string {
	if len(written) > 40 {
		return ""
	}
	known := func(name string) bool {
		masks, from := r.version.lookup(name)
		return from == fromNginx && allowed(masks, c)
	}
	const letters = "abcdefghijklmnopqrstuvwxyz_0123456789"
	for i := range len(written) + 1 {
		head, tail := written[:i], written[i:]
		var tries []string
		if tail != "" {
			tries = append(tries, head+tail[1:])
		}
		if len(tail) > 1 {
			tries = append(tries, head+tail[1:2]+tail[:1]+tail[2:])
		}
		for _, letter := range letters {
			tries = append(tries, head+string(letter)+tail)
			if tail != "" {
				tries = append(tries, head+string(letter)+tail[1:])
			}
		}
		if j := slices.IndexFunc(tries, known); j >= 0 {
			return tries[j]
		}
	}
	return ""
}

// commonDirectives are the names that suggestions are made from first.
var commonDirectives = []string{
	"access_log", "add_header", "alias", "allow", "charset", "client_body_buffer_size", "client_header_timeout", "client_max_body_size",
	"default_type", "deny", "error_log", "error_page", "events", "expires", "gzip", "gzip_types", "hash", "http", "http2", "if", "include", "index",
	"internal", "ip_hash", "keepalive", "keepalive_requests", "keepalive_timeout", "large_client_header_buffers", "least_conn", "limit_conn",
	"limit_req", "limit_req_zone", "listen", "location", "log_format", "map", "pid", "proxy_buffer_size", "proxy_buffering", "proxy_buffers",
	"proxy_cache", "proxy_cache_bypass", "proxy_connect_timeout", "proxy_cookie_path", "proxy_hide_header", "proxy_http_version",
	"proxy_next_upstream", "proxy_next_upstream_timeout", "proxy_next_upstream_tries", "proxy_pass", "proxy_pass_header",
	"proxy_pass_request_headers", "proxy_read_timeout", "proxy_redirect", "proxy_request_buffering", "proxy_send_timeout", "proxy_set_header",
	"random", "real_ip_header", "real_ip_recursive", "resolver", "return", "rewrite", "root", "send_timeout", "sendfile", "server",
	"server_name", "server_names_hash_bucket_size", "server_tokens", "set", "set_real_ip_from", "ssl_certificate", "ssl_certificate_key",
	"ssl_ciphers", "ssl_protocols", "ssl_session_cache", "sticky", "tcp_nodelay", "tcp_nopush", "try_files", "types", "upstream", "user",
	"worker_connections", "worker_processes", "worker_rlimit_nofile", "worker_shutdown_timeout", "zone",
}
