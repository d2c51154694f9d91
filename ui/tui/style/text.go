package style

import (
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
	s, rest := cut(s, width)
	return s + spaces(rest)
}

// Right makes a text exactly width cells long, cut or after spaces.
func Right(s string, width int) string {
	s, rest := cut(s, width)
	return spaces(rest) + s
}

// cut returns a text of at most width cells, and how many of them are left.
func cut(s string, width int) (string, int) {
	w := Width(s)
	if w > width {
		s = Cut(s, width)
		w = Width(s)
	}
	return s, width - w
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
	return Hang(spaces(by), format.Wrap(text, width-by))
}

// Hang puts the first of some lines after a head, and the others below it.
func Hang(head string, lines []string) []string {
	out := make([]string, len(lines))
	for i, line := range lines {
		out[i] = head + line
		head = spaces(Width(head))
	}
	return out
}

// Plainly returns a text without its paint.
func Plainly(s string) string { return ansi.Strip(s) }

func spaces(n int) string { return format.Spaces(n) }

// Middle shortens a plain text to width cells by leaving out its middle: how it begins, and
// above all how it ends, stays.
func Middle(s string, width int) string {
	w := Width(s)
	if w <= width {
		return s
	}
	if width < 8 {
		return Cut(s, width)
	}
	front := (width - 1) / 3
	return ansi.Truncate(s, front, "") + "…" + ansi.TruncateLeft(s, w-(width-1-front), "")
}
