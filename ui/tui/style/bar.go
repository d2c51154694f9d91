package style

import "strings"

// Bar returns a bar of width cells of which part of the whole is full:
// "██████░░░░". It is full or empty only when the share is exactly that.
func Bar(part, of, width int) string {
	full := 0
	if of > 0 {
		full = part * width / of
		if part > 0 && part < of && width > 1 {
			full = min(max(full, 1), width-1)
		}
	}
	full = min(max(full, 0), width)
	return strings.Repeat("█", full) + strings.Repeat("░", width-full)
}

// Shade returns one cell that tells a share: "█" all, "▓" and "▒" some, "░"
// nothing, "·" that there was nothing to share.
func Shade(part, of int) string {
	switch {
	case of == 0:
		return "·"
	case part == 0:
		return "░"
	case part == of:
		return "█"
	case part*2 >= of:
		return "▓"
	}
	return "▒"
}

var ticks = []rune("▁▂▃▄▅▆▇█")

// Spark returns a cell for each value, whose height is its share of the
// highest. Nothing is a space; what is more than nothing shows.
func Spark(values []int, highest int) string {
	out := make([]rune, len(values))
	for i, v := range values {
		out[i] = ' '
		if v > 0 && highest > 0 {
			out[i] = ticks[min((v*len(ticks)-1)/highest, len(ticks)-1)]
		}
	}
	return string(out)
}
