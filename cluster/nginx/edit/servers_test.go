package edit

import (
	"strings"
	"testing"

	"stickylab/cluster/nginx/syntax"
)

func TestServerLinesAreEditedInPlace(t *testing.T) {
	at := func(addresses ...string) Servers { return Servers{"im", addresses} }
	for _, c := range []struct {
		name, text, want string
		edit             func(*syntax.Tree) (*syntax.Tree, error)
	}{
		{
			"down, one line",
			"upstream im { ip_hash; server a:1; server b:2 weight=3; }",
			"upstream im { ip_hash; server a:1; server b:2 weight=3 down; }",
			func(text *syntax.Tree) (*syntax.Tree, error) {
				return SetServers(text, at("b:2"), []string{"down"}, nil)
			},
		},
		{
			"down twice is down once",
			"upstream im { server a:1 down; server b:2; }",
			"upstream im { server a:1 down; server b:2; }",
			func(text *syntax.Tree) (*syntax.Tree, error) {
				return SetServers(text, at("a:1"), []string{"down"}, nil)
			},
		},
		{
			"up again, with a comment",
			"upstream im {\n  server a:1 down weight=2; # old\n  server b:2;\n}",
			"upstream im {\n  server a:1 weight=2; # old\n  server b:2;\n}",
			func(text *syntax.Tree) (*syntax.Tree, error) {
				return SetServers(text, at("a:1"), nil, []string{"down", "drain"})
			},
		},
		{
			"a drained one goes down",
			"upstream im { server a:1 max_fails=0\n drain; server b:2; }",
			"upstream im { server a:1 max_fails=0 down; server b:2; }",
			func(text *syntax.Tree) (*syntax.Tree, error) {
				return SetServers(text, at("a:1"), []string{"down"}, []string{"drain"})
			},
		},
		{
			"two lines of one node, quoted",
			`http { upstream im { server "a:1"; server b:2; server c:3; } }`,
			`http { upstream im { server "a:1" down; server b:2; server c:3 down; } }`,
			func(text *syntax.Tree) (*syntax.Tree, error) {
				return SetServers(text, at("a:1", "c:3"), []string{"down"}, nil)
			},
		},
		{
			"removed with its line",
			"upstream im {\n  ip_hash;\n  server a:1;\n  server b:2; # second\n}",
			"upstream im {\n  ip_hash;\n  server b:2; # second\n}",
			func(text *syntax.Tree) (*syntax.Tree, error) { return RemoveServers(text, at("a:1")) },
		},
		{
			"removed from a line",
			"upstream im { server a:1; server b:2; }",
			"upstream im { server a:1; }",
			func(text *syntax.Tree) (*syntax.Tree, error) { return RemoveServers(text, at("b:2")) },
		},
		{
			"added below the others, with their parameters",
			"upstream im {\n    server a:1 max_fails=2;\n    server b:2 max_fails=3 fail_timeout=5s backup; # last\n    keepalive 4;\n}",
			"upstream im {\n    server a:1 max_fails=2;\n    server b:2 max_fails=3 fail_timeout=5s backup; # last\n    server c:3 max_fails=3 fail_timeout=5s;\n    keepalive 4;\n}",
			func(text *syntax.Tree) (*syntax.Tree, error) { return AddServer(text, "im", "c:3") },
		},
		{
			"added in a line",
			"upstream im { ip_hash; server a:1 route=a down; }",
			"upstream im { ip_hash; server a:1 route=a down; server c:3; }",
			func(text *syntax.Tree) (*syntax.Tree, error) { return AddServer(text, "im", "c:3") },
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			edited, err := c.edit(syntax.Scan(c.text))
			if err != nil {
				t.Fatal(err)
			}
			if got := edited.Text(); got != c.want {
				t.Errorf("got\n%s\nwant\n%s", got, c.want)
			}
		})
	}
}

func TestServersThatAreNotThere(t *testing.T) {
	text := syntax.Scan("upstream im { server a:1; }")
	for name, f := range map[string]func() (*syntax.Tree, error){
		`no upstream block "in"`: func() (*syntax.Tree, error) { return AddServer(text, "in", "b:2") },
		`has no server b:2`:      func() (*syntax.Tree, error) { return RemoveServers(text, Servers{"im", []string{"b:2"}}) },
		"unexpected end of file": func() (*syntax.Tree, error) {
			return SetServers(syntax.Scan("upstream im {"), Servers{"im", nil}, nil, nil)
		},
	} {
		if _, err := f(); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("%v, want %q in it", err, name)
		}
	}
}
