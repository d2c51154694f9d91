package nginx

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"

	"stickylab/cluster/nginx/syntax"
)

func seeds(tb testing.TB) []string {
	files, err := filepath.Glob("testdata/*.txt")
	if err != nil || len(files) == 0 {
		tb.Fatalf("no pair files: %v", err)
	}
	texts := []string{"", "}", "{", "{{{", "a;", "'", "\"\\", "$", "${", "#", "upstream x{server a backup;", "\xff{\xfe;}", "a\rb\r;", "upstream u{hash $a$;}", "  a {\n    b {\nc;\n"}
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			tb.Fatal(err)
		}
		text, _, _ := strings.Cut(string(data), "\n----\n")
		texts = append(texts, text)
	}
	return texts
}

// FuzzParse promises that no text makes the parser panic, and that all places lie
// in the text.
func FuzzParse(f *testing.F) {
	for _, text := range seeds(f) {
		f.Add(text, false)
		f.Add(text, true)
	}
	f.Fuzz(func(t *testing.T, text string, old bool) {
		version := DefaultVersion
		if old {
			version = "1.22"
		}
		c, problems := Parse(text, version)
		if c == nil {
			t.Fatal("no config")
		}
		lines := strings.Split(text, "\n")
		inside := func(p syntax.Pos, what string) {
			if p.Line < 1 || p.Line > len(lines) {
				t.Fatalf("%s is outside of the text: %+v", what, p)
			}
			width := len(lines[p.Line-1])
			if utf8.ValidString(lines[p.Line-1]) {
				width = utf8.RuneCountInString(lines[p.Line-1])
			}
			if p.Column < 1 || p.Column > width+1 {
				t.Errorf("%s is outside of its line: %+v", what, p)
			}
		}
		for _, p := range append(problems, c.Notes...) {
			inside(p.Pos, p.Text)
		}
		for _, u := range c.Upstreams {
			inside(u.Pos, u.Name)
			for _, s := range u.Servers {
				inside(s.Pos, s.Address)
			}
		}
	})
}

// TestHostileSize: what grows with the text grows no faster than it.
func TestHostileSize(t *testing.T) {
	const n = 20_000
	for name, text := range map[string]string{
		"unknown":    strings.Repeat("proxy_pas x;", n),
		"open":       strings.Repeat("a{", n),
		"close":      strings.Repeat("}", n),
		"one line":   "upstream u {" + strings.Repeat("server a wieght=1;", n) + "}",
		"arguments":  "upstream u { server a " + strings.Repeat("wieght=1 ", n) + ";}",
		"unfinished": "upstream u {" + strings.Repeat("ip_hash\n", n) + ";}",
		"upstreams":  strings.Repeat("upstream u {server a;}", n),
		"names":      "server { server_name " + strings.Repeat("a ", n) + ";" + strings.Repeat("listen 1;", 1000) + "}",
		"variables":  "server { location / { return 200 '" + strings.Repeat("$nope", n) + "'; } }",
		"duplicates": "server { location / {" + strings.Repeat("proxy_http_version 1.1;", n) + "} }",
	} {
		t.Run(name, func(t *testing.T) {
			if _, problems := Parse(text, DefaultVersion); len(problems) > syntax.MaxProblems {
				t.Errorf("%d problems", len(problems))
			}
		})
	}
}

// FuzzTime promises that a time is never negative.
func FuzzTime(f *testing.F) {
	for _, s := range []string{"1h 30m", "90", "5m", "9999999999y", "x", ""} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		for _, whole := range []bool{true, false} {
			if d, ok := ParseTime(s, whole); ok && d < 0 {
				t.Errorf("ParseTime(%q, %v) = %v", s, whole, d)
			}
		}
	})
}
