// Package format writes text for people: numbers, lines that fit the page,
// tables and pages of plain text, and the styles of a terminal. What comes from
// a file, a peer or a client passes through Printable or Line before it is
// shown, so that it cannot steer a terminal; a Page does that by itself.
//
// Widths are in cells of a terminal: a Chinese character takes two.
package format

import (
	"strings"

	"github.com/mattn/go-runewidth"
)

// cells measures text alike on every machine, whatever its locale.
var cells = &runewidth.Condition{StrictEmojiNeutral: true}

// Width returns how many cells a text takes that is on one line and not painted.
func Width(s string) int { return cells.StringWidth(s) }

// Left returns s followed by spaces, so that it takes at least width cells.
func Left(s string, width int) string { return s + Spaces(width-Width(s)) }

// Right returns s after spaces, so that it takes at least width cells.
func Right(s string, width int) string { return Spaces(width-Width(s)) + s }

// Spaces returns n spaces, none when n is negative.
func Spaces(n int) string { return strings.Repeat(" ", max(n, 0)) }

// Clip returns s cut to width cells, the last three of them dots when something
// is missing.
func Clip(s string, width int) string { return cells.Truncate(s, width, "...") }
