package proxy

import (
	"bufio"
	"fmt"
	"net"
	"strings"
	"testing"

	"stickylab/cluster/trace"
)

// authText asks the node 10.0.0.9 whether a request may pass.
func authText(location, auth string) string {
	return `upstream im { server 10.0.0.1:3000; }
server {
	listen 80;
	location / { auth_request /auth; auth_request_set $who $upstream_http_x_user; proxy_set_header X-User $who; proxy_pass http://im; ` + location + ` }
	location = /auth { internal; ` + auth + ` }
	location @login { return 302 /login?$upstream_status; }
}
`
}

// judging answers as the header X-Say asks.
func judging(c net.Conn, _ *bufio.Reader, head string) {
	status := "200"
	if _, said, ok := strings.Cut(head, "X-Say: "); ok {
		status, _, _ = strings.Cut(said, "\r\n")
	}
	fmt.Fprintf(c, "HTTP/1.1 %s X\r\nX-User: ada\r\nWWW-Authenticate: Bearer realm=\"im\"\r\nContent-Length: 2\r\n\r\nno", status)
}

func TestAuthRequest(t *testing.T) {
	act(t, "1.30", authText("", "proxy_pass http://10.0.0.9:80;"), func(s *stage) {
		node := s.node("10.0.0.1:3000", nil)
		judge := s.node("10.0.0.9:80", judging)
		for said, want := range map[string]int{"200": 200, "204": 200, "403": 403, "401": 401, "404": 500, "302": 500, "500": 500} {
			a, _ := s.from("203.0.113.7").exchange(strings.Replace(getRequest, "\r\n\r\n", "\r\nX-Say: "+said+"\r\n\r\n", 1))
			if a == nil || a.StatusCode != want {
				t.Errorf("%s: %+v, not %d", said, a, want)
				return
			}
			if got := a.Header.Get("WWW-Authenticate"); (got != "") != (want == 401) {
				t.Errorf("%s: challenge %q", said, got)
			}
			head := judge.take()
			if len(head) != 1 || !strings.HasPrefix(head[0], "GET /auth HTTP/1.1\r\n") || !strings.Contains(head[0], "X-Say: "+said) {
				t.Errorf("asked %q", head)
			}
			if got := node.take(); len(got) > 0 != (want == 200) {
				t.Errorf("%s: the node got %q", said, got)
			} else if want == 200 && (!strings.Contains(got[0], "X-User: ada\r\n")) {
				t.Errorf("the node got %q", got)
			}
		}
		if list := s.w.kind(trace.ProxyError); len(list) != 3 || !strings.HasPrefix(list[0].Text.String(), "auth request unexpected status: ") {
			t.Errorf("%+v", list)
		}
	})
}

// The inquiry has the heads of the request, and no body: who waits for that waits in vain, unless
// the text takes Content-Length away.
func TestAuthRequestOfAPost(t *testing.T) {
	act(t, "1.30", authText("", `proxy_pass http://10.0.0.9:80; proxy_pass_request_body off; proxy_set_header Content-Length ""; proxy_set_header X-Uri $request_uri; proxy_set_header X-Own $uri;`), func(s *stage) {
		node, judge := s.node("10.0.0.1:3000", nil), s.node("10.0.0.9:80", judging)
		if status, _ := s.from("203.0.113.7").ask(postRequest); status != 200 {
			t.Error(status)
		}
		asked, got := strings.Join(judge.take(), ""), strings.Join(node.take(), "")
		if strings.Contains(asked, "Content-Length") || !strings.Contains(asked, "X-Uri: /socket.io/?EIO=4&transport=polling&sid=abc\r\nX-Own: /auth\r\n") || !strings.HasSuffix(got, "\r\n\r\n40") {
			t.Errorf("asked %q, the node got %q", asked, got)
		}
	})
}

func TestAuthRequestWithoutANode(t *testing.T) {
	for _, test := range []struct {
		location, auth string
		want           int
	}{
		{"", "return 204;", 200},
		{"", "return 401;", 401},
		{"", "return 302 /x;", 500},
		{"", "deny all; return 200;", 200}, // rules are for requests of clients
		{"", "", 500},
		{"", "proxy_pass http://10.0.0.8:80;", 500}, // refused
		{"auth_request off;", "return 403;", 200},
		{"error_page 401 = @login;", "return 401;", 302},
		{"satisfy any; allow 203.0.113.0/24; deny all;", "return 403;", 200},
		{"satisfy any; deny all;", "return 204;", 200},
		{"satisfy any; deny all;", "return 401;", 401},
		{"deny all;", "return 204;", 403},
	} {
		text := authText(test.location, test.auth)
		if strings.HasPrefix(test.location, "auth_request") {
			text = strings.Replace(text, "auth_request /auth;", "", 1)
		}
		act(t, "1.30", text, func(s *stage) {
			s.node("10.0.0.1:3000", nil)
			if status, _ := s.get("203.0.113.7"); status != test.want {
				t.Errorf("%s %s: %d, not %d", test.location, test.auth, status, test.want)
			}
		})
	}
}
