package why

import (
	"fmt"
	"strings"

	"stickylab/sim/format"
)

// widest is the width beyond which no line of a page goes: longer ones are hard
// to read.
const widest = 100

// Write writes all that the dictionary says about an entry, broken into lines
// for a screen.
func (e *Entry) Write(p *format.Page) {
	p.Strong(Plain(e.Title))
	p.Gap()
	markdown(p, e.Means)
	for i, c := range e.Causes {
		p.Gap()
		head := format.Run{Style: format.Strong, Text: fmt.Sprintf("%d. ", i+1)}
		markdown(p, c.What, head)
		field(p, "tell", c.Tell)
		lines(p, c.Try)
		field(p, "fix", c.Fix)
		lines(p, c.Paste)
		if len(c.Lessons) > 0 {
			field(p, "learn", "stickylab learn "+c.Lessons[0]+others(c.Lessons[1:]))
		}
	}
	p.Gap()
	for i, source := range e.Sources {
		head := "Sources: "
		if i > 0 {
			head = format.Spaces(len(head))
		}
		p.Line(format.Run{Text: head + source})
	}
}

// others names further lessons.
func others(names []string) string {
	if len(names) == 0 {
		return ""
	}
	return ", also " + strings.Join(names, ", ")
}

// margin is that of what belongs to a cause.
const margin = 3

// field writes a text after its label.
func field(p *format.Page, label, text string) {
	markdown(p, text, format.Run{Text: fmt.Sprintf("%s%-7s", format.Spaces(margin), label)})
}

// lines writes lines that are to be copied.
func lines(p *format.Page, text string) {
	for line := range strings.Lines(text) {
		p.Line(format.Run{Text: format.Spaces(margin + 9)}, format.Run{Style: format.Code, Text: strings.TrimRight(line, "\n")})
	}
}

// markdown writes a text with its `code` painted, or in its backquotes where there
// are no colours, broken into lines that fit the
// page and are set in by what comes before the first.
func markdown(p *format.Page, text string, head ...format.Run) {
	set := 0
	for _, r := range head {
		set += format.Width(r.Text)
	}
	var runs []format.Run
	for i, part := range strings.Split(text, "`") {
		style := format.Plain
		if i%2 == 1 {
			style = format.Code
			if !p.Color {
				part = "`" + part + "`"
			}
		}
		if part != "" {
			runs = append(runs, format.Run{Style: style, Text: part})
		}
	}
	for _, line := range format.WrapRuns(runs, p.Room(set)) {
		p.Line(append(head[:len(head):len(head)], line...)...)
		head = []format.Run{{Text: format.Spaces(set)}}
	}
}

// WriteList writes entries one below the other: the title, how to recognise each,
// and the command that says more.
func WriteList(p *format.Page, list []*Entry) {
	for _, e := range list {
		markdown(p, e.Title, format.Run{Text: "  "})
		text := e.Sign
		if text == "" {
			text = e.Means
		}
		markdown(p, text, format.Run{Text: "     "})
		p.Line(format.Run{Text: "     "}, format.Run{Style: format.Code, Text: "stickylab why " + e.Name})
	}
}

// NewPage returns a page for a screen.
func NewPage(screen format.Screen) *format.Page {
	return &format.Page{Width: min(screen.Width, widest), Color: screen.Color}
}
