package proxy

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"stickylab/cluster/nginx"
	"stickylab/cluster/trace"
)

// rawRequests are what clients send, by the configuration that they meet. What nginx
// makes of them is in testdata/requests-VERSION.txt.
var rawRequests = []struct {
	name, http, server, location string // lines of these blocks
	requests                     []string
}{
	{"defaults", "", "", "", raw(
		lines("GET / HTTP/1.1|Host: a"),
		// The request line.
		"GET /\r\n", "GET / \n", "GET /", "POST /\r\n\r\n", "HEAD /\r\n", "GET /..\r\n", "GET http://a/x\r\n",
		"\r\n\n\r\n"+lines("GET / HTTP/1.1|Host: a"), " GET / HTTP/1.1\r\n",
		lines("GET  /two  HTTP/1.1  |Host: a"), "GET / HTTP/1.1\nHost: a\n\n", "GET / HTTP/1.1\rHost: a\r\r",
		lines("GET / HTTP/1.0"), lines("GET / HTTP/1.0|Connection: keep-alive"), lines("GET / HTTP/1.0|Host: a|Connection: Keep-Alive, x"),
		lines("GET / HTTP/1.1|Host: a|Connection: close"), lines("GET / HTTP/1.1|Host: a|Connection: keep-alive, Upgrade"),
		lines("GET / HTTP/1.1|Host: a|Connection: x|Connection: CLOSED"), lines("GET / HTTP/1.1|Host: a|Connection: close|Connection: keep-alive"),
		"GET / HTTP/2.0\r\n", "GET / HTTP/0.9\r\n", lines("GET / HTTP/1.9|Host: a"), lines("GET / HTTP/1.100|Host: a"), "GET / HTTP/1.1000\r\n", "GET / HTTP/11.1\r\n",
		"GET / HTTP/1\r\n", "GET / HTTP/1.\r\n", "GET / HTTP/1.1x\r\n", "GET / http/1.1\r\n", "GET / FTP/1.1\r\n", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
		"get / HTTP/1.1\r\n", "G3T / HTTP/1.1\r\n", lines("GE-T_ / HTTP/1.1|Host: a"), lines(strings.Repeat("M", 900)+" / HTTP/1.1|Host: a"), "GET\t/ HTTP/1.1\r\n", "GET\r\n", "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
		lines("CONNECT a:443 HTTP/1.1|Host: a:443"), lines("CONNECT / HTTP/1.1|Host: a"), lines("CONNECT a HTTP/1.1|Host: a"), lines("CONNECT a:443 HTTP/1.0"),
		lines("TRACE / HTTP/1.1|Host: a"), lines("TRACE / HTTP/1.1|Host: a|Content-Length: 2"), lines("TRACE / HTTP/1.1|Host: a|Content-Length: 2")+"hi", lines("TRACE / HTTP/1.1|Host: a|Transfer-Encoding: chunked"), lines("OPTIONS * HTTP/1.1|Host: a"), lines("PATCH / HTTP/1.1|Host: a"), lines("PROPFIND / HTTP/1.1|Host: a"), lines("NOTIFY / HTTP/1.1|Host: a"),
		// The target.
		lines("GET http://A:80/x?y HTTP/1.1|Host: b"), lines("GET http://a HTTP/1.1|Host: b"), lines("GET http://a?q HTTP/1.1|Host: b"), lines("GET HTTPS://a/x HTTP/1.1|Host: b"),
		lines("GET http:/x HTTP/1.1|Host: a"), lines("GET http:///x HTTP/1.1|Host: a"), lines("GET http://a#f HTTP/1.1|Host: a"), lines("GET h+1.-p://[::1]:80/x HTTP/1.1|Host: a"), lines("GET http://[::1/x HTTP/1.1|Host: a"),
		lines("GET http://a:x/ HTTP/1.1|Host: a"), lines("GET http://a:99999/ HTTP/1.1|Host: a"), lines("GET http://:80/ HTTP/1.1|Host: a"), lines("GET http://a..b/ HTTP/1.1|Host: a"), lines("GET http://a_b/ HTTP/1.1|Host: a"), lines("GET http://u@a/ HTTP/1.1|Host: a"),
		lines("GET http://a/ HTTP/1.1"), lines("GET x HTTP/1.1|Host: a"), lines("GET ?x HTTP/1.1|Host: a"), lines("GET //a HTTP/1.1|Host: a"),
		lines("GET /a b HTTP/1.1|Host: a"), lines("GET /a HTTP HTTP/1.1|Host: a"), lines("GET /a%20b HTTP/1.1|Host: a"), lines("GET /a\tb HTTP/1.1|Host: a"), lines("GET /a\x00b HTTP/1.1|Host: a"), lines("GET /a\x7fb HTTP/1.1|Host: a"),
		lines("GET /a\u00e9 HTTP/1.1|Host: a"), lines("GET /a\xff\x80 HTTP/1.1|Host: a"), lines("GET /%00 HTTP/1.1|Host: a"), lines("GET /a?%00 HTTP/1.1|Host: a"), lines("GET /%zz HTTP/1.1|Host: a"), lines("GET /%4 HTTP/1.1|Host: a"), lines("GET /% HTTP/1.1|Host: a"), lines("GET /a?%zz HTTP/1.1|Host: a"),
		lines("GET /.. HTTP/1.1|Host: a"), lines("GET /a/../.. HTTP/1.1|Host: a"), lines("GET /%2e%2e/ HTTP/1.1|Host: a"), lines("GET /a/..%2f..%2f HTTP/1.1|Host: a"), lines("GET /a/%2e%2e/%2E./x HTTP/1.1|Host: a"), lines("GET /a/../../?/b/c HTTP/1.1|Host: a"), lines("GET /a?/../.. HTTP/1.1|Host: a"),
		lines("GET /a#f?x HTTP/1.1|Host: a"), lines("GET /a?x#f HTTP/1.1|Host: a"), lines("GET /..# HTTP/1.1|Host: a"), lines("GET /a\"<>\\^`{|} HTTP/1.1|Host: a"),
		// The host.
		lines("GET / HTTP/1.1"), lines("GET / HTTP/1.1|Host:"), lines("GET / HTTP/1.1|Host: a|Host: a"), lines("GET / HTTP/1.0|Host: a|Host: b"), lines("GET / HTTP/1.1|Host: a b"), lines("GET / HTTP/1.1|Host: a..b"),
		lines("GET / HTTP/1.1|Host: a."), lines("GET / HTTP/1.1|Host: .a"), lines("GET / HTTP/1.1|Host: ."), lines("GET / HTTP/1.1|Host: a/b"), lines("GET / HTTP/1.1|Host: a\tb"), lines("GET / HTTP/1.1|Host: a@b"), lines("GET / HTTP/1.1|Host: a?b"),
		lines("GET / HTTP/1.1|Host: a:"), lines("GET / HTTP/1.1|Host: a:x"), lines("GET / HTTP/1.1|Host: a:65536"), lines("GET / HTTP/1.1|Host: a:80:80"), lines("GET / HTTP/1.1|Host: :80"), lines("GET / HTTP/1.1|Host: a%41_~!$&'()*+,;="), lines("GET / HTTP/1.1|Host: \u00e9"),
		lines("GET / HTTP/1.1|Host: [::1]:80"), lines("GET / HTTP/1.1|Host: [::1"), lines("GET / HTTP/1.1|Host: [::1]x"), lines("GET / HTTP/1.1|Host: [x y]"), lines("GET / HTTP/1.1|Host: [/]"), lines("GET / HTTP/1.1|Host: [@]"), lines("GET / HTTP/1.1|Host: []"), lines("GET / HTTP/1.1|Host: a[b]"),
		// The headers.
		lines("GET / HTTP/1.1|Host: a|X: 1| folded"), lines("GET / HTTP/1.1|Host: a|X: 1|\tfolded"), lines("GET / HTTP/1.1| X: 1|Host: a"), lines("GET / HTTP/1.1|Host : a"), lines("GET / HTTP/1.1|X Y: 1|Host: a"), lines("GET / HTTP/1.1|: 1|Host: a"),
		lines("GET / HTTP/1.1|Host: a|X"), lines("GET / HTTP/1.1|Host: a|X:1|Y:|Z:   "), lines("GET / HTTP/1.1|Host: a|X:  1  2  |Y:\t1\t"), lines("GET / HTTP/1.1|Host: a|X_Y: 1|_Z: 2"), lines("GET / HTTP/1.1|Host: a|X.Y: 1|X(: 2|\u00e9: 3"), lines("GET / HTTP/1.1|Host: a|Ho_st: b|Content_Length: 5"),
		lines("GET / HTTP/1.1|Host: a|X\x00: 1"), lines("GET / HTTP/1.1|Host: a|X: 1\x002"), lines("GET / HTTP/1.1|Host: a|X: \x00"), lines("GET / HTTP/1.1|Host: a|X: 1\x012\x7f\xff"), lines("GET / HTTP/1.1|Host: a|X\x7f: 1"),
		"GET / HTTP/1.1\r\nHost: a\r\nX: 1\rY: 2\r\n\r\n", "GET / HTTP/1.1\r\nHost: a\r\nX: 1\r\r\nY: 2\r\n\r\n", "GET / HTTP/1.1\r\nHost: a\nX: 1\n\n", "GET / HTTP/1.1\r\nHost: a\r\n\r\r\n", "GET / HTTP/1.1\r\nHost: a\r\n\n",
		lines("GET / HTTP/1.1|Host: a|Cookie: a=1|Cookie: b=2|X-Forwarded-For: 1|X-Forwarded-For: 2"), lines("GET / HTTP/1.1|Host: a|Authorization: a|Authorization: a"), lines("GET / HTTP/1.1|Host: a|If-Match: a|If-Match: a"), lines("GET / HTTP/1.1|Host: a|Range: a|Range: a|Referer: a|Referer: a|User-Agent: a|User-Agent: b|Upgrade: a|Upgrade: b"),
		lines("GET / HTTP/1.1|Host: a|"+strings.Repeat("X: 1|", 1000)+"Y: 2"), lines("GET / HTTP/1.1|Host: a|"+strings.Repeat("X: 1|", 998)+"Y: 2"),
		// Lengths.
		lines("POST / HTTP/1.1|Host: a|Content-Length: 2")+"hi", lines("GET / HTTP/1.1|Host: a|Content-Length: 2")+"hi", lines("POST / HTTP/1.1|Host: a|Content-Length: 2")+"h", lines("POST / HTTP/1.1|Host: a"),
		lines("POST / HTTP/1.1|Host: a|Content-Length: 0"), lines("POST / HTTP/1.1|Host: a|Content-Length: 002")+"hi", lines("POST / HTTP/1.1|Host: a|Content-Length:"), lines("POST / HTTP/1.1|Host: a|Content-Length: -1"), lines("POST / HTTP/1.1|Host: a|Content-Length: +2")+"hi",
		lines("POST / HTTP/1.1|Host: a|Content-Length: 2x")+"hi", lines("POST / HTTP/1.1|Host: a|Content-Length: 0x2")+"hi", lines("POST / HTTP/1.1|Host: a|Content-Length: 2, 2")+"hi", lines("POST / HTTP/1.1|Host: a|Content-Length: 2 2")+"hi", lines("POST / HTTP/1.1|Host: a|Content-Length: 1e3"),
		lines("POST / HTTP/1.1|Host: a|Content-Length: 9223372036854775808"), lines("POST / HTTP/1.1|Host: a|Content-Length: 9223372036854775807"), lines("POST / HTTP/1.1|Host: a|Content-Length: 1048577"), lines("POST / HTTP/1.1|Host: a|Content-Length: 2000000|Expect: 100-continue"),
		lines("POST / HTTP/1.1|Host: a|Content-Length: 2|Content-Length: 2")+"hi", lines("POST / HTTP/1.1|Host: a|Content-Length: 2|Content-Length: 3")+"hi", lines("POST / HTTP/1.1|Host: a|Content-Length: 2|Transfer-Encoding: chunked")+"2\r\nhi\r\n0\r\n\r\n", lines("POST / HTTP/1.1|Host: a|Transfer-Encoding: chunked|Content-Length: x")+"0\r\n\r\n",
		lines("POST / HTTP/1.0|Content-Length: 2")+"hi", lines("POST / HTTP/1.0|Transfer-Encoding: chunked")+"2\r\nhi\r\n0\r\n\r\n",
		// Codings.
		inChunks("2\r\nhi\r\n0\r\n\r\n"), inChunks("2;x=y\r\nhi\r\n0;z\r\nTrailer: 1\r\n\r\n"), inChunks("2 \r\nhi\r\n0\t\r\n\r\n"), inChunks("2x\r\nhi\r\n0\r\n\r\n"), inChunks("x\r\n"), inChunks("-1\r\n"), inChunks("\r\n"), inChunks("0002\r\nhi\r\n00\r\n\r\n"), inChunks("A\r\n0123456789\r\na\r\n0123456789\r\n0\r\n\r\n"),
		inChunks("2\nhi\n0\n\n"), inChunks("2\r\nhi\r\n0\r\n\n"), inChunks("2\r\nhi\r\n0\r\nT: 1\n\r\n"), inChunks("2;x\nhi\r\n0\r\n\r\n"), inChunks("2\r\nhi0\r\n\r\n"), inChunks("2\r\nhix\r\n0\r\n\r\n"), inChunks("2\rhi\r\n0\r\n\r\n"), inChunks("2\r\nhi\r0\r\n\r\n"), inChunks("2\r\nhi"), inChunks("fffffff\r\n"), inChunks("fffffff\r\nx"), inChunks("ffffffffffffffff\r\nx"), inChunks("7ffffffffffffff\r\nx"), inChunks("7fffffffffffffff\r\nx"), inChunks("80000000000000000\r\nx"),
		inChunks("0\r\n\r\n"+lines("GET /next HTTP/1.1|Host: a")), inChunks("2\r\nhi\r\n0\r\n\r\n\r\n"+lines("GET /next HTTP/1.1|Host: a")),
		coded("CHUNKED"), coded("gzip, chunked"), coded("chunked, chunked"), coded("identity"), coded("xchunked"), coded("chunked "), coded("\tchunked"), coded(""), coded("chunked|Transfer-Encoding: chunked"), coded("gzip|Transfer-Encoding: chunked"), coded("identity|Content-Length: 5"),
		// What the client expects.
		lines("POST / HTTP/1.1|Host: a|Content-Length: 2|Expect: 100-Continue")+"hi", lines("GET / HTTP/1.1|Host: a|Expect: 100-continue"), lines("POST / HTTP/1.1|Host: a|Content-Length: 2|Expect: something")+"hi", lines("POST / HTTP/1.0|Host: a|Content-Length: 2|Expect: 100-continue")+"hi", lines("POST / HTTP/1.1|Host: a|Content-Length: 2|Expect: 100-continue|Expect: 100-continue")+"hi", lines("POST / HTTP/1.1|Host: a|Transfer-Encoding: chunked|Expect: 100-continue")+"2\r\nhi\r\n0\r\n\r\n",
		// Several.
		lines("GET /1 HTTP/1.1|Host: a")+lines("HEAD /2 HTTP/1.1|Host: a")+lines("GET /3 HTTP/1.1|Host: a"), lines("GET /1 HTTP/1.1|Host: a|Connection: close")+lines("GET /2 HTTP/1.1|Host: a"), lines("GET /1 HTTP/1.1|Host: a")+"nonsense\r\n\r\n"+lines("GET /2 HTTP/1.1|Host: a"), lines("GET /.. HTTP/1.1|Host: a")+lines("GET /2 HTTP/1.1|Host: a"), lines("TRACE / HTTP/1.1|Host: a")+lines("GET /2 HTTP/1.1|Host: a"), lines("POST /1 HTTP/1.1|Host: a|Content-Length: 2")+"hi"+lines("GET /2 HTTP/1.1|Host: a"), lines("GET /1 HTTP/1.1|Host: a|Content-Length: 2|Transfer-Encoding: chunked")+lines("GET /2 HTTP/1.1|Host: a"), lines("HEAD /.. HTTP/1.1|Host: a"), lines("HEAD / HTTP/1.1"), lines("GET /1 HTTP/1.1|Host: a")+"GET /2",
		// Sizes.
		lines("GET /"+strings.Repeat("a", 8170)+" HTTP/1.1|Host: a"), "GET /"+strings.Repeat("a", 8186), "GET /"+strings.Repeat("a", 8187), lines("GET /"+strings.Repeat("a", 8177)+" HTTP/1.1|Host: a"), lines("GET /"+strings.Repeat("a", 8178)+" HTTP/1.1|Host: a"), strings.Repeat("M", 9000),
		lines("GET / HTTP/1.1|Host: a|X: "+strings.Repeat("a", 8187)), lines("GET / HTTP/1.1|Host: a|X: "+strings.Repeat("a", 8188)), lines("GET / HTTP/1.1|Host: a|X: "+strings.Repeat("a", 8189)), lines("GET / HTTP/1.1|Host: a|X: "+strings.Repeat("a", 8190)), lines("GET / HTTP/1.1|Host: a|"+strings.Repeat("X: "+strings.Repeat("a", 7000)+"|", 4)), lines("GET / HTTP/1.1|Host: a|"+strings.Repeat("X: "+strings.Repeat("a", 7000)+"|", 5)),
		lines("GET / HTTP/1.1|Host: a|"+strings.Repeat("X: "+strings.Repeat("a", 100)+"|", 290)), lines("GET / HTTP/1.1|Host: a|"+strings.Repeat("X: "+strings.Repeat("a", 100)+"|", 330)), lines("GET / HTTP/1.1|"+strings.Repeat("a", 9000)), strings.Repeat("\r\n", 5000)+lines("GET / HTTP/1.1|Host: a"),
	)},
	{"small buffers", "client_header_buffer_size 100; large_client_header_buffers 2 600;", "", "", raw(
		lines("GET / HTTP/1.1|Host: a"), lines("GET /"+strings.Repeat("a", 580)+" HTTP/1.1|Host: a"), lines("GET /"+strings.Repeat("a", 585)+" HTTP/1.1|Host: a"), lines("GET /"+strings.Repeat("a", 586)+" HTTP/1.1|Host: a"), lines("GET /"+strings.Repeat("a", 587)+" HTTP/1.1|Host: a"), lines("GET / HTTP/1.1|Host: a|X: "+strings.Repeat("a", 594)), lines("GET / HTTP/1.1|Host: a|X: "+strings.Repeat("a", 595)), lines("GET / HTTP/1.1|Host: a|X: "+strings.Repeat("a", 596)), lines("GET / HTTP/1.1|Host: a|X: "+strings.Repeat("a", 597)), lines("GET / HTTP/1.1|Host: a|X: "+strings.Repeat("a", 598)), lines("GET / HTTP/1.1|Host: a|X: "+strings.Repeat("a", 599)),
		lines("GET /"+strings.Repeat("a", 400)+" HTTP/1.1|Host: a|X: "+strings.Repeat("a", 400)), lines("GET /"+strings.Repeat("a", 400)+" HTTP/1.1|Host: a|X: "+strings.Repeat("a", 400)+"|Y: "+strings.Repeat("b", 400)), lines("GET /"+strings.Repeat("a", 69)+" HTTP/1.1|Host: a"), lines("GET /"+strings.Repeat("a", 84)+" HTTP/1.1|Host: a"), strings.Repeat("\r\n", 49)+lines("GET / HTTP/1.1|Host: a"), strings.Repeat("\r\n", 50)+lines("GET / HTTP/1.1|Host: a"), lines("HEAD / HTTP/1.1|Host: a|"+strings.Repeat("X: 123456789|", 90)),
	)},
	{"a buffer larger than the large ones", "client_header_buffer_size 2k; large_client_header_buffers 1 512;", "", "", raw(
		lines("GET / HTTP/1.1|Host: a|X: "+strings.Repeat("a", 1000)), lines("GET / HTTP/1.1|Host: a|X: "+strings.Repeat("a", 1900)+"|Y: "+strings.Repeat("a", 300)), lines("GET / HTTP/1.1|Host: a|X: "+strings.Repeat("a", 1000)+"|Y: "+strings.Repeat("a", 1010)), lines("GET /"+strings.Repeat("a", 3000)+" HTTP/1.1|Host: a"),
	)},
	{"names", "", "underscores_in_headers on;", "", raw(
		lines("GET / HTTP/1.1|Host: a|X_Y: 1|_Z: 2|X.Y: 3"), lines("GET / HTTP/1.1|Ho_st: a"),
	)},
	{"invalid names", "ignore_invalid_headers off;", "", "", raw(
		lines("GET / HTTP/1.1|Host: a|X_Y: 1|X.Y: 2|X(: 3"), lines("GET / HTTP/1.1|Host: a|X Y: 1"),
	)},
	{"bodies", "client_max_body_size 10;", "", "", raw(
		lines("POST / HTTP/1.1|Host: a|Content-Length: 10")+"0123456789", lines("POST / HTTP/1.1|Host: a|Content-Length: 11")+"0123456789a", lines("POST / HTTP/1.1|Host: a|Content-Length: 11|Expect: 100-continue"), inChunks("5\r\n01234\r\n5\r\n56789\r\n0\r\n\r\n"), inChunks("5\r\n01234\r\n6\r\n56789a\r\n0\r\n\r\n"), inChunks("b\r\n"), inChunks("b\r\nx"), lines("POST / HTTP/1.1|Host: a|Content-Length: 11")+"0123456789a"+lines("GET /2 HTTP/1.1|Host: a"),
	)},
	{"an answer without the body", "", "", "return 200 here;", raw(
		lines("GET / HTTP/1.1|Host: a"), lines("POST / HTTP/1.1|Host: a|Content-Length: 2")+"hi"+lines("GET /2 HTTP/1.1|Host: a"), lines("POST / HTTP/1.1|Host: a|Content-Length: 2|Expect: 100-continue"), inChunks("2\r\nhi\r\n0\r\n\r\n"+lines("GET /2 HTTP/1.1|Host: a")), inChunks("x\r\n"), lines("POST / HTTP/1.1|Host: a|Content-Length: 2|Connection: close")+"hi", lines("POST / HTTP/1.1|Host: a|Content-Length: 2000000")+"hi", lines("TRACE / HTTP/1.1|Host: a"), lines("HEAD / HTTP/1.1|Host: a"), lines("GET / HTTP/1.0|Host: a"), "GET /\r\n",
	)},
	{"few requests", "keepalive_requests 2; keepalive_timeout 75 20;", "", "", raw(
		lines("GET /1 HTTP/1.1|Host: a")+lines("GET /2 HTTP/1.1|Host: a")+lines("GET /3 HTTP/1.1|Host: a"), lines("GET / HTTP/1.0"),
	)},
	{"no kept connections", "", "keepalive_timeout 0;", "", raw(lines("GET /1 HTTP/1.1|Host: a") + lines("GET /2 HTTP/1.1|Host: a"))},
	{"a page", "", "", "return 404;", raw(
		lines("GET / HTTP/1.1|Host: a"), lines("HEAD / HTTP/1.1|Host: a"), "GET /\r\n", lines("POST / HTTP/1.1|Host: a|Content-Length: 2|Expect: 100-continue"), lines("POST / HTTP/1.1|Host: a|Content-Length: 2")+"hi"+lines("GET /2 HTTP/1.1|Host: a"), inChunks("x\r\n"),
	)},
}

