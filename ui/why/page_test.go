package why

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"stickylab/sim/format"
)

var update = flag.Bool("update", false, "write the expected pages anew")

// Pages as they are read, on a usual and on a narrow screen.
func TestPages(t *testing.T) {
	for name, text := range map[string]string{
		"bad-request":   "bad-request",
		"some-users":    "messages only reach some users",
		"several":       "xhr poll error\n{\"code\":1,\"message\":\"Session ID unknown\"}",
		"upstream-time": "upstream timed out (110: Connection timed out) while reading response header from upstream",
	} {
		for _, width := range []int{80, 48} {
			p := format.Page{Width: width}
			Ask(text).Write(&p)
			golden(t, fmt.Sprintf("testdata/%s-%d.golden", name, width), p.String())
		}
	}
}

func golden(t *testing.T, path, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s: another page (-want +got):\n%s", path, diff)
	}
}

// No page is wider than a screen of 80 cells, but for lines to paste and addresses;
// none is longer than three screens.
func TestPagesFit(t *testing.T) {
	for _, e := range All() {
		p := format.Page{Width: 80}
		e.Write(&p)
		if n := strings.Count(p.String(), "\n"); n > 72 {
			t.Errorf("%s has %d lines", e.Name, n)
		}
		paste := map[string]bool{}
		for _, c := range e.Causes {
			for line := range strings.Lines(c.Paste + c.Try) {
				paste[strings.TrimSpace(line)] = true
			}
		}
		for line := range strings.Lines(p.String()) {
			if format.Width(strings.TrimRight(line, "\n")) > 80 && !strings.Contains(line, "https://") && !paste[strings.TrimSpace(line)] {
				t.Errorf("%s: %s", e.Name, line)
			}
		}
	}
}

// Colours say nothing that the words do not.
func TestPageInColor(t *testing.T) {
	e := Named("bad-request")
	p := format.Page{Width: 80, Color: true}
	e.Write(&p)
	plain := format.Page{Width: 80}
	e.Write(&plain)
	got := strings.Join(strings.Fields(steering.ReplaceAllString(p.String(), "")), " ")
	want := strings.Join(strings.Fields(Plain(plain.String())), " ")
	if got != want {
		t.Errorf("in colour\n%s\nplain\n%s", got, want)
	}
}
