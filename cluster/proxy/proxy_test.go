package proxy

import (
	"bufio"
	"fmt"
	"net"
	"net/netip"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"stickylab/cluster/balance"
	"stickylab/cluster/memnet"
	"stickylab/cluster/nginx"
	"stickylab/cluster/trace"
)

// TestPlacement promises that the peers are those of the balance package, by
// the address that the client connects from.
func TestPlacement(t *testing.T) {
	act(t, "1.30", configText(3, "ip_hash;", ""), func(s *stage) {
		for i := range 3 {
			s.node(fmt.Sprintf("10.0.0.%d:3000", i+1), nil)
		}
		for i := range 40 {
			ip := fmt.Sprintf("192.0.%d.7", i)
			want := fmt.Sprintf("10.0.0.%d:3000", balance.IPHash(netip.MustParseAddr(ip), 1)%3+1)
			if status, body := s.get(ip); status != 200 || body != want {
				t.Errorf("client %s: %d from %s, want %s", ip, status, body, want)
			}
		}
	})
}

// TestRoundRobin promises a new choice for each request, of one connection too.
func TestRoundRobin(t *testing.T) {
	act(t, "1.30", configText(2, "", ""), func(s *stage) {
		s.node("10.0.0.1:3000", nil)
		s.node("10.0.0.2:3000", nil)
		c := s.from("192.0.2.1")
		for i := range 6 {
			want := fmt.Sprintf("10.0.0.%d:3000", i%2+1)
			if _, body := c.ask(getRequest); body != want {
				t.Errorf("request %d went to %s, want %s", i, body, want)
			}
		}
	})
}

// TestPages promises nginx's answers where no peer has one.
func TestPages(t *testing.T) {
	const page502 = "<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body>\r\n<center><h1>502 Bad Gateway</h1></center>\r\n" +
		"<hr><center>nginx/1.22.1</center>\r\n</body>\r\n</html>\r\n"
	if len(page502) != 157 {
		t.Fatalf("the page has %d bytes", len(page502))
	}
	text := `upstream im { server 10.0.0.1:3000; }
		server { listen 80; server_name a;
			location /chat { proxy_pass http://im; }
			location /old { return 301 /chat; }
			location /text { return 200 "hello $remote_addr"; }
			location /gone { return 410; }
			location /drop { return 444; }
		}`
	act(t, "1.22", text, func(s *stage) {
		c := s.from("192.0.2.1")
		for _, test := range []struct {
			path, body, contentType, location string
			status                            int
		}{
			{"/chat", page502, "text/html", "", 502},
			{"/none", errorPage(404, "1.22"), "text/html", "", 404},
			{"/old", errorPage(301, "1.22"), "text/html", "http://a/chat", 301},
			{"/text", "hello 192.0.2.1", "text/plain", "", 200},
			{"/gone", errorPage(410, "1.22"), "text/html", "", 410},
		} {
			a, body := c.exchange("GET " + test.path + " HTTP/1.1\r\nHost: a\r\n\r\n")
			if a == nil {
				t.Fatalf("%s: the connection ended", test.path)
			}
			if a.StatusCode != test.status || body != test.body || a.Header.Get("Content-Type") != test.contentType ||
				a.Header.Get("Location") != test.location || a.Header.Get("Server") != "nginx/1.22.1" {
				t.Errorf("%s: %d %v %q", test.path, a.StatusCode, a.Header, body)
			}
		}
		if a, _ := c.exchange("GET /drop HTTP/1.1\r\nHost: a\r\n\r\n"); a != nil {
			t.Errorf("444 was answered with %d", a.StatusCode)
		}
		big := "POST /chat HTTP/1.1\r\nHost: a\r\nContent-Length: 1048577\r\n\r\n"
		if status, body := s.from("192.0.2.1").ask(big); status != 413 || body != errorPage(413, "1.22") {
			t.Errorf("too large: %d %q", status, body)
		}
	})
}

// TestRefused promises a retry, also of a POST, and that the dead peer is then
// left alone for fail_timeout.
func TestRefused(t *testing.T) {
	for _, request := range []string{getRequest, postRequest} {
		act(t, "1.30", configText(2, "", ""), func(s *stage) {
			s.node("10.0.0.2:3000", nil)
			if status, body := s.from("192.0.2.1").ask(request); status != 200 || body != "10.0.0.2:3000" {
				t.Errorf("got %d %s", status, body)
			}
			dials := s.w.dials
			for range 3 {
				s.get("192.0.2.1")
			}
			if n := s.w.dials - dials - 3; n > 1 {
				t.Errorf("%d dials to the upstream for three requests after the failure", n)
			}
			want := []string{
				"connect() failed (111: Connection refused) while connecting to upstream",
				"upstream server temporarily disabled while connecting to upstream",
			}
			expectErrors(t, s, want...)
			if list := s.w.kind(trace.Proxied); len(list) != 4 || list[0].Node.String() != "10.0.0.2:3000" || list[0].Status != 200 ||
				list[0].Peer.String() != "192.0.2.1" {
				t.Errorf("proxied: %+v", list)
			}
		})
	}
}

