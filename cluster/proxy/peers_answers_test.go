//go:build peers

package proxy

import (
	"fmt"
	"io"
	"net"
	"strings"
	"testing"
	"time"
)

func init() { edges = append(edges, answerEdges...) }

// answerEdges are what upstreams answer.
var answerEdges = []edge{
	{"answers", "", []string{
		`server_name a; location / { proxy_pass http://NODE; } location /inner { internal; return 200 "inner $uri $args"; } location @named { return 200 "named $uri"; } location /on { proxy_pass http://NODE; } location /old { proxy_http_version 1.1; proxy_pass http://NODE; }`,
	}, raw(
		answered("HTTP/1.1 200 OK\r\nX-b: 1\r\nx-A: 2\r\nContent-Length: 2\r\n\r\nhi"),
		answered("HTTP/1.1 200 OK\r\nX_u: 1\r\nX.d: 2\r\nX@: 3\r\nContent-Length: 2\r\n\r\nhi"),
		answered("HTTP/1.1 200 OK\r\nX d: 2\r\nContent-Length: 2\r\n\r\nhi"),
		answered("HTTP/1.1 200 OK\r\n X: 2\r\nContent-Length: 2\r\n\r\nhi"),
		answered("HTTP/1.1 200 OK\r\nX: 2\r\n folded\r\nContent-Length: 2\r\n\r\nhi"),
		answered("HTTP/1.1 200 OK\r\nPragma: no-cache\r\nContent-Length: 2\r\n\r\nhi"),
		answered("HTTP/1.1 200 OK\nContent-Length: 2\n\nhi"),
		answered("HTTP/1.1 200\r\nContent-Length: 2\r\n\r\nhi"),
		answered("HTTP/1.1 200 \r\nContent-Length: 2\r\n\r\nhi"),
		answered("HTTP/1.1  200 OK\r\nContent-Length: 2\r\n\r\nhi"),
		answered("HTTP/1.0 200 OK\r\n\r\nhi"),
		answered("HTTP/1.1 200 OK\r\n\r\nhi"),
		answered("hello world"),
		answered("HTTP"),
		answered("HTTP/1.1 20x OK\r\n\r\nhi"),
		answered("HTTP/2.0 200 OK\r\nContent-Length: 2\r\n\r\nhi"),
		answered("HTTP/1.1 999 Strange\r\nContent-Length: 2\r\n\r\nhi"),
		answered("HTTP/1.1 099 Strange\r\nContent-Length: 2\r\n\r\nhi"),
		answered("HTTP/1.1 2000 Strange\r\nContent-Length: 2\r\n\r\nhi"),
		answered("HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 2\r\n\r\nhi"),
		answered("HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\nhi"),
		answered("HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\nhi"),
		answered("HTTP/1.1 200 OK\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n"),
		answered("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n"),
		answered("HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n2\r\nhi\r\n0\r\n\r\n"),
		answered("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked, chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n"),
		answered("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhi"),
		answered("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi there"),
		answered("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nx\r\nhi\r\n0\r\n\r\n"),
		answered("HTTP/1.1 200 OK\r\nX-Accel-Redirect: /inner?q=1\r\nContent-Type: text/x\r\nSet-Cookie: a=b\r\nX-Other: 1\r\nContent-Length: 2\r\n\r\nhi"),
		answered("HTTP/1.1 200 OK\r\nX-Accel-Redirect: @named\r\nContent-Length: 2\r\n\r\nhi"),
		answered("HTTP/1.1 200 OK\r\nX-Accel-Redirect: /on\r\nContent-Length: 2\r\n\r\nhi"),
		answered("HTTP/1.1 200 OK\r\nX-Accel-Redirect: inner\r\nContent-Length: 2\r\n\r\nhi"),
		answered("HTTP/1.1 404 No\r\nX-Accel-Redirect: /inner\r\nContent-Length: 2\r\n\r\nhi"),
		answered("HTTP/1.1 200 OK\r\nX-Accel-Expires: 5\r\nX-Accel-Buffering: no\r\nX-Accel-Charset: utf-8\r\nX-Accel-Limit-Rate: 100\r\nX-Pad: 1\r\nServer: me\r\nDate: Mon, 01 Jan 2024 00:00:00 GMT\r\nContent-Length: 2\r\n\r\nhi"),
		answered("HTTP/1.1 200 OK\r\nLast-Modified: Mon, 01 Jan 2024 00:00:00 GMT\r\nETag: \"x\"\r\nAccept-Ranges: bytes\r\nContent-Encoding: gzip\r\nContent-Type: text/html; charset=utf-8\r\nWWW-Authenticate: Basic\r\nVia: x\r\nLink: y\r\nVary: *\r\nExpires: 0\r\nCache-Control: private\r\nCache-Control: max-age=1\r\nContent-Length: 2\r\n\r\nhi"),
		answered("HTTP/1.1 204 No Content\r\nContent-Length: 0\r\n\r\n"),
		answered("HTTP/1.1 204 No Content\r\n\r\n"),
		answered("HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n"),
		answered("HTTP/1.1 200 OK\r\nConnection: close\r\nKeep-Alive: 5\r\nTrailer: x\r\nUpgrade: h2c\r\nContent-Length: 2\r\n\r\nhi"),
		answered("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi"),
		answered("HTTP/1.1 103 Early\r\nLink: x\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi"),
		answered("HTTP/1.1 101 Switching\r\nUpgrade: x\r\n\r\nhi"),
		answered("HTTP/1.1 200 OK\r\nX: "+strings.Repeat("a", 3000)+"\r\nContent-Length: 2\r\n\r\nhi"),
		answered("HTTP/1.1 200 OK\r\nX: "+strings.Repeat("a", 4050)+"\r\nContent-Length: 2\r\n\r\nhi"),
		answered("HTTP/1.1 200 OK\r\nX: "+strings.Repeat("a", 4040)+"\r\nContent-Length: 2\r\n\r\nhi"),
		answered("HTTP/1.1 200 OK\r\nX: "+strings.Repeat("a", 5000)+"\r\nContent-Length: 2\r\n\r\nhi"),
		answered("HTTP/1.1 200 OK\r\nX\x00: 1\r\nContent-Length: 2\r\n\r\nhi"),
		answered("HTTP/1.1 200 OK\r\nX: 1\x002\r\nContent-Length: 2\r\n\r\nhi"),
		answered("HTTP/1.1 200 OK\r\nX: 1\x01\x7f\xff\r\nContent-Length: 2\r\n\r\nhi"),
		answered("HTTP/1.1 200 OK\r\n: 1\r\nContent-Length: 2\r\n\r\nhi"),
		answered("HTTP/1.1 200 OK\r\nNoColon\r\nContent-Length: 2\r\n\r\nhi"),
		answered("HTTP/1.1 200 OK\r\nX:1\r\nY:\r\nZ:   \r\nContent-Length: 2\r\n\r\nhi"),
		answered("HTTP/1.1 200 OK\r\nContent-Type:\r\nContent-Length: 2\r\n\r\nhi"),
		answered(""),
		answered("HTTP/1.1 200 OK\r\nX"),
		answered("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n"),
		answered("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n"),
		answered("HTTP/1.1 200 OK\r\nDate: 1\r\nDate: 2\r\nContent-Type: a\r\nContent-Type: b\r\nETag: 1\r\nETag: 2\r\nLocation: 1\r\nLocation: 2\r\nExpires: 1\r\nExpires: 2\r\nContent-Length: 2\r\n\r\nhi"),
		answered("HTTP/1.1 200 OK\r\nHTTP/1.1 404 Not\r\nContent-Length: 2\r\n\r\nhi"),
		answered("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n"),
		answered("HTTP/1.1 401 No\r\nWWW-Authenticate: Basic\r\nContent-Length: 2\r\n\r\nhi"),
		answered("HTTP/1.1 403.1 Sub\r\nContent-Length: 2\r\n\r\nhi"),
		answered("HTTP/1.1 301 Moved\r\nLocation: /x\r\nContent-Length: 0\r\n\r\n"),
		answered("HTTP/1.1 301 Moved\r\nLocation: http://NODE/x\r\nContent-Length: 0\r\n\r\n"),
		answered("HTTP/1.1 200 OK\r\nRefresh: 5; url=http://NODE/x\r\nContent-Length: 0\r\n\r\n"),
		strings.Replace(answered("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi"), "GET", "HEAD", 1),
		strings.Replace(answered("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi"), "HTTP/1.1|", "HTTP/1.0|", 1),
	)},
	{"redirects of the upstream", "upstream im { server NODE; }", []string{
		`server_name a; location / { proxy_pass http://NODE; } location /app/ { proxy_pass http://im/inner/; } location /plain/ { proxy_pass http://im; }
			location /off/ { proxy_pass http://im/inner/; proxy_redirect off; } location /own/ { proxy_pass http://im/inner/; proxy_redirect http://im/ /changed/; proxy_redirect ~^http://(x)\.org/(.*) https://$1.net:$server_port/$2; }
			location /both/ { proxy_pass http://im/inner/; proxy_redirect default; proxy_redirect ~*HTTP://X https://y; } location /var/ { set $p im; proxy_pass http://$p; proxy_redirect http://$proxy_host/ http://$host/; }
			location ~ ^/re { proxy_pass http://im; } location /relative/ { absolute_redirect off; proxy_pass http://im/inner/; } location /noport/ { port_in_redirect off; proxy_pass http://im/inner/; } location /name/ { server_name_in_redirect on; proxy_pass http://im/inner/; }
			location /deep/ { proxy_pass http://im/inner/; location /deep/er/ { proxy_pass http://im; } }`,
		`server_name b; proxy_redirect http://im /server; location / { proxy_pass http://im/; } location /off/ { proxy_redirect off; proxy_pass http://im; } location /more/ { proxy_redirect http://x /y; proxy_pass http://im; }`,
	}, redirected("/", "/app/", "/plain/", "/off/", "/own/", "/both/", "/var/", "/re", "/relative/", "/noport/", "/name/", "/deep/", "/deep/er/")},
}

