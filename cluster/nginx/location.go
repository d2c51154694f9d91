package nginx

import (
	"fmt"
	"strconv"
	"strings"
)

// locations reads the location blocks of a server or, nested, of a location.
func (r *reader) locations(block []*directive, outer level, parent *Location) []*Location {
	var found []*Location
	lines := map[string]int{}
	for _, d := range block {
		if d.bad || d.text != "location" {
			continue
		}
		l := r.location(d, outer, parent)
		if l == nil {
			continue
		}
		if l.pattern == nil {
			kind := l.Modifier
			if kind == "^~" {
				kind = ""
			}
			if line, ok := lines[kind+" "+l.Path]; ok {
				r.fail(l.Pos, fmt.Sprintf("the first is in line %d", line), "duplicate location %q", l.Path)
			} else {
				lines[kind+" "+l.Path] = d.at.Line
			}
		}
		found = append(found, l)
	}
	return found
}

func (r *reader) location(d *directive, outer level, parent *Location) *Location {
	l := &Location{Pos: d.at}
	path := d.args[0]
	if len(d.args) == 2 {
		l.Modifier, path = d.args[0].text, d.args[1]
		switch l.Modifier {
		case "=", "^~", "~", "~*":
			l.Path = path.text
		default:
			r.fail(d.args[0].at, "it is =, ^~, ~ or ~*", "invalid location modifier %q", l.Modifier)
			return nil
		}
	} else {
		l.Modifier, l.Path = cutModifier(path.text)
	}
	switch l.Modifier {
	case "~":
		l.pattern = r.pattern(path.at, "", l.Path)
	case "~*":
		l.pattern = r.pattern(path.at, "(?i)", l.Path)
	case "", "^~", "=":
		if !strings.HasPrefix(l.Path, "/") {
			r.note("no slash "+l.Path, path.at, `paths begin with "/"`, "location %q never matches", l.Path)
		}
	}
	r.checkNesting(l, path.at, parent)
	inner := r.level(d.block, outer)
	l.RealIP, l.MaxBody = inner.active(), inner.maxBody
	seen := once{}
	for _, d := range d.block {
		if d.bad {
			continue
		}
		switch d.text {
		case "proxy_pass":
			if !r.isDuplicate(d, seen) {
				r.proxyPass(l, d, inner)
			}
		case "return":
			if answer := r.answer(d); l.Return == nil {
				l.Return = answer
			}
		}
	}
	l.Locations = r.locations(d.block, inner, l)
	if l.pattern == nil && (l.Modifier == "~" || l.Modifier == "~*") {
		return nil
	}
	return l
}

// cutModifier takes apart a modifier that is glued to its path, as in
// "location =/chat".
func cutModifier(s string) (modifier, path string) {
	for _, m := range []string{"=", "^~", "~*", "~", "@"} {
		if path, ok := strings.CutPrefix(s, m); ok {
			return m, path
		}
	}
	return "", s
}

// written is the location's name as nginx prints it.
func (l *Location) written() string {
	if l.Modifier == "@" {
		return "@" + l.Path
	}
	return l.Path
}

// checkNesting applies the rules of ngx_http_core_location about what may lie
// in what.
func (r *reader) checkNesting(l *Location, at Pos, parent *Location) {
	if parent == nil {
		return
	}
	regex := l.Modifier == "~" || l.Modifier == "~*"
	switch {
	case parent.Modifier == "=":
		r.fail(at, "", "location %q cannot be inside the exact location %q", l.written(), parent.written())
	case parent.Modifier == "@":
		r.fail(at, "", "location %q cannot be inside the named location %q", l.written(), parent.written())
	case l.Modifier == "@":
		r.fail(at, "", "named location %q can be on the server level only", l.written())
	case !regex && !strings.HasPrefix(l.Path, parent.Path):
		r.fail(at, "", "location %q is outside location %q", l.written(), parent.written())
	}
}

// answer reads a return directive (ngx_http_rewrite_return).
func (r *reader) answer(d *directive) *Return {
	code := d.args[0]
	a := &Return{Pos: d.at}
	n, ok := number(code.text)
	switch {
	case ok && n <= 999:
		a.Status = n
		if len(d.args) == 2 {
			a.Body = d.args[1].text
			r.uses(d.args[1])
		}
	case !ok && len(d.args) == 1 && (strings.HasPrefix(code.text, "http://") || strings.HasPrefix(code.text, "https://") ||
		strings.HasPrefix(code.text, "$scheme")):
		a.Status, a.Body = 302, code.text
		r.uses(code)
	default:
		r.fail(code.at, "a status is a number up to "+strconv.Itoa(999), "invalid return code %q", code.text)
	}
	return a
}