func raw(list ...string) []string { return list }

// lines is a head whose lines are parted by "|".
func lines(text string) string { return strings.ReplaceAll(text, "|", "\r\n") + "\r\n\r\n" }

func inChunks(body string) string {
	return lines("POST / HTTP/1.1|Host: a|Transfer-Encoding: chunked") + body
}

func coded(coding string) string {
	return lines("POST / HTTP/1.1|Host: a|Transfer-Encoding: "+coding) + "2\r\nhi\r\n0\r\n\r\n"
}

// rawConfig is the configuration of one of rawRequests.
func rawConfig(i int, listen, node string) string {
	r := rawRequests[i]
	pass := r.location
	if pass == "" {
		pass = "proxy_pass http://im;"
	}
	return fmt.Sprintf("%s\nupstream im { server %s; }\nserver { listen %s; server_name a; %s location / { %s } }\n", r.http, node, listen, r.server, pass)
}

// rawOutcome is a request and what comes of it, without what differs from run to run:
// what the client gets, whether the connection is closed then, and what the node gets.
func rawOutcome(raw, got string, closed bool, node []string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s\n", abridged(raw))
	for _, line := range strings.SplitAfter(got, "\n") {
		if line != "" && !strings.HasPrefix(line, "Date: ") && !strings.HasPrefix(line, "Server: ") {
			fmt.Fprintf(&b, "  %s\n", abridged(line))
		}
	}
	fmt.Fprintf(&b, "  %s\n", map[bool]string{true: "closed", false: "open"}[closed])
	for _, head := range node {
		fmt.Fprintf(&b, "  node: %s\n", abridged(head))
	}
	return b.String()
}