// redirected are requests for each path whose answers lead elsewhere.
func redirected(paths ...string) (list []string) {
	for _, path := range paths {
		for _, host := range []string{"a", "b"} {
			for _, to := range []string{"http://im/inner/x?q", "http://im/", "http://im", "http://NODE/x", "http://x.org/z", "/path", "relative", "", "HTTP://IM/inner/"} {
				list = append(list, lines("GET "+path+" HTTP/1.1|Host: "+host)+"=>HTTP/1.1 302 Found\r\nLocation: "+to+"\r\nRefresh: 3;URL="+to+"\r\nContent-Length: 0\r\n\r\n")
			}
		}
	}
	return list
}

// TestPeersReadTimeout promises that proxy_read_timeout is for all of a head that comes in
// pieces, as it is in nginx.
func TestPeersReadTimeout(t *testing.T) {
	l, err := net.Listen("tcp", freeAddr(t))
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer c.Close()
				for _, piece := range []string{"HTTP/1.1 200 OK\r\n", "Content-Le", "ngth: 2\r\n", "\r\n", "hi"} {
					if _, err := io.WriteString(c, piece); err != nil {
						return
					}
					time.Sleep(700 * time.Millisecond)
				}
			}()
		}
	}()
	addr := freeAddr(t)
	text := fmt.Sprintf("server { listen %s; proxy_read_timeout 1s; location / { proxy_pass http://%s; } }\n", addr, l.Addr())
	realNginx(t, addr, text)
	own := startOwn(t, text)
	for _, at := range []string{addr, own.addr} {
		c := connect(t, at)
		io.WriteString(c, getRequest)
		if a := c.read("GET"); a.status != 504 {
			t.Errorf("nginx %v: %d %s", at == addr, a.status, a.body)
		}
	}
}
