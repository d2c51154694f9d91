package doctor

import (
	"fmt"
	"strings"
)

// around is how many lines a diff shows before and after a change.
const around = 3

// diff is the unified diff of two texts; "" when they are the same.
func diff(name, before, after string) string {
	a, b := lines(before), lines(after)
	script := compare(a, b)
	var out strings.Builder
	for _, h := range hunks(script) {
		if out.Len() == 0 {
			fmt.Fprintf(&out, "--- %s\n+++ %s\t(mended)\n", name, name)
		}
		h.write(&out, script)
	}
	return out.String()
}

// lines cuts a text behind each newline.
func lines(text string) []string {
	list := strings.SplitAfter(text, "\n")
	if list[len(list)-1] == "" {
		list = list[:len(list)-1]
	}
	return list
}

// line is one line of a script that turns a text into another.
type line struct {
	op   byte // ' ', '-' or '+'
	text string
}

// lineBefore is the line of a text, counted from 1, that a line of what it was
// changed into comes from; for a line that was put in, the nearest one there is.
func lineBefore(before, after string, number int) int {
	a, b := 0, 0
	for _, l := range compare(lines(before), lines(after)) {
		if l.op != '+' {
			a++
		}
		if l.op != '-' {
			b++
		}
		if b == number && l.op != '-' {
			break
		}
	}
	return max(a, 1)
}

// farApart is how many lines may differ before a shortest script is no longer
// looked for: the time grows with the square.
const farApart = 400

// compare finds a shortest script by the greedy algorithm of Myers (1986):
// mends are a few lines, however long the text. For more than that it finds one
// that is not the shortest.
func compare(a, b []string) []line {
	most := min(len(a)+len(b), farApart)
	best := map[int]int{1: 0}
	var steps []map[int]int
	for d := 0; d <= most; d++ {
		row := make(map[int]int, 2*d+1)
		for k := -d; k <= d; k += 2 {
			x := best[k-1] + 1
			if k == -d || k != d && best[k-1] < best[k+1] {
				x = best[k+1]
			}
			y := x - k
			for x < len(a) && y < len(b) && a[x] == b[y] {
				x, y = x+1, y+1
			}
			row[k] = x
			if x >= len(a) && y >= len(b) {
				return walk(a, b, append(steps, row))
			}
		}
		steps = append(steps, row)
		best = row
	}
	return replace(a, b)
}

// replace is the script that replaces all that lies between the lines at both
// ends that are the same.
func replace(a, b []string) []line {
	var out []line
	first := 0
	for first < min(len(a), len(b)) && a[first] == b[first] {
		out = append(out, line{' ', a[first]})
		first++
	}
	last := 0
	for last < min(len(a), len(b))-first && a[len(a)-1-last] == b[len(b)-1-last] {
		last++
	}
	for _, text := range a[first : len(a)-last] {
		out = append(out, line{'-', text})
	}
	for _, text := range b[first : len(b)-last] {
		out = append(out, line{'+', text})
	}
	for _, text := range a[len(a)-last:] {
		out = append(out, line{' ', text})
	}
	return out
}

// walk goes the steps back from the end.
func walk(a, b []string, steps []map[int]int) []line {
	var back []line
	x, y := len(a), len(b)
	for d := len(steps) - 1; d >= 0; d-- {
		k := x - y
		fromX, fromY := 0, 0
		if d > 0 {
			before := steps[d-1]
			left, hasLeft := before[k-1]
			down, hasDown := before[k+1]
			if !hasLeft || hasDown && left < down {
				fromX, fromY = down, down-k-1
			} else {
				fromX, fromY = left, left-k+1
			}
		}
		for x > fromX && y > fromY && a[x-1] == b[y-1] {
			x, y = x-1, y-1
			back = append(back, line{' ', a[x]})
		}
		switch {
		case d == 0:
		case x > fromX:
			x--
			back = append(back, line{'-', a[x]})
		case y > fromY:
			y--
			back = append(back, line{'+', b[y]})
		}
	}
	out := make([]line, len(back))
	for i, l := range back {
		out[len(back)-1-i] = l
	}
	return out
}

// hunk is a part of a script with changes close to each other.
type hunk struct{ from, to int }

func hunks(script []line) []hunk {
	var out []hunk
	for i, l := range script {
		if l.op == ' ' {
			continue
		}
		h := hunk{max(i-around, 0), min(i+around+1, len(script))}
		if n := len(out); n > 0 && out[n-1].to >= h.from {
			out[n-1].to = h.to
			continue
		}
		out = append(out, h)
	}
	return out
}

func (h hunk) write(out *strings.Builder, script []line) {
	a, b := 1, 1
	for _, l := range script[:h.from] {
		if l.op != '+' {
			a++
		}
		if l.op != '-' {
			b++
		}
	}
	countA, countB := 0, 0
	for _, l := range script[h.from:h.to] {
		if l.op != '+' {
			countA++
		}
		if l.op != '-' {
			countB++
		}
	}
	if countA == 0 {
		a--
	}
	if countB == 0 {
		b--
	}
	fmt.Fprintf(out, "@@ -%d,%d +%d,%d @@\n", a, countA, b, countB)
	for _, l := range script[h.from:h.to] {
		out.WriteByte(l.op)
		out.WriteString(l.text)
		if !strings.HasSuffix(l.text, "\n") {
			out.WriteString("\n\\ No newline at end of file\n")
		}
	}
}
