package nginx

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"stickylab/cluster/nginx/syntax"
	"stickylab/cluster/spell"
)

// parameter is one that may follow the first argument of a directive.
type parameter struct {
	name  string                       // ends in "=" when it has a value
	set   func(value syntax.Word) bool // takes the value, and reports whether it is valid
	hint  string                       // what is valid
	lacks bool                         // this version of nginx does not have it
}

// parameters reads arguments by a table of those that a directive takes.
func (r *reader) parameters(args []syntax.Word, known []parameter) {
	var names []string
	for _, p := range known {
		names = append(names, p.name)
	}
	for _, arg := range args {
		name, value, valued := strings.Cut(arg.Text, "=")
		if valued {
			name += "="
		}
		hint := ""
		switch i := slices.Index(names, name); {
		case i < 0:
			if near := spell.Nearest(name, names); near != "" {
				hint = spell.Meant(near + value)
			}
		case known[i].lacks:
			hint = fmt.Sprintf("nginx %s does not have it, newer versions do", r.version)
		case known[i].set(syntax.Word{Text: value, Pos: arg.Pos}):
			continue
		default:
			hint = known[i].hint
		}
		r.Fail(BadValue, arg.Pos, hint, "invalid parameter %q", arg.Text)
	}
}

// given is set by a parameter without a value.
func given(into *bool) func(syntax.Word) bool {
	return func(syntax.Word) bool {
		*into = true
		return true
	}
}

// numeral is set by a number from a bound on.
func numeral(into *int, least, most int) func(syntax.Word) bool {
	return func(value syntax.Word) (ok bool) {
		*into, ok = number(value.Text)
		return ok && *into >= least && *into <= most
	}
}

// seconds is set by a time in whole seconds.
func seconds(into *time.Duration) func(syntax.Word) bool {
	return func(value syntax.Word) (ok bool) {
		*into, ok = ParseTime(value.Text, true)
		return ok
	}
}
