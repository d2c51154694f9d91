package nginx

import (
	"fmt"
	"io"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	crossplane "github.com/nginxinc/nginx-go-crossplane"

	"stickylab/cluster/nginx/syntax"
)

// TestCrossplane: for texts that both take, our directives are those that
// nginx's own parser finds, on the same lines.
func TestCrossplane(t *testing.T) {
	compared := 0
	for _, text := range seeds(t) {
		tree := syntax.Scan(text)
		ours := list(tree.Directives, "")
		// Their lexer keeps backslashes, drops carriage returns and knows no Lua
		// without being told.
		if len(tree.Problems) > 0 || strings.ContainsAny(text, "\\\r") || strings.Contains(text, "lua") || !utf8.ValidString(text) {
			continue
		}
		theirs, ok := crossplaneTree(text)
		if !ok {
			continue
		}
		compared++
		if diff := cmp.Diff(theirs, ours); diff != "" {
			t.Errorf("%s\n(-crossplane +ours):\n%s", text, diff)
		}
	}
	if compared < 10 {
		t.Errorf("only %d texts were compared", compared)
	}
}

func list(ds []*syntax.Directive, margin string) string {
	var b strings.Builder
	for _, d := range ds {
		fmt.Fprintf(&b, "%s%d %q", margin, d.Pos.Line, d.Name)
		for _, arg := range d.Args {
			text := arg.Text
			if d.Name == "if" {
				text = strings.Trim(text, "()")
			}
			fmt.Fprintf(&b, " %q", text)
		}
		b.WriteString("\n" + list(d.Block, margin+" "))
	}
	return b.String()
}

func crossplaneTree(text string) (string, bool) {
	payload, err := crossplane.Parse("pasted", &crossplane.ParseOptions{
		Open:                      func(string) (io.ReadCloser, error) { return io.NopCloser(strings.NewReader(text)), nil },
		SingleFile:                true,
		SkipDirectiveContextCheck: true,
		SkipDirectiveArgsCheck:    true,
	})
	if err != nil || len(payload.Errors) > 0 || len(payload.Config) != 1 {
		return "", false
	}
	return listTheirs(payload.Config[0].Parsed, ""), true
}

func listTheirs(ds crossplane.Directives, margin string) string {
	var b strings.Builder
	for _, d := range ds {
		fmt.Fprintf(&b, "%s%d %q", margin, d.Line, d.Directive)
		for _, arg := range d.Args {
			fmt.Fprintf(&b, " %q", arg)
		}
		b.WriteString("\n" + listTheirs(d.Block, margin+" "))
	}
	return b.String()
}

// TestTableBits: the bits that are not exported mean what we take them for.
func TestTableBits(t *testing.T) {
	for _, c := range []struct {
		name  string
		place uint
		args  uint
	}{
		{"ip_hash", inUpstream, 1}, {"hash", inUpstream, 2 | 4}, {"upstream", inHTTP, argBlock | 2}, {"listen", inServer, arg1More},
		{"proxy_buffering", inLocation, argFlag}, {"worker_connections", inEvents, 2}, {"pid", inMain, 2}, {"sticky", inUpstream, arg2More},
		{"return", inServerIf, 2 | 4}, {"return", inLocationIf, 2 | 4}, {"if", inServer, argBlock | argExpr | arg1More}, {"deny", inLimitExcept, 2},
	} {
		masks, _ := DefaultVersion.lookup(c.name)
		found := false
		for _, mask := range masks {
			found = found || mask&c.place != 0 && mask&0xffff == c.args
		}
		if !found {
			t.Errorf("%s: %x has no form for %x with %x", c.name, masks, c.place, c.args)
		}
	}
}

// benchmarkText is what a short form stands for.
const benchmarkText = `upstream im {
    ip_hash;
    server 127.0.0.1:3030;
    server 127.0.0.1:5080;
}

server {
    listen 192.168.33.10:80;
    server_name im.example.com;

    location / {
        proxy_pass http://im;
        proxy_http_version 1.1;
        proxy_set_header Upgrade $http_upgrade;
        proxy_set_header Connection "upgrade";
    }
}
`

func BenchmarkParse(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		if _, problems := Parse(benchmarkText, DefaultVersion); len(problems) > 0 {
			b.Fatal(problems)
		}
	}
}

func BenchmarkCrossplane(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		if _, ok := crossplaneTree(benchmarkText); !ok {
			b.Fatal("refused")
		}
	}
}
