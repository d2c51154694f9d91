package nginx

import (
	"fmt"
	"slices"
	"strings"
)

// SetMethod rewrites the balancing method of an upstream in the text: its
// directive is put in, replaced or taken out, and nothing else is touched.
// Where server lines are backups and the method does not support them, it goes
// behind the server lines, which is where nginx accepts it.
func SetMethod(text, upstream string, m Method) (string, error) {
	edited, err := setMethod(text, upstream, m)
	if err != nil {
		return "", fmt.Errorf("set method of upstream %q: %w", upstream, err)
	}
	return edited, nil
}

func setMethod(text, upstream string, m Method) (string, error) {
	if m.Name == "" {
		m.Name = "round_robin"
	}
	m, err := parseMethod(m.String())
	if err != nil {
		return "", err
	}
	var r report
	tree := scanTree(text, &r)
	if len(r.problems) > 0 {
		return "", inOrder(r.problems)[0]
	}
	block := findUpstream(tree, upstream)
	if block == nil {
		return "", fmt.Errorf("there is no such block")
	}
	return edit{text, block}.apply(m), nil
}

// findUpstream looks at the top level and into http blocks.
func findUpstream(list []*directive, name string) *directive {
	for _, d := range list {
		if d.text == "upstream" && d.isBlock && len(d.args) == 1 && strings.EqualFold(d.args[0].text, name) {
			return d
		}
		if d.text == "http" && d.isBlock {
			if u := findUpstream(d.block, name); u != nil {
				return u
			}
		}
	}
	return nil
}

// edit is an edition of the block of an upstream.
type edit struct {
	text  string
	block *directive
}

// change puts a text in the place of another.
type change struct {
	from, to int
	with     string
}

func (e edit) apply(m Method) string {
	var old []*directive
	var servers []*directive
	behind := false
	for _, d := range e.block.block {
		_, isMethod := methods[d.text]
		switch {
		case isMethod:
			old = append(old, d)
		case d.text == "server":
			servers = append(servers, d)
			behind = behind || slices.ContainsFunc(d.args, func(w word) bool { return w.text == "backup" })
		}
	}
	written := ""
	if m.Name != "round_robin" {
		written = m.String() + ";"
	}
	behind = behind && written != "" && !methods[m.Name]

	var changes []change
	for _, d := range old {
		if from, to := d.off, d.end; written != "" && (!behind || d.off > servers[len(servers)-1].off) {
			changes = append(changes, change{from, to, written})
			written = ""
		} else {
			from, to = e.whole(from, to)
			changes = append(changes, change{from, to, ""})
		}
	}
	if written != "" {
		at := e.block.inner
		var neighbour *directive
		if behind {
			neighbour = servers[len(servers)-1]
			at = neighbour.end
		} else if len(e.block.block) > 0 {
			neighbour = e.block.block[0]
		}
		at, before, after := e.insertion(at, neighbour)
		changes = append(changes, change{at, at, before + written + after})
	}
	return e.with(changes)
}

// with returns the text with all changes, which do not overlap.
func (e edit) with(changes []change) string {
	slices.SortStableFunc(changes, func(a, b change) int { return a.from - b.from })
	var b strings.Builder
	done := 0
	for _, c := range changes {
		b.WriteString(e.text[done:c.from])
		b.WriteString(c.with)
		done = c.to
	}
	b.WriteString(e.text[done:])
	return b.String()
}

// whole widens a statement that is taken out: to its whole line when nothing
// else is in it, else to the blanks behind it.
func (e edit) whole(from, to int) (int, int) {
	before, first := indent(e.text, from)
	rest := e.text[to:]
	blanks := len(rest) - len(strings.TrimLeft(rest, " \t"))
	end := strings.TrimPrefix(rest[blanks:], "\r")
	if first && strings.HasPrefix(end, "\n") {
		return from - len(before), len(e.text) - len(end) + 1
	}
	if end == "" || end[0] == '\n' || end[0] == '#' {
		// A comment that is left alone keeps its column; blanks at a line's
		// end are not worth it.
		return from, to
	}
	return from, to + blanks
}

// insertion finds where and between what a new statement goes: on a line of its
// own, indented like its neighbour and after the comment that ends the line, or
// right here where the block is written in one line.
func (e edit) insertion(at int, neighbour *directive) (place int, before, after string) {
	margin, apart := "", false
	if neighbour != nil {
		margin, apart = indent(e.text, neighbour.off)
	} else if strings.Contains(e.text[e.block.inner:e.block.close], "\n") {
		margin, _ = indent(e.text, e.block.off)
		margin, apart = margin+"    ", true
	}
	rest := e.text[at:]
	if !apart {
		if strings.IndexByte(" \t\r\n", rest[0]) < 0 {
			after = " "
		}
		return at, " ", after
	}
	place = at + len(rest) - len(strings.TrimLeft(rest, " \t"))
	newline := "\n"
	if end := strings.IndexByte(e.text[place:], '\n'); end >= 0 {
		line := e.text[place : place+end]
		if strings.HasSuffix(line, "\r") {
			newline = "\r\n"
			line = line[:len(line)-1]
		}
		if strings.HasPrefix(line, "#") {
			place += len(line)
		}
	}
	if strings.IndexByte("\r\n", e.text[place]) < 0 {
		// Something follows in the line: the server lines' neighbour.
		return at, newline + margin, ""
	}
	return place, newline + margin, ""
}
