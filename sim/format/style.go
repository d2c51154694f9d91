package format

import "strings"

// Style is how a piece of text stands out on a terminal. It never says anything
// that the words do not say.
type Style uint8

// The styles.
const (
	Plain  Style = iota
	Strong       // headings
	Code         // what is typed, or read in a file
	Good         // it is as it should be
	Bad          // it is not
	Unsure       // it is not known
)

// sgr are the styles as a terminal takes them (ECMA-48, select graphic
// rendition).
var sgr = [...]string{Strong: "1", Code: "36", Good: "32", Bad: "1;31", Unsure: "33"}

// Run is a piece of text in one style.
type Run struct {
	Style Style
	Text  string
}

// Paint returns text in a style for a terminal. Spaces at its end are not
// painted.
func (s Style) Paint(text string) string {
	body := strings.TrimRight(text, " ")
	if s == Plain || body == "" {
		return text
	}
	return s.on() + body + resetStyle + text[len(body):]
}

const resetStyle = "\x1b[0m"

// on returns the sequence that switches the style on, "" when there is nothing to.
func (s Style) on() string {
	if sgr[s] == "" {
		return ""
	}
	return "\x1b[" + sgr[s] + "m"
}
