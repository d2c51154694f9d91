package nginx

import "strings"

// run executes instructions. done means that the request is answered, or that the
// rest of the instructions is not to be run.
func (v *Visit) run(ops []op) (end Ending, done bool) {
	for i := range ops {
		switch o := &ops[i]; o.kind {
		case opSet:
			v.keep(o.name, Expand(o.text, v.Variable))
		case opBreak:
			v.Cut = v.Cut || v.changed
			v.changed = false
			return Ending{}, true
		case opReturn:
			return Ending{Return: o.answer}, true
		case opIf:
			if !v.holds(&o.cond) {
				continue
			}
			if o.within != nil {
				v.Location = o.within
			}
			if end, done := v.run(o.inner); done {
				return end, true
			}
		case opRewrite:
			if end, done := v.rewrite(o); done {
				return end, true
			}
		}
	}
	return Ending{}, false
}

// holds evaluates the condition of an if.
func (v *Visit) holds(c *condition) bool {
	switch {
	case c.left == "":
		return c.not
	case c.pattern != nil:
		return v.match(c.pattern, v.Expand(c.left)) != c.not
	case c.compared:
		return (v.Expand(c.left) == v.Expand(c.right)) != c.not
	}
	value := v.Expand(c.left)
	return value != "" && value != "0"
}

// rewrite executes a rewrite (ngx_http_script_regex_start_code and its end).
func (v *Visit) rewrite(o *op) (end Ending, done bool) {
	if !v.match(o.pattern, v.Path) {
		return Ending{}, false
	}
	to, keepArgs := strings.CutSuffix(o.text, "?")
	keepArgs = !keepArgs
	path, args, hasArgs := strings.Cut(to, "?")
	escape := func(name string) string {
		value := v.Variable(name)
		if (v.Escaped || v.Plus) && len(name) == 1 && digits(name) {
			return escapeArgs(value)
		}
		return value
	}
	inPath := v.Variable
	if o.status != 0 {
		inPath = escape
	}
	path, args = Expand(path, inPath), Expand(args, escape)
	if keepArgs && v.Args != "" {
		if hasArgs {
			args += "&" + v.Args
		} else {
			args, hasArgs = v.Args, true
		}
	}
	if o.status != 0 {
		path = unescapeRedirect(path)
		if hasArgs {
			path += "?" + args
		}
		return Ending{Status: o.status, Redirect: path}, true
	}
	v.Path, v.Args = path, args
	v.Internal, v.Rewritten = true, true
	if v.Path == "" {
		return Ending{Status: 500, Log: "the rewritten URI has a zero length"}, true
	}
	if v.changed = !o.stop; o.stop {
		v.Cut = true
	}
	return Ending{}, o.last
}
