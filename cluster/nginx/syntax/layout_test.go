package syntax

import (
	"strings"
	"testing"
)

func TestLayout(t *testing.T) {
	for text, want := range map[string]string{
		"":                  "",
		"a  b;\n\n\tc;":     "a b;\nc;\n",
		"set $a ${b}c; a;":  "set $a ${b}c;\na;\n",
		"a # why;\n b; # c": "# why;\na b;\n# c\n",
		"upstream im { ip_hash; server 10.0.0.1:1; }\nserver{listen 80;}": "upstream im {\n  ip_hash;\n  server 10.0.0.1:1;\n}\nserver {\n  listen 80;\n}\n",
		`add "a;  {b} \" ;" 'c;}';`:                                       `add "a;  {b} \" ;" 'c;}';` + "\n",
		"a { # not; {this}\n b#c; }":                                      "a {\n  # not; {this}\n  b#c;\n}\n",
		"a_by_lua_block { x = '#' }\nb;\n":                                "a_by_lua_block {\n  x = '#'\n}\nb;\n",
	} {
		if got := Scan(text).Layout(); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}

// FuzzLayout promises that of a well-formed text nothing is lost but white space,
// and that a text which is laid out stays as it is.
func FuzzLayout(f *testing.F) {
	for _, text := range []string{"a { b; } # c\n", "a 'x\ny' # z\n b;", "${;", "a{b{}c;}", "'a'b;"} {
		f.Add(text)
	}
	bare := strings.NewReplacer(" ", "", "\t", "", "\n", "", "\r", "")
	f.Fuzz(func(t *testing.T, text string) {
		tree := Scan(text)
		if len(tree.Problems) > 0 || strings.ContainsAny(text, "\v\f\u0085\u00a0\u2028\u2029\u1680\u202f\u205f\u3000#") || strings.Contains(text, "_by_lua") {
			return // other spaces at the ends of lines go as well, comments move
		}
		got := tree.Layout()
		if bare.Replace(got) != bare.Replace(text) {
			t.Fatalf("%q became %q", text, got)
		}
		if again := Scan(got).Layout(); again != got {
			t.Fatalf("%q is laid out again as %q", got, again)
		}
	})
}
