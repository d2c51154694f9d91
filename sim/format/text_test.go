package format

import (
	"slices"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"
)

func TestPrintable(t *testing.T) {
	for text, want := range map[string]string{
		"plain, über, 北京, 👩‍💻": "plain, über, 北京, 👩‍💻",
		"a\x1b[2Jb":            "a?[2Jb",    // would clear the screen
		"a\u009b2Jb":           "a?2Jb",     // the same in one character
		"a\u202egnp.exe":       "a?gnp.exe", // would be read from right to left
		"a\u2066b\u2069":       "a?b?",
		"a\r\x00\x7fb":         "a???b",
		"a\u2028b\ufeff":       "a?b?",
		"a\xffb\ufffd":         "a?b?",
		"two\nlines\tand":      "two\nlines\tand",
		"":                     "",
	} {
		if got := Printable(text); got != want {
			t.Errorf("Printable(%q) = %q, want %q", text, got, want)
		}
	}
	if got := Line(" a\r\nb\tc\n\x1b "); got != "a b c ?" {
		t.Errorf("Line: %q", got)
	}
}

// Whatever comes in, nothing comes out that steers a terminal, and columns stay
// as they are.
func FuzzPrintable(f *testing.F) {
	for _, s := range []string{"a\x1b]0;title\x07b", "\u202e\u2066", "\xff\xfe", "北京\u200d\n\t"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got := Printable(s)
		for _, r := range got {
			if unicode.IsControl(r) && r != '\n' && r != '\t' || unicode.Is(unicode.Bidi_Control, r) || r == utf8.RuneError {
				t.Fatalf("%q keeps %q", s, r)
			}
		}
		if utf8.RuneCountInString(got) != utf8.RuneCountInString(s) {
			t.Fatalf("%q became %q: the number of characters differs", s, got)
		}
		if again := Printable(got); again != got {
			t.Fatalf("%q became %q, and that became %q", s, got, again)
		}
		if line := Line(s); strings.ContainsAny(line, "\n\t") {
			t.Fatalf("Line(%q) = %q", s, line)
		}
	})
}

func TestWrap(t *testing.T) {
	for _, tt := range []struct {
		text  string
		width int
		want  []string
	}{
		{"", 10, nil},
		{" \n ", 10, nil},
		{"one two three", 7, []string{"one two", "three"}},
		{"one\n two", 20, []string{"one two"}},
		{"see /usr/share/doc/nginx now", 8, []string{"see", "/usr/share/doc/nginx", "now"}},
		{"它们用不同的节点。", 8, []string{"它们用不", "同的节", "点。"}},   // a full stop begins no line
		{"他说「你好」就走", 6, []string{"他说", "「你", "好」就", "走"}}, // a bracket ends none
		{"节点im-3030上", 8, []string{"节点", "im-3030", "上"}},
		{"한국어 텍스트", 6, []string{"한국어", "텍스트"}},
		{"ab 北京 cd", 7, []string{"ab 北京", "cd"}},
		{"10\u00a0ms later", 6, []string{"10\u00a0ms", "later"}},
		{"👩‍💻👩🏽‍💻", 2, []string{"👩‍💻", "👩🏽‍💻"}},
		{"a b", 0, []string{"a", "b"}},
	} {
		if got := Wrap(tt.text, tt.width); !slices.Equal(got, tt.want) {
			t.Errorf("Wrap(%q, %d) = %q, want %q", tt.text, tt.width, got, tt.want)
		}
	}
}

func TestWrapRuns(t *testing.T) {
	runs := []Run{{Plain, "a "}, {Strong, "bold word"}, {Plain, ", and "}, {Code, "code"}}
	want := [][]Run{{{Plain, "a "}, {Strong, "bold"}}, {{Strong, "word"}, {Plain, ", and"}}, {{Code, "code"}}}
	got := WrapRuns(runs, 9)
	if !slices.EqualFunc(got, want, slices.Equal[[]Run]) {
		t.Errorf("%q, want %q", got, want)
	}
}

// Nothing but white space is lost, and a line is too wide only if it is one
// word.
func FuzzWrap(f *testing.F) {
	for _, s := range []string{"one two three", "它们用不同的节点。「", "a\u0301北\u0301京 👩‍💻", "\xff \t\n"} {
		f.Add(s, 5)
	}
	bare := func(s string) string {
		return strings.Map(func(r rune) rune {
			if unicode.IsSpace(r) {
				return -1
			}
			return r
		}, s)
	}
	f.Fuzz(func(t *testing.T, s string, width int) {
		s = Printable(s)
		lines := Wrap(s, width)
		if got := strings.Join(lines, ""); bare(got) != bare(s) {
			t.Fatalf("%q became %q", s, lines)
		}
		for _, line := range lines {
			if line == "" || line != strings.TrimSpace(line) && !strings.ContainsAny(line, "\u00a0\u202f") {
				t.Fatalf("%q has the line %q", s, line)
			}
			if Width(line) > width && len(pieces([]Run{{Text: line}})) > 1 {
				t.Fatalf("%q has the line %q, which is wider than %d", s, line, width)
			}
		}
	})
}

func TestWidths(t *testing.T) {
	if Width("北京im") != 6 || Left("北", 4)+"|" != "北  |" || Right("北", 4) != "  北" || Left("abc", 2) != "abc" {
		t.Error("a Chinese character takes two cells")
	}
	for s, want := range map[string]string{"short": "short", "a longer text": "a lon...", "北京北京北京": "北京..."} {
		if got := Clip(s, 8); got != want {
			t.Errorf("Clip(%q) = %q, want %q", s, got, want)
		}
	}
}
