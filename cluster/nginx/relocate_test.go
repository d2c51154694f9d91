package nginx

import (
	"strings"
	"testing"
)

func TestRelocate(t *testing.T) {
	const text = `# server 10.0.0.1:1; listen 80;
upstream im { # a comment
    server 10.0.0.1:3000  weight=2; server "10.0.0.2:3000" backup;
    server unix:/run/x.sock;
}
server {
    listen 80 default_server;
    listen [::]:80;
    server_name listen;
    location / { proxy_pass http://im; proxy_set_header X "server 10.0.0.1:3000"; }
    location /a { proxy_pass http://10.0.0.1:3000/a$uri; }
    location /b { proxy_pass http://10.0.0.1:3000/b; }
    location /c { proxy_pass https://IM/c; }
}
`
	const want = `# server 10.0.0.1:1; listen 80;
upstream im { # a comment
    server <10.0.0.1:3000>  weight=2; server <10.0.0.2:3000> backup;
    server unix:/run/x.sock;
}
server {
    listen [80] default_server;
    listen [[::]:80];
    server_name listen;
    location / { proxy_pass http://im; proxy_set_header X "server 10.0.0.1:3000"; }
    location /a { proxy_pass http://10.0.0.1:3000/a$uri; }
    location /b { proxy_pass http://<10.0.0.1:3000>/b; }
    location /c { proxy_pass https://IM/c; }
}
`
	got, err := Relocate(text, func(a string) string { return "[" + a + "]" }, func(a string) string { return "<" + a + ">" })
	if err != nil || got != want {
		t.Errorf("%v\n%s", err, got)
	}
	if _, err := Relocate("server {", strings.ToLower, strings.ToLower); err == nil {
		t.Error("half a block is taken")
	}
	for text, want := range map[string]bool{"http { }": true, "events {}\nhttp {}": true, "server { }": false, "": false, "http;": false} {
		if IsWhole(text) != want {
			t.Errorf("%q: %v", text, !want)
		}
	}
}

func FuzzRelocate(f *testing.F) {
	f.Add("upstream im { server a:1; } server { listen 80; location / { proxy_pass http://b:2/x; } }")
	f.Add(`server { listen "80"; }`)
	f.Fuzz(func(t *testing.T, text string) {
		same := func(a string) string { return a }
		if got, err := Relocate(text, same, same); err == nil && got != text {
			t.Errorf("%q became %q", text, got)
		}
		Relocate(text, func(string) string { return "1" }, func(string) string { return "x:2" })
	})
}
