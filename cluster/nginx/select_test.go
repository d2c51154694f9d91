package nginx

import (
	"net/netip"
	"testing"
)

func mustParse(t *testing.T, text string) *Config {
	t.Helper()
	c, problems := Parse(text, DefaultVersion)
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	return c
}

func TestServer(t *testing.T) {
	c := mustParse(t, `
		server { listen 80; return 200 first; }
		server { listen 80 default_server; server_name example.com; return 200 default; }
		server { listen 80; server_name *.example.com; return 200 leading; }
		server { listen 80; server_name *.chat.example.com; return 200 longer; }
		server { listen 80; server_name .example.org; return 200 dot; }
		server { listen 80; server_name www.*; return 200 trailing; }
		server { listen 80; server_name ~^node(\d)\.; return 200 pattern; }
		server { listen 80; server_name ~^node; return 200 later; }
		server { listen 10.0.0.1:80; server_name only.example.com; return 200 address; }
		server { listen [::]:80; return 200 six; }
		server { listen [::]:81 ipv6only=off; return 200 dual; }
		server { listen 8080; server_name a; return 200 undefault; }
		server { listen 8080; server_name b; return 200 b; }
	`)
	for _, q := range []struct{ listen, host, want string }{
		{"1.2.3.4:80", "example.com", "default"},
		{"1.2.3.4:80", "EXAMPLE.com.:80", "default"},
		{"1.2.3.4:80", "nobody.test", "default"},
		{"1.2.3.4:80", "", "first"},
		{"1.2.3.4:80", "a.b.example.com", "leading"},
		{"1.2.3.4:80", "a.chat.example.com", "longer"},
		{"1.2.3.4:80", "chat.example.com", "leading"},
		{"1.2.3.4:80", "example.org", "dot"},
		{"1.2.3.4:80", "x.example.org", "dot"},
		{"1.2.3.4:80", "notexample.org", "default"},
		{"1.2.3.4:80", "www.example.net", "trailing"},
		{"1.2.3.4:80", "www.example.com", "leading"},
		{"1.2.3.4:80", "node1.test", "pattern"},
		{"1.2.3.4:80", "nodeX.test", "later"},
		{"10.0.0.1:80", "example.com", "address"},
		{"[::ffff:10.0.0.1]:80", "example.com", "address"},
		{"[2001:db8::1]:80", "example.com", "six"},
		{"[2001:db8::1]:81", "[2001:db8::1]:81", "dual"},
		{"10.0.0.1:81", "x", "dual"},
		{"10.0.0.1:8080", "c", "undefault"},
		{"10.0.0.1:8080", "b:8080", "b"},
		{"10.0.0.1:9", "b", ""},
	} {
		s, _ := c.Select(netip.MustParseAddrPort(q.listen), q.host, "/")
		got := ""
		if s != nil {
			got = s.Return.Body
		}
		if got != q.want {
			t.Errorf("%s %q: got %q, want %q", q.listen, q.host, got, q.want)
		}
	}
}

func TestLocation(t *testing.T) {
	c := mustParse(t, `server {
		location / { return 200 root; }
		location = / { return 200 exact; }
		location /chat { return 200 chat; }
		location ^~ /static/ { return 200 static; }
		location ~ \.php$ { return 200 php; }
		location ~* \.PNG$ { return 200 png; }
		location ~ ^/static { return 200 never; }
		location /deep/ {
			return 200 deep;
			location /deep/er/ { return 200 deeper; }
			location = /deep/exact { return 200 deepexact; }
			location ~ \.png$ { return 200 deeppng; }
		}
		location ~ ^/re/ { return 200 re; location ~ x$ { return 200 rex; } }
		location @named { return 200 named; }
	}`)
	for path, want := range map[string]string{
		"/": "exact", "": "exact", "/x": "root", "/chat": "chat", "/chatter": "chat", "/Chat": "root",
		"/static/a.php": "static", "/static": "never", "/a.php": "php", "/a.png": "png", "/a.PNG": "png", "/a.PHP": "root",
		"/deep/": "deep", "/deep/er/y": "deeper", "/deep/exact": "deepexact", "/deep/a.png": "deeppng", "/deep/a.php": "php",
		"/re/y": "re", "/re/x": "rex", "//chat": "chat", "/a/../chat/./b": "chat", "/..": "exact", "/a/..": "exact", "/@named": "root",
	} {
		if got := c.Servers[0].Location(path); got == nil || got.Return.Body != want {
			t.Errorf("%q: got %+v, want %q", path, got, want)
		}
	}
	if got := mustParse(t, "server { location /a { } }").Servers[0].Location("/b"); got != nil {
		t.Errorf("a location for nothing: %+v", got)
	}
}

func TestRedirects(t *testing.T) {
	s := mustParse(t, `upstream im { server a:1; }
		server { location /a/ { proxy_pass http://im; } location /b/ { } location /c/ { proxy_pass http://im; } location = /c { } }`).Servers[0]
	for path, want := range map[string]bool{"/a": true, "/a/": false, "/b": false, "/c": false, "/": false} {
		if _, got, _ := s.find(path); got != want {
			t.Errorf("%q: got %v", path, got)
		}
	}
}

func TestCleanPath(t *testing.T) {
	for path, want := range map[string]string{
		"": "/", "a": "/a", "/a//b": "/a/b", "/a/": "/a/", "/a/.": "/a/", "/a/..": "/", "/a/../": "/", "/a/b/../c": "/a/c", "/../../x": "/x",
		"/.a/..b": "/.a/..b", "///": "/",
	} {
		if got, _ := CleanPath(path); got != want {
			t.Errorf("%q: got %q, want %q", path, got, want)
		}
	}
}
