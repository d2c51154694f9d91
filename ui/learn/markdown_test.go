package learn

import (
	"slices"
	"strings"
	"testing"
	"unicode"

	"stickylab/sim/format"
)

func TestMarkdown(t *testing.T) {
	loud := func(s format.Style, text string) string {
		return map[format.Style]string{format.Strong: "B:", format.Code: "C:"}[s] + text
	}
	tests := []struct {
		text  string
		width int
		paint Paint
		want  []string
	}{
		{"", 10, nil, nil},
		{"one two three", 8, nil, []string{"one two", "three"}},
		{"one\ntwo\n\nthree\n", 80, nil, []string{"one two", "", "three"}},
		{"a **bold** `word`.", 80, nil, []string{"a bold `word`."}},
		{"a **bold one** `word`.", 80, loud, []string{"a B:bold one C:word."}},
		{"**open and `open", 80, nil, []string{"**open and `open"}},
		{"- one two\n- three\n  four\n", 9, nil, []string{"- one two", "- three", "  four"}},
		{"1. one two\n10. three", 8, nil, []string{"1. one", "   two", "10. three"}},
		{"so:\n```nginx\nserver {\n  a  b;\n\n}\n```\nand", 6, nil, []string{"so:", "  server {", "    a  b;", "", "  }", "and"}},
		{"# Head\nbody", 80, loud, []string{"B:Head", "body"}},
		{"[nginx](https://nginx.org) [x]", 80, nil, []string{"nginx (https://nginx.org) [x]"}},
		{"- ", 10, nil, []string{"-"}},
		{"**它们**用不同的节点", 8, loud, []string{"B:它们用不", "同的节点"}},
		{"一个节\n点，**A**\n节点，\nnginx", 80, loud, []string{"一个节点，B:A 节点，nginx"}},
		{"averylongword to see", 5, nil, []string{"averylongword", "to", "see"}},
		{"a\x1b[31mb\x00c\u202ed", 80, nil, []string{"a?[31mb?c?d"}},
	}
	for _, tt := range tests {
		if got := Markdown(tt.text, tt.width, tt.paint); !slices.Equal(got, tt.want) {
			t.Errorf("%q: %q, want %q", tt.text, got, tt.want)
		}
	}
}

// Whatever is written, nothing of it steers the terminal, no word is lost, and
// only what cannot be broken is wider than the page.
func FuzzMarkdown(f *testing.F) {
	for _, seed := range []string{"a **b** `c`\n\n- d\n```\ne\n```\n# f", "1. [x](y)", "****``[]()", "\x1b[0m\r\n\t", "日本語 **日本** `語`"} {
		f.Add(seed, 20)
	}
	f.Fuzz(func(t *testing.T, text string, width int) {
		width %= 200
		for _, line := range Markdown(text, width, nil) {
			if strings.ContainsFunc(line, unicode.IsControl) {
				t.Fatalf("%q of %q", line, text)
			}
			if strings.Contains(text, "```") || strings.HasPrefix(line, " ") {
				continue
			}
			if words := strings.Fields(line); len(words) > 2 && format.Width(line) > max(width, 1) {
				t.Fatalf("%q is wider than %d", line, width)
			}
		}
	})
}
