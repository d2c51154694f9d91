package screen

import (
	"slices"
	"strings"

	tea "github.com/charmbracelet/bubbletea"

	"stickylab/sim/format"
	"stickylab/ui/tui/style"
)

// HelpLine is the keys worth a reminder, as many as fit.
func HelpLine(keys []Key, width int) string {
	shown, left := make([]bool, len(keys)), width
	for _, first := range []func(k *Key) bool{
		func(k *Key) bool { return k.First },
		func(k *Key) bool { return k.Group == "" }, // help and quitting are not pushed out
		func(k *Key) bool { return !k.Late },
		func(k *Key) bool { return true },
	} {
		for i := range keys {
			k := &keys[i]
			n := style.Width(k.Shown()) + 1 + style.Width(k.Short)
			if left < width {
				n += 3
			}
			if !shown[i] && !k.Hidden && k.Short != "" && n <= left && first(k) {
				shown[i] = true
				left -= n
			}
		}
	}
	var parts []string
	for i := range keys {
		if shown[i] {
			parts = append(parts, style.Paint(style.Strong, keys[i].Shown())+" "+style.Paint(style.Dim, keys[i].Short))
		}
	}
	return strings.Join(parts, "   ")
}

// Cover is a list that covers a screen.
type Cover struct {
	Title  string
	Lines  func(width, at int) []string
	Choose func(at int) tea.Cmd // nil means that there is nothing to choose
	Size   func() int           // how many there are to choose from
	At     int                  // the line at the top; or the one that is chosen
	More   string               // in the corner while there are lines below
	Back   string               // what leaving it does; "" means that it goes back
	Closed func() tea.Cmd       // what happens then; nil means nothing
}

// Cover covers the screen with a list.
func (s *Shell) Cover(c *Cover) tea.Cmd {
	s.cover = c
	return nil
}

func (s *Shell) uncover() tea.Cmd {
	closed := s.cover.Closed
	if s.cover = nil; closed != nil {
		return closed()
	}
	return nil
}

func (s *Shell) coverKeys() []Key {
	c := s.cover
	by := func(n int) func() tea.Cmd {
		return func() tea.Cmd { s.scroll(n); return nil }
	}
	leave, hint, back := "esc ?", "esc", "back"
	if c.Back != "" {
		leave, hint, back = "enter space esc ?", "enter", c.Back
	}
	page := max(s.Height-5, 1) // it keeps a line of the one before
	keys := []Key{
		{Keys: leave, Hint: hint, Short: back, About: back, Do: s.uncover},
		{Keys: "j down", Hint: "j k", Short: "scroll", About: "down", Do: by(1)},
		{Keys: "k up", About: "up", Do: by(-1)},
		{Keys: "pgdown", About: "a page down", Do: by(page)},
		{Keys: "pgup", About: "a page up", Do: by(-page)},
		s.Always()[1],
	}
	if c.Choose == nil {
		return keys
	}
	choose := func() tea.Cmd { s.cover = nil; return c.Choose(c.At) }
	return append([]Key{{Keys: "enter", Short: "go there", About: "continue with this run", Do: choose}}, keys...)
}

// scroll moves the list, or what is chosen in it.
func (s *Shell) scroll(by int) {
	c := s.cover
	last := 0
	if c.Choose != nil {
		last = c.Size() - 1
	} else {
		w, h := style.Inside(s.Width, s.Height-2)
		last = len(c.Lines(w, c.At)) - h
	}
	c.At = max(min(c.At+by, last), 0)
}

func (c *Cover) draw(width, height int) []string {
	w, h := style.Inside(width, height)
	box := style.Box{Title: c.Title, Lines: c.Lines(w, c.At), Width: width, Height: height, Focused: true}
	if c.Choose == nil {
		c.At = max(min(c.At, len(box.Lines)-h), 0)
		box.Lines = box.Lines[c.At:]
		if len(box.Lines) > h {
			box.Note = c.More
		}
	}
	return box.Draw()
}

// Widths of the list of all keys, in cells.
const (
	twoColumns  = 96 // from which there are two
	keysWidth   = 12
	legendWidth = 17
)

// headings of the list of all keys, in order, by column.
var headings = [2][]string{{List, Lesson, Do, DoNow, Files, ""}, {Time, Look}}

// help covers the screen with all of its keys and marks.
func (s *Shell) help() tea.Cmd {
	keys := s.Screen.Keys()
	return s.Cover(&Cover{Title: "keys", More: "pgdn: more", Lines: func(width, _ int) []string { return helpLines(keys, width) }})
}

// helpLines is every key, in two columns when there is room, and every mark when
// keys are about what has marks.
func helpLines(keys []Key, width int) []string {
	out := append(helpColumns(keys, width), "")
	if !slices.ContainsFunc(keys, func(k Key) bool { return k.Group == Look }) {
		return out
	}
	head := style.Paint(style.Strong, "marks") + "  "
	out = append(out, style.Hang(head, format.Wrap("a letter and a colour are a node; a small letter is on polling", width-7))...)
	out = append(out, "")
	line := "  "
	for _, s := range style.States[2:] {
		if style.Width(line)+legendWidth > width && len(line) > 2 {
			out, line = append(out, line), "  "
		}
		line += style.Fit(s.Legend(), legendWidth)
	}
	out = append(out, line, "")
	return append(out, style.Indent(2, "a click selects, the wheel moves the selection", width)...)
}

// helpColumns is the keys by heading. Two columns are as wide as they need; what
// does not fit continues below.
func helpColumns(keys []Key, width int) []string {
	column := func(n, width int) (out []string) {
		for _, group := range headings[n] {
			out = append(out, helpOf(keys, group, len(out) > 0, width)...)
		}
		return out
	}
	if width < twoColumns {
		return append(append(column(0, width), ""), column(1, width)...)
	}
	left := 0
	for _, line := range column(0, width) {
		left = max(left, style.Width(line))
	}
	left = min(left+1, width/2)
	first, second := column(0, left-1), column(1, width-left-1)
	rows := max(len(first), len(second))
	return style.Join(style.Block(first, left, rows), style.Block(second, width-left-1, rows))
}

// helpOf is the keys of a group below its heading. apart puts an empty line
// before it.
func helpOf(keys []Key, group string, apart bool, width int) (out []string) {
	for i := range keys {
		k := &keys[i]
		if k.Group != group || k.Hidden || k.About == "" {
			continue
		}
		if out == nil {
			if apart {
				out = append(out, "")
			}
			title := group
			if title == "" {
				title = "and"
			}
			for _, line := range format.Wrap(title, width) {
				out = append(out, style.Paint(style.Strong, line))
			}
		}
		head := "  " + style.Fit(style.Paint(style.Accent, k.Keys), keysWidth)
		out = append(out, style.Hang(head, format.Wrap(k.About, max(width-2-keysWidth, 1)))...)
	}
	return out
}
