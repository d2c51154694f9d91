package nginx

import (
	"strings"
	"testing"
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
			m, err := ParseMethod(c.method)
			if err != nil {
				t.Fatal(err)
			}
			name := "im"
			if strings.Contains(c.text, "upstream x") {
				name = "x"
			}
			got, err := SetMethod(c.text, name, m)
			if err != nil {
				t.Fatal(err)
			}
			if got != c.want {
				t.Fatalf("got:\n%s\nwant:\n%s", got, c.want)
			}
			config, problems := Parse(got, Options{})
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
	good := Method{Name: "ip_hash"}
	for _, c := range []struct {
		name, text, upstream string
		method               Method
		want                 string
	}{
		{"unknown upstream", "upstream a { server a:1; }", "im", good, `set method of upstream "im": there is no such block`},
		{"broken text", "upstream im { server a:1; ", "im", good, `set method of upstream "im": 1:25: unexpected end of file`},
		{"bad method", "upstream im { server a:1; }", "im", Method{Name: "hash"}, "invalid number of arguments"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if _, err := SetMethod(c.text, c.upstream, c.method); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want %q", err, c.want)
			}
		})
	}
}

func TestParseMethod(t *testing.T) {
	for _, s := range []string{
		"round_robin", "ip_hash", "least_conn", "random", "random two", "random two least_conn", "hash $remote_addr", "hash $arg_x$cookie_y consistent",
		`hash "a b"`, "hash $connection_key",
	} {
		m, err := ParseMethod(s)
		if err != nil || m.String() != s {
			t.Errorf("%q: got %q, %v", s, m, err)
		}
		if again, err := ParseMethod(" " + s + " ; "); err != nil || again.String() != s {
			t.Errorf("%q with a semicolon: got %q, %v", s, again, err)
		}
	}
	for s, want := range map[string]string{
		"":                    "empty",
		"iphash":              `did you mean "ip_hash"?`,
		"sticky cookie a":     "unknown method, it is round_robin, ip_hash, hash, least_conn or random",
		"ip_hash on":          "invalid number of arguments",
		"hash":                "invalid number of arguments",
		"hash $x maybe":       `invalid parameter "maybe"`,
		"hash ${x":            "the closing bracket",
		"random three":        `invalid parameter "three"`,
		"ip_hash; least_conn": "one directive is expected",
		"ip_hash }":           `unexpected "}"`,
		"hash {":              "one directive is expected",
		`hash "x`:             "the quote that opens here is not closed",
	} {
		if _, err := ParseMethod(s); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: got %v, want %q", s, err, want)
		}
	}
}

func TestShort(t *testing.T) {
	text := Short(Method{Name: "ip_hash"}, []string{"127.0.0.1:3030", "127.0.0.1:5080 weight=2"}, "192.168.33.10:80", "im.example.com")
	c, problems := Parse(text, Options{})
	if len(problems) > 0 || len(c.Notes) > 0 {
		t.Fatalf("%v %v\n%s", problems, c.Notes, text)
	}
	const want = `upstream im at 1:1 ip_hash
  server 127.0.0.1:3030 at 3:5 127.0.0.1|3030
  server 127.0.0.1:5080 at 4:5 127.0.0.1|5080 weight=2
server at 7:1 names=["im.example.com"] 192.168.33.10:80
  location |/ at 11:5
    proxy im| at 12:9 http=1.1 timeouts=1m0s,1m0s,1m0s next=[error timeout],0,0s
    header Upgrade: $http_upgrade at 14:9
    header Connection: upgrade at 15:9
`
	if got := dump(c); got != want {
		t.Errorf("got:\n%s\nwant:\n%s", got, want)
	}
	plain := Short(Method{}, []string{"a:1"}, "80", "")
	if strings.Contains(plain, "server_name") || strings.Contains(plain, "round_robin") {
		t.Errorf("more than needed:\n%s", plain)
	}
	if _, problems := Parse(plain, Options{Version: "1.22"}); len(problems) > 0 {
		t.Error(problems)
	}
}
