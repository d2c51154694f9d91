package doctor

import (
	"fmt"
	"strings"

	"stickylab/sim/format"
)

// mostFull bounds the findings that a report writes in full. Of more, each that does
// not break has one line, and changes have no lines around them: a report of an
// ordinary file has at most forty lines.
const mostFull = 3

// fold writes in one line what helps with a finding, or what settles it.
func (p *page) fold(f Finding, number int) {
	text := f.Cause.words()
	switch {
	case f.Grade == If && f.Settle != "":
		text = "To settle: " + f.Settle
	case f.Fix != nil:
		text = "Fix: " + f.Fix.Summary
	}
	end := ""
	if f.Lesson != "" {
		end = "  (learn " + f.Lesson + ")"
	}
	margin := fmt.Sprintf("%2d  ", number)
	p.Line(format.Run{Text: margin + format.Clip(text, p.Room(len(margin)+len(end))) + end})
}

// changed writes the lines that a unified diff takes out and adds, with the number of
// the line where they are in the text as it is.
func (p *page) changed(diff string) {
	at := 0
	for line := range strings.Lines(diff) {
		style := format.Plain
		switch {
		case strings.HasPrefix(line, "---"), strings.HasPrefix(line, "+++"), line[0] == '\\':
			continue
		case strings.HasPrefix(line, "@@"):
			fmt.Sscanf(line, "@@ -%d", &at)
			continue
		case line[0] == '+':
			style = format.Good
		case line[0] == '-':
			style = format.Bad
		}
		if style != format.Plain && strings.TrimSpace(line[1:]) != "" {
			p.Line(format.Run{Text: fmt.Sprintf("  %4d ", at)}, format.Run{Style: style, Text: strings.TrimRight(line, "\r\n")})
		}
		if line[0] != '+' {
			at++
		}
	}
}
