package nginx

import (
	"slices"
	"strings"

	"stickylab/cluster/nginx/syntax"
)

// op is one instruction of module rewrite. They run in the order of the text.
type op struct {
	kind    opKind
	pos     syntax.Pos
	name    string   // of the variable that set defines
	text    string   // the value of set, the replacement of rewrite
	pattern *pattern // of rewrite
	last    bool     // rewrite ends the script: "last", and all below
	stop    bool     // "break": the location stays
	status  int      // of the redirect that rewrite makes, or 0
	answer  *Return
	cond    condition
	inner   []op      // of if
	within  *Location // of if in a location: what applies when it is true
}

type opKind byte

const (
	opSet opKind = iota + 1
	opRewrite
	opReturn
	opBreak
	opIf
)

// script reads the instructions of a block. parent is its location; nil means a
// server block.
func (r *reader) script(block []*syntax.Directive, inner level, parent *Location) []op {
	var ops []op
	for _, d := range block {
		if d.Broken {
			continue
		}
		o := op{pos: d.Pos}
		switch d.Name {
		case "set":
			o.kind, o.name, o.text = opSet, strings.TrimPrefix(d.Arg(0), "$"), d.Arg(1)
			if o.name == d.Arg(0) || !validVariable(o.name) {
				r.Fail(BadValue, d.Args[0].Pos, `it begins with "$"`, "invalid variable name %q", d.Arg(0))
				continue
			}
			r.uses(d.Args[1])
		case "rewrite":
			if !r.rewrite(&o, d) {
				continue
			}
		case "return":
			o.kind, o.answer = opReturn, r.answer(d)
		case "break":
			o.kind = opBreak
		case "if":
			o.kind = opIf
			if !r.condition(&o.cond, d) {
				continue
			}
			if parent != nil {
				o.within = r.inside(d, inner, parent)
			}
			o.inner = r.script(d.Block, inner, parent)
		default:
			continue
		}
		ops = append(ops, o)
	}
	return ops
}

// firstReturn is the answer that a script gives to every request, if it has one.
func firstReturn(ops []op) *Return {
	for _, o := range ops {
		if o.kind == opReturn {
			return o.answer
		}
	}
	return nil
}

// inside reads the location that an if in a location is: that one, with what the if
// changes. try_files is not inherited.
func (r *reader) inside(d *syntax.Directive, outer level, parent *Location) *Location {
	l := &Location{Pos: d.Pos, Modifier: parent.Modifier, Path: parent.Path, Proxy: parent.Proxy, Internal: parent.Internal}
	inner := r.level(d.Block, outer)
	l.take(&inner)
	for _, pass := range syntax.Find(d.Block, "proxy_pass") {
		if !pass.Broken {
			r.proxyPass(l, pass, inner)
			r.redirects(l, pass, &inner)
			if l.Proxy.URI != "" {
				r.misplacedURI(l.Proxy, pass.Args[0])
			}
		}
	}
	parent.Ifs = append(parent.Ifs, l)
	return l
}

// rewrite reads a rewrite directive (ngx_http_rewrite).
func (r *reader) rewrite(o *op, d *syntax.Directive) bool {
	o.kind, o.text = opRewrite, d.Arg(1)
	if o.pattern = r.pattern(d.Args[0].Pos, false, d.Arg(0)); o.pattern == nil {
		return false
	}
	r.uses(d.Args[1])
	if slices.ContainsFunc([]string{"http://", "https://", "$scheme"}, func(p string) bool { return strings.HasPrefix(o.text, p) }) {
		o.status, o.last = 302, true
	}
	switch flag := d.Arg(2); flag {
	case "":
	case "last":
		o.last = true
	case "break":
		o.last, o.stop = true, true
	case "redirect":
		o.last, o.status = true, 302
	case "permanent":
		o.last, o.status = true, 301
	default:
		r.Fail(BadValue, d.Args[2].Pos, "it is last, break, redirect or permanent", "invalid parameter %q", flag)
	}
	return true
}

// condition is that of an if.
type condition struct {
	left     string // a variable, with "$"; "" for a test of a file, of which there are none
	compared bool   // with right; else it is true unless it is "" or "0"
	right    string
	pattern  *pattern // or matched
	not      bool
}

// condition reads what an if has in parentheses (ngx_http_rewrite_if_condition).
func (r *reader) condition(c *condition, d *syntax.Directive) bool {
	words := slices.Clone(d.Args)
	last := len(words) - 1
	if last < 0 || !strings.HasPrefix(words[0].Text, "(") || !strings.HasSuffix(words[last].Text, ")") {
		r.Fail(BadForm, d.Pos, "it is written as if ($variable = value) { }", "invalid condition")
		return false
	}
	words[0].Text = words[0].Text[1:]
	words[last].Text = strings.TrimSuffix(words[last].Text, ")")
	words = slices.DeleteFunc(words, func(w syntax.Word) bool { return w.Text == "" && !w.Quoted })
	bad := func() bool {
		r.Fail(BadForm, d.Pos, "it is a variable, a comparison by =, !=, ~, ~*, !~ or !~*, or a test of a file such as -f", "invalid condition")
		return false
	}
	if len(words) == 0 {
		return bad()
	}
	first := words[0].Text
	switch {
	case strings.HasPrefix(first, "$"):
		r.uses(words[0])
		c.left = first
	case len(words) == 2 && slices.Contains([]string{"-f", "-d", "-e", "-x", "!-f", "!-d", "!-e", "!-x"}, first):
		r.uses(words[1])
		c.not = first[0] == '!'
		return true
	default:
		return bad()
	}
	switch {
	case len(words) == 1:
		return true
	case len(words) != 3:
		return bad()
	}
	switch operator := words[1].Text; operator {
	case "=", "!=":
		r.uses(words[2])
		c.compared, c.right, c.not = true, words[2].Text, operator == "!="
		return true
	case "~", "~*", "!~", "!~*":
		c.not = operator[0] == '!'
		c.pattern = r.pattern(words[2].Pos, strings.HasSuffix(operator, "*"), words[2].Text)
		return c.pattern != nil
	}
	return bad()
}
