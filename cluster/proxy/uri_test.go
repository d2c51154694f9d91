package proxy

import (
	"fmt"
	"testing"
)

// TestPath promises the decoded and cleaned path where proxy_pass has a URI,
// the path as it came where it has none, and nginx's redirect to a location
// that ends in a slash.
func TestPath(t *testing.T) {
	for _, test := range []struct {
		location, ask string
		status        int
		want          string // that the upstream is asked for, or Location
	}{
		{"location / { proxy_pass http://im; }", "/a//b/../c%41?x=%41", 200, "/a//b/../c%41?x=%41"},
		{"location /app/ { proxy_pass http://im/; }", "/app//x", 200, "/x"},
		{"location /app/ { proxy_pass http://im/; }", "/%61pp/x", 200, "/x"},
		{"location /app/ { proxy_pass http://im/inner/; }", "/app/y/../a%20b%2Fc%7e", 200, "/inner/a%20b/c~"},
		{"location /app/ { proxy_pass http://im/inner/; }", "/app/a|b", 200, "/inner/a|b"},
		{"location /app/ { proxy_pass http://im/inner/; }", "/app/a|%62", 200, "/inner/a%7Cb"},
		{"location /app/ { proxy_pass http://im/; }", "/app", 301, "http://h/app/"},
		{"location /app/ { proxy_pass http://im/; }", "/app?x=1", 301, "http://h/app/?x=1"},
		{"location /a%20b/ { return 404; } location '/a b/' { proxy_pass http://im/; }", "/a%20b", 301, "http://h/a%20b/"},
		{"location / { proxy_pass http://im; }", "/a%00b", 400, ""},
		{"location / { proxy_pass http://im; }", "/a/../../b", 400, ""},
	} {
		text := "upstream im { server 10.0.0.1:3000; }\nserver { listen 80; " + test.location + " }"
		act(t, "1.30", text, func(s *stage) {
			n := s.node("10.0.0.1:3000", nil)
			a, _ := s.from("192.0.2.1").exchange("GET " + test.ask + " HTTP/1.1\r\nHost: h\r\n\r\n")
			if a == nil {
				t.Fatalf("%s asked for %s: no answer", test.location, test.ask)
			}
			got := a.Header.Get("Location")
			for _, head := range n.got() {
				fmt.Sscanf(head, "GET %s", &got)
			}
			if a.StatusCode != test.status || got != test.want {
				t.Errorf("%s asked for %s: %d %s, want %d %s", test.location, test.ask, a.StatusCode, got, test.status, test.want)
			}
		})
	}
}

// TestURIVariables promises $uri cleaned, $request_uri as it came, and the
// length of a chunked body once it is read.
func TestURIVariables(t *testing.T) {
	act(t, "1.30", configText(1, "", `proxy_set_header X-All "$uri $request_uri $content_length";`), func(s *stage) {
		n := s.node("10.0.0.1:3000", nil)
		s.from("192.0.2.1").ask("POST /a//b%20c HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n")
		var one, two, three, four string
		if _, err := fmt.Sscanf(n.got()[0], "POST /a//b%%20c HTTP/1.1\r\nX-All: %s %s %s %s\r\n", &one, &two, &three, &four); err != nil ||
			one+" "+two != "/a/b c" || three != "/a//b%20c" || four != "2" {
			t.Errorf("%v: the upstream got %q", err, n.got())
		}
	})
}
