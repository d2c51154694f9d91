package sweep

import (
	"math"
	"strings"
)

// The heights of a column of a histogram, from none to the highest.
var (
	blocks = []rune(" ▁▂▃▄▅▆▇█")
	plain  = []rune(" .:-=+*%#")
)

const mostColumns = 40

// scale is the range of a histogram and its columns. Histograms with one scale can be
// compared column by column.
type scale struct {
	low, high float64
	columns   int
}

// scaleOf returns the scale of several series: whole numbers that are few have a column each.
func scaleOf(all []*Series) scale {
	s := scale{math.Inf(1), math.Inf(-1), mostColumns}
	whole := true
	for _, one := range all {
		for _, v := range one.ordered() {
			s.low, s.high = min(s.low, v), max(s.high, v)
			whole = whole && v == math.Trunc(v)
		}
	}
	if n := s.high - s.low + 1; whole && n < mostColumns {
		s.columns = max(int(n), 1)
	}
	return s
}

// column returns the one that a number is in.
func (s scale) column(v float64) int {
	if s.high == s.low {
		return 0
	}
	return min(int((v-s.low)/(s.high-s.low)*float64(s.columns-1)+0.5), s.columns-1)
}

// plot draws a series on one line. The most frequent column is the highest, and one with
// any number is seen.
func (s scale) plot(one *Series, heights []rune) string {
	counts := make([]int, s.columns)
	most := 0
	for _, v := range one.ordered() {
		c := s.column(v)
		counts[c]++
		most = max(most, counts[c])
	}
	var b strings.Builder
	for _, n := range counts {
		h := 0
		if n > 0 {
			h = (n*(len(heights)-1) + most - 1) / most
		}
		b.WriteRune(heights[h])
	}
	return b.String()
}
