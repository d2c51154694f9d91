//go:build peers

package proxy

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"stickylab/cluster/trace"
)

// talk says something to a server and returns all that it answers, without what
// is a server's own.
func talk(t *testing.T, addr, say string) string {
	t.Helper()
	c := connect(t, addr)
	defer c.Close()
	io.WriteString(c, say)
	c.SetReadDeadline(time.Now().Add(time.Minute))
	b, err := io.ReadAll(c.r)
	if err != nil {
		t.Fatalf("%.60q: %v", say, err)
	}
	head, body, _ := strings.Cut(string(b), "\r\n\r\n")
	line, header, _ := strings.Cut(head, "\r\n")
	closes := strings.Contains(strings.ToLower(header), "connection: close")
	return fmt.Sprintf("%s, closes %v, %s", line, closes, body)
}

// errorLog is where nginx tells more than its errors.
func errorLog(t *testing.T) (directive string, read func() string) {
	path := filepath.Join(t.TempDir(), "info.log")
	return "error_log " + path + " info;\n", func() string {
		b, err := os.ReadFile(path)
		if err != nil {
			t.Error(err)
		}
		return string(b)
	}
}

// logged are the texts of the proxy's error log.
func (o *ownProxy) logged() []string {
	o.recorder.CloseStep()
	o.mu.Lock()
	defer o.mu.Unlock()
	var list []string
	for _, e := range o.events {
		if e.Kind == trace.ProxyError {
			list = append(list, e.Text.String())
		}
	}
	o.events = nil
	return list
}

// inWords is the text of an error as it follows "*7 " in nginx's log.
var inWords = regexp.MustCompile(`(?m)^.*?\[(?:error|info)\] \d+#\d+: \*\d+ (.*), client: .*$`)

