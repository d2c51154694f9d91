package nginx

import (
	"fmt"
	"strings"

	"stickylab/cluster/nginx/syntax"
)

// locations reads the location blocks of a server or, nested, of a location.
func (r *reader) locations(block []*syntax.Directive, outer level, parent *Location) []*Location {
	var found []*Location
	lines := map[string]int{}
	for _, d := range block {
		if d.Broken || d.Name != "location" {
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
				r.Fail(Duplicate, l.Pos, fmt.Sprintf("the first is in line %d", line), "duplicate location %q", l.Path)
			} else {
				lines[kind+" "+l.Path] = d.Pos.Line
			}
		}
		found = append(found, l)
	}
	return found
}

func (r *reader) location(d *syntax.Directive, outer level, parent *Location) *Location {
	l := &Location{Pos: d.Pos, Internal: parent != nil && parent.Internal}
	path := d.Args[0]
	if len(d.Args) == 2 {
		l.Modifier, path = d.Args[0].Text, d.Args[1]
		switch l.Modifier {
		case "=", "^~", "~", "~*":
			l.Path = path.Text
		default:
			r.Fail(BadValue, d.Args[0].Pos, "it is =, ^~, ~ or ~*", "invalid location modifier %q", l.Modifier)
			return nil
		}
	} else {
		l.Modifier, l.Path = cutModifier(path.Text)
	}
	switch l.Modifier {
	case "~":
		l.pattern = r.pattern(path.Pos, false, l.Path)
	case "~*":
		l.pattern = r.pattern(path.Pos, true, l.Path)
	case "", "^~", "=":
		if !strings.HasPrefix(l.Path, "/") {
			r.Note(NeverMatches, l.Path, path.Pos, `paths begin with "/"`, "location %q never matches", l.Path)
		}
	}
	r.checkNesting(l, path.Pos, parent)
	inner := r.level(d.Block, outer)
	l.take(&inner)
	for _, d := range d.Block {
		if d.Broken {
			continue
		}
		switch d.Name {
		case "proxy_pass":
			r.proxyPass(l, d, inner)
			r.redirects(l, d, &inner)
		case "internal":
			l.Internal = true
		case "try_files":
			l.TryFiles = r.tryFiles(d)
		}
	}
	if inner.redirectDefault != nil && l.Proxy == nil {
		r.misplacedDefault(inner.redirectDefault)
	}
	l.ops = r.script(d.Block, inner, l)
	l.Return = firstReturn(l.ops)
	for _, d := range syntax.Find(d.Block, "limit_except") {
		if !d.Broken {
			r.limitExcept(l, d, inner)
		}
	}
	l.Locations = r.locations(d.Block, inner, l)
	if l.pattern == nil && (l.Modifier == "~" || l.Modifier == "~*") {
		return nil
	}
	return l
}

// limitExcept reads limit_except: a location within the location, which inherits what
// others inherit and proxy_pass, and neither instructions nor try_files
// (ngx_http_core_limit_except).
func (r *reader) limitExcept(l *Location, d *syntax.Directive, outer level) {
	inside := *l
	inside.ops, inside.TryFiles, inside.Return, inside.Ifs = nil, nil, nil, nil
	inner := r.level(d.Block, outer)
	inside.take(&inner)
	if pass := syntax.Find(d.Block, "proxy_pass"); len(pass) == 1 && !pass[0].Broken {
		r.proxyPass(&inside, pass[0], inner)
	}
	l.excepted, l.Ifs = &inside, append(l.Ifs, &inside)
	for _, arg := range d.Args {
		l.methods = append(l.methods, arg.Text)
	}
}

// take gives a location what it inherits.
func (l *Location) take(v *level) {
	l.RealIP, l.MaxBody, l.Kept, l.Rules = v.active(), v.maxBody, v.kept, v.rules
}

// tryFiles reads a try_files directive (ngx_http_try_files).
func (r *reader) tryFiles(d *syntax.Directive) []string {
	var files []string
	for _, arg := range d.Args {
		r.uses(arg)
		files = append(files, arg.Text)
	}
	if code, ok := strings.CutPrefix(files[len(files)-1], "="); ok {
		if n, ok := number(code); !ok || n > 999 {
			r.Fail(BadValue, d.Args[len(files)-1].Pos, "a status is a number up to 999", "invalid code %q", code)
		}
	}
	r.Note(NoFiles, "try_files", d.Pos, "", "no file exists here: \"try_files\" goes to its last argument")
	return files
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

// written returns the location's name as nginx prints it.
func (l *Location) written() string {
	if l.Modifier == "@" {
		return "@" + l.Path
	}
	return l.Path
}

// checkNesting applies the rules of ngx_http_core_location about nested
// locations.
func (r *reader) checkNesting(l *Location, at syntax.Pos, parent *Location) {
	if parent == nil {
		return
	}
	regex := l.Modifier == "~" || l.Modifier == "~*"
	switch {
	case parent.Modifier == "=":
		r.Fail(Misplaced, at, "", "location %q cannot be inside the exact location %q", l.written(), parent.written())
	case parent.Modifier == "@":
		r.Fail(Misplaced, at, "", "location %q cannot be inside the named location %q", l.written(), parent.written())
	case l.Modifier == "@":
		r.Fail(Misplaced, at, "", "named location %q can be on the server level only", l.written())
	case !regex && !strings.HasPrefix(l.Path, parent.Path):
		r.Fail(Misplaced, at, "", "location %q is outside location %q", l.written(), parent.written())
	}
}

// answer reads a return directive (ngx_http_rewrite_return).
func (r *reader) answer(d *syntax.Directive) *Return {
	code := d.Args[0]
	a := &Return{Pos: d.Pos}
	n, ok := number(code.Text)
	switch {
	case ok && n <= 999:
		a.Status = n
		if len(d.Args) == 2 {
			a.Body = d.Args[1].Text
			r.uses(d.Args[1])
		}
	case !ok && len(d.Args) == 1 && (strings.HasPrefix(code.Text, "http://") || strings.HasPrefix(code.Text, "https://") ||
		strings.HasPrefix(code.Text, "$scheme")):
		a.Status, a.Body = 302, code.Text
		r.uses(code)
	default:
		r.Fail(BadValue, code.Pos, "a status is a number up to 999", "invalid return code %q", code.Text)
	}
	return a
}
