package doctor

import (
	"net/netip"
	"slices"
	"strings"
	"testing"

	"stickylab/cluster/nginx"
)

// conf is a configuration with statements in the upstream, the server and the
// location, each on its own line.
func conf(upstream, server, location string) string {
	lines := func(margin, statements string) string {
		out := ""
		for s := range strings.SplitSeq(statements, ";") {
			if s = strings.TrimSpace(s); s != "" {
				out += margin + s + ";\n"
			}
		}
		return out
	}
	return "upstream im {\n" + lines("    ", upstream+"; server 10.0.0.1:1; server 10.0.0.2:1") + "}\nserver {\n" + lines("    ", server) +
		"    location / {\n" + lines("        ", location) + "        proxy_pass http://im;\n    }\n}\n"
}

func TestFixes(t *testing.T) {
	always := func(f fix) func(*examination) fix { return func(*examination) fix { return f } }
	realIP, trustOnly := (*examination).realIP, (*examination).trustOnly
	known := Options{Front: netip.MustParseAddr("198.51.100.9")}
	const pass, upgrade, connection = "proxy_pass http://im;", "proxy_set_header Upgrade $http_upgrade;", `proxy_set_header Connection "upgrade";`
	for _, c := range []struct {
		promise string
		text    string
		o       Options
		fix     func(*examination) fix
		want    []string // removed and added lines
	}{
		{"a method is added", conf("", "", ""), Options{}, always(methodFix(byAddress, "")), []string{"+" + byAddress + ";"}},
		{"a method is replaced", conf("least_conn", "", ""), Options{}, always(methodFix("ip_hash", "")), []string{"-least_conn;", "+ip_hash;"}},
		{"an address has no method", "server { location / { proxy_pass http://10.0.0.1:1; } }", Options{}, always(methodFix("ip_hash", "")), nil},

		{"all three lines are added", conf("", "", ""), Options{}, always(passUpgrade("")), []string{"+proxy_http_version 1.1;", "+" + upgrade, "+" + connection}},
		{
			"an old nginx is told the version of HTTP too", conf("", "", ""), Options{Version: "1.22"}, always(passUpgrade("")),
			[]string{"+proxy_http_version 1.1;", "+" + upgrade, "+" + connection},
		},
		{
			"HTTP/1.0 has no Upgrade", conf("", "", "proxy_http_version 1.0"), Options{}, always(passUpgrade("")),
			[]string{"-proxy_http_version 1.0;", "+proxy_http_version 1.1;", "+" + upgrade, "+" + connection},
		},
		{
			"the header that is there stays", conf("", "", upgrade), Options{}, always(passUpgrade("")),
			[]string{"+proxy_http_version 1.1;", "+" + connection},
		},
		{
			"a wrong value is replaced", conf("", "", upgrade+`proxy_set_header Connection ""`), Options{}, always(passUpgrade("")),
			[]string{`-proxy_set_header Connection "";`, "+" + connection},
		},
		{"what is right stays", conf("", "", upgrade+"proxy_set_header Connection $http_connection"), Options{}, always(passUpgrade("")), nil},
		{
			"headers are added where the location has some", conf("", "proxy_set_header X-Server a", "proxy_set_header Host $host"), Options{}, always(passUpgrade("")),
			[]string{"+proxy_http_version 1.1;", "+" + upgrade, "+" + connection},
		},

		{
			"the client's address is taken from a proxy in front", conf("", "listen 80", ""), Options{}, realIP,
			[]string{"+set_real_ip_from 192.0.2.10;", "+real_ip_header X-Forwarded-For;", "+real_ip_recursive on;"},
		},
		{
			"another proxy is trusted too", conf("", "listen 80; set_real_ip_from 10.9.0.1; real_ip_header X-Forwarded-For; real_ip_recursive on", ""), known, realIP,
			[]string{"+set_real_ip_from 198.51.100.9;"},
		},
		{
			"the header that the proxy sends is named", conf("", "listen 80; set_real_ip_from 192.0.2.10; real_ip_recursive on", ""), Options{}, realIP,
			[]string{"+real_ip_header X-Forwarded-For;"},
		},
		{
			"a balancer names the client in the PROXY protocol", conf("", "listen 80 proxy_protocol; set_real_ip_from 192.0.2.10; real_ip_header X-Real-IP", ""), Options{}, realIP,
			[]string{"-real_ip_header X-Real-IP;", "+real_ip_header proxy_protocol;"},
		},
		{
			"only the proxy in front is trusted", conf("", "set_real_ip_from 0.0.0.0/0; set_real_ip_from 0.0.0.0/1; real_ip_header X-Real-IP", ""), known, trustOnly,
			[]string{"-set_real_ip_from 0.0.0.0/0;", "-set_real_ip_from 0.0.0.0/1;", "+set_real_ip_from 198.51.100.9;"},
		},
		{"a narrow range may be trusted", conf("", "set_real_ip_from 10.0.0.0/8; real_ip_header X-Real-IP", ""), known, trustOnly, nil},

		{
			"a timeout outlasts the heartbeat where it is set", conf("", "proxy_read_timeout 20s", ""), Options{}, always(longer("proxy_read_timeout")),
			[]string{"-proxy_read_timeout 20s;", "+proxy_read_timeout 60s;"},
		},
		{"a timeout that is not set stays so", conf("", "", ""), Options{}, always(longer("proxy_read_timeout")), nil},
		{
			"failures count again", conf("server 10.0.0.3:1 max_fails=0 weight=2", "", ""), Options{}, always(countFails()),
			[]string{"-server 10.0.0.3:1 max_fails=0 weight=2;", "+server 10.0.0.3:1 weight=2;"},
		},
		{
			"a directive is removed with its line", conf("", "", "proxy_next_upstream off"), Options{}, always(without("", directive("proxy_next_upstream"))),
			[]string{"-proxy_next_upstream off;"},
		},
		{
			"the path is passed on", strings.Replace(conf("", "", ""), "http://im;", "http://im/api/;", 1), Options{}, always(keepPath()),
			[]string{"-proxy_pass http://im/api/;", "+" + pass},
		},
		{
			"one upstream serves all requests of a session",
			"map $http_upgrade $pool { default im; websocket ws; }\nupstream ws { server 10.0.0.1:1; }\n" + strings.Replace(conf("", "", ""), "http://im;", "http://$pool;", 1),
			Options{}, always(onePool()),
			[]string{"-proxy_pass http://$pool;", "+" + pass},
		},
		{
			"a location that proxies nothing does as another", strings.Replace(conf("", "", upgrade), "    location / {", "    location /socket.io/ {\n    }\n    location / {", 1), Options{}, always(proxyHere()),
			[]string{"+" + upgrade, "+" + pass},
		},
		{
			"a path ends as that of proxy_pass ends", strings.NewReplacer("location / {", "location /chat {", "http://im;", "http://im/;").Replace(conf("", "", upgrade)), Options{}, always(closePath()),
			[]string{"-location /chat {", "+location /chat/ {"},
		},
		{
			"another location is copied for Socket.IO", strings.Replace(conf("", "", ""), "location / {", "location /api {", 1), Options{}, always(cover("/socket.io/")),
			[]string{"+location /socket.io/ {", "+" + pass, "+}", "+"},
		},
	} {
		x, g := theTarget(t, c.text, c.o)
		var got []string
		for line := range strings.Lines(diff("f", c.text, c.fix(x).edit(g).Text())) {
			if (line[0] == '+' || line[0] == '-') && !strings.HasPrefix(line, "+++") && !strings.HasPrefix(line, "---") {
				got = append(got, line[:1]+strings.TrimSpace(line[1:]))
			}
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%s: %q, want %q", c.promise, got, c.want)
		}
	}
}

// A text without a fault is not changed: the same tree is the sign that a fix does
// not apply.
func TestFixesThatDoNotApply(t *testing.T) {
	x, g := theTarget(t, conf(byAddress, "", `proxy_set_header Upgrade $http_upgrade; proxy_set_header Connection "upgrade"`), Options{Version: nginx.DefaultVersion})
	for _, f := range []fix{passUpgrade(""), countFails(), longer("proxy_read_timeout"), onePool(), keepPath(), x.trustOnly(), without("", shutdownTimeout), closePath(), proxyHere()} {
		if f.edit(g) != g.source {
			t.Errorf("%q became\n%s", f.summary, f.edit(g).Text())
		}
	}
}