// TestPeersProxyProtocol promises nginx's answer to each kind of beginning, with
// `listen ... proxy_protocol` and without, and the words of its error log.
func TestPeersProxyProtocol(t *testing.T) {
	const answer = `return 200 "$remote_addr:$remote_port $realip_remote_addr $proxy_protocol_addr:$proxy_protocol_port $proxy_protocol_server_addr:$proxy_protocol_server_port";`
	with, without := freeAddr(t), freeAddr(t)
	directive, log := errorLog(t)
	text := func(header, with, without string) string {
		return directive + fmt.Sprintf("set_real_ip_from 127.0.0.0/8; real_ip_header %s; server { listen %s proxy_protocol; %s }\nserver { listen %s; %s }\n",
			header, with, answer, without, answer)
	}
	const request = "GET / HTTP/1.1\r\nHost: x\r\nX-Real-IP: 192.0.2.77, 198.51.100.7:99\r\nConnection: close\r\n\r\n"
	begins := []string{
		"PROXY TCP4 203.0.113.7 192.0.2.1 40000 80\r\n",
		"PROXY TCP6 2001:db8::7 2001:DB8::1 1 65535\r\n",
		"PROXY TCP4 2001:db8::7 192.0.2.1 1 2\r\n",
		"PROXY TCP4 beef 192.0.2.1 1 2\r\n",
		"PROXY TCP4 255.255.255.255 192.0.2.1 1 2\r\n",
		"PROXY TCP4 203.0.113.7 192.0.2.1 0 00080\r\n",
		"PROXY UNKNOWN\r\n", "PROXY UNKNOWN what ever\r\n",
		"PROXY TCP4 203.0.113.7 192.0.2.1 40000 65536\r\n",
		"PROXY TCP4 203.0.113.7 192.0.2.1 -1 80\r\n",
		"PROXY TCP4 203.0.113.7 192.0.2.1  80\r\n",
		"PROXY TCP4 203.0.113.7 192.0.2.1 40000 80\n",
		"PROXY TCP5 203.0.113.7 192.0.2.1 40000 80\r\n",
		"PROXY TCP4 nobody\r\n", "PROXY \r\n", "PROXY\r\n", "",
		binaryLine,
		strings.Replace(binaryLine, "\x21\x11", "\x20\x11", 1),         // LOCAL
		strings.Replace(binaryLine, "\x21\x11", "\x21\x12", 1),         // UDP
		strings.Replace(binaryLine, "\x21\x11", "\x21\x31", 1),         // a unix socket
		strings.Replace(binaryLine, "\x21\x11", "\x31\x11", 1),         // version 3
		strings.Replace(binaryLine, "\x00\x0c\xcb", "\x01\x90\xcb", 1), // longer than all there is
		strings.Replace(binaryLine, "\x00\x0c", "\x00\x0b", 1),
		strings.Replace(binaryLine, "\x00\x0c", "\x00\x10", 1) + "\x04\x00\x01x",
	}
	for _, header := range []string{"proxy_protocol", "X-Real-IP"} {
		if header == "X-Real-IP" {
			with, without = freeAddr(t), freeAddr(t)
		}
		realNginx(t, with, text(header, with, without))
		for _, expected := range []bool{true, false} {
			addr := without
			if expected {
				addr = with
			}
			// One listener each: the test's network knows one address.
			own := startOwn(t, fmt.Sprintf("set_real_ip_from 127.0.0.0/8; real_ip_header %s; server { listen %s%s; %s }",
				header, addr, map[bool]string{true: " proxy_protocol"}[expected], answer))
			for _, begin := range begins {
				want, got := talk(t, addr, begin+request), talk(t, own.addr, begin+request)
				if own := regexp.MustCompile(`127\.0\.0\.1:\d+`); true {
					want, got = own.ReplaceAllString(want, "own"), own.ReplaceAllString(got, "own")
				}
				if got != want {
					t.Errorf("%s, expected %v, %q: %s; nginx: %s", header, expected, begin, got, want)
				}
				for _, words := range own.logged() {
					found := false
					for _, m := range inWords.FindAllStringSubmatch(log(), -1) {
						found = found || m[1] == words
					}
					// nginx 1.22 continues with all that it has read.
					head, _, broken := strings.Cut(words, "\" while reading")
					found = found || broken && strings.Contains(log(), head)
					if !found && !strings.HasPrefix(begin, "\r\n") {
						t.Errorf("%s, expected %v, %q: nginx does not say %q", header, expected, begin, words)
					}
				}
			}
		}
	}
	for _, words := range []string{"broken header: \"PROXY TCP4 nobody", "\" while reading PROXY protocol", "header is too large", "unknown PROXY protocol version: 3"} {
		if !strings.Contains(log(), words) {
			t.Errorf("nginx never said %q", words)
		}
	}
}

// TestPeersBodySize promises the same answer to bodies of each size, and whether
// the connection stays open.
func TestPeersBodySize(t *testing.T) {
	n := startNode(t)
	addr := freeAddr(t)
	directive, log := errorLog(t)
	text := directive + fmt.Sprintf(`upstream im { server %s; }
server {
	listen %s;
	client_max_body_size 1k;
	location / { proxy_pass http://im; }
	location /any { client_max_body_size 0; proxy_pass http://im; }
	location /more { client_max_body_size 3k; proxy_pass http://im; }
	location /here { return 200 here; }
	location /slash/ { proxy_pass http://im; }
}
server { listen %s; server_name default.example.com; location / { proxy_pass http://im; } }
`, n.addr, addr, addr)
	realNginx(t, addr, text)
	own := startOwn(t, text)
	for _, request := range []string{
		post("/", 0), post("/", 1024), post("/", 1025), post("/", 300_000), post("/more", 3072), post("/more", 3073), post("/any", 2<<20),
		post("/here", 1024), post("/here", 1025), post("/slash", 1025), post("/slash", 10),
		chunked("/", 1000, 24), chunked("/", 1000, 25), chunked("/any", 1000, 25), chunked("/", 5000),
		strings.Replace(post("/", 1<<20), "im.example.com", "default.example.com", 1),
		strings.Replace(post("/", 1<<20+1), "im.example.com", "default.example.com", 1),
	} {
		var results []string
		for _, to := range []string{addr, own.addr} {
			c := connect(t, to)
			io.WriteString(c, request)
			a := c.read("POST")
			results = append(results, fmt.Sprintf("%d, closes %v, %s", a.status, a.header.Get("Connection") == "close", a.body))
			c.Close()
		}
		if results[0] != results[1] {
			t.Errorf("%.60q: %s; nginx: %s", request, results[1], results[0])
		}
	}
	for _, words := range own.logged() {
		words, _, _ = strings.Cut(words, "chunked body: ")
		if !strings.Contains(log(), words) {
			t.Errorf("nginx does not say %q", words)
		}
	}
}

