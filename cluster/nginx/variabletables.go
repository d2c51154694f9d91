package nginx

import "strings"

// variableTable are the variables that a context of nginx has without a definition in the
// text, and whether the proxy has their values.
type variableTable struct {
	names    map[string]bool
	prefixes map[string]bool // of names that end in that of a header, an argument and so on
}

// Variables of the http context, and of that of stream.
var (
	httpVariables   = variableTable{tableOf(simulated+empty, unsimulated), builtinPrefixes}
	streamVariables = variableTable{tableOf(streamSimulated, streamUnsimulated), map[string]bool{"ssl_": false, "geoip_": false, "proxy_protocol_tlv_": false}}
)

func tableOf(has, lacks string) map[string]bool {
	names := map[string]bool{}
	for _, name := range strings.Fields(has) {
		names[name] = true
	}
	for _, name := range strings.Fields(lacks) {
		names[name] = false
	}
	return names
}

// find reports whether nginx, of some version, has the variable, and whether the proxy has its
// value.
func (t *variableTable) find(name string) (known, has bool) {
	if has, known = t.names[name]; known {
		return known, has
	}
	for prefix, has := range t.prefixes {
		if len(name) > len(prefix) && strings.HasPrefix(name, prefix) {
			return true, has
		}
	}
	return false, false
}

// What the proxy knows of nginx's variables.
const (
	simulated = `
		args binary_remote_addr body_bytes_sent bytes_sent connection connection_requests connection_time content_length content_type date_gmt date_local document_uri host hostname
		https is_args limit_rate msec nginx_version pipe proxy_add_x_forwarded_for proxy_host proxy_port proxy_protocol_addr proxy_protocol_port
		proxy_protocol_server_addr proxy_protocol_server_port query_string realip_remote_addr realip_remote_port remote_addr remote_port
		remote_user request request_body request_id request_method request_time request_uri scheme server_addr server_name server_port
		server_protocol status time_iso8601 time_local uri`

	// Before there is an answer these are empty in nginx too.
	empty = `
		fastcgi_path_info http2 http3 invalid_referer quic_connection request_body_file request_completion slice_range upstream_addr
		upstream_bytes_received upstream_bytes_sent upstream_cache_age upstream_cache_etag upstream_cache_last_modified upstream_cache_status
		upstream_connect_time upstream_header_time upstream_last_server_name upstream_response_length upstream_response_time upstream_status`

	unsimulated = `
		ancient_browser connections_active connections_reading connections_waiting connections_writing document_root fastcgi_script_name
		geoip_city geoip_country_code geoip_country_name gzip_ratio is_request_port limit_conn_status limit_req_status modern_browser msie pid
		proxy_internal_body_length proxy_internal_chunked proxy_internal_host realpath_root request_filename request_length request_port
		secure_link secure_link_expires tcpinfo_rcv_space tcpinfo_rtt tcpinfo_rttvar tcpinfo_snd_cwnd uid_got uid_reset uid_set`

	streamSimulated = `
		binary_remote_addr hostname nginx_version protocol proxy_protocol_addr proxy_protocol_port proxy_protocol_server_addr
		proxy_protocol_server_port realip_remote_addr realip_remote_port remote_addr remote_port server_addr server_port`

	streamUnsimulated = `
		bytes_received bytes_sent connection limit_conn_status msec pid server_name session_time status time_iso8601 time_local upstream_addr
		upstream_bytes_received upstream_bytes_sent upstream_connect_time upstream_first_byte_time upstream_session_time`
)

// builtinPrefixes are those of the http context.
var builtinPrefixes = map[string]bool{
	"http_": true, "arg_": true, "cookie_": true, "upstream_http_": true, "upstream_cookie_": true, "upstream_trailer_": true,
	"sent_http_": false, "sent_trailer_": false, "ssl_": false, "proxy_ssl_": false, "geoip_": false, "proxy_protocol_tlv_": false, "jwt_": false, "otel_": false,
}

// variableSince are the variables that not every version has, with the one that brought them;
// a "_" ends the beginning of names.
var variableSince = map[string]Version{
	"proxy_protocol_tlv_": "1.23.2", "http3": "1.25.0", "quic_connection": "1.25.0",
	"request_port": "1.29.3", "is_request_port": "1.29.3", "ssl_client_sigalg": "1.29.3", "ssl_sigalg": "1.29.3",
	"ssl_ech_status": "1.29.4", "ssl_ech_outer_server_name": "1.29.4", "proxy_internal_host": "1.29.4", "ssl_sigalgs": "1.31.0",
}

// streamVariableSince are those of the stream context that http has always had.
var streamVariableSince = map[string]Version{"server_name": "1.25.5"}

// sinceVersion returns the version that brought a variable, "" for one that every version here
// has.
func (r *reader) sinceVersion(name string) Version {
	if r.connections && streamVariableSince[name] != "" {
		return streamVariableSince[name]
	}
	if strings.HasPrefix(name, "proxy_protocol_tlv_") {
		name = "proxy_protocol_tlv_"
	}
	return variableSince[name]
}

// table are the variables of the context that is read.
func (r *reader) table() *variableTable {
	if r.connections {
		return &streamVariables
	}
	return &httpVariables
}

// KnownVariable reports whether nginx itself defines the variable in the http context; name is
// without "$". Captures ("1") are known.
func KnownVariable(name string) bool {
	known, _ := httpVariables.find(name)
	return known || len(name) == 1 && digits(name)
}
