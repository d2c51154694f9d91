package format

import (
	"bytes"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Printable returns text with "?" in the place of each character that could
// steer a terminal, change the direction of what follows or break a line
// unseen: control characters, bidirectional controls, invalid UTF-8 and other
// characters without a shape. Newlines and tabs stay, and so do the joiners
// that some scripts and emoji need. It replaces one character by one, so that
// columns stay as they are.
func Printable(text string) string {
	return strings.Map(func(r rune) rune {
		if r == '\n' || r == '\t' || Shown(r) {
			return r
		}
		return '?'
	}, text)
}

// PrintableBut returns Printable text in which the sequences stay that own finds at
// the beginning of what begins with ESC or CR; it returns "" for any other.
func PrintableBut(text string, own func(rest string) string) string {
	at := strings.IndexAny(text, "\x1b\r")
	if at < 0 {
		return Printable(text)
	}
	var out strings.Builder
	for ; at >= 0; at = strings.IndexAny(text, "\x1b\r") {
		out.WriteString(Printable(text[:at]))
		text = text[at:]
		if sequence := own(text); sequence != "" {
			out.WriteString(sequence)
			text = text[len(sequence):]
		} else {
			out.WriteByte('?')
			text = text[1:]
		}
	}
	out.WriteString(Printable(text))
	return out.String()
}

// Shown reports whether a character has a shape, or is needed by those that have,
// and does nothing else.
func Shown(r rune) bool {
	return r == joiner || r == nonJoiner || r != unicode.ReplacementChar && unicode.IsGraphic(r)
}

// escape returns text with escaped(r) in the place of each character beyond ASCII
// that is not Shown, and of DEL: what a notation such as JSON allows within a
// string, and a terminal may obey.
func escape(text []byte, escaped func(dst []byte, r rune) []byte) []byte {
	hidden := func(r rune) bool { return r >= 0x7f && !Shown(r) }
	at := bytes.IndexFunc(text, hidden)
	if at < 0 {
		return text
	}
	out := append(make([]byte, 0, len(text)+64), text[:at]...)
	for text = text[at:]; len(text) > 0; {
		r, size := utf8.DecodeRune(text)
		if hidden(r) {
			out = escaped(out, r)
		} else {
			out = append(out, text[:size]...)
		}
		text = text[size:]
	}
	return out
}

// EscapeXML writes such characters in XML as numbers.
func EscapeXML(text []byte) []byte {
	return escape(text, func(dst []byte, r rune) []byte { return fmt.Appendf(dst, "&#x%X;", r) })
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
