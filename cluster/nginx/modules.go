package nginx

import (
	"slices"
	"strings"
)

// modules are the beginnings of the directives of modules that are built apart and
// that crossplane's table lacks. A "." ends a whole name.
var modules = strings.Fields(`
	accesskey_ ajp_ akamai_ auth_digest auth_gss auth_hash auth_ldap auth_pam auth_spnego auth_totp auto_ssl bot_ brotli cache_purge check. check_
	chunkin clojure_ concat. concat_ consul_ cookie_flag cookie_limit dav_ext_methods. drizzle_ dynamic_limit dynamic_upstream echo. echo_
	enhanced_memcached eval. eval_ ey_balancer fair. fancyindex fastdfs_ footer. form_auth gridfs_ hc_ headers_more healthcheck iconv. iconv_
	jvm_route jwt_ kafka_ kerberos lua_ limit_traffic limit_upload log_zmq logtail memc_ mod_zip mogilefs_ modsecurity more_ naxsi nchan_ ndk_ njs_
	opentelemetry opentracing otel_ pagespeed passenger phantom_token postgres_ proxy_cache_purge proxy_connect push_stream rds_ redis2_
	replace_filter req_status rtmp. rtmp_ security_headers selective_cache_purge set_by_lua set_cconv set_decode set_encode set_escape
	set_formatted set_hashed set_hmac set_iconv set_if_empty set_local_today set_md5 set_misc set_quote_ set_random set_rotate set_secure_random
	set_sha1 set_unescape_uri shibboleth_ slowfs_ small_light spdy_ srcache_ ssl_dyn_rec strip_filter sticky_ subs_filter sysguard tcp_info
	testcookie traffic_accounting trim. trim_ upload_ upstream_fair upstream_show upsync upsync_ vhost_traffic video_thumbextractor vod. vod_ waf.
	waf_ wasm. wasm_ xrlt_ xss_ zip_ zstd BasicRule CheckRule DeniedUrl LearningMode MainRule SecRules`)

// ofModule reports whether a name is that of a directive of such a module.
func ofModule(name string) bool {
	return slices.ContainsFunc(modules, func(m string) bool {
		whole, ends := strings.CutSuffix(m, ".")
		return name == whole || !ends && strings.HasPrefix(name, m)
	})
}

// likelyOfModule reports whether a name that nothing resembles has the form of a
// directive, as those of rare modules have.
func likelyOfModule(name string) bool {
	return strings.Contains(strings.Trim(name, "_"), "_") && strings.Trim(name, "abcdefghijklmnopqrstuvwxyz0123456789_") == ""
}
