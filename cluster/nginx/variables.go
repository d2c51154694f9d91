package nginx

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"stickylab/cluster/nginx/syntax"
	"stickylab/cluster/spell"
)

// builtins are the variables that nginx has without a definition in the text.
var builtins = func() map[string]bool {
	names := map[string]bool{}
	for _, name := range strings.Fields(`
		ancient_browser args arg binary_remote_addr body_bytes_sent bytes_received bytes_sent connection connection_requests connection_time
		connections_active connections_reading connections_waiting connections_writing content_length content_type date_gmt date_local
		document_root document_uri fastcgi_path_info fastcgi_script_name geoip_city geoip_country_code geoip_country_name host hostname http2
		http3 https invalid_referer is_args is_request_port limit_conn_status limit_rate limit_req_status memcached_key modern_browser msec msie
		nginx_version pid pipe proxy_add_x_forwarded_for proxy_host proxy_port proxy_protocol_addr proxy_protocol_port
		proxy_protocol_server_addr proxy_protocol_server_port query_string quic_connection realip_remote_addr realip_remote_port realpath_root
		remote_addr remote_port remote_user request request_body request_body_file request_completion request_filename request_id
		request_length request_method request_port request_time request_uri scheme secure_link secure_link_expires server_addr server_name
		server_port server_protocol slice_range status tcpinfo_rcv_space tcpinfo_rtt tcpinfo_rttvar tcpinfo_snd_cwnd time_iso8601 time_local
		uid_got uid_reset uid_set upstream_addr upstream_bytes_received upstream_bytes_sent upstream_cache_age upstream_cache_last_modified
		upstream_cache_status upstream_connect_time upstream_first_byte_time upstream_header_time upstream_http upstream_last_addr
		upstream_last_server_name upstream_response_length upstream_response_time upstream_session_time upstream_status uri userid
		xslt_param gzip_ratio`) {
		names[name] = true
	}
	return names
}()

var builtinPrefixes = []string{
	"http_", "arg_", "cookie_", "sent_http_", "sent_trailer_", "upstream_http_", "upstream_trailer_", "upstream_cookie_", "ssl_", "proxy_ssl_",
	"geoip_", "proxy_protocol_tlv_", "jwt_", "otel_",
}

func builtin(name string) bool {
	if builtins[name] {
		return true
	}
	return slices.ContainsFunc(builtinPrefixes, func(p string) bool { return len(name) > len(p) && strings.HasPrefix(name, p) })
}

// KnownVariable reports whether nginx itself defines the variable; name is
// without "$". Captures ("1") are known.
func KnownVariable(name string) bool { return builtin(name) || len(name) == 1 && digits(name) }

func validVariable(name string) bool {
	for i := range len(name) {
		if !variableByte(name[i]) {
			return false
		}
	}
	return name != ""
}

func variableByte(c byte) bool {
	return c == '_' || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9'
}

// nextVariable finds the first variable of a value: value[start:end] is its
// text with "$" and braces. wrong is what nginx says about a bad one
// (ngx_http_script_compile).
func nextVariable(value string) (start, end int, name, wrong string) {
	start = strings.IndexByte(value, '$')
	if start < 0 {
		return -1, -1, "", ""
	}
	i := start + 1
	if i < len(value) && '1' <= value[i] && value[i] <= '9' {
		return start, i + 1, value[i : i+1], ""
	}
	braced := i < len(value) && value[i] == '{'
	if braced {
		i++
	}
	end = i
	for end < len(value) && variableByte(value[end]) {
		end++
	}
	name = value[i:end]
	if braced {
		if end == len(value) || value[end] != '}' {
			return start, end, name, fmt.Sprintf("the closing bracket in %q variable is missing", name)
		}
		end++
	}
	if name == "" {
		return start, end, "", "invalid variable name"
	}
	return start, end, name, ""
}

// variablesIn lists the variables of a value, up to the first that is wrong.
func variablesIn(value string) (names []string, wrong string) {
	for {
		start, end, name, wrong := nextVariable(value)
		if start < 0 || wrong != "" {
			return names, wrong
		}
		names = append(names, name)
		value = value[end:]
	}
}

// uses checks that the variables of an argument exist.
func (r *reader) uses(w syntax.Word) {
	names, wrong := variablesIn(w.Text)
	if wrong != "" {
		r.Fail(UnknownVariable, w.Pos, `"$" begins a variable`, "%s", wrong)
	}
	for _, name := range names {
		if !r.foreign && !KnownVariable(name) && !r.variables[name] {
			r.Fail(UnknownVariable, w.Pos, r.nearVariable(name), "unknown %q variable", name)
		}
	}
}

func (r *reader) nearVariable(name string) string {
	if r.Full() {
		return ""
	}
	candidates := []string{"http_upgrade", "http_host", "http_connection", "http_x_forwarded_for", "http_x_real_ip", "http_cookie"}
	candidates = slices.AppendSeq(candidates, maps.Keys(builtins))
	candidates = slices.AppendSeq(candidates, maps.Keys(r.variables))
	slices.Sort(candidates)
	if near := spell.Nearest(name, candidates); near != "" {
		return spell.Meant("$" + near)
	}
	if name == "connection_upgrade" {
		return "it comes from a map: map $http_upgrade $connection_upgrade { default upgrade; '' close; }"
	}
	return ""
}

// defining are the directives that define variables with their arguments.
var defining = map[string]bool{
	"map": true, "geo": true, "split_clients": true, "set": true, "perl_set": true, "js_set": true, "js_var": true, "auth_request_set": true,
	"keyval": true, "auth_jwt_claim_set": true, "auth_jwt_header_set": true, "set_by_lua": true, "set_by_lua_block": true, "set_by_lua_file": true,
	"geoip2": true, "otel_trace": true,
}

// captures finds the named ones of a regular expression.
var captures = regexp.MustCompile(`\(\?P?<(\w{1,63})>`)

// define collects the variables that the text defines, also those that are
// named captures of regular expressions.
func (r *reader) define(list []*syntax.Directive) {
	for _, d := range list {
		r.defineAll(d, defining[d.Name])
		r.define(d.Block)
	}
}

func (r *reader) defineAll(d *syntax.Directive, defines bool) {
	if d.Name == "geoip2" {
		for _, line := range d.Block {
			r.defineWord(line.Name)
		}
	}
	first := 0
	if d.Name == "map" || d.Name == "split_clients" {
		first = 1 // the source comes before
	}
	for i, arg := range d.Args {
		if defines && i >= first {
			r.defineWord(arg.Text)
		}
		for _, found := range captures.FindAllStringSubmatch(arg.Text, -1) {
			r.defineWord("$" + found[1])
		}
	}
}

func (r *reader) defineWord(text string) {
	name, ok := strings.CutPrefix(text, "$")
	if ok && validVariable(name) {
		r.variables[name] = true
	}
}
