//go:build peers

package proxy

import (
	"fmt"
	"io"
	"strings"
	"testing"
)

// rewriting are insides of server blocks that change, refuse or redirect requests.
var rewriting = []string{
	`location / { rewrite ^/app/(.*)$ /$1 break; proxy_pass http://im; }`,
	`location / { rewrite ^/app/(.*)$ /other/$1 last; proxy_pass http://im/last/; } location /other/ { proxy_pass http://im/o/; }`,
	`rewrite ^/app(/.*)$ $1; location / { proxy_pass http://im; } location /x { proxy_pass http://im/short; }`,
	`rewrite ^/app(/.*)$ $1?added=1; location / { proxy_pass http://im; }`,
	`rewrite ^/app(/.*)$ $1?only=$1? break; location / { proxy_pass http://im; }`,
	`location /app/ { rewrite ^ /app/again last; proxy_pass http://im; }`,
	`location /app { rewrite ^/app(.*)$ /appa$1; proxy_pass http://im; }`,
	`rewrite ^/app/(.*)$ https://other.example/$1 permanent; location / { proxy_pass http://im; }`,
	`rewrite ^/app/(.*)$ /moved/$1 redirect; location / { proxy_pass http://im; }`,
	`location ~ ^/(app/.*)$ { proxy_pass http://im/n/$1$is_args$args; }`,
	`location ~ ^/(?<top>\w+)/(?<rest>.*)$ { proxy_set_header X-Top $top; proxy_set_header X-Rest $rest; proxy_set_header X-One $1; proxy_pass http://im; }`,
	`location / { set $a 1; if ($arg_a) { set $a 2; } if ($arg_a = 1) { set $a "${a}x"; } if ($arg_b ~ "^(.)(.)") { set $b $2$1; } proxy_set_header X-Top "$a/$b"; proxy_pass http://im; }`,
	`location / { if ($arg_a != "") { return 403; } if ($request_method = POST) { return 405; } if ($args ~* B=) { rewrite ^ /b? break; } proxy_pass http://im; }`,
	`location / { if ($arg_a) { proxy_pass http://im; break; } return 204; }`,
	`if ($arg_a) { return 301 /to$request_uri; } if ($arg_b) { return 302 https://x$uri; } if (-f $request_filename) { return 410; } if (!-e $request_filename) { set $gone 1; } location / { proxy_set_header X-Top $gone; proxy_pass http://im; }`,
	`location / { try_files $uri $uri/ @app; } location @app { proxy_pass http://im; }`,
	`location / { try_files $uri /index.html; } location = /index.html { proxy_pass http://im; }`,
	`location / { try_files $uri =410; } location /app/ { try_files /none /fall$uri?t=1; } location /fall/ { proxy_pass http://im/f/; }`,
	`location / { try_files $uri @app; } location @app { rewrite ^/app/(.*) /named/$1 break; proxy_pass http://im; }`,
	`location / { try_files $uri @app; } location @app { rewrite ^/app/(.*) /other/$1; proxy_pass http://im; } location /other/ { proxy_pass http://im; }`,
	`location / { try_files $uri @none; }`,
	`error_page 404 = @app; location / { } location @app { proxy_pass http://im; }`,
	`error_page 404 @app; location / { } location @app { proxy_pass http://im; }`,
	`error_page 404 =201 /found; location / { } location = /found { proxy_pass http://im; }`,
	`error_page 403 404 https://elsewhere.example/; location / { } location /app { return 403; }`,
	`error_page 418 = @app; location / { return 418; } location @app { proxy_pass http://im; }`,
	`error_page 404 = @none; location / { }`,
	`location / { return 404; error_page 404 = /a; } location /a { return 404; error_page 404 =200 /b; } location /b { proxy_pass http://im; }`,
	`recursive_error_pages on; location / { return 404; error_page 404 = /a; } location /a { return 404; error_page 404 =200 /b; } location /b { proxy_pass http://im; }`,
	`location / { internal; proxy_pass http://im; } location /app/ { rewrite ^/app /in last; } location /x { return 200 "x: $uri $args $1"; }`,
	`location / { deny all; proxy_pass http://im; } location /app/ { allow 127.0.0.0/8; deny all; proxy_pass http://im; } location /x { deny 127.0.0.1; allow all; proxy_pass http://im; }`,
	`location / { auth_basic "who $uri"; auth_basic_user_file none; proxy_pass http://im; } location /app/ { satisfy any; allow 127.0.0.1; deny all; auth_basic x; auth_basic_user_file none; proxy_pass http://im; } location /x { auth_basic off; proxy_pass http://im; }`,
	`deny all; error_page 403 = @app; location / { proxy_pass http://im; } location @app { allow all; proxy_pass http://im; }`,
	`location / { auth_request /x; auth_request_set $seen $upstream_status; proxy_set_header X-Top $seen; proxy_pass http://im; } location = /x { return 204; }`,
	`location / { auth_request /x; proxy_pass http://im; } location = /x { internal; return 401; } location /app/ { auth_request /other; proxy_pass http://im; } location /other { return 403 no; }`,
	`location / { auth_request /x; error_page 401 = @app; proxy_pass http://im; } location = /x { internal; if ($arg_a) { return 401; } return 200 ok; } location @app { return 302 /login; }`,
	`auth_request /x?q=1; location / { proxy_pass http://im; } location /x { auth_request off; internal; set $who "from $request_uri $uri $args $request_method"; return 200; } location /app/ { proxy_set_header X-Top $who; proxy_pass http://im; }`,
	`location / { satisfy any; deny all; auth_request /x; proxy_pass http://im; } location = /x { if ($arg_a) { return 401; } return 204; } location /app/ { satisfy any; allow 127.0.0.1; deny all; auth_request /none; proxy_pass http://im; }`,
	`location / { auth_request /none; proxy_pass http://im; } location /app/ { auth_request /x; proxy_pass http://im; } location = /x { return 302 /y; }`,
	`location / { deny all; auth_request /x; proxy_pass http://im; } location /x { auth_basic a; auth_basic_user_file none; return 204; }`,
	`location / { auth_request /ask; auth_request_set $who $upstream_http_x_none; auth_request_set $st $upstream_status; proxy_set_header X-Top "$st"; proxy_pass http://im; } location = /ask { internal; proxy_pass http://im/asked; proxy_pass_request_body off; proxy_set_header Content-Length ""; }`,
	`location / { try_files $uri @app; auth_request /x; } location @app { auth_request /x; proxy_pass http://im; } location = /x { rewrite ^ /y last; } location = /y { if ($arg_a) { return 403; } return 204; }`,
	`location / { limit_except GET { deny all; } proxy_pass http://im; }`,
	`location / { proxy_set_header X-Top $mapped; proxy_set_header X-One $twice; proxy_set_header X-Rest "$place $1"; proxy_pass http://im; }`,
	`location / { rewrite ^/app/(.*)$ /$mapped/$1 break; proxy_pass http://im; }`,
	`location / { set $pool im; proxy_pass http://$pool; } location /app/ { set $to http://im; proxy_pass $to/q$uri; } location /x { proxy_pass $scheme://im; }`,
	`location ~ ^/(?!app)(.*) { return 200 "not $1"; } location / { proxy_pass http://im; }`,
	`location / { proxy_pass http://im; location /app/ { proxy_pass http://im/nested/; } } location /x { location /x/deep/ { proxy_pass http://im; } }`,
	`return 200 "all $host $uri";`,
	`if ($http_x_none = "") { break; } return 403; location / { proxy_pass http://im; }`,
	`location /app { proxy_pass http://im; proxy_intercept_errors on; error_page 404 = @app; } location @app { return 200 "caught"; } location / { return 200 "$document_uri $query_string $is_args"; }`,
}

