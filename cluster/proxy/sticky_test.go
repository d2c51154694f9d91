package proxy

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"stickylab/cluster/balance"
	"stickylab/cluster/nginx"
)

func TestTheCookieIsWrittenAsNginxDoes(t *testing.T) {
	for directive, want := range map[string]string{
		"sticky cookie id;":              "",
		"sticky cookie id expires=max;":  "; expires=Thu, 31-Dec-37 23:55:55 GMT; max-age=315360000",
		"sticky cookie id samesite=Lax;": "; samesite=lax",
		"sticky cookie id path=/ samesite=$arg_same secure httponly domain=$host expires=1h;": "; expires=Sat, 01-Jan-00 01:00:00 GMT; max-age=3600; domain=im.example.com; httponly; secure; samesite=strict; path=/",
	} {
		act(t, "1.30", configText(2, directive, ""), func(s *stage) {
			s.node("10.0.0.1:3000", nil)
			a, _ := s.from("192.0.2.1").exchange(strings.Replace(getRequest, "EIO=4", "same=odd", 1))
			id := (&balance.Peer{Address: "10.0.0.1:3000"}).ID()
			if got := a.Header["Set-Cookie"]; len(got) != 1 || got[0] != "id="+id+want {
				t.Errorf("%s\n%q, not\n%q", directive, got, want)
			}
		})
	}
}

func TestAnErrorSetsTheCookieOfThePeerTriedLast(t *testing.T) {
	act(t, "1.30", configText(2, "sticky cookie id;", ""), func(s *stage) {
		a, _ := s.from("192.0.2.1").exchange(getRequest)
		id := (&balance.Peer{Address: "10.0.0.2:3000"}).ID()
		if a.StatusCode != 502 || a.Header.Get("Set-Cookie") != "id="+id {
			t.Errorf("%d, %q", a.StatusCode, a.Header["Set-Cookie"])
		}
		a, _ = s.from("192.0.2.1").exchange(getRequest) // nobody is chosen
		if a.StatusCode != 502 || a.Header["Set-Cookie"] != nil {
			t.Errorf("%d, %q", a.StatusCode, a.Header["Set-Cookie"])
		}
	})
}

const learnText = "sticky learn create=$upstream_cookie_sess lookup=$cookie_sess zone=z:1m timeout=10m"

// TestSessionsAreLearned promises that a session goes to the peer that began it,
// across a reload of the configuration, unless the zone is another.
func TestSessionsAreLearned(t *testing.T) {
	text := configText(3, learnText+";", "")
	act(t, "1.30", text, func(s *stage) {
		for _, addr := range []string{"10.0.0.1:3000", "10.0.0.2:3000", "10.0.0.3:3000"} {
			s.node(addr, nil).answer = func(c net.Conn, _ *bufio.Reader, head string) {
				fmt.Fprintf(c, "HTTP/1.1 200 OK\r\nSet-Cookie: sess=%s\r\nContent-Length: %d\r\n\r\n%s", addr, len(addr), addr)
			}
		}
		held := strings.Replace(getRequest, "\r\n\r\n", "\r\nCookie: sess=10.0.0.2:3000\r\n\r\n", 1)
		where := func() string {
			_, body := s.from("192.0.2.1").ask(held)
			return body
		}
		s.get("192.0.2.1")
		if _, body := s.get("192.0.2.1"); body != "10.0.0.2:3000" {
			t.Fatal(body)
		}
		for range 3 {
			if at := where(); at != "10.0.0.2:3000" {
				t.Errorf("a request of the session went to %s", at)
			}
		}
		s.reload(text)
		if at := where(); at != "10.0.0.2:3000" {
			t.Errorf("after a reload the session went to %s", at)
		}
		s.reload(strings.Replace(text, "zone=z", "zone=other", 1))
		if at := where(); at == "10.0.0.2:3000" {
			t.Errorf("another zone knows the session")
		}
	})
}

// Without "header" a session is learned when its request is over.
func TestASessionIsLearnedAtTheEndOfItsRequest(t *testing.T) {
	for _, early := range []bool{false, true} {
		directive := learnText + map[bool]string{true: " header;", false: ";"}[early]
		act(t, "1.30", configText(2, directive, upgradeLines), func(s *stage) {
			for _, addr := range []string{"10.0.0.1:3000", "10.0.0.2:3000"} {
				s.node(addr, nil).answer = func(c net.Conn, r *bufio.Reader, head string) {
					if strings.Contains(head, "Upgrade: websocket") {
						io.WriteString(c, "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nSet-Cookie: sess=mine\r\n\r\n")
						r.ReadByte()
						c.Close()
						return
					}
					reply(c, 200, addr)
				}
			}
			ws := s.from("192.0.2.1")
			if status, _ := ws.ask(wsRequest); status != http.StatusSwitchingProtocols {
				t.Fatal(status)
			}
			held := strings.Replace(getRequest, "\r\n\r\n", "\r\nCookie: sess=mine\r\n\r\n", 1)
			if _, body := s.from("192.0.2.1").ask(held); (body == "10.0.0.1:3000") != early {
				t.Errorf("header %v: while the socket is open the session goes to %s", early, body)
			}
			ws.Close()
			time.Sleep(time.Second)
			for range 2 {
				if _, body := s.from("192.0.2.1").ask(held); body != "10.0.0.1:3000" {
					t.Errorf("header %v: afterwards the session goes to %s", early, body)
				}
			}
		})
	}
}

func (s *stage) reload(text string) {
	s.t.Helper()
	c, problems := nginx.Parse(text, nginx.DefaultVersion)
	if len(problems) > 0 {
		s.t.Fatal(problems)
	}
	if err := s.p.Reload(c); err != nil {
		s.t.Fatal(err)
	}
}
