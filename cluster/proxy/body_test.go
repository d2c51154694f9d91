package proxy

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"stickylab/cluster/trace"
)

func post(path string, size int) string {
	return fmt.Sprintf("POST %s HTTP/1.1\r\nHost: im.example.com\r\nContent-Length: %d\r\n\r\n%s", path, size, strings.Repeat("x", size))
}

func chunked(path string, sizes ...int) string {
	var b strings.Builder
	fmt.Fprintf(&b, "POST %s HTTP/1.1\r\nHost: im.example.com\r\nTransfer-Encoding: chunked\r\n\r\n", path)
	for _, n := range append(sizes, 0) {
		fmt.Fprintf(&b, "%x\r\n%s\r\n", n, strings.Repeat("x", n))
	}
	return b.String()
}

func TestBodiesAreOnlySoLarge(t *testing.T) {
	const text = `upstream im { server 10.0.0.1:3000; }
server {
	listen 80;
	client_max_body_size 1k;
	location / { proxy_pass http://im; }
	location /any { client_max_body_size 0; proxy_pass http://im; }
	location /more { client_max_body_size 3k; proxy_pass http://im; }
	location /here { return 200 here; }
}
server { listen 80; server_name default.example.com; location / { proxy_pass http://im; } }
`
	of := func(host, request string) string { return strings.Replace(request, "im.example.com", host, 1) }
	for _, test := range []struct {
		request string
		status  int
		log     string
	}{
		{post("/", 1024), 200, ""},
		{post("/", 1025), 413, "client intended to send too large body: 1025 bytes"},
		{post("/more", 3072), 200, ""},
		{post("/more", 3073), 413, "client intended to send too large body: 3073 bytes"},
		{post("/any", 2<<20), 200, ""},
		{post("/here", 1025), 413, "client intended to send too large body: 1025 bytes"},
		{chunked("/", 1000, 24), 200, ""},
		{chunked("/", 1000, 25), 413, "client intended to send too large chunked body: more than 1024 bytes"},
		{chunked("/any", 1000, 25), 200, ""},
		{of("default.example.com", post("/", 1<<20)), 200, ""},
		{of("default.example.com", post("/", 1<<20+1)), 413, "client intended to send too large body: 1048577 bytes"},
	} {
		act(t, "1.30", text, func(s *stage) {
			s.node("10.0.0.1:3000", nil)
			a, body := s.from("203.0.113.7").exchange(test.request)
			name := test.request[:60]
			if a == nil || a.StatusCode != test.status {
				t.Fatalf("%q: %+v", name, a)
			}
			if refused := test.status == 413; a.Close != refused || refused && body != errorPage(413, "1.30") {
				t.Errorf("%q: closed %v, %s", name, a.Close, body)
			}
			log := ""
			for _, e := range s.w.kind(trace.ProxyError) {
				log += e.Text.String()
			}
			if log != test.log {
				t.Errorf("%q: %q", name, log)
			}
			if got := len(s.nodes[0].got()); (got == 1) != (test.status == 200) {
				t.Errorf("%q: the node got %d", name, got)
			}
		})
	}
}

// A client that announces much and sends nothing gets its answer at once and
// loses the connection a little later.
func TestARefusedBodyIsNotWaitedFor(t *testing.T) {
	act(t, "1.30", configText(1, "", "client_max_body_size 1k;"), func(s *stage) {
		c := s.from("203.0.113.7")
		began := time.Now()
		io.WriteString(c, "POST / HTTP/1.1\r\nHost: im.example.com\r\nContent-Length: 2000\r\n\r\n")
		a, err := http.ReadResponse(c.r, nil)
		if err != nil || a.StatusCode != 413 || time.Since(began) != 0 {
			t.Fatalf("%+v, %v after %v", a, err, time.Since(began))
		}
		io.ReadAll(c.r)
		if took := time.Since(began); took > 6*time.Second {
			t.Errorf("the connection ended after %v", took)
		}
	})
}
