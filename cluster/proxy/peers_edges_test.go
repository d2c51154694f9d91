//go:build peers

package proxy

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// edge is a configuration with requests.
type edge struct {
	name     string
	http     string   // around the servers
	servers  []string // each with its server_name
	requests []string
}

// edges are configurations with the requests that show how nginx reads them. NODE is
// the address of a node, LISTEN that of nginx. A node answers what follows "=>" in a request.
var edges = []edge{
	{"conflicting wildcard", "", []string{
		`server_name other; return 200 other;`,
		`server_name example.com .example.com; return 200 own;`,
		`server_name a.org; return 200 plain;`,
		`server_name .a.org; return 200 wild;`,
		`server_name .b.org; return 200 wildb;`,
		`server_name b.org; return 200 plainb;`,
		`server_name *.c.org .c.org; return 200 c1;`,
		`server_name .c.org; return 200 c2;`,
		`server_name www.* www.*; return 200 w;`,
	}, raw(
		lines("GET / HTTP/1.1|Host: example.com"), lines("GET / HTTP/1.1|Host: www.example.com"),
		lines("GET / HTTP/1.1|Host: a.org"), lines("GET / HTTP/1.1|Host: www.a.org"),
		lines("GET / HTTP/1.1|Host: b.org"), lines("GET / HTTP/1.1|Host: www.b.org"),
		lines("GET / HTTP/1.1|Host: c.org"), lines("GET / HTTP/1.1|Host: www.c.org"), lines("GET / HTTP/1.1|Host: www.d"),
	)},
	{"nested redirect", "", []string{
		`server_name a; location /a { return 200 a; location /a/b/ { proxy_pass http://NODE; location /a/b/c/ { proxy_pass http://NODE; } } } location ~ ^/q { location ~ /q/r/ { proxy_pass http://NODE; } }`,
	}, raw(lines("GET /a/b HTTP/1.1|Host: a"), lines("GET /a/b?q HTTP/1.1|Host: a"), lines("GET /a/b/c HTTP/1.1|Host: a"), lines("GET /a/x HTTP/1.1|Host: a"), lines("GET /q/r HTTP/1.1|Host: a"), lines("GET /a HTTP/1.1|Host: a"))},
	{"realip of server and location", "", []string{
		`server_name a; set_real_ip_from 127.0.0.0/8; real_ip_header X-A; location / { real_ip_header X-B; return 200 $remote_addr; } location /p { real_ip_header X-B; proxy_pass http://NODE; proxy_set_header X-Got $remote_addr; }`,
		`server_name b; location / { set_real_ip_from 127.0.0.0/8; real_ip_header X-B; return 200 $remote_addr; } location /p { set_real_ip_from 127.0.0.0/8; real_ip_header X-B; proxy_pass http://NODE; proxy_set_header X-Got $remote_addr; }`,
	}, raw(lines("GET / HTTP/1.1|Host: a|X-A: 1.1.1.1|X-B: 2.2.2.2"), lines("GET / HTTP/1.1|Host: a|X-B: 2.2.2.2"), lines("GET /p HTTP/1.1|Host: a|X-A: 1.1.1.1|X-B: 2.2.2.2"), lines("GET /p HTTP/1.1|Host: a|X-B: 2.2.2.2"),
		lines("GET / HTTP/1.1|Host: b|X-B: 2.2.2.2"), lines("GET /p HTTP/1.1|Host: b|X-B: 2.2.2.2"))},
	{"forwarded addresses", "set_real_ip_from 127.0.0.0/8; real_ip_header X-Forwarded-For;", []string{
		`server_name a; return 200 $remote_addr;`,
	}, raw(forwarded("1.2.3.4:0"), forwarded("fe80::1%eth0"), forwarded("[1.2.3.4]"), forwarded("01.2.3.4"), forwarded("1.2.3.4:80"), forwarded("[::1]:80"), forwarded("[::1]"), forwarded("::1"), forwarded("1.2.3.4:65536"), forwarded("1.2.3.4:"), forwarded("1.2.3.4 "), forwarded("1.2.3.4,"), forwarded(",1.2.3.4"), forwarded("1.2.3"), forwarded("1.2.3.4.5"), forwarded("256.1.1.1"), forwarded("1.2.3.4:x"), forwarded("[::1]:0"), forwarded("[::1]x"), forwarded("::ffff:1.2.3.4"), forwarded("1.2.3.004"), forwarded("1.2.3.0004"), forwarded("::1:80"), forwarded("unix:"), forwarded("unknown"), forwarded("1.2.3.4;"), forwarded("\"1.2.3.4\""), forwarded("0.0.0.0"), forwarded("255.255.255.255"), forwarded("1.2.3.4:080"), forwarded("::"), forwarded("1::2::3"), forwarded("12345::"))},
	{"pages", "", []string{
		`server_name a; location ~ ^/(?<code>\d+) { return 404; }` + pages(),
	}, pageRequests()},
	{"hosts", "upstream IM { server NODE; }", []string{
		`server_name a; location / { proxy_pass http://IM; } location /i { return 200 $host; }`,
	}, raw(lines("GET / HTTP/1.1|Host: a"), lines("GET /i HTTP/1.1|Host: [::1]"), lines("GET /i HTTP/1.1|Host: [::1]:80"), lines("GET /i HTTP/1.1|Host: A.b."))},
}