// abridged quotes a text and shortens what repeats itself.
func abridged(text string) string {
	var b strings.Builder
	for i := 0; i < len(text); {
		n := 1
		for i+n < len(text) && text[i+n] == text[i] {
			n++
		}
		if n > 20 {
			fmt.Fprintf(&b, "<%d*%c>", n, text[i])
		} else {
			b.WriteString(text[i : i+n])
		}
		i += n
	}
	quoted := fmt.Sprintf("%q", b.String())
	if len(quoted) > 1200 {
		return fmt.Sprintf("%s...%s, %d bytes", quoted[:600], quoted[len(quoted)-300:], len(text))
	}
	return quoted
}

// rawFile is where the outcomes under a version are.
func rawFile(v nginx.Version) string { return "testdata/requests-" + v.Release() + ".txt" }

// listenTo returns what a connection says until it ends or is quiet for that long.
func listenTo(c net.Conn, quiet time.Duration) (got string, closed bool) {
	var b bytes.Buffer
	room := make([]byte, 64<<10)
	for {
		c.SetReadDeadline(time.Now().Add(quiet))
		n, err := c.Read(room)
		b.Write(room[:n])
		if err != nil {
			return b.String(), !errors.Is(err, os.ErrDeadlineExceeded)
		}
	}
}

