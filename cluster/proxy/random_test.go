package proxy

import (
	"strings"
	"testing"

	"stickylab/cluster/nginx"
)

// What nginx does where we once did something else: found by comparing random
// configurations (internal/twins). Each row was seen on nginx 1.22.1.
func TestFoundAtRandom(t *testing.T) {
	for _, c := range []struct {
		name, inside, request string
		want                  string // the status line; a header of the answer, or that it closes; after "asked", part of what the node gets
	}{
		{"no file takes other methods", `location / { }`, "DELETE /x", "405 Not Allowed"},
		{"a status without a page", `return 418;`, "GET /", "418 |Content-Length: 0"},
		{"a redirect's line is not its title", `return 302 /x;`, "GET /", "302 Moved Temporarily|Location: http://a/x"},
		{"no page for 201", `error_page 404 =201 /none; location = /none { return 201; }`, "GET /x", "201 Created|Content-Length: 0"},
		{"limit_except leaves the instructions behind", `location / { limit_except GET { allow all; } return 204; }`, "POST /x", "404 Not Found"},
		{"limit_except keeps proxy_pass", `location / { limit_except GET { deny 10.0.0.0/8; } rewrite ^ /y break; proxy_pass http://im; }`, "POST /x", "200 X|asked POST /x HTTP/1.0"},
		{"a location inside does not inherit limit_except", `location / { limit_except GET { deny all; } location /x { proxy_pass http://im; } }`, "POST /x", "200 X"},
		{"a question mark of a variable is part of the path", `rewrite ^ /a$uri; location / { proxy_pass http://im; }`, "GET /x%3Fy", "200 X|asked GET /a/x%3Fy HTTP/1.0"},
		{"a broken escape is dropped", `rewrite ^ /a$uri permanent;`, "GET /x%25b", "301 Moved Permanently|Location: http://a/a/x"},
		{"split_clients has no variables", `location / { proxy_set_header X-One $share; proxy_pass http://im; }`, "GET /x", "200 X|asked X-One: $uri\r\n"},
		{"the first of equal headers", `location / { proxy_set_header X-One $http_x_two; proxy_pass http://im; }`, "GET /x", "200 X|asked X-One: 1\r\n"},
		{"break leaves the location and the URI of proxy_pass behind", `location / { rewrite ^ /y break; proxy_pass http://im/in; }`, "GET /x", "200 X|asked GET /y HTTP/1.0"},
		{"a named location is not searched again", `error_page 502 @b; location / { rewrite ^ /y; return 502; } location @b { proxy_pass http://im; }`, "GET /x", "502 Bad Gateway|asked GET /y HTTP/1.0"},
		{"locations inside are internal too", `location / { internal; location /x { proxy_pass http://im; } }`, "GET /x", "404 Not Found"},
		{"no pattern of a map is tried on nothing", `return 200 "$tried";`, "GET /", "200 OK|Content-Length: 0"},
		{"what is no address is the last one to geo", `return 200 $place;`, "GET /", "200 OK|Content-Length: 4"},
		{"an outer pattern's names stay", `location ~ ^(?<whole>.*)$ { location ~ x { proxy_set_header X-One $whole; proxy_pass http://im; } }`, "GET /x", "200 X|asked X-One: /x\r\n"},
		{"the status stays that of the error", `error_page 404 /y; location /y { return 203 z; } location /x { return 404; }`, "GET /x", "404 Not Found|Content-Length: 1"},
		{"satisfy any: no rule for a client allows nothing", `satisfy any; deny 10.1.1.1; auth_basic a; auth_basic_user_file f;`, "GET /x", "401 Unauthorized|"},
		{"a connection that is to end ends after an error page too", `error_page 413 https://e.test/; client_max_body_size 1;`, "GET /x HTTP/1.1\r\nContent-Length: 2", "302 Moved Temporarily|(closes)"},
		{"an empty header is one", `location / { proxy_set_header X-One $proxy_add_x_forwarded_for; proxy_pass http://im; }`, "GET /x HTTP/1.1\r\nX-Forwarded-For:", "200 X|asked X-One: , 192.0.2.1\r\n"},
		{"what follows an address is a path", `location ~ ^/x(/.*)$ { proxy_pass http://10.0.0.1:3000$1; }`, "GET /x/y", "200 X|asked GET /y HTTP/1.0"},
		{"default is a network of geo", `return 200 $twice;`, "GET /", "200 OK|Content-Length: 4"},
		{"$server_name has no dot before it", `server_name .a; return 200 $server_name;`, "GET /", "200 OK|Content-Length: 1"},
		{"the request line as it came", `return 200 $request;`, "GET http://a/x", "200 OK|Content-Length: 23"},
		{"no password without a file of users", `auth_basic a; location / { proxy_pass http://im; }`, "GET /x", "200 X|"},
		{"the header of realip is known by its very name", `set_real_ip_from 192.0.2.1; real_ip_header x-forwarded-for; location / { proxy_set_header X-One $remote_addr; proxy_pass http://im; }`,
			"GET /x HTTP/1.1\r\nX-Forwarded-For: 10.1.1.1\r\nX-Forwarded-For: 10.1.1.2", "200 X|asked X-One: 10.1.1.1\r\n"},
		{"a body that is too large is gone", `client_max_body_size 1; error_page 413 @b; location @b { proxy_pass http://im; }`, "GET /x HTTP/1.1\r\nContent-Length: 2\r\n\r\nhi", "413 Request Entity Too Large|asked Content-Length: 0\r\n"},
		{"an error page of the server itself", `if ($arg_a) { return 403; } error_page 403 /y; location /y { return 200 z; }`, "GET /x?a=1", "403 Forbidden|Content-Length: 1"},
		{"padding for browsers", `return 404;`, "GET /x HTTP/1.1\r\nUser-Agent: Mozilla/5.0 (KHTML, like Gecko) Chrome/120.0 Safari/537.36", "404 Not Found|Content-Length: 555"},
		{"a body is read before a name is asked for", `client_max_body_size 1; location / { proxy_pass http://none$arg_a; }`, "POST /x HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n", "413 Request Entity Too Large|(closes)"},
		{"requests of a connection are counted in locations", `keepalive_requests 1; return 204;`, "GET /x", "204 No Content|Connection: keep-alive"},
		{"a named location wants a path", `location / { try_files f $arg_none; } location = /y { return 200 z; } error_page 404 @b; location @b { proxy_pass http://im; }`, "GET /x", "500 Internal Server Error|(closes)"},
		{"no named location for a server's error", `error_page 502 @none; return 502;`, "GET /x", "500 Internal Server Error|(closes)"},
		{"an error page at a URI is asked for by GET", `error_page 404 /y; location /y { limit_except GET { deny all; } proxy_pass http://im; } location /x { return 404; }`, "PUT /x", "404 Not Found|asked GET /y HTTP/1.0"},
		{"one in a named location by the same method", `error_page 404 @b; location @b { proxy_pass http://im; } location /x { return 404; }`, "PUT /x", "404 Not Found|asked PUT /x HTTP/1.0"},
		{"an empty header of addresses ends the search", `set_real_ip_from 192.0.2.1; real_ip_header X-Forwarded-For; location / { proxy_set_header X-One $remote_addr; proxy_pass http://im; }`,
			"GET /x HTTP/1.1\r\nX-Forwarded-For: 10.1.1.1\r\nX-Forwarded-For: ", "200 X|asked X-One: 192.0.2.1\r\n"},
		{"no name of the server where the upstream's is passed on", `location / { proxy_pass_header Server; proxy_pass http://im; }`, "GET /x", "200 X|Server: "},
		{"a plus of the path is escaped among arguments", `rewrite ^/(.*)$ /y?x=$1 permanent;`, "GET /a+b", "301 Moved Permanently|Location: http://a/y?x=a%2Bb"},
		{"a port is a number", `location ~ ^/(.*)$ { proxy_pass http://10.0.0.1:3000$1; }`, "GET /x", "500 Internal Server Error|(closes)"},
		{"a variable may be set to itself", `location / { set $to 10.0.0.1:3000; proxy_pass http://$to$uri; } location /y { set $to $to; }`, "GET /x", "200 X|asked GET /x HTTP/1.0"},
		{"a length in chunks is not known before", `if ($content_length !~ .) { return 200 z; } return 404;`, "POST /x HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n", "200 OK|Content-Length: 1"},
		{"what return drops has the length 0", `return 200 $content_length;`, "POST /x HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n", "200 OK|Content-Length: 1"},
		{"an error page asks for the password again", `auth_basic $uri; auth_basic_user_file f; error_page 401 /y;`, "GET /x", `401 Unauthorized|Www-Authenticate: Basic realm="/x", Basic realm="/y"`},
	} {
		text := "upstream im { server 10.0.0.1:3000; } split_clients $uri $share { * $uri; } map $arg_none $tried { ~.* x; } geo $arg_none $place { 0.0.0.0/0 here; } geo $twice { 0.0.0.0/0 x; default last; } server { " + c.inside + " }"
		act(t, nginx.Version("1.22"), text, func(s *stage) {
			n := s.node("10.0.0.1:3000", nil)
			head, body, _ := strings.Cut(c.request, "\r\n\r\n")
			line, more, _ := strings.Cut(head, " HTTP/1.1")
			a, _ := s.from("192.0.2.1").exchange(line + " HTTP/1.1" + more + "\r\nHost: a\r\nX-Two: 1\r\nX-Two: 2\r\n\r\n" + body)
			if a == nil {
				t.Fatalf("%s: no answer", c.name)
			}
			status, more, _ := strings.Cut(c.want, "|")
			asked, proxied := strings.CutPrefix(more, "asked ")
			name, value, header := strings.Cut(more, ": ")
			switch got := strings.Join(n.got(), ""); {
			case a.Status != status:
				t.Errorf("%s: %s, want %s", c.name, a.Status, status)
			case proxied && !strings.Contains(got, asked):
				t.Errorf("%s: the node gets %q, want %q", c.name, got, asked)
			case more == "(closes)" && !a.Close:
				t.Errorf("%s: the connection stays open", c.name)
			case header && !proxied && strings.Join(a.Header.Values(name), ", ") != value:
				t.Errorf("%s: %v, want %s", c.name, a.Header, more)
			}
		})
	}
}
