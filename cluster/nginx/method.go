package nginx

import (
	"fmt"
	"slices"
	"strings"

	"stickylab/cluster/nginx/syntax"
	"stickylab/cluster/spell"
)

// ParseMethod reads a balancing method as written in an upstream block, with
// or without the ";": "ip_hash", "hash $remote_addr consistent". "round_robin",
// which nginx has no directive for, means the default. Whether the variables of a
// key exist is not checked: the text may define them.
//
// It fails with a *spell.Unknown when no method has that name but one like it.
func ParseMethod(s string) (Method, error) {
	fail := func(format string, args ...any) (Method, error) {
		return Method{}, fmt.Errorf("balancing method %q: %s", s, fmt.Sprintf(format, args...))
	}
	text := s
	if !strings.HasSuffix(strings.TrimRight(text, " \t\r\n"), ";") {
		text += "\n;"
	}
	tree := syntax.Scan(text)
	list := tree.Directives
	switch {
	case len(list) == 0:
		return fail("it is empty")
	case len(list) > 1 || list[0].IsBlock:
		return fail("one directive is expected")
	}
	d := list[0]
	if !slices.Contains(methodNames, d.Name) {
		if near := spell.Nearest(d.Name, methodNames); near != "" {
			return Method{}, &spell.Unknown{Kind: "balancing method", Problem: fmt.Sprintf("balancing method %q: unknown method", s), Near: near}
		}
		return fail("unknown method, it is %s", listed(methodNames))
	}
	r := reader{foreign: true}
	masks, _ := r.version.lookup(d.Name)
	if d.Name == "round_robin" && len(d.Args) > 0 || d.Name != "round_robin" && !fits(d, masks, upstreamContext) {
		return fail("invalid number of arguments in %q directive", d.Name)
	}
	r.Add(tree.Problems...)
	u := &Upstream{}
	r.method(u, d)
	if problems := r.Problems(); len(problems) > 0 {
		if p := problems[0]; p.Hint != "" {
			return fail("%s (%s)", p.Text, p.Hint)
		}
		return fail("%s", problems[0].Text)
	}
	return u.Method, nil
}

var methodNames = []string{"round_robin", "ip_hash", "hash", "least_conn", "random"}

// SupportsBackup reports whether server lines after the directive of a method
// may be backups, and whether there is such a directive.
func SupportsBackup(method string) (supports, exists bool) {
	supports, exists = methods[method]
	return supports, exists
}

// String returns the method as it is written in an upstream block, without the
// ";".
func (m Method) String() string {
	s := m.Name
	for _, arg := range m.Args {
		s += " " + quote(arg)
	}
	return s
}

// quote writes an argument so that it is read back as it is.
func quote(arg string) string {
	if arg != "" && !strings.ContainsAny(arg, " \t\r\n;{}\"'\\#") {
		return arg
	}
	escape := strings.NewReplacer(`\`, `\\`, `"`, `\"`)
	return `"` + escape.Replace(arg) + `"`
}
