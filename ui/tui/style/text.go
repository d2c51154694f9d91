package style

import (
	"strings"

	"github.com/charmbracelet/x/ansi"

	"stickylab/sim/format"
)

// Width returns how many cells a text takes, painted or not.
func Width(s string) int {
	if plain(s) {
		return len(s)
	}
	return ansi.StringWidth(s)
}

// plain reports whether each byte of s is one cell.
func plain(s string) bool {
	for i := range len(s) {
		if s[i] < 0x20 || s[i] >= 0x7f {
			return false
		}
	}
	return true
}

// Cut shortens a text to width cells, the last being "…" when something is
// missing.
func Cut(s string, width int) string {
	if width <= 0 {
		return ""
	}
	if Width(s) <= width {
		return s
	}
	return ansi.Truncate(s, width, "…")
}

// Fit makes a text exactly width cells long, cut or followed by spaces.
func Fit(s string, width int) string {
	w := Width(s)
	if w > width {
		s = Cut(s, width)
		w = Width(s)
	}
	return s + spaces(width-w)
}

// Right makes a text exactly width cells long, cut or after spaces.
func Right(s string, width int) string {
	w := Width(s)
	if w > width {
		s = Cut(s, width)
		w = Width(s)
	}
	return spaces(width-w) + s
}

// Spread puts one text at the left and another at the right end of width
// cells. The left one is cut when they do not fit.
func Spread(left, right string, width int) string {
	w := Width(right)
	if w >= width {
		return Fit(right, width)
	}
	if w == 0 {
		return Fit(left, width)
	}
	return Fit(left, width-w-1) + " " + right
}

// Indent breaks a text into lines of at most width cells, each after some
// spaces.
func Indent(by int, text string, width int) []string {
	lines := format.Wrap(text, width-by)
	for i := range lines {
		lines[i] = spaces(by) + lines[i]
	}
	return lines
}

// Plainly returns a text without its paint.
func Plainly(s string) string { return ansi.Strip(s) }

const padding = "                                                                                                                                "

func spaces(n int) string {
	switch {
	case n <= 0:
		return ""
	case n <= len(padding):
		return padding[:n]
	}
	return strings.Repeat(" ", n)
}
