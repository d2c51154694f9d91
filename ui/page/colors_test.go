package page_test

import (
	"math"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"stickylab/ui/page"
)

var (
	variable = regexp.MustCompile(`--([a-z-]+):\s*#([0-9a-f]{6});`)
	ink      = regexp.MustCompile(`\.ink-(\d) \{ --ink: #([0-9a-f]{6}); --on-ink: #([0-9a-f]{6}); \}`)
)

// luminance is the relative luminance of a colour, "rrggbb" (WCAG 2.2).
func luminance(t *testing.T, color string) float64 {
	t.Helper()
	n, err := strconv.ParseUint(color, 16, 24)
	if err != nil {
		t.Fatalf("color %q: %v", color, err)
	}
	linear := func(c uint64) float64 {
		v := float64(c&0xff) / 255
		if v <= 0.04045 {
			return v / 12.92
		}
		return math.Pow((v+0.055)/1.055, 2.4)
	}
	return 0.2126*linear(n>>16) + 0.7152*linear(n>>8) + 0.0722*linear(n)
}

// contrast is the contrast ratio of two colours, 1 to 21.
func contrast(t *testing.T, a, b string) float64 {
	t.Helper()
	x, y := luminance(t, a), luminance(t, b)
	return (max(x, y) + 0.05) / (min(x, y) + 0.05)
}

// Text is read at 4.5 to 1, what only marks a border or a state at 3 to 1 (WCAG
// 2.2, success criteria 1.4.3 and 1.4.11).
func TestContrast(t *testing.T) {
	css := body(t, ask(page.Handler(), "GET", "/page.css"))
	light, rest, ok := strings.Cut(css, "@media (prefers-color-scheme: dark)")
	if !ok {
		t.Fatal("no dark colours")
	}
	dark, _, _ := strings.Cut(rest, ".ink-0")
	for scheme, part := range map[string]string{"light": light, "dark": dark} {
		colors := map[string]string{}
		for _, m := range variable.FindAllStringSubmatch(part, -1) {
			colors[m[1]] = m[2]
		}
		for _, c := range []struct {
			on, grounds string
			least       float64
		}{
			{"text", "ground sheet sunk own", 4.5},
			{"dim", "ground sheet sunk own", 4.5},
			{"loss", "ground sheet loss-ground own", 4.5},
			{"accent", "ground sheet", 4.5},
			{"on-accent", "accent", 4.5},
			{"edge", "ground sheet own", 3},
			{"well", "sheet", 3},
		} {
			for ground := range strings.FieldsSeq(c.grounds) {
				if r := contrast(t, colors[c.on], colors[ground]); r < c.least {
					t.Errorf("%s: %s on %s has a contrast of %.2f, want %.1f", scheme, c.on, ground, r, c.least)
				}
			}
		}
	}
	inks := ink.FindAllStringSubmatch(css, -1)
	if len(inks) != 7 {
		t.Fatalf("%d inks, want 7", len(inks))
	}
	for i, m := range inks {
		if m[1] != strconv.Itoa(i) {
			t.Errorf("ink %s is at %d", m[1], i)
		}
		if r := contrast(t, m[2], m[3]); r < 4.5 {
			t.Errorf("ink %d: the letter has a contrast of %.2f", i, r)
		}
	}
}