// rawRecorded reads the outcomes under a version, each after its request.
func rawRecorded(t *testing.T, v nginx.Version) []string {
	t.Helper()
	text, err := os.ReadFile(rawFile(v))
	if err != nil {
		t.Fatal(err)
	}
	var list []string
	for line := range strings.Lines(string(text)) {
		switch {
		case strings.HasPrefix(line, "=="):
		case strings.HasPrefix(line, `"`):
			list = append(list, line)
		default:
			list[len(list)-1] += line
		}
	}
	count := 0
	for _, r := range rawRequests {
		count += len(r.requests)
	}
	if len(list) != count {
		t.Fatalf("%s has %d of %d requests", rawFile(v), len(list), count)
	}
	return list
}

// TestRequests promises nginx's answer to whatever a client sends, and that nginx's
// reading of it is what the node gets.
func TestRequests(t *testing.T) {
	for _, version := range []nginx.Version{"1.22", "1.30"} {
		want := rawRecorded(t, version)
		for i, r := range rawRequests {
			act(t, version, rawConfig(i, "80", "10.0.0.1:3000"), func(s *stage) {
				n := s.node("10.0.0.1:3000", func(c net.Conn, _ *bufio.Reader, _ string) {
					io.WriteString(c, "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nNODE")
				})
				for _, raw := range r.requests {
					c := s.from("192.0.2.1")
					io.WriteString(c, raw)
					got, closed := listenTo(c, time.Second)
					c.Close()
					synctest.Wait()
					if diff := cmp.Diff(want[0], rawOutcome(raw, got, closed, n.take())); diff != "" {
						t.Errorf("%s, %s, %s (-nginx +own):\n%s", version, r.name, abridged(raw), diff)
					}
					want = want[1:]
				}
			})
		}
	}
}

