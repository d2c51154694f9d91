// Package style is what every view is drawn with: inks, marks, numbers, bars and
// boxes.
//
// What it draws is plain text when there is no colour, and says the same.
package style

import (
	"slices"
	"strings"
	"sync/atomic"
	"unicode/utf8"

	"github.com/charmbracelet/lipgloss"
	"github.com/muesli/termenv"

	"stickylab/sim/format"
	"stickylab/ui/stage"
)

// Ink is a style of text.
type Ink uint8

// The inks. Loss is the only red, and nothing healthy is painted with it.
const (
	Plain  Ink = iota
	Dim        // labels, what is not important now
	Strong     // headings, what was chosen
	Accent     // what has the focus
	Loss       // what did not arrive, who is not there, what failed
	Border     // thin lines

	firstNode // those of the nodes follow, and then those of their lit marks
)

const (
	firstLit = firstNode + Ink(len(nodeColors))
	lastInk  = firstLit + Ink(len(nodeColors))
)

// Lit returns the ink of a node in reverse: of what lights up. Other inks stay as they are.
func (i Ink) Lit() Ink {
	if i >= firstNode && i < firstLit {
		return i - firstNode + firstLit
	}
	return i
}

// color is one of the screen's colours on a dark and on a light background.
type color struct{ dark, light string }

// nodeColors are how the colours of nodes look. On a light background the bright ones are
// darker; blue is lighter where it is dark.
var nodeColors = [stage.Colours]color{
	stage.Orange:        {"#E69F00", "#B87A00"},
	stage.SkyBlue:       {"#56B4E9", "#1F7FB8"},
	stage.BluishGreen:   {"#009E73", "#00805C"},
	stage.ReddishPurple: {"#CC79A7", "#B0548A"},
	stage.Yellow:        {"#F0E442", "#8F8500"},
	stage.Blue:          {"#3D8FCC", "#0072B2"},
	stage.Vermillion:    {"#D55E00", "#C05400"},
}

var (
	grey   = color{"#8A8A8A", "#6C6C6C"}
	line   = color{"#4E4E4E", "#B2B2B2"}
	accent = color{"#5FD7FF", "#005FAF"}
	red    = color{"#FF5F5F", "#D70000"}
)

// inks holds, for each ink, the sequence that switches it on.
type inks [lastInk]string

var current atomic.Pointer[inks]

// Setup chooses the inks for a terminal: termenv.Ascii is none at all. Without
// it they are those that the standard output of the program can show.
func Setup(profile termenv.Profile, dark bool) {
	var all inks
	if profile != termenv.Ascii {
		on := func(c color, more string) string {
			hex := c.light
			if dark {
				hex = c.dark
			}
			return "\x1b[" + more + profile.Color(hex).Sequence(false) + "m"
		}
		all[Strong] = "\x1b[1m"
		all[Dim] = on(grey, "")
		all[Accent] = on(accent, "1;")
		all[Loss] = on(red, "1;")
		all[Border] = on(line, "")
		for i, c := range nodeColors {
			all[firstNode+Ink(i)] = on(c, "1;")
			all[firstLit+Ink(i)] = on(c, "7;1;")
		}
	}
	current.Store(&all)
}

// Paint paints a text that is not painted yet.
func Paint(i Ink, text string) string {
	if !plain(text) {
		text = format.Printable(text)
	}
	on := sequence(i)
	if on == "" || text == "" {
		return text
	}
	return on + text + reset
}

const reset = "\x1b[0m"

// sequence returns what switches the ink on, "" when there is nothing to.
func sequence(i Ink) string { return palette()[i] }

// palette returns the inks of the terminal.
func palette() *inks {
	if current.Load() == nil {
		Setup(Profile(), lipgloss.HasDarkBackground())
	}
	return current.Load()
}

// Safe returns a line of the screen in which nothing but paint steers the terminal,
// and which is one line.
func Safe(line string) string {
	if safe(line) {
		return line
	}
	return oneLine.Replace(format.PrintableBut(line, paint))
}

var oneLine = strings.NewReplacer("\n", " ", "\t", " ")

// safe reports whether Safe has nothing to do, as for nearly every line.
func safe(line string) bool {
	for i := 0; i < len(line); {
		switch c := line[i]; {
		case c >= 0x20 && c < 0x7f:
			i++
		case c == '\x1b':
			on := paint(line[i:])
			if on == "" {
				return false
			}
			i += len(on)
		default:
			r, size := utf8.DecodeRuneInString(line[i:])
			if boxes := r >= '─' && r <= '◿'; !boxes && !format.Shown(r) {
				return false
			}
			i += size
		}
	}
	return true
}

// paint returns the sequence of an ink that a text begins with, "" when it begins
// with none.
func paint(text string) string {
	on := text[:strings.IndexByte(text, 'm')+1]
	if on == reset || on == reverse || slices.Contains(palette()[:], on) {
		return on
	}
	return ""
}

// Reverse shows a text in reverse, also where there is no colour: it marks
// where one types.
func Reverse(text string) string { return reverse + text + reset }

const reverse = "\x1b[7m"

// Painted reports whether there is colour, or anything else that ink does.
func Painted() bool { return sequence(Strong) != "" }