// shared is what the blocks have in common.
const shared = `
map $uri $mapped { default none; ~^/app/(?<tail>.*)$ "m-$tail"; /x exact; }
map $mapped $twice { default "d-$arg_a"; ~m-(.) "t-$1"; }
geo $place { default outside; 127.0.0.0/8 here; 127.0.0.1 me; }
`

// TestPeersPhases promises what nginx makes of a request before its content: the
// status, where it redirects to, what it sends itself, and what the upstream gets.
func TestPeersPhases(t *testing.T) {
	requests := []string{
		"GET /", "GET /app", "GET /app/", "GET /app/x?a=1&b=23", "GET /app/a%20b/%3Fc?b=yz", "POST /app/x", "GET /x", "GET /x/deep", "GET /other/x?q", "GET /index.html",
		"GET /app//y/../z?a=0", "HEAD /app/x",
	}
	n := startNode(t)
	n.record()
	addr := freeAddr(t)
	text := "upstream im { server " + n.addr + "; }\n" + shared
	for i, l := range rewriting {
		text += fmt.Sprintf("server { listen %s; server_name s%d; %s }\n", addr, i, l)
	}
	realNginx(t, addr, text)
	own := startOwn(t, text)
	for i, l := range rewriting {
		for _, request := range requests {
			var results []string
			for _, to := range []string{addr, own.addr} {
				c := connect(t, to)
				method, _, _ := strings.Cut(request, " ")
				fmt.Fprintf(c, "%s HTTP/1.1\r\nHost: s%d\r\nContent-Length: 0\r\nConnection: close\r\n\r\n", request, i)
				a := c.read(method)
				io.Copy(io.Discard, c)
				c.Close()
				head := strings.Join(n.taken(), "")
				line, _, _ := strings.Cut(head, "\r\n")
				for _, name := range []string{"X-Top", "X-One", "X-Rest"} {
					if _, value, ok := strings.Cut(head, name+": "); ok {
						value, _, _ = strings.Cut(value, "\r\n")
						line += " " + name + "=" + value
					}
				}
				body := a.body
				if strings.HasPrefix(body, "<html>") {
					body = "page"
				}
				results = append(results, fmt.Sprintf("%d %q %q %q %q", a.status, line, strings.Replace(a.header.Get("Location"), own.addr, addr, 1), a.header.Get("Www-Authenticate"), body))
			}
			if results[0] != results[1] {
				t.Errorf("%s\n%s: %s\n   nginx: %s", l, request, results[1], results[0])
			}
		}
	}
}
