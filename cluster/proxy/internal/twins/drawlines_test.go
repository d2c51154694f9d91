//go:build peers

package twins

// header draws a line about what upstreams are sent.
func (d *drawing) header() {
	switch d.IntN(6) {
	case 0:
		d.line("proxy_set_header Host %s;", d.pick("$host", "$http_host", "x.test", "$proxy_host", "$host:$server_port", "''"))
	case 1:
		d.line("proxy_set_header Upgrade $http_upgrade;")
		d.line("proxy_set_header Connection %s;", d.pick("upgrade", "$http_connection", "''", "close", "$http_upgrade"))
	case 2:
		d.line("proxy_set_header X-Forwarded-For %s;", d.pick("$proxy_add_x_forwarded_for", "$remote_addr", "''", "$http_x_forwarded_for"))
	default:
		d.line("proxy_set_header %s %s;", d.pick("X-One", "X-Two", "x-three", "X-Body $request_body; proxy_set_header X-One", "Accept-Encoding", "Cookie", "X-Real-IP", "User-Agent", "Content-Type", "Content-Length", "X_Under", "Origin", "Te"), d.value())
	}
}

func (d *drawing) realIP() {
	for range 1 + d.IntN(2) {
		d.line("set_real_ip_from %s;", d.pick("127.0.0.0/8", "127.0.0.1", "198.51.100.0/24", "0.0.0.0/0", "127.0.0.2", "2001:db8::/32"))
	}
	if d.chance(80) {
		d.once("real_ip_header", "%s;", d.pick("X-Forwarded-For", "X-Forwarded-For", "X-Real-IP", "X-One", "x-forwarded-for"))
	}
	if d.chance(40) {
		d.once("real_ip_recursive", "%s;", d.pick("on", "on", "off"))
	}
}

func (d *drawing) nextUpstream() {
	switch d.IntN(4) {
	case 0:
		d.once("proxy_next_upstream_tries", "%d;", d.IntN(4))
	default:
		d.once("proxy_next_upstream", "%s;", d.pick("error timeout", "error", "off", "error timeout http_502 http_503", "http_404", "error non_idempotent", "error http_500 http_403 http_429 http_504", "invalid_header", "timeout", "http_503"))
	}
}

// answerLines draws a line about the headers of answers.
func (d *drawing) answerLines() {
	switch d.IntN(4) {
	case 0, 1:
		d.line("proxy_redirect %s;", d.pick("off", "http://"+d.anUpstream()+"/ /", "http://"+d.anUpstream()+"/app/ https://e.test/n/", "/ /before/", `"~^http://[^/]+(/.*)$" $1`,
			`"~*/(?<rest>.*)$" "http://$host/r/$rest"`, "http://"+d.anUpstream()+" $scheme://$http_host", "/there $uri"))
	case 2:
		d.line("proxy_%s_header %s;", d.pick("hide", "hide", "pass"), d.pick("X-One", "Set-Cookie", "X-Powered-By", "Server", "ETag", "X-Accel-Expires", "Location"))
	default:
		d.once(d.pick("absolute_redirect", "port_in_redirect", "server_name_in_redirect"), "%s;", d.pick("on", "off"))
	}
}

func (d *drawing) version() {
	d.once("proxy_http_version", "%s;", d.pick("1.1", "1.1", "1.0"))
}

func (d *drawing) errorPageURL() {
	d.line("error_page %s %s%s;", d.pick("404", "403 404", "502", "500 502 503 504", "413", "401"), d.pick("", "", "= ", "=200 ", "=301 ", "=404 "), d.pick("https://elsewhere.test/", "http://x.test$uri", "https://e.test/$args", "/err", "/err/x", "/err?e=1", "/err$uri"))
	d.errs = true
}

func (d *drawing) access() {
	for range 1 + d.IntN(2) {
		d.line("%s %s;", d.pick("allow", "deny"), d.pick("127.0.0.1", "127.0.0.2", "127.0.0.0/8", "198.51.100.0/24", "203.0.113.7", "2001:db8::/32"))
	}
	if d.chance(30) {
		d.line("%s all;", d.pick("allow", "deny"))
	}
}

func (d *drawing) heads() {
	d.once(d.pick("underscores_in_headers", "ignore_invalid_headers"), "%s;", d.pick("on", "off"))
}

func (d *drawing) keepalive() {
	if d.chance(50) {
		d.once("keepalive_timeout", "%s;", d.pick("60s", "20 20"))
	} else {
		d.once("keepalive_requests", "%d;", 1+d.IntN(4))
	}
}

func (d *drawing) bodySize() { d.once("client_max_body_size", "%s;", d.pick("0", "1", "4", "1k")) }
