package yamltree

import (
	"strings"
	"testing"
	"unicode/utf8"
)

// No text makes the reader panic, or give a value or a problem a place outside of it.
func FuzzRead(f *testing.F) {
	for _, src := range []string{
		"a: b", "{a: [b, c], d: {e: f}}", "- a\n- b: c\n  d: e\n", "a: &x {b: c}\nd: {<<: *x}\n", "a: |\n  b\n  c\n", "a: >-\n  b\n\n  c\n",
		"'it''s': \"\\x41\\u0042\"", "\ufeffa: b\r\nc: d\r\n", "? a\n: b\n", "a:\tb", "--- a\n...\n--- b", "[&a x, *a, *b]", "!!str 1", "a: 0x1f", "a: .inf", "\xff\xfea\x00",
	} {
		f.Add([]byte(src))
	}
	f.Fuzz(func(t *testing.T, src []byte) {
		r := &Reporter{Name: "fuzz.yaml"}
		root := Read(r, src)
		if root == nil && len(r.Problems) == 0 {
			t.Fatal("nothing was read, and nothing is wrong")
		}
		lines := strings.Split(strings.TrimPrefix(strings.ReplaceAll(string(src), "\r\n", "\n"), "\ufeff"), "\n")
		inside := func(line, column int, what string) {
			if line < 1 || line > len(lines) || column < 1 || column > utf8.RuneCountInString(lines[line-1])+1 {
				t.Errorf("%s is at %d:%d, outside of the text", what, line, column)
			}
		}
		for _, p := range r.Errors() {
			if p.Line > 0 {
				inside(p.Line, p.Column, p.Text)
			}
			if !utf8.ValidString(p.String()) {
				t.Errorf("%q is not text", p.String())
			}
		}
		steps := 0
		var walk func(n *Node)
		walk = func(n *Node) {
			if steps++; steps > 10_000 {
				return
			}
			inside(n.Place.Line, n.Place.Column, "a value")
			for _, p := range n.Pairs {
				inside(p.Place.Line, p.Place.Column, "a key")
				walk(p.Value)
			}
			for _, item := range n.Items {
				walk(item)
			}
			if n.Kind == Scalar {
				at := r.inside(n, 1, 1+len([]rune(n.Text))/2)
				inside(at.Line, at.Column, "a character")
			}
		}
		if root != nil {
			walk(root)
		}
	})
}