// TestPeersChosenUpstream promises the upstream that nginx takes where a map or
// split_clients names it.
func TestPeersChosenUpstream(t *testing.T) {
	a, b, c := startNode(t), startNode(t), startNode(t)
	for _, n := range []*realNode{a, b, c} {
		n.record()
	}
	addr := freeAddr(t)
	directive, log := errorLog(t)
	text := directive + fmt.Sprintf(`upstream one { server %s; }
upstream two { server %s; }
map $http_upgrade $pool { default one; websocket two; strange nobody; port two:80; }
map $arg_transport $whole { polling http://one; websocket http://$pool; path http://two/inner; query http://two?q; ip http://%s; none one; }
map $uri $path { /a one; ~^/b/ two; }
split_clients $arg_v $share { 10%% one; 33.33%% two; * %s; }
split_clients "x$arg_v" $part { 1%% one; 49%% two; }
server { listen %s; server_name pool; location / { proxy_pass http://$pool; } }
server { listen %s; server_name whole; location / { proxy_pass $whole; } }
server { listen %s; server_name path; location / { proxy_pass http://$path$request_uri; } }
server { listen %s; server_name share; location / { proxy_pass http://$share/shared/$arg_v; } }
server { listen %s; server_name part; location / { proxy_pass http://$part; } }
`, a.addr, b.addr, c.addr, c.addr, addr, addr, addr, addr, addr)
	realNginx(t, addr, text)
	own := startOwn(t, text)
	ask := func(host, target, upgrade string) {
		t.Helper()
		var results []string
		for _, to := range []string{addr, own.addr} {
			conn := connect(t, to)
			fmt.Fprintf(conn, "GET %s HTTP/1.1\r\nHost: %s\r\nUpgrade: %s\r\nConnection: close\r\n\r\n", target, host, upgrade)
			answer := conn.read("GET")
			conn.Close()
			heads := a.taken()
			heads = append(heads, b.taken()...)
			heads = append(heads, c.taken()...)
			results = append(results, fmt.Sprintf("%d %s %.90q", answer.status, answer.body, heads))
		}
		if results[0] != results[1] {
			t.Errorf("%s %s %s: %s; nginx: %s", host, target, upgrade, results[1], results[0])
		}
	}
	for _, upgrade := range []string{"", "websocket", "WebSocket", "strange", "port"} {
		ask("pool", "/x?y=1", upgrade)
		for _, transport := range []string{"polling", "websocket", "path", "query", "ip", "none", "else"} {
			ask("whole", "/x?transport="+transport, upgrade)
		}
	}
	for _, path := range []string{"/a", "/a?q", "/b/c%20d", "/c"} {
		ask("path", path, "")
	}
	for v := range 150 {
		ask("share", fmt.Sprintf("/?v=%s", strings.Repeat("v", v%9)+fmt.Sprint(v)), "")
		ask("part", fmt.Sprintf("/?v=%d", v), "")
	}
	for _, words := range own.logged() {
		if !strings.Contains(log(), words) {
			t.Errorf("nginx does not say %q", words)
		}
	}
}
