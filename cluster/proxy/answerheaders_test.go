package proxy

import (
	"bufio"
	"io"
	"net"
	"strings"
	"testing"
	"time"
)

// TestAnswerOfUpstream promises what a client gets of an answer, in nginx's order and
// spelling, and what is kept from it. The peers tests compare more of them.
func TestAnswerOfUpstream(t *testing.T) {
	for _, test := range []struct{ name, location, answer, want string }{
		{"order and spelling", "", "HTTP/1.1 200 Fine\r\nx-B: 1\r\nX_a: 2\r\nserver: me\r\nContent-Type: t\r\nContent-Length: 2\r\n\r\nhi",
			"HTTP/1.1 200 Fine\r\nContent-Type: t\r\nContent-Length: 2\r\nConnection: keep-alive\r\nx-B: 1\r\nX_a: 2\r\n\r\nhi"},
		{"hidden and passed", "proxy_hide_header x-b; proxy_pass_header X-Pad;", "HTTP/1.1 200 OK\r\nX-B: 1\r\nX-Pad: 2\r\nContent-Length: 0\r\n\r\n",
			"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: keep-alive\r\nX-Pad: 2\r\n\r\n"},
		{"moved", "", "HTTP/1.1 302 Found\r\nLocation: http://im/x\r\nRefresh: 1; url=http://im/y\r\nContent-Length: 0\r\n\r\n",
			"HTTP/1.1 302 Found\r\nContent-Length: 0\r\nLocation: http://im.example.com/x\r\nConnection: keep-alive\r\nRefresh: 1; url=/y\r\n\r\n"},
		{"moved, off", "proxy_redirect off;", "HTTP/1.1 302 Found\r\nLocation: http://im/x\r\nContent-Length: 0\r\n\r\n",
			"HTTP/1.1 302 Found\r\nContent-Length: 0\r\nConnection: keep-alive\r\nLocation: http://im/x\r\n\r\n"},
		{"moved, by a pattern", `proxy_redirect ~^http://(\w+)/(.*) https://$1.example/$2;`, "HTTP/1.1 302 Found\r\nLocation: http://im/x\r\nContent-Length: 0\r\n\r\n",
			"HTTP/1.1 302 Found\r\nContent-Length: 0\r\nConnection: keep-alive\r\nLocation: https://im.example/x\r\n\r\n"},
		{"early hints", "", "HTTP/1.1 103 Early\r\nLink: x\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi",
			"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: keep-alive\r\n\r\nhi"},
		{"too big", "proxy_buffer_size 100;", "HTTP/1.1 200 OK\r\nX: " + strings.Repeat("x", 100) + "\r\nContent-Length: 2\r\n\r\nhi", "HTTP/1.1 502 Bad Gateway\r\n"},
		{"length and chunks", "", "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n", "HTTP/1.1 502 Bad Gateway\r\n"},
		{"no head", "", "hello", "hello"},
	} {
		t.Run(test.name, func(t *testing.T) {
			act(t, "1.30", configText(1, "", test.location), func(s *stage) {
				s.node("10.0.0.1:3000", func(c net.Conn, _ *bufio.Reader, _ string) {
					io.WriteString(c, test.answer)
					c.Close()
				})
				c := s.from("192.0.2.1")
				io.WriteString(c, getRequest)
				got, _ := listenTo(c, time.Second)
				var kept []string
				for _, line := range strings.SplitAfter(got, "\n") {
					if !strings.HasPrefix(line, "Server: ") && !strings.HasPrefix(line, "Date: ") {
						kept = append(kept, line)
					}
				}
				if got := strings.Join(kept, ""); !strings.HasPrefix(got, test.want) || strings.Contains(test.want, "\r\n\r\n") && got != test.want {
					t.Errorf("the client gets\n%q, not\n%q", got, test.want)
				}
			})
		})
	}
}

// TestReadTimeoutOfAHead promises that proxy_read_timeout is for all of an answer's head,
// however many pieces it comes in.
func TestReadTimeoutOfAHead(t *testing.T) {
	for pause, status := range map[time.Duration]int{400 * time.Millisecond: 200, 600 * time.Millisecond: 504} {
		act(t, "1.30", configText(1, "", "proxy_read_timeout 1s;"), func(s *stage) {
			s.node("10.0.0.1:3000", func(c net.Conn, _ *bufio.Reader, _ string) {
				for _, piece := range []string{"HTTP/1.1 200 OK\r\n", "Content-Le", "ngth: 2\r\n\r\n", "hi"} {
					if _, err := io.WriteString(c, piece); err != nil {
						return
					}
					time.Sleep(pause)
				}
			})
			if got, _ := s.get("192.0.2.1"); got != status {
				t.Errorf("with pauses of %v: %d", pause, got)
			}
			time.Sleep(10 * pause) // until the node gives up
		})
	}
}
