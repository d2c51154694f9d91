package nginx

import "slices"

// Removal is what became of a directive that nginx had once.
type Removal struct {
	Since   Version // the first that does not have it
	Instead string  // what is written in its place; "" when nothing is needed
}

// removals are the directives that were removed, as the sources of all releases show.
var removals = map[string]Removal{
	"ssl":                           {"1.25.1", `"ssl" in the listen line`},
	"spdy_chunk_size":               {"1.19.7", ""},
	"spdy_headers_comp":             {"1.19.7", ""},
	"spdy_keepalive_timeout":        {"1.19.7", "keepalive_timeout"},
	"spdy_max_concurrent_streams":   {"1.19.7", "http2_max_concurrent_streams"},
	"spdy_pool_size":                {"1.19.7", ""},
	"spdy_recv_buffer_size":         {"1.19.7", "http2_recv_buffer_size"},
	"spdy_recv_timeout":             {"1.19.7", "client_header_timeout"},
	"spdy_streams_index_size":       {"1.19.7", ""},
	"connections":                   {"1.9.1", "worker_connections"},
	"imap":                          {"1.9.1", "mail"},
	"open_file_cache_retest":        {"1.9.1", "open_file_cache_valid"},
	"optimize_server_names":         {"1.9.1", "server_name_in_redirect"},
	"satisfy_any":                   {"1.9.1", "satisfy any"},
	"so_keepalive":                  {"1.9.1", `"so_keepalive=on" in the listen line`},
	"rtsig_overflow_events":         {"1.9.0", ""},
	"rtsig_overflow_test":           {"1.9.0", ""},
	"rtsig_overflow_threshold":      {"1.9.0", ""},
	"rtsig_signo":                   {"1.9.0", ""},
	"thread_stack_size":             {"1.9.0", ""},
	"worker_rlimit_sigpending":      {"1.9.0", ""},
	"worker_threads":                {"1.9.0", ""},
	"limit_zone":                    {"1.7.6", "limit_conn_zone"},
	"proxy_upstream_fail_timeout":   {"0.8.38", `"fail_timeout" in the server lines of the upstream`},
	"proxy_upstream_max_fails":      {"0.8.38", `"max_fails" in the server lines of the upstream`},
	"fastcgi_upstream_fail_timeout": {"0.8.38", `"fail_timeout" in the server lines of the upstream`},
	"fastcgi_upstream_max_fails":    {"0.8.38", `"max_fails" in the server lines of the upstream`},
	"optimize_host_names":           {"0.7.1", "server_name_in_redirect"},
	"proxy_header_buffer_size":      {"0.7.1", "proxy_buffer_size"},
	"proxy_redirect_errors":         {"0.7.1", "proxy_intercept_errors"},
	"fastcgi_header_buffer_size":    {"0.7.1", "fastcgi_buffer_size"},
	"fastcgi_redirect_errors":       {"0.7.1", "fastcgi_intercept_errors"},
}

// Removed returns what became of a directive that this version does not have any more. It
// reports false for one that the version has, or that nginx never had.
func (v Version) Removed(name string) (Removal, bool) {
	r, ok := removals[name]
	return r, ok && v.atLeast(r.Since)
}

// undocumented are directives of nginx that its documentation, and crossplane's table, leave out.
var undocumented = []string{
	"post_action", "postpone_gzipping", "gzip_hash", "gzip_window", "gzip_no_buffer", "devpoll_changes", "devpoll_events", "epoll_events", "eventport_events",
	"kqueue_changes", "kqueue_events", "open_file_cache_events", "proxy_downstream_buffer", "proxy_upstream_buffer", "http2_pool_size", "http2_streams_index_size",
	"ssi_ignore_recycled_buffers", "uwsgi_string", "degradation", "degrade", "post_acceptex", "acceptex_read",
}

func isUndocumented(name string) bool { return slices.Contains(undocumented, name) }
