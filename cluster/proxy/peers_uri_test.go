//go:build peers

package proxy

import (
	"fmt"
	"io"
	"strings"
	"testing"
)

// TestPeersURI promises the path that the upstream gets from nginx, for each
// way of writing proxy_pass, and nginx's choice of the location.
func TestPeersURI(t *testing.T) {
	locations := []string{
		"location / { proxy_pass http://im; }",
		"location / { proxy_pass http://im/; }",
		"location / { proxy_pass http://im/inner/; }",
		"location /app/ { proxy_pass http://im/; }",
		"location /app/ { proxy_pass http://im/inner; }",
		"location /app { proxy_pass http://im/inner; }",
		"location = /app/x { proxy_pass http://im/one; } location /app/ { proxy_pass http://im/two/; }",
		"location ^~ /app/ { proxy_pass http://im/first/; } location ~ ^/app/ { proxy_pass http://im; }",
		"location /app/ { proxy_pass http://im/last/; } location ~* \\.TXT$ { proxy_pass http://im; }",
		"location /app/ { location /app/x { proxy_pass http://im/nested; } proxy_pass http://im/outer/; }",
	}
	requests := []string{
		"/", "/app", "/app/", "/app/x", "/app/x?a=1&b=%20", "/app/x?", "/app//x", "/app/../x", "/app/./x", "/app/x/..", "/%61pp/x", "/app/%41", "/app/a%20b",
		"/app/a%2fb", "/app/a%2Fb", "/app/a%3Fb", "/app/a%25b", "/app/a%23b", "/app/a+b", "/app/a%2Bb", "/app/a:b;c=d,e", "/app/a'b(c)*!~", "/app/%C3%A9",
		"/app/\u00e9", "/app/a\"b", "/app/a|b", "/app/a%7Cb", "/app/a%22b", "/app/f.txt", "/app/f.TXT?x", "/app/x%00", "//", "//app//x", "/app/%2e%2e/x", "/app/a%5cb",
		"http://other/app/x?q=1", "/app/x/y", "/apple", "/app/a%09b", "/app/a&b=c",
		"/..", "/../x", "/app/../../x", "/app?x=1", "/app%20?y", "/a%20pp", "/app/x/.", "/app/x/./", "/app/...", "/app/.x/..y", "/app/%2e", "/app/x%2f%2fy",
	}
	n := startNode(t)
	n.record()
	addr := freeAddr(t)
	text := "upstream im { server " + n.addr + "; }\n"
	for i, l := range locations {
		text += fmt.Sprintf("server { listen %s; server_name s%d; %s }\n", addr, i, l)
	}
	realNginx(t, addr, text)
	own := startOwn(t, text)
	for i, l := range locations {
		for _, request := range requests {
			target := strings.Replace(request, "http://other/", fmt.Sprintf("http://s%d/", i), 1)
			var results []string
			for _, to := range []string{addr, own.addr} {
				c := connect(t, to)
				fmt.Fprintf(c, "GET %s HTTP/1.1\r\nHost: s%d\r\nConnection: close\r\n\r\n", target, i)
				a := c.read("GET")
				io.Copy(io.Discard, c)
				c.Close()
				line, _, _ := strings.Cut(strings.Join(n.taken(), ""), "\r\n")
				results = append(results, fmt.Sprintf("%d %q %q", a.status, line, strings.Replace(a.header.Get("Location"), own.addr, addr, 1)))
			}
			if results[0] != results[1] {
				t.Errorf("%s, GET %s: %s, nginx %s", l, request, results[1], results[0])
			}
		}
	}
}
