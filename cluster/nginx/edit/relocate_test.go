package edit

import (
	"strings"
	"testing"

	"stickylab/cluster/nginx/syntax"
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
	got, err := Relocate(syntax.Scan(text), func(a string) string { return "[" + a + "]" }, func(a string) string { return "<" + a + ">" })
	if err != nil || got.Text() != want {
		t.Errorf("%v\n%s", err, got.Text())
	}
	if _, err := Relocate(syntax.Scan("server {"), strings.ToLower, strings.ToLower); err == nil {
		t.Error("half a block is taken")
	}
}

func FuzzRelocate(f *testing.F) {
	f.Add("upstream im { server a:1; } server { listen 80; location / { proxy_pass http://b:2/x; } }")
	f.Add(`server { listen "80"; }`)
	f.Fuzz(func(t *testing.T, text string) {
		same := func(a string) string { return a }
		tree := syntax.Scan(text)
		if got, err := Relocate(tree, same, same); err == nil && got != tree {
			t.Errorf("%q became %q", text, got.Text())
		}
		Relocate(tree, func(string) string { return "1" }, func(string) string { return "x:2" })
	})
}
