package report

import "strings"

// The colours of a terminal, by number (SGR). Red is for failure alone.
const (
	bold   = "1"
	red    = "1;31"
	green  = "32"
	yellow = "33"
)

func (p *page) paint(color, s string) string {
	text := strings.TrimRight(s, " ")
	if !p.Color || text == "" {
		return s
	}
	return "\x1b[" + color + "m" + text + "\x1b[0m" + s[len(text):]
}

// word is how a verdict is written: a failure is seen without colour too.
func word(v Verdict) string {
	if v == Fail {
		return "FAIL"
	}
	return string(v)
}

func (p *page) verdict(v Verdict) string {
	switch v {
	case Pass:
		return p.paint(green, word(v))
	case Fail:
		return p.paint(red, word(v))
	}
	return p.paint(yellow, word(v))
}
