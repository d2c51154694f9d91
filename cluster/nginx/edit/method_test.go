package edit

import (
	"net/netip"
	"strings"
	"testing"

	"stickylab/cluster/nginx"
	"stickylab/cluster/nginx/syntax"
)

func TestSetMethod(t *testing.T) {
	for _, c := range []struct{ name, text, method, want string }{
		{
			"put in, one line",
			"upstream im { server a:1; server b:2; }", "ip_hash",
			"upstream im { ip_hash; server a:1; server b:2; }",
		},
		{
			"put in, no blanks",
			"upstream im {server a:1;}", "least_conn",
			"upstream im { least_conn; server a:1;}",
		},
		{
			"put in, lines",
			"upstream im {\n\t# the nodes\n\tserver a:1;\n}\n", "hash $remote_addr consistent",
			"upstream im {\n\thash $remote_addr consistent;\n\t# the nodes\n\tserver a:1;\n}\n",
		},
		{
			"put in below a comment of the opening line",
			"upstream im { # chat\n  server a:1; # one\n}", "ip_hash",
			"upstream im { # chat\n  ip_hash;\n  server a:1; # one\n}",
		},
		{
			"put in, carriage returns",
			"upstream im {\r\n  server a:1;\r\n}\r\n", "ip_hash",
			"upstream im {\r\n  ip_hash;\r\n  server a:1;\r\n}\r\n",
		},
		{
			"replace",
			"upstream im {\n  least_conn; # why not\n  server a:1;\n}", "random two least_conn",
			"upstream im {\n  random two least_conn; # why not\n  server a:1;\n}",
		},
		{
			"replace a key over two lines",
			"upstream im { hash\n $arg_x consistent ; server a:1; }", "ip_hash",
			"upstream im { ip_hash; server a:1; }",
		},
		{
			"replace the first of several",
			"upstream im {\n  least_conn;\n  server a:1;\n  ip_hash;\n}", "random",
			"upstream im {\n  random;\n  server a:1;\n}",
		},
		{
			"take out, one line",
			"upstream im { ip_hash; server a:1; }", "round_robin",
			"upstream im { server a:1; }",
		},
		{
			"take out a line",
			"upstream im {\n  # nodes\n  ip_hash;\n  server a:1;\n}", "round_robin",
			"upstream im {\n  # nodes\n  server a:1;\n}",
		},
		{
			"take out, keeping its comment",
			"upstream im {\n  ip_hash; # sticky\n  server a:1;\n}", "round_robin",
			"upstream im {\n   # sticky\n  server a:1;\n}",
		},
		{"nothing to take out", "upstream im { server a:1; }", "round_robin", "upstream im { server a:1; }"},
		{
			"behind the servers when one is a backup",
			"upstream im {\n  least_conn;\n  server a:1;\n  server b:1 backup; # spare\n}", "ip_hash",
			"upstream im {\n  server a:1;\n  server b:1 backup; # spare\n  ip_hash;\n}",
		},
		{
			"behind the servers, one line",
			"upstream im { ip_hash; server a:1; server b:1; } upstream x { server a:1; server b:1 backup;} # end", "ip_hash",
			"upstream im { ip_hash; server a:1; server b:1; } upstream x { server a:1; server b:1 backup; ip_hash; } # end",
		},
		{
			"a method that supports backups stays in front",
			"upstream im { server a:1; server b:1 backup; }", "least_conn",
			"upstream im { least_conn; server a:1; server b:1 backup; }",
		},
		{
			"inside http, among others",
			"http { upstream a { server a:1; }\n  upstream IM {\n    server b:1;\n  }\n}", "ip_hash",
			"http { upstream a { server a:1; }\n  upstream IM {\n    ip_hash;\n    server b:1;\n  }\n}",
		},
		{
			"a key with blanks",
			"upstream im { server a:1; }", `hash "$arg_a $arg_b"`,
			`upstream im { hash "$arg_a $arg_b"; server a:1; }`,
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			m, err := nginx.ParseMethod(c.method)
			if err != nil {
				t.Fatal(err)
			}
			name := "im"
			if strings.Contains(c.text, "upstream x") {
				name = "x"
			}
			got, err := SetMethod(syntax.Scan(c.text), name, m)
			if err != nil {
				t.Fatal(err)
			}
			if got.Text() != c.want {
				t.Fatalf("got:\n%s\nwant:\n%s", got.Text(), c.want)
			}
			config, problems := nginx.ParseTree(got, nginx.DefaultVersion)
			if len(problems) > 0 {
				t.Fatal(problems)
			}
			if now := config.Upstream(name).Method; now.String() != m.String() {
				t.Errorf("the method now is %q", now)
			}
		})
	}
}

func TestSetMethodRefuses(t *testing.T) {
	good := nginx.Method{Name: "ip_hash"}
	for _, c := range []struct {
		name, text, upstream string
		method               nginx.Method
		want                 string
	}{
		{"unknown upstream", "upstream a { server a:1; }", "im", good, `set method of upstream "im": no upstream block "im"`},
		{"broken text", "upstream im { server a:1; ", "im", good, `set method of upstream "im": 1:25: unexpected end of file`},
		{"bad method", "upstream im { server a:1; }", "im", nginx.Method{Name: "hash"}, "invalid number of arguments"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if _, err := SetMethod(syntax.Scan(c.text), c.upstream, c.method); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want %q", err, c.want)
			}
		})
	}
}

func TestTemplate(t *testing.T) {
	text := Template(nginx.Method{Name: "ip_hash"}, []string{"127.0.0.1:3030", "127.0.0.1:5080 weight=2"}, "192.168.33.10:80", "im.example.com")
	c, problems := nginx.Parse(text, nginx.DefaultVersion)
	if len(problems) > 0 || len(c.Notes) > 0 {
		t.Fatalf("%v %v\n%s", problems, c.Notes, text)
	}
	u := c.Upstream("im")
	_, l := c.Select(netip.MustParseAddrPort("192.168.33.10:80"), "im.example.com", "/socket.io/")
	if u == nil || u.Method.Name != "ip_hash" || len(u.Servers) != 2 || u.Servers[1].Port != 5080 || u.Servers[1].Weight != 2 {
		t.Fatalf("upstream %+v", u)
	}
	if l == nil || l.Proxy == nil || l.Proxy.Upstream != "im" || l.Proxy.HTTPVersion != "1.1" || len(l.Proxy.Headers) != 2 || c.Servers[0].Names[0] != "im.example.com" {
		t.Fatalf("location %+v", l)
	}
	plain := Template(nginx.Method{}, []string{"a:1"}, "80", "")
	if strings.Contains(plain, "server_name") || strings.Contains(plain, "round_robin") {
		t.Errorf("more than needed:\n%s", plain)
	}
	if _, problems := nginx.Parse(plain, "1.22"); len(problems) > 0 {
		t.Error(problems)
	}
}
