package doctor

import (
	"fmt"
	"strings"
	"testing"
)

func TestDiff(t *testing.T) {
	for _, c := range []struct{ name, before, after, want string }{
		{"the same", "a\nb\n", "a\nb\n", ""},
		{
			"far apart", "1\n2\n3\n4\n5\n6\n7\n8\n9\n", "1\nnew\n2\n3\n4\n5\n6\n7\n8\nnine\n",
			"--- f\n+++ f\t(fixed)\n@@ -1,4 +1,5 @@\n 1\n+new\n 2\n 3\n 4\n@@ -6,4 +7,4 @@\n 6\n 7\n 8\n-9\n+nine\n",
		},
		{"without a last newline", "a\nb", "a\nc", "--- f\n+++ f\t(fixed)\n@@ -1,2 +1,2 @@\n a\n-b\n\\ No newline at end of file\n+c\n\\ No newline at end of file\n"},
		{"from nothing", "", "a\n", "--- f\n+++ f\t(fixed)\n@@ -0,0 +1,1 @@\n+a\n"},
	} {
		if got := diff("f", c.before, c.after); got != c.want {
			t.Errorf("%s:\n%s\nwant\n%s", c.name, got, c.want)
		}
	}
}

// Texts of which most lines differ are compared in no time too.
func TestDiffFarApart(t *testing.T) {
	var a, b strings.Builder
	for i := range 20_000 {
		fmt.Fprintf(&a, "a%d\n", i)
		fmt.Fprintf(&b, "b%d\n", i)
	}
	got := diff("f", "begin\n"+a.String()+"end\n", "begin\n"+b.String()+"end\n")
	if n := strings.Count(got, "\n"); n != 3+40_002 || !strings.Contains(got, "\n begin\n-a0\n") || !strings.HasSuffix(got, "+b19999\n end\n") {
		t.Errorf("%d lines", n)
	}
}

func TestLineBefore(t *testing.T) {
	before, after := "a\nb\nc\nd\n", "a\nx\ny\nb\nC\nd\ne\n"
	for number, want := range []int{1: 1, 2: 1, 3: 1, 4: 2, 5: 3, 6: 4, 7: 4} {
		if number == 0 {
			continue
		}
		if got := lineBefore(before, after, number); got != want {
			t.Errorf("line %d comes from %d, want %d", number, got, want)
		}
	}
	if got := lineBefore("", "a\n", 1); got != 1 {
		t.Errorf("of an empty text: %d", got)
	}
}