// forwarded is a request that names its client.
func forwarded(text string) string { return lines("GET / HTTP/1.1|Host: a|X-Forwarded-For: " + text) }

// answered is a request that a node answers in a certain way.
func answered(text string) string { return lines("GET / HTTP/1.1|Host: a") + "=>" + text }

var pageCodes = []int{300, 301, 302, 303, 304, 305, 306, 307, 308, 309, 400, 401, 402, 403, 404, 405, 406, 407, 408, 409, 410, 411, 412, 413, 414, 415, 416, 417, 418, 421, 422, 423, 424, 425, 426, 428, 429, 430, 431, 440, 444, 451, 490, 494, 495, 496, 497, 498, 499, 500, 501, 502, 503, 504, 505, 506, 507, 508, 510, 511, 599, 600, 700, 999, 199, 99, 100, 200, 204, 206}

func pages() string {
	text := ""
	for _, code := range pageCodes {
		text += fmt.Sprintf(" location /p%d { return %d; } location /t%d { return %d text; }", code, code, code, code)
	}
	return text
}

func pageRequests() (list []string) {
	for _, code := range pageCodes {
		list = append(list, lines(fmt.Sprintf("GET /p%d HTTP/1.1|Host: a", code)), lines(fmt.Sprintf("GET /t%d HTTP/1.1|Host: a", code)))
	}
	return list
}

// last is a request that follows each other one and lets the connection end.
var last = lines("GET /last HTTP/1.1|Host: a|Connection: close")

// TestPeersEdges promises the bytes that a client gets from nginx, and that the node
// gets.
func TestPeersEdges(t *testing.T) {
	for _, e := range edges {
		t.Run(e.name, func(t *testing.T) {
			n := startNode(t)
			n.record()
			addr := freeAddr(t)
			text := e.http + "\n"
			for _, s := range e.servers {
				text += fmt.Sprintf("server { listen %s; %s }\n", addr, s)
			}
			text = strings.ReplaceAll(text, "NODE", n.addr)
			realNginx(t, addr, text)
			own := startOwn(t, text)
			_, port, _ := strings.Cut(addr, ":")
			for _, request := range e.requests {
				request, answer, answers := strings.Cut(request, "=>")
				if n.set(""); answers {
					n.set("raw " + strings.ReplaceAll(answer, "NODE", n.addr))
				}
				one := func(at string, quiet time.Duration) string {
					text := n.outcome(t, at, request+last, quiet)
					return strings.ReplaceAll(text, ":"+port, ":PORT")
				}
				want, got := one(addr, quiet), one(own.addr, quiet)
				if want != got {
					want, got = one(addr, longQuiet), one(own.addr, longQuiet)
				}
				if diff := cmp.Diff(want, got); diff != "" {
					t.Errorf("%s => %s (-nginx +got):\n%s", abridged(request), abridged(answer), diff)
				}
			}
		})
	}
}