// TestSlowClients promises that a client which takes too long loses the connection without
// a word, as with nginx.
func TestSlowClients(t *testing.T) {
	text := strings.Replace(configText(1, "", ""), "listen 80;", "listen 80; client_header_timeout 5s; keepalive_timeout 7s;", 1)
	for name, test := range map[string]struct {
		say    []string // each a second after the one before
		within time.Duration
		status int // in the trace, for a request that had a head
	}{
		"nothing":                 {nil, 5 * time.Second, 0},
		"half a line":             {[]string{"GET / HT"}, 5 * time.Second, 0},
		"half a head, bit by bit": {[]string{"GET / HTTP/1.1\r\n", "Host: ", "a\r\n", "X", ": "}, 5 * time.Second, 0},
		"empty lines":             {[]string{"\r\n", "\r\n", "\r\n"}, 5 * time.Second, 0},
		"no second request":       {[]string{getRequest}, 7 * time.Second, 200},
		"half a second request":   {[]string{getRequest + "GE"}, 5 * time.Second, 200},
		"half a body":             {[]string{"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\n", "1", "2"}, 2*time.Second + bodyTimeout, 408},
		"half a body in chunks":   {[]string{"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n", "3\r\na"}, time.Second + bodyTimeout, 408},
	} {
		t.Run(name, func(t *testing.T) {
			act(t, "1.30", text, func(s *stage) {
				s.node("10.0.0.1:3000", nil)
				c := s.from("192.0.2.1")
				began := time.Now()
				for i, part := range test.say {
					time.Sleep(time.Until(began.Add(time.Duration(i) * time.Second)))
					io.WriteString(c, part)
				}
				got, closed := listenTo(c, time.Hour)
				if took := time.Since(began); took != test.within || !closed {
					t.Errorf("the connection ended after %v, %v", took, closed)
				}
				if answered := got != ""; answered != (test.status == 200) {
					t.Errorf("the answer is %q", got)
				}
				synctest.Wait()
				status := 0
				for _, e := range s.w.kind(trace.Proxied) {
					status = int(e.Status)
				}
				if status != test.status {
					t.Errorf("the trace says %d", status)
				}
			})
		})
	}
}
