package format

import (
	"strings"
	"unicode"
)

// Printable returns text with "?" in the place of each character that could
// steer a terminal, change the direction of what follows or break a line
// unseen: control characters, bidirectional controls, invalid UTF-8 and other
// characters without a shape. Newlines and tabs stay, and so do the joiners
// that some scripts and emoji need. It replaces one character by one, so that
// columns stay as they are.
func Printable(text string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n' || r == '\t' || r == joiner || r == nonJoiner:
			return r
		case r == unicode.ReplacementChar || !unicode.IsGraphic(r):
			return '?'
		}
		return r
	}, text)
}

// Line returns Printable text on one line: tabs and line breaks become spaces,
// and the ends are trimmed.
func Line(text string) string {
	return strings.TrimSpace(strings.Map(func(r rune) rune {
		if r == '\n' || r == '\t' {
			return ' '
		}
		return r
	}, Printable(strings.ReplaceAll(text, "\r\n", "\n"))))
}

const (
	nonJoiner = '\u200c'
	joiner    = '\u200d'
)
