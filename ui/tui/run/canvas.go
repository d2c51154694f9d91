package run

import (
	"strings"

	"stickylab/ui/tui/style"
)

// A canvas is cells to draw on: texts, and lines that join where they meet.
type canvas struct {
	width, height int
	cells         []cellOf
}

// cellOf is a cell: a character, or the sides to which lines lead from it.
type cellOf struct {
	char  rune
	ink   style.Ink
	sides sides
}

// sides is a set of sides of a cell.
type sides uint8

const (
	left sides = 1 << iota
	right
	up
	down
)

// joints are the characters of lines, by the sides that they lead to.
var joints = [16]rune{
	0: ' ', left: '─', right: '─', left | right: '─', up: '│', down: '│', up | down: '│',
	right | down: '┌', left | down: '┐', right | up: '└', left | up: '┘',
	up | down | right: '├', up | down | left: '┤', left | right | down: '┬', left | right | up: '┴', left | right | up | down: '┼',
}

func newCanvas(width, height int) *canvas {
	return &canvas{width, height, make([]cellOf, max(width*height, 0))}
}

// at returns a cell, nil when it is not on the canvas.
func (c *canvas) at(p point) *cellOf {
	if p.x < 0 || p.y < 0 || p.x >= c.width || p.y >= c.height {
		return nil
	}
	return &c.cells[p.y*c.width+p.x]
}

// write writes a text that is not painted, as much of it as there is room for. Each of its characters is one cell wide.
func (c *canvas) write(x, y int, ink style.Ink, text string) {
	for _, r := range text {
		if at := c.at(point{x, y}); at != nil {
			at.char, at.ink = r, ink
		}
		x++
	}
}

// point is the place of a cell.
type point struct{ x, y int }

// path is a way from cell to cell, each next to the one before.
type path []point

// way returns the way over corners, with straight lines between them.
func way(corners ...point) (out path) {
	for i, to := range corners {
		if i == 0 {
			out = append(out, to)
			continue
		}
		for at := out[len(out)-1]; at != to; out = append(out, at) {
			switch {
			case at.x != to.x:
				at.x += sign(to.x - at.x)
			default:
				at.y += sign(to.y - at.y)
			}
		}
	}
	return out
}

func sign(n int) int {
	if n < 0 {
		return -1
	}
	return 1
}

// draw draws a way as a line.
func (c *canvas) draw(p path) {
	for i := 1; i < len(p); i++ {
		from, to := right, left
		switch d := (point{p[i].x - p[i-1].x, p[i].y - p[i-1].y}); {
		case d.x < 0:
			from, to = left, right
		case d.y > 0:
			from, to = down, up
		case d.y < 0:
			from, to = up, down
		}
		if at := c.at(p[i-1]); at != nil {
			at.sides |= from
		}
		if at := c.at(p[i]); at != nil {
			at.sides |= to
		}
	}
}

// put puts a character on a way, some share of it from its beginning.
func (c *canvas) put(p path, along float64, ink style.Ink, char rune) {
	if len(p) == 0 {
		return
	}
	if at := c.at(p[min(int(along*float64(len(p))), len(p)-1)]); at != nil {
		at.char, at.ink = char, ink
	}
}

// lines returns the rows of the canvas, painted.
func (c *canvas) lines() []string {
	out := make([]string, c.height)
	for y := range out {
		row := painter{}
		for x := range c.width {
			at := c.cells[y*c.width+x]
			switch {
			case at.char != 0:
				row.write(at.ink, string(at.char))
			case at.sides != 0:
				row.write(style.Border, string(joints[at.sides]))
			default:
				row.write(style.Plain, " ")
			}
		}
		out[y] = strings.TrimRight(row.String(), " ")
	}
	return out
}
