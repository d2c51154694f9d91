package format

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Wrap breaks a text into lines of at most width cells: between words, and
// between characters of scripts that are written without spaces, such as
// Chinese. A word that is wider than that gets a line to itself and stays
// whole, so that a path or an address can be copied. White space, line breaks
// included, counts as one space. An empty text has no lines.
func Wrap(text string, width int) []string {
	var out []string
	for _, line := range WrapRuns([]Run{{Text: text}}, width) {
		out = append(out, line[0].Text)
	}
	return out
}

// WrapRuns breaks a text of several styles into lines, as Wrap does. A word may
// consist of runs of different styles.
func WrapRuns(runs []Run, width int) [][]Run {
	var lines [][]Run
	var line []Run
	used := 0
	for _, p := range pieces(runs) {
		gap := 0
		if p.spaced && len(line) > 0 {
			gap = 1
		}
		if len(line) > 0 && used+gap+p.width > width {
			lines, line, used, gap = append(lines, line), nil, 0, 0
		}
		if gap > 0 {
			line = add(line, p.space, " ")
		}
		for _, r := range p.runs {
			line = add(line, r.Style, r.Text)
		}
		used += gap + p.width
	}
	if len(line) > 0 {
		lines = append(lines, line)
	}
	return lines
}

// add appends a text to the last run when it has the style, else as a run.
func add(line []Run, style Style, text string) []Run {
	if n := len(line); n > 0 && line[n-1].Style == style {
		line[n-1].Text += text
		return line
	}
	return append(line, Run{style, text})
}

// piece is a part of a text that stays on one line.
type piece struct {
	runs   []Run
	width  int
	spaced bool  // there is white space before it,
	space  Style // in this style
}

// pieces splits a text where it may be broken.
func pieces(runs []Run) []piece {
	var out []piece
	var p piece
	var last rune // of p
	end := func() {
		if len(p.runs) > 0 {
			out = append(out, p)
		}
		p, last = piece{}, 0
	}
	for _, r := range runs {
		for _, c := range r.Text {
			if unicode.IsSpace(c) && c != '\u00a0' && c != '\u202f' {
				end()
				p.spaced, p.space = len(out) > 0, r.Style
				continue
			}
			if last != 0 && breakable(last, c) {
				end()
			}
			p.runs = add(p.runs, r.Style, string(c))
			last = c
		}
	}
	end()
	for i := range out {
		for _, r := range out[i].runs {
			out[i].width += Width(r.Text)
		}
	}
	return out
}

// Characters that do not begin a line, and that do not end one, in Chinese and
// Japanese text (JIS X 4051).
const (
	notFirst = "、。，．・：；？！ー々ゝゞ」』】〕〉》）］｝”’…‥,.:;?!)]}%"
	notLast  = "「『【〔〈《（［｛“‘([{$"
)

// breakable reports whether a line may end between two characters that have no
// space between them: one of them is an ideograph or the like.
func breakable(a, b rune) bool {
	switch {
	case !unbound(a) && !unbound(b):
		return false
	case strings.ContainsRune(notLast, a) || strings.ContainsRune(notFirst, b):
		return false
	case b == joiner || a == joiner || unicode.In(b, unicode.Mn, unicode.Me, unicode.Mc, unicode.Sk):
		return false // a mark, a variation or a skin colour of what comes before it
	}
	return true
}

// Joins reports whether a line that ends with one text continues with another without a
// space: both are of a script without spaces, or one of its punctuation marks is between
// them.
func Joins(a, b string) bool {
	last, _ := utf8.DecodeLastRuneInString(a)
	first, _ := utf8.DecodeRuneInString(b)
	mark := func(r rune) bool { return unbound(r) && unicode.IsPunct(r) }
	return unbound(last) && unbound(first) || mark(last) || mark(first)
}

// unbound reports whether a character is one of a script without spaces.
func unbound(r rune) bool { return r >= 0x1100 && cells.RuneWidth(r) == 2 }
