//go:build peers

package twins

import (
	"fmt"
	"strings"
)

// steps draws what happens next.
func (d *drawing) steps() []step {
	if d.chance(12) {
		to := d.node(d.IntN(nodes))
		return []step{{verb: become, to: to, say: d.pick("refuse", "refuse", "ok", "ok", "ok", "close", "503", "404", "500", "502", "403", "504", "429")}}
	}
	s := step{verb: ask, from: d.pick("127.0.0.1", "127.0.0.1", "127.0.0.2", "127.0.0.3", "127.1.2.3"), to: d.listens[d.IntN(len(d.listens))], say: d.request()}
	list := []step{s}
	for d.chance(25) { // again, for those that take turns
		list = append(list, s)
	}
	return list
}

var targets = []string{
	"/", "/app", "/app/", "/app/x", "/app/x/", "/app/x/y", "/app//x", "/app/../x", "/api", "/api/", "/api/v1/users", "/socket.io/", "/socket.io", "/socket.io/?EIO=4&transport=polling", "/a", "/a/b", "/a/b/",
	"/b/c", "/f.txt", "/app/f.TXT", "/a%20b", "/app/a%2Fb", "/app/%41", "/app/x%3Fy", "/there", "/fall", "/none", "/A/B", "/app/\u00e9", "/app/%C3%A9", "/b", "/b/", "/app/a+b", "/app/x;y=1", "/API/x", "/app/./x", "/%61pp/x", "/app/a%25b",
	"/app/a%26b", "/socket.io/a:b", "/app/a'b", "/app/%22", "/a%2f%2fb", "/app/#x",
}

func (d *drawing) request() string {
	var b strings.Builder
	target := d.pick(targets...)
	if d.chance(40) && !strings.Contains(target, "?") {
		target += "?" + d.pick("a=1", "a=", "a", "", "b=yz", "a=0&b=2", "a=x%20y", "A=1&a=2", "ip=127.0.0.1&a=1", "c=d?e", "a=1&a=2", "a=/app", "b=%2f&x")
	}
	method := d.pick("GET", "GET", "GET", "GET", "GET", "POST", "POST", "HEAD", "PUT", "DELETE", "OPTIONS", "PATCH")
	version := "HTTP/1.1"
	if d.chance(4) {
		version = "HTTP/1.0"
	}
	host := d.pick("a.test", "b.test", "www.a.test", "x.test", "A.TEST", "a.example", "c", "other", "www.b.example", "q.a.test")
	if d.chance(10) {
		host += d.pick(":80", ":21000", ".", ".:8080")
	}
	if d.chance(4) && !strings.Contains(target, "#") {
		target = "http://" + d.pick("a.test", "b.test", "X.test:81") + target
	}
	fmt.Fprintf(&b, "%s %s %s\r\nHost: %s\r\n", method, target, version, host)
	for d.chance(35) {
		b.WriteString(d.clientHeader() + "\r\n")
	}
	if d.chance(4) {
		b.WriteString("Upgrade: websocket\r\nX-Answer: switch\r\n")
	} else if d.chance(25) {
		fmt.Fprintf(&b, "X-Answer: %s\r\n", d.pick("404", "404", "500", "502", "503", "403", "401", "429", "504", "there", "away", "back", "back", "refresh", "cookies", "chunked", "own", "none", "same", "old", "odd", "413", "418"))
	}
	if d.chance(14) {
		fmt.Fprintf(&b, "Connection: %s\r\n", d.pick("close", "close", "close", "keep-alive", "Upgrade", "Close"))
	}
	switch {
	case method == "POST" || method == "PUT" || method == "PATCH":
		switch d.IntN(6) {
		case 0:
			b.WriteString("Content-Length: 0\r\n\r\n")
		case 1:
			if version == "HTTP/1.1" {
				b.WriteString("Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n")
				break
			}
			b.WriteString("\r\n")
		case 2:
			b.WriteString("\r\n")
		default:
			body := d.pick("hi", "hello", "40", "a=1")
			fmt.Fprintf(&b, "Content-Length: %d\r\n\r\n%s", len(body), body)
		}
	default:
		b.WriteString("\r\n")
	}
	return b.String()
}

// clientHeader is a line that a client sends.
func (d *drawing) clientHeader() string {
	switch d.IntN(14) {
	case 0, 1, 2:
		return "X-Forwarded-For: " + d.pick("203.0.113.7", "198.51.100.1, 127.0.0.1", "198.51.100.1,203.0.113.7", "2001:db8::1", "bogus", "203.0.113.9, bogus, 127.0.0.5", "203.0.113.7:99", "[2001:db8::2]:5", "", "127.0.0.1, 127.0.0.2")
	case 3:
		return "X-Real-IP: " + d.pick("203.0.113.7", "2001:DB8::7", "127.0.0.3")
	case 4:
		return "X-One: " + d.pick("a", "x1", "203.0.113.7", "A b", "127.0.0.2")
	case 5:
		return "Cookie: " + d.pick("io=abc", "a=b; io=z", "IO=up", "io=", "xio=1; io=\"q\"")
	case 6:
		return "Upgrade: " + d.pick("websocket", "h2c")
	case 7:
		return d.pick("Te: trailers", "Keep-Alive: 5", "Expires: 0", "Origin: http://a.test", "Accept-Encoding: gzip", "Content-Type: text/plain", "User-Agent: t/1", "User-Agent: Mozilla/5.0 Chrome/120.0", "User-Agent: Mozilla/4.0 (compatible; MSIE 8.0)", "Proxy-Connection: x", "Range: bytes=0-1", "If-None-Match: \"x\"")
	case 8:
		return d.pick("x_under: 1", "X.Dot: 2", "X-One: second", "Accept: */*", "Referer: http://a.test/", "X-Three: 3", "Authorization: Basic dTpw", "Authorization: Basic")
	case 9:
		return "X-Two:" + d.pick("  padded  ", "", "\ttab", "a:b")
	case 10:
		return "Pragma: no-cache"
	}
	return d.pick("Accept-Language: en", "X-One: a", "Cache-Control: max-age=0")
}
