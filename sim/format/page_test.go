package format

import (
	"errors"
	"io"
	"os"
	"strings"
	"testing"
)

func TestTable(t *testing.T) {
	table := Table{Heads: []string{"", "im-1", "im-2", "empty"}}
	table.Add("北京", "1", "20")
	table.Add("all", "1,000", "20")
	for width, want := range map[int]string{
		80: "        im-1   im-2\n北京       1     20\nall    1,000     20\n",
		15: "        im-1\n北京       1\nall    1,000\n\n       im-2\n北京     20\nall      20\n",
	} {
		if got := strings.Join(table.Lines(width), "\n") + "\n"; got != want {
			t.Errorf("%d cells wide:\n%s\nwant\n%s", width, got, want)
		}
	}
	if lines := new(Table).Lines(80); lines != nil {
		t.Errorf("without columns: %q", lines)
	}
	names := Table{Heads: []string{"no", "name"}, Align: "rl"}
	names.Add("10", "a")
	if got := names.Lines(80)[1]; got != "10   a" {
		t.Errorf("%q", got)
	}
}

func TestPage(t *testing.T) {
	write := func(color bool) string {
		p := &Page{Width: 20, Color: color}
		p.Section("Head\x1b[2J")
		p.Text("a\nforged line\n")
		p.Item("one two three four five")
		p.Gap()
		p.Gap()
		p.Line(Run{Bad, "FAIL  "}, Run{Plain, "why"}, Run{Plain, "  "})
		p.Wrap("a long explanation", Run{Strong, "label  "})
		p.Counts([]Count{{1000, "many"}, {2, "few"}})
		return p.String()
	}
	want := "Head?[2J\na forged line\n  - one two three\n    four five\n\nFAIL  why\nlabel  a long\n       explanation\n  1,000  many\n      2  few\n"
	if got := write(false); got != want {
		t.Errorf("plain:\n%s\nwant\n%s", got, want)
	}
	colored := write(true)
	if !strings.Contains(colored, "\x1b[1;31mFAIL\x1b[0m  why\n") || !strings.HasPrefix(colored, "\x1b[1mHead?[2J\x1b[0m\n") {
		t.Errorf("colored: %q", colored)
	}
}

func TestPageWriteTo(t *testing.T) {
	p := new(Page)
	p.Text("x")
	r, w := io.Pipe()
	broken := errors.New("broken")
	r.CloseWithError(broken)
	if _, err := p.WriteTo(w); !errors.Is(err, broken) {
		t.Errorf("the error of the writer is %v", err)
	}
}

// Colours are for terminals only.
func TestScreenOf(t *testing.T) {
	null, err := os.OpenFile(os.DevNull, os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer null.Close()
	for _, stream := range []any{new(strings.Builder), null, nil} {
		if got := ScreenOf(stream); got != (Screen{}) {
			t.Errorf("%T is %+v", stream, got)
		}
	}
}

func TestExcerpt(t *testing.T) {
	for _, tt := range []struct {
		line           string
		column, length int
		want           string
	}{
		{"listen 80", 8, 2, "    7 | listen 80\n      |        ^~"},
		{"\t北京 im", 4, 1, "    7 | \t北京 im\n      | \t    ^"},
		{"a\x1bb", 99, 5, "    7 | a?b\n      |    ^"},
		{"", 1, 1, "    7 |\n      | ^"},
	} {
		if got := Excerpt(tt.line, 7, tt.column, tt.length); got != tt.want {
			t.Errorf("%q:\n%s\nwant\n%s", tt.line, got, tt.want)
		}
	}
	long := strings.Repeat("a", 500) + "b" + strings.Repeat("c", 500)
	text, mark, _ := strings.Cut(Excerpt(long, 7, 501, 1), "\n")
	if len(text) != 8+longestExcerpt || text[strings.Index(mark, "^")] != 'b' {
		t.Errorf("%s\n%s", text, mark)
	}
}

func TestDiff(t *testing.T) {
	if got := Diff("a", "1\n2\n", "b", "1\n3\n"); got != "--- a\n+++ b\n@@ -1,2 +1,2 @@\n 1\n-2\n+3\n" {
		t.Errorf("%q", got)
	}
	if got := Diff("a", "1\n", "b", "1\n"); got != "" {
		t.Errorf("the same: %q", got)
	}
}