func expectErrors(t *testing.T, s *stage, want ...string) {
	t.Helper()
	var got []string
	for _, e := range s.w.kind(trace.ProxyError) {
		got = append(got, e.Text.String())
	}
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("error log:\n%s\nwant:\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// TestNoLive promises 502 at once while all peers are disabled, even when they
// are back, until fail_timeout is over.
func TestNoLive(t *testing.T) {
	act(t, "1.30", configText(2, "", ""), func(s *stage) {
		if status, _ := s.get("192.0.2.1"); status != 502 {
			t.Errorf("status %d", status)
		}
		s.node("10.0.0.1:3000", nil)
		s.node("10.0.0.2:3000", nil)
		time.Sleep(10 * time.Second)
		dials := s.w.dials
		if status, _ := s.get("192.0.2.1"); status != 502 || s.w.dials != dials+1 {
			t.Errorf("status %d in the tenth second", status)
		}
		time.Sleep(time.Second)
		if status, _ := s.get("192.0.2.1"); status != 200 {
			t.Errorf("status %d in the eleventh second", status)
		}
		list := s.w.kind(trace.ProxyError)
		if last := list[len(list)-1]; last.Text.String() != noLive || last.Status != 502 {
			t.Errorf("last error %+v", last)
		}
	})
}

// TestFailures promises nginx's table of failures: what is tried again, what
// counts, and what the client sees.
func TestFailures(t *testing.T) {
	closes := func(c net.Conn, _ *bufio.Reader, _ string) { c.Close() }
	hangs := func(_ net.Conn, r *bufio.Reader, _ string) { r.ReadByte() }
	says := func(status int) func(net.Conn, *bufio.Reader, string) {
		return func(c net.Conn, _ *bufio.Reader, _ string) { reply(c, status, "bad") }
	}
	garbage := func(c net.Conn, _ *bufio.Reader, _ string) { fmt.Fprint(c, "HTTP/1.1 200 OK\r\nX Y: 1\r\n\r\n") }
	for _, test := range []struct {
		name, location, request string
		answer                  func(net.Conn, *bufio.Reader, string)
		status                  int
		body                    string // "": the page of the status
		failed                  bool
	}{
		{"closed, GET", "", getRequest, closes, 200, "10.0.0.2:3000", true},
		{"closed, POST", "", postRequest, closes, 502, "", true},
		{"closed, POST non_idempotent", "proxy_next_upstream error non_idempotent;", postRequest, closes, 200, "10.0.0.2:3000", true},
		{"closed, off", "proxy_next_upstream off;", getRequest, closes, 502, "", true},
		{"closed, one try", "proxy_next_upstream_tries 1;", getRequest, closes, 502, "", true},
		{"hangs, GET", "proxy_read_timeout 2s;", getRequest, hangs, 200, "10.0.0.2:3000", true},
		{"hangs, POST", "proxy_read_timeout 2s;", postRequest, hangs, 504, "", true},
		{"hangs, time is over", "proxy_read_timeout 2s; proxy_next_upstream_timeout 1s;", getRequest, hangs, 504, "", true},
		{"garbage", "", getRequest, garbage, 502, "", true},
		{"503", "", getRequest, says(503), 503, "bad", false},
		{"503 listed", "proxy_next_upstream http_503;", getRequest, says(503), 200, "10.0.0.2:3000", true},
		{"503 listed, POST", "proxy_next_upstream http_503;", postRequest, says(503), 503, "bad", false},
		{"404 listed", "proxy_next_upstream http_404;", getRequest, says(404), 200, "10.0.0.2:3000", false},
		{"500 listed, 503 said", "proxy_next_upstream http_500;", getRequest, says(503), 503, "bad", false},
	} {
		t.Run(test.name, func(t *testing.T) {
			act(t, "1.22", configText(2, "", test.location), func(s *stage) {
				s.node("10.0.0.1:3000", test.answer)
				s.node("10.0.0.2:3000", nil)
				status, body := s.from("192.0.2.1").ask(test.request)
				want := test.body
				if want == "" {
					want = errorPage(test.status, "1.22")
				}
				if status != test.status || body != want {
					t.Errorf("got %d %q, want %d %q", status, body, test.status, want)
				}
				state := s.p.generation.Load().all[0].peers.Status()[0]
				if failed := state.Fails > 0; failed != test.failed || state.Conns != 0 {
					t.Errorf("peer %+v, want failed %v", state, test.failed)
				}
			})
		})
	}
}

// TestConnectTimeout promises 504 and a retry when a dial is not answered.
func TestConnectTimeout(t *testing.T) {
	act(t, "1.30", configText(2, "", "proxy_connect_timeout 3s;"), func(s *stage) {
		s.node("10.0.0.1:3000", nil)
		s.w.links["10.0.0.1:3000"] = memnet.Link{Cut: true}
		s.node("10.0.0.2:3000", nil)
		began := time.Now()
		if status, _ := s.from("192.0.2.1").ask(postRequest); status != 200 || time.Since(began) != 3*time.Second {
			t.Errorf("status %d after %v", status, time.Since(began))
		}
		list := s.w.kind(trace.ProxyError)
		if len(list) == 0 || list[0].Text.String() != timedOut+connecting || list[0].Status != 504 {
			t.Errorf("errors %+v", list)
		}
	})
}

// TestClientLeaves promises that a request whose client went away ends at the
// node and does not count as a failure.
func TestClientLeaves(t *testing.T) {
	act(t, "1.30", configText(2, "", ""), func(s *stage) {
		ended := false
		s.node("10.0.0.1:3000", func(c net.Conn, r *bufio.Reader, _ string) {
			r.ReadByte()
			ended = true
		})
		s.node("10.0.0.2:3000", nil)
		c := s.from("192.0.2.1")
		fmt.Fprint(c, getRequest)
		synctest.Wait()
		c.Close()
		synctest.Wait()
		if !ended {
			t.Error("the node still has the request")
		}
		if state := s.p.generation.Load().all[0].peers.Status()[0]; state.Fails != 0 || state.Conns != 0 {
			t.Errorf("peer %+v", state)
		}
		if list := s.w.kind(trace.Proxied); len(list) != 1 || list[0].Status != 499 || list[0].Text.String() != "GET polling" {
			t.Errorf("proxied %+v", list)
		}
	})
}

// TestCutBody promises that a body that ends early ends the client's
// connection, and is no failure of the node.
func TestCutBody(t *testing.T) {
	act(t, "1.30", configText(2, "", ""), func(s *stage) {
		s.node("10.0.0.1:3000", func(c net.Conn, _ *bufio.Reader, _ string) {
			fmt.Fprint(c, "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf")
			c.Close()
		})
		s.node("10.0.0.2:3000", nil)
		if status, body := s.get("192.0.2.1"); status == 200 && !strings.HasPrefix(body, "error") {
			t.Errorf("got %d %q", status, body)
		}
		if state := s.p.generation.Load().all[0].peers.Status()[0]; state.Fails != 0 {
			t.Errorf("peer %+v", state)
		}
		expectErrors(t, s, premature+readingBody)
	})
}

// TestKept promises that connections to the upstream are reused as the version
// has it, and that one that died while idle is not.
func TestKept(t *testing.T) {
	for _, test := range []struct {
		version  nginx.Version
		location string
		dials    int
	}{
		{"1.22", "", 5},
		{"1.22", `proxy_http_version 1.1; proxy_set_header Connection "";`, 5},
		{"1.30", "", 1},
		{"1.30", "proxy_http_version 1.0;", 5},
	} {
		act(t, test.version, configText(1, "", test.location), func(s *stage) {
			n := s.node("10.0.0.1:3000", nil)
			c := s.from("192.0.2.1")
			before := s.w.dials
			for range 5 {
				if status, _ := c.ask(getRequest); status != 200 {
					t.Fatalf("status %d", status)
				}
				synctest.Wait()
			}
			if got := s.w.dials - before; got != test.dials {
				t.Errorf("%s %q: %d dials for five requests, want %d", test.version, test.location, got, test.dials)
			}
			n.drop()
			synctest.Wait()
			if status, _ := c.ask(postRequest); status != 200 {
				t.Errorf("status %d after the kept connection died", status)
			}
			time.Sleep(time.Minute + time.Second)
			synctest.Wait()
			for _, k := range s.p.generation.Load().all[0].idle {
				if idle := len(k.conns); idle != 0 {
					t.Errorf("%d connections idle for more than %v", idle, time.Minute)
				}
			}
		})
	}
}

// TestKeptByWhom promises that since 1.29.7 each location keeps its connections to an
// upstream block, unless keepalive shares them, and that none are kept to an address
// that is no upstream's.
func TestKeptByWhom(t *testing.T) {
	for _, test := range []struct {
		version  nginx.Version
		upstream string
		pass     string
		dials    int // for two requests to each of two locations
	}{
		{"1.30", "", "http://im", 2},
		{"1.30", "keepalive 8;", "http://im", 1},
		{"1.30", "keepalive 8 local;", "http://im", 2},
		{"1.30", "keepalive 0;", "http://im", 4},
		{"1.30", "", "http://10.0.0.1:3000", 4},
		{"1.22", "", "http://im", 4},
	} {
		text := "upstream im { server 10.0.0.1:3000; " + test.upstream + " }\n" +
			"server { listen 80; location /a { proxy_pass " + test.pass + "; } location /b { proxy_pass " + test.pass + "; } }"
		act(t, test.version, text, func(s *stage) {
			s.node("10.0.0.1:3000", nil)
			c := s.from("192.0.2.1")
			before := s.w.dials
			for _, uri := range []string{"/a", "/b", "/a", "/b"} {
				if status, _ := c.ask("GET " + uri + " HTTP/1.1\r\nHost: im\r\n\r\n"); status != 200 {
					t.Fatalf("status %d", status)
				}
				synctest.Wait()
			}
			if got := s.w.dials - before; got != test.dials {
				t.Errorf("%s, %q, %s: %d dials, want %d", test.version, test.upstream, test.pass, got, test.dials)
			}
		})
	}
}

// TestKeptRace promises nginx's treatment of a kept connection that the node
// closes on the next request: the failure counts, a GET gets its try back, a
// POST gets 502.
func TestKeptRace(t *testing.T) {
	for _, test := range []struct {
		request string
		status  int
	}{{getRequest, 200}, {postRequest, 502}} {
		act(t, "1.30", configText(1, "", ""), func(s *stage) {
			served := map[net.Conn]bool{}
			s.node("10.0.0.1:3000", func(c net.Conn, _ *bufio.Reader, _ string) {
				if served[c] {
					c.Close()
					return
				}
				served[c] = true
				reply(c, 200, "ok")
			})
			c := s.from("192.0.2.1")
			c.ask(getRequest)
			synctest.Wait()
			if status, _ := c.ask(test.request); status != test.status {
				t.Errorf("%.4s: status %d, want %d", test.request, status, test.status)
			}
		})
	}
}

// TestRealIP promises that a trusted proxy's word decides the client's address.
func TestRealIP(t *testing.T) {
	text := strings.Replace(configText(1, "", "proxy_set_header X-IP $remote_addr;"), "listen 80;",
		"listen 80; set_real_ip_from 192.0.2.0/24; real_ip_header X-Forwarded-For; real_ip_recursive on;", 1)
	for _, test := range []struct{ from, forwarded, want string }{
		{"192.0.2.1", "198.51.100.9", "198.51.100.9"},
		{"192.0.2.1", "198.51.100.9, 192.0.2.77", "198.51.100.9"},
		{"192.0.2.1", "198.51.100.9:1234", "198.51.100.9"},
		{"192.0.2.1", "nonsense", "192.0.2.1"},
		{"192.0.2.1", "255.255.255.255", "192.0.2.1"},
		{"203.0.113.1", "198.51.100.9", "203.0.113.1"},
	} {
		act(t, "1.30", text, func(s *stage) {
			n := s.node("10.0.0.1:3000", nil)
			s.from(test.from).ask("GET / HTTP/1.1\r\nHost: h\r\nX-Forwarded-For: " + test.forwarded + "\r\n\r\n")
			if head := n.got()[0]; !strings.Contains(head, "X-IP: "+test.want+"\r\n") {
				t.Errorf("%+v: upstream got %q", test, head)
			}
		})
	}
}

// TestSticky promises that the cookie binds a client to a peer, and to the new
// one after an outage.
func TestSticky(t *testing.T) {
	act(t, "1.30", configText(2, "sticky cookie srv_id expires=1h path=/;", ""), func(s *stage) {
		first := s.node("10.0.0.1:3000", nil)
		s.node("10.0.0.2:3000", nil)
		a, body := s.from("192.0.2.1").exchange(getRequest)
		set := a.Header.Get("Set-Cookie")
		id := (&balance.Peer{Address: "10.0.0.1:3000"}).ID()
		if body != "10.0.0.1:3000" || !strings.HasPrefix(set, "srv_id="+id+"; expires=Sat, 01-Jan-00 01:00:00 GMT; max-age=3600; path=/") {
			t.Fatalf("answer of %s sets %q", body, set)
		}
		held := strings.Replace(getRequest, "\r\n\r\n", "\r\nCookie: x=1; srv_id="+id+"\r\n\r\n", 1)
		for range 3 {
			if _, body := s.from("192.0.2.1").ask(held); body != "10.0.0.1:3000" {
				t.Errorf("held request went to %s", body)
			}
		}
		first.stop()
		first.drop()
		a, body = s.from("192.0.2.1").exchange(held)
		if body != "10.0.0.2:3000" || strings.Contains(a.Header.Get("Set-Cookie"), id) {
			t.Errorf("after the outage: %s, %q", body, a.Header.Get("Set-Cookie"))
		}
	})
}
