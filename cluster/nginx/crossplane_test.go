package nginx

import (
	"fmt"
	"io"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	crossplane "github.com/nginxinc/nginx-go-crossplane"
)

// TestCrossplane: for texts that both take, our directives are those that
// nginx's own parser finds, on the same lines.
func TestCrossplane(t *testing.T) {
	compared := 0
	for _, text := range seeds(t) {
		var r report
		ours := list(scanTree(text, &r), "")
		// Their lexer keeps backslashes, drops carriage returns and knows no Lua
		// without being told.
		if len(r.problems) > 0 || strings.ContainsAny(text, "\\\r") || strings.Contains(text, "lua") || !utf8.ValidString(text) {
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

func list(ds []*directive, margin string) string {
	var b strings.Builder
	for _, d := range ds {
		fmt.Fprintf(&b, "%s%d %q", margin, d.at.Line, d.text)
		for _, arg := range d.args {
			text := arg.text
			if d.text == "if" {
				text = strings.Trim(text, "()")
			}
			fmt.Fprintf(&b, " %q", text)
		}
		b.WriteString("\n" + list(d.block, margin+" "))
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
		masks, _ := directiveTable{}.lookup(c.name)
		found := false
		for _, mask := range masks {
			found = found || mask&c.place != 0 && mask&0xffff == c.args
		}
		if !found {
			t.Errorf("%s: %x has no form for %x with %x", c.name, masks, c.place, c.args)
		}
	}
}

func BenchmarkParse(b *testing.B) {
	text := Short(Method{Name: "ip_hash"}, []string{"127.0.0.1:3030", "127.0.0.1:5080"}, "192.168.33.10:80", "im.example.com")
	b.ReportAllocs()
	for b.Loop() {
		if _, problems := Parse(text, Options{}); len(problems) > 0 {
			b.Fatal(problems)
		}
	}
}

func BenchmarkCrossplane(b *testing.B) {
	text := Short(Method{Name: "ip_hash"}, []string{"127.0.0.1:3030", "127.0.0.1:5080"}, "192.168.33.10:80", "im.example.com")
	b.ReportAllocs()
	for b.Loop() {
		if _, ok := crossplaneTree(text); !ok {
			b.Fatal("refused")
		}
	}
}
