package proxy

import (
	"bufio"
	"net"
	"regexp"
	"strings"
	"testing"

	"stickylab/cluster/nginx"
)

// Variables of a request and its connection have the form that nginx gives them.
func TestVariables(t *testing.T) {
	forms := map[string]string{
		"request_id": `^[0-9a-f]{32}$`, "connection": `^\d+$`, "connection_requests": `^1$`, "hostname": `^proxy$`, "remote_user": `^ann$`, "request_body": `^hello$`,
		"msec": `^\d+\.\d{3}$`, "request_time": `^0\.\d{3}$`, "time_iso8601": `^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+00:00$`, "time_local": `^\d\d/\w{3}/\d{4}:\d\d:\d\d:\d\d \+0000$`,
		"date_gmt": `^\w+, \d\d-\w{3}-\d{4} \d\d:\d\d:\d\d GMT$`, "date_local": `^\w+, \d\d-\w{3}-\d{4} \d\d:\d\d:\d\d UTC$`, "scheme": `^https$`, "https": `^on$`,
		"uri": `^/a b$`, "args": `^x=1$`, "is_args": `^\?$`, "arg_x": `^1$`, "document_uri": `^/a b$`, "request_uri": `^/a%20b\?x=1$`, "request_method": `^POST$`,
		"server_protocol": `^HTTP/1\.1$`, "content_length": `^5$`, "proxy_host": `^im$`, "proxy_port": `^80$`, "server_port": `^80$`, "nginx_version": `^1\.30\.0$`,
	}
	text := "upstream im { server 10.0.0.1:3000; } server { listen 80 ssl; location / { proxy_pass http://im; "
	for name := range forms {
		text += "proxy_set_header X-" + strings.ReplaceAll(name, "_", "-") + " $" + name + "; "
	}
	act(t, nginx.DefaultVersion, text+"} }", func(s *stage) {
		var head string
		s.node("10.0.0.1:3000", func(c net.Conn, _ *bufio.Reader, got string) {
			head = got
			reply(c, 200, "")
		})
		s.from("203.0.113.1").ask("POST /a%20b?x=1 HTTP/1.1\r\nHost: im\r\nAuthorization: Basic YW5uOmI=\r\nContent-Length: 5\r\n\r\nhello")
		for name, form := range forms {
			_, value, _ := strings.Cut(head, "X-"+strings.ReplaceAll(name, "_", "-")+": ")
			value, _, _ = strings.Cut(value, "\r\n")
			if !regexp.MustCompile(form).MatchString(value) {
				t.Errorf("$%s is %q", name, value)
			}
		}
	})
}
