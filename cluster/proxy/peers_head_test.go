//go:build peers

package proxy

import (
	"fmt"
	"io"
	"strings"
	"testing"
)

// TestPeersHeads promises the upstream the bytes that it gets from nginx.
func TestPeersHeads(t *testing.T) {
	locations := []string{
		"",
		"proxy_http_version 1.1;",
		"proxy_http_version 1.0;",
		upgradeLines,
		`proxy_set_header Upgrade $http_upgrade; proxy_set_header Connection "upgrade";`,
		`proxy_http_version 1.1; proxy_set_header Upgrade $http_upgrade; proxy_set_header Connection $connection_upgrade;`,
		`proxy_http_version 1.1; proxy_set_header Connection "";`,
		`proxy_set_header Host $host; proxy_set_header X-Real-IP $remote_addr; proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
			proxy_set_header X-Forwarded-Proto $scheme; proxy_set_header Accept-Encoding "";`,
		`proxy_set_header Host $http_host; proxy_set_header X-Args "$args|$arg_transport|$arg_EIO|$arg_none"; proxy_set_header X-Uri "$request_uri $uri $request_method";`,
		`proxy_set_header X-Cookie "$cookie_io;$cookie_none"; proxy_set_header X-Header "$http_x_one,$http_none"; proxy_set_header X-Proto $server_protocol;`,
		`proxy_set_header X-Uri "$uri $document_uri"; proxy_set_header X-Args "$is_args$args $query_string";`,
		`proxy_set_header X-Proxy "$proxy_host $realip_remote_addr"; proxy_set_header X-Length "$content_length/$content_type";`,
	}
	const from = "X-Forwarded-For: 203.0.113.7\r\n"
	requests := []string{
		strings.TrimSuffix(wsRequest, "\r\n") + from + "\r\n",
		getRequest,
		"POST /socket.io/?EIO=4&transport=polling&sid=abc HTTP/1.1\r\nHost: im.example.com\r\n" + from + "Content-Type: text/plain;charset=UTF-8\r\nContent-Length: 2\r\n\r\n40",
		"GET /a%20b/%41?EIO=4&x=%20&transport=polling HTTP/1.1\r\nHost: IM.example.com:80\r\n" + from + "Keep-Alive: 5\r\nTe: trailers\r\nUser-Agent: test\r\n" +
			"Accept-Encoding: gzip\r\nCookie: io=abc; b=2\r\nX-One: 1\r\nOrigin: http://im.example.com\r\n\r\n",
		"POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n",
		"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 0\r\n\r\n",
		"HEAD / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n",
		"GET /a/../b//c/./d HTTP/1.1\r\nHost: h\r\nX-Forwarded-For: 198.51.100.1, 2001:DB8::1\r\n\r\n",
		"GET / HTTP/1.0\r\nHost: h\r\n\r\n",
		"OPTIONS /socket.io/ HTTP/1.1\r\nHost: h\r\nAccess-Control-Request-Method: POST\r\nx_under: 1\r\n\r\n",
	}
	n := startNode(t)
	n.record()
	addr := freeAddr(t)
	text := "map $http_upgrade $connection_upgrade { default upgrade; '' close; }\nupstream im { server " + n.addr + "; }\n"
	for i, l := range locations {
		text += fmt.Sprintf("server { listen %s; server_name s%d; %s location / { proxy_pass http://im; %s } }\n", addr, i, harness, l)
	}
	// Each location is reached by its server's name, in place of the host "h" and
	// all the like; the name stays out of what is compared.
	realNginx(t, addr, text)
	own := startOwn(t, text)
	compared := 0
	for i, l := range locations {
		for _, request := range requests {
			request := strings.NewReplacer("Host: im.example.com", fmt.Sprintf("Host: s%d", i), "Host: IM.example.com", fmt.Sprintf("Host: S%d", i),
				"Host: h\r\n", fmt.Sprintf("Host: s%d\r\n", i)).Replace(request)
			method, _, _ := strings.Cut(request, " ")
			var heads []string
			for _, to := range []string{addr, own.addr} {
				c := connect(t, to)
				io.WriteString(c, request)
				if a := c.read(method); a.status != 200 {
					t.Fatalf("%s: status %d %s\n%s", to, a.status, a.body, request)
				}
				c.Close()
				taken := n.taken()
				if len(taken) != 1 {
					t.Fatalf("%d requests came of one", len(taken))
				}
				heads = append(heads, taken[0])
			}
			compared++
			if heads[0] != heads[1] {
				t.Errorf("location { %s }\n%s\nthe upstream gets:\n%s\nfrom nginx:\n%s", l, request, heads[1], heads[0])
			}
		}
	}
	if compared != len(locations)*len(requests) {
		t.Errorf("%d heads were compared", compared)
	}
}
