package proxy

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"stickylab/cluster/nginx"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// TestHeads promises the bytes that the upstream gets, for each configuration
// that differs and each version whose defaults differ.
func TestHeads(t *testing.T) {
	locations := []struct{ name, text string }{
		{"nothing set", ""},
		{"only proxy_http_version 1.1", "proxy_http_version 1.1;"},
		{"proxy_http_version 1.0", "proxy_http_version 1.0;"},
		{"upgrade", upgradeLines},
		{"upgrade without proxy_http_version", `proxy_set_header Upgrade $http_upgrade; proxy_set_header Connection "upgrade";`},
		{"variables", `proxy_set_header Host $host; proxy_set_header X-Real-IP $remote_addr; proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
			proxy_set_header X-Forwarded-Proto $scheme; proxy_set_header X-All "$http_host $server_port $arg_transport $request_uri $args";
			proxy_set_header Accept-Encoding "";`},
		{"connection emptied", `proxy_http_version 1.1; proxy_set_header Connection "";`},
	}
	requests := []struct{ name, text string }{
		{"websocket", wsRequest},
		{"post", postRequest},
		{"headers", "GET /a%20b?x=1 HTTP/1.1\r\nHost: IM.example.com:80\r\nKeep-Alive: 5\r\nTE: trailers\r\nX-Forwarded-For: 198.51.100.7\r\n" +
			"User-Agent: test\r\nx_bad: 1\r\nAccept-Encoding: gzip\r\nCookie: a=1\r\n\r\n"},
		{"chunked", "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n"},
	}
	var b bytes.Buffer
	for _, version := range []nginx.Version{"1.22", "1.30"} {
		for _, l := range locations {
			act(t, version, configText(1, "", l.text), func(s *stage) {
				n := s.node("10.0.0.1:3000", nil)
				for i, r := range requests {
					if status, body := s.from("192.0.2.1").ask(r.text); status != 200 {
						t.Fatalf("%s: status %d: %s", r.name, status, body)
					}
					fmt.Fprintf(&b, "== %s, %s, %s\n%s\n", version, l.name, r.name, n.got()[i])
				}
			})
		}
	}
	golden(t, "testdata/heads.golden", b.Bytes())
}

func golden(t *testing.T, file string, got []byte) {
	t.Helper()
	if *update {
		if err := os.WriteFile(file, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("%s (-want +got):\n%s", file, diff)
	}
}

// TestURI promises what becomes of the path when proxy_pass has one.
func TestURI(t *testing.T) {
	for _, test := range []struct{ location, ask, want string }{
		{"location / { proxy_pass http://im; }", "/a//b?x=%41", "/a//b?x=%41"},
		{"location /app/ { proxy_pass http://im/; }", "/app/socket.io/?EIO=4", "/socket.io/?EIO=4"},
		{"location /app/ { proxy_pass http://im/inner/; }", "/app/a%20b", "/inner/a%20b"},
		{"location = /one { proxy_pass http://im/two; }", "/one", "/two"},
	} {
		text := "upstream im { server 10.0.0.1:3000; }\nserver { listen 80; " + test.location + " }"
		act(t, "1.30", text, func(s *stage) {
			n := s.node("10.0.0.1:3000", nil)
			s.from("192.0.2.1").ask("GET " + test.ask + " HTTP/1.1\r\nHost: h\r\n\r\n")
			heads := n.got()
			if len(heads) != 1 || heads[0][:len("GET "+test.want+" ")] != "GET "+test.want+" " {
				t.Errorf("%s asked for %s: upstream got %q, want %s", test.location, test.ask, heads, test.want)
			}
		})
	}
}

// The proxy of a served cluster tells nodes whom a request is from, unless the
// configuration says that itself.
func TestTellsTheClientsAddress(t *testing.T) {
	for _, c := range []struct{ location, want string }{
		{"", "192.0.2.1"},
		{"proxy_set_header X-Real-IP 198.51.100.1;", "198.51.100.1"},
	} {
		act(t, "1.30", configText(1, "", c.location), func(s *stage) {
			s.p.c.RealIP = true
			if err := s.p.Reload(s.parse(configText(1, "", c.location), "1.30")); err != nil {
				t.Fatal(err)
			}
			n := s.node("10.0.0.1:3000", nil)
			s.from("192.0.2.1").ask("GET / HTTP/1.1\r\nHost: h\r\nX-Real-IP: 203.0.113.99\r\n\r\n")
			if got := n.got()[0]; strings.Count(got, "X-Real-IP") != 1 || !strings.Contains(got, "X-Real-IP: "+c.want+"\r\n") {
				t.Errorf("the node gets %q", got)
			}
		})
	}
}
