package learn

import (
	"strings"
	"testing"
)

func TestLayout(t *testing.T) {
	tests := []struct{ text, want string }{
		{"", ""},
		{"a  b;\n\n\tc;", "a b;\nc;\n"},
		{"upstream im { ip_hash; server 10.0.0.1:1; }\nserver{listen 80;}", "upstream im {\n  ip_hash;\n  server 10.0.0.1:1;\n}\nserver{\n  listen 80;\n}\n"},
		{`add "a;  {b} \" ;" 'c;}';`, `add "a;  {b} \" ;" 'c;}';` + "\n"},
		{"a; # not; {this}\nb;", "a;\n# not; {this}\nb;\n"},
		{"set $a ${b}c; hash a#b;", "set $a ${b}c;\nhash a#b;\n"},
		{"}} a", "}\n}\na\n"},
		{`"open`, `"open` + "\n"},
		{"${open", "${open\n"},
		{`a\`, `a\` + "\n"},
	}
	for _, tt := range tests {
		if got := layout(tt.text); got != tt.want {
			t.Errorf("%q: %q, want %q", tt.text, got, tt.want)
		}
	}
}

// Nothing is lost but spaces, and what is laid out stays as it is.
func FuzzLayout(f *testing.F) {
	for _, seed := range []string{"a { b; } # c\n", "'x", "${", "\\", "}"} {
		f.Add(seed)
	}
	bare := func(s string) string { return strings.NewReplacer(" ", "", "\t", "", "\n", "", "\r", "").Replace(s) }
	f.Fuzz(func(t *testing.T, text string) {
		if strings.ContainsAny(text, "\v\f\u0085\u00a0\u2028\u2029\u1680\u202f\u205f\u3000") || !strings.ContainsAny(text, "{};") {
			return // other spaces at the ends of lines go as well
		}
		if got := layout(text); bare(got) != bare(text) {
			t.Fatalf("%q became %q", text, got)
		}
	})
}
