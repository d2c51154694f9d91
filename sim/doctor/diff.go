package doctor

import (
	"fmt"
	"strings"

	"stickylab/sim/format"
)

// diff is the unified diff of two texts; "" when they are the same.
func diff(name, before, after string) string {
	return format.Diff(name, before, name+"\t(fixed)", after)
}

// lineBefore is the line of a text, counted from 1, that a line of what it was
// changed into comes from; for a line that was put in, the one before it.
func lineBefore(before, after string, number int) int {
	a, b := 0, 0 // how many lines of either text have passed
	head := 2
	for l := range strings.Lines(diff("", before, after)) {
		switch {
		case head > 0:
			head--
			continue
		case strings.HasPrefix(l, "@@"):
			var fromA, ofA, fromB, ofB int
			fmt.Sscanf(l, "@@ -%d,%d +%d,%d @@", &fromA, &ofA, &fromB, &ofB)
			if number < fromB {
				return max(a+number-b, 1)
			}
			a, b = fromA-min(ofA, 1), fromB-min(ofB, 1)
			continue
		case l[0] == '\\':
			continue
		}
		if l[0] != '+' {
			a++
		}
		if l[0] != '-' {
			if b++; b == number {
				return max(a, 1)
			}
		}
	}
	return max(a+number-b, 1)
}
