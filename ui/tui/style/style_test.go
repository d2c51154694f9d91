package style

import (
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/muesli/termenv"
)

func TestMain(m *testing.M) {
	Setup(termenv.Ascii, true)
	os.Exit(m.Run())
}

func TestNumbers(t *testing.T) {
	tests := []struct{ got, want string }{
		{Count(7, 5), "    7"},
		{Count(2240, 5), "2,240"},
		{Count(12_345, 5), "  12k"},
		{Count(12_345_678, 5), "  12M"},
		{Rate(0, time.Second), "0/s"},
		{Rate(4, 10*time.Second), "0.4/s"},
		{Rate(1, time.Hour), "<0.1/s"},
		{Rate(800, 10*time.Second), "80/s"},
		{Rate(5, 0), "0/s"},
		{Percent(31, 40), " 77 %"},
		{Percent(0, 0), "    -"},
		{Percent(999, 1000), " 99 %"},
		{Clock(31_402 * time.Millisecond), "00:31.4"},
		{Minutes(3 * time.Minute), "03:00"},
		{Instant(31_402 * time.Millisecond), "0:31.402"},
		{Span(500 * time.Microsecond), "0.5 ms"},
		{Span(41 * time.Millisecond), "41 ms"},
		{Span(4200 * time.Millisecond), "4.2 s"},
	}
	for _, tt := range tests {
		if tt.got != tt.want {
			t.Errorf("%q, want %q", tt.got, tt.want)
		}
	}
}

// A bar is full or empty only when that is exactly so.
func TestBar(t *testing.T) {
	tests := []struct {
		part, of, width int
		want            string
	}{
		{0, 0, 4, "░░░░"}, {0, 9, 4, "░░░░"}, {9, 9, 4, "████"}, {1, 1000, 4, "█░░░"}, {999, 1000, 4, "███░"}, {1, 2, 4, "██░░"}, {1, 2, 0, ""},
	}
	for _, tt := range tests {
		if got := Bar(tt.part, tt.of, tt.width); got != tt.want {
			t.Errorf("%d of %d: %q, want %q", tt.part, tt.of, got, tt.want)
		}
	}
	if got := Spark([]int{0, 1, 4, 8}, 8); got != " ▁▄█" {
		t.Errorf("%q", got)
	}
	if got := Shade(1, 2) + Shade(0, 2) + Shade(2, 2) + Shade(0, 0) + Shade(1, 3); got != "▓░█·▒" {
		t.Errorf("%q", got)
	}
}

func TestFitting(t *testing.T) {
	tests := []struct{ got, want string }{
		{Fit("abc", 5), "abc  "},
		{Fit("abcdef", 4), "abc…"},
		{Fit("█████", 3), "██…"},
		{Fit("日本語", 4), "日… "},
		{Fit("abc", 0), ""},
		{Right("abc", 5), "  abc"},
		{Spread("left", "right", 12), "left   right"},
		{Spread("left", "right", 8), "l… right"},
		{Spread("left", "right", 3), "ri…"},
		{Cut("abc", -1), ""},
	}
	for _, tt := range tests {
		if tt.got != tt.want {
			t.Errorf("%q, want %q", tt.got, tt.want)
		}
	}
}

func TestBox(t *testing.T) {
	got := Box{Title: "nodes", Note: "2", Lines: []string{"A im-3030", "a line that is too long"}, Width: 20, Height: 5}.Draw()
	want := []string{
		"┌─ nodes ────── 2 ─┐",
		"│ A im-3030        │",
		"│ a line that is … │",
		"│                  │",
		"└──────────────────┘",
	}
	if !slices.Equal(got, want) {
		t.Errorf("\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	if lines := (Box{Width: 2, Height: 1}).Draw(); len(lines) != 1 || lines[0] != "  " {
		t.Errorf("a box too small to be one: %q", lines)
	}
}

// With colours each node has its own sequence, and the text is the same.
func TestPalette(t *testing.T) {
	defer Setup(termenv.Ascii, true)
	names := []string{"im-1", "im-2", "im-3", "im-4", "im-5", "im-6", "im-7", "im-8"}
	p := NewPalette(names)
	plain := p.Label("im-2")
	for _, dark := range []bool{true, false} {
		Setup(termenv.TrueColor, dark)
		seen := make(map[string]string)
		for _, n := range names[:7] {
			mark := p.Mark(n)
			on, _, _ := strings.Cut(mark, p.Letter(n))
			if other, twice := seen[on]; twice || on == "" {
				t.Errorf("%s looks like %s: %q", n, other, on)
			}
			seen[on] = n
			if on == sequence(Loss) {
				t.Errorf("%s is painted as a loss", n)
			}
		}
		if got := Plainly(p.Label("im-2")); got != plain || got != "B im-2" {
			t.Errorf("%q", got)
		}
	}
	if p.Letter("im-9") != "?" || p.Node("b") != "im-2" || p.Node("z") != "" {
		t.Error("letters")
	}
	if text, ink := p.Client("im-2", Polling); text != "b" || ink != p.Ink("im-2") {
		t.Errorf("polling: %q", text)
	}
	if text, ink := p.Client("im-2", Away); text != "○" || ink != Loss {
		t.Errorf("away: %q", text)
	}
}

// No two marks are the same without colour.
func TestMarksDiffer(t *testing.T) {
	p := NewPalette([]string{"a"})
	seen := make(map[string]State)
	for _, s := range States {
		text, _ := p.Client("a", s)
		if other, twice := seen[text]; twice || Width(text) != 1 {
			t.Errorf("%q is %s and %s", text, s, other)
		}
		seen[text] = s
	}
}

func TestNoColor(t *testing.T) {
	if got := Paint(Loss, "lost"); got != "lost" {
		t.Errorf("%q", got)
	}
}

// Nothing but paint steers the terminal, whatever a line is made of.
func TestSafe(t *testing.T) {
	Setup(termenv.ANSI256, true)
	defer Setup(termenv.Ascii, true)
	for line, want := range map[string]string{
		"plain": "plain", "北京 ▓": "北京 ▓", Paint(Loss, "lost") + Reverse("x"): Paint(Loss, "lost") + Reverse("x"),
		Paint(Loss, "a\x1b[2Jb"): Paint(Loss, "a?[2Jb"), "\x1b[31mred": "?[31mred", "\x1b]0;t\a\x1b": "?]0;t??", "a\nb\tc\rd": "a b c?d", "\u009b1m\u202e\x7f": "?1m??",
	} {
		if got := Safe(line); got != want {
			t.Errorf("%q is %q, want %q", line, got, want)
		}
	}
}
