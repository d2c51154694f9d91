package style

import "strings"

// Box is a pane with a thin border, a title in its upper edge and a note at
// the right end of it. Title and note may be painted.
type Box struct {
	Title, Note   string
	Lines         []string // cut to what fits
	Width, Height int      // with the border
	Focused       bool
}

// Inside returns how many cells and lines of content a box of a size has.
func Inside(width, height int) (w, h int) { return max(width-4, 0), max(height-2, 0) }

// Draw returns the lines of the box: Height lines of Width cells.
func (b Box) Draw() []string {
	if b.Width < 4 || b.Height < 2 {
		return Block(b.Lines, b.Width, b.Height)
	}
	ink, title := Border, b.Title
	if b.Focused {
		ink = Accent
		title = Paint(Accent, Plainly(title))
	}
	w, h := Inside(b.Width, b.Height)
	out := make([]string, 0, b.Height)
	out = append(out, b.top(ink, title))
	left, right := Paint(ink, "│")+" ", " "+Paint(ink, "│")
	for i := range h {
		text := ""
		if i < len(b.Lines) {
			text = b.Lines[i]
		}
		out = append(out, left+Fit(text, w)+right)
	}
	return append(out, Paint(ink, "└"+strings.Repeat("─", b.Width-2)+"┘"))
}

// top is the upper edge.
func (b Box) top(ink Ink, title string) string {
	room := b.Width - 4
	if title = Cut(title, room-2); title != "" {
		title = " " + title + " "
	}
	room -= Width(title)
	note := ""
	if b.Note != "" && Width(b.Note)+3 <= room {
		note = " " + b.Note + " "
		room -= Width(note)
	}
	return Paint(ink, "┌─") + title + Paint(ink, strings.Repeat("─", max(room, 0))) + note + Paint(ink, "─┐")
}

// Block makes lines exactly width by height cells.
func Block(lines []string, width, height int) []string {
	out := make([]string, height)
	for i := range out {
		if i < len(lines) {
			out[i] = Fit(lines[i], width)
		} else {
			out[i] = spaces(width)
		}
	}
	return out
}

// Join joins blocks of lines of equal height, left to right, one space
// between them.
func Join(blocks ...[]string) []string {
	if len(blocks) == 0 {
		return nil
	}
	out, row := make([]string, len(blocks[0])), make([]string, len(blocks))
	for i := range out {
		for k, b := range blocks {
			row[k] = b[i]
		}
		out[i] = strings.Join(row, " ")
	}
	return out
}
