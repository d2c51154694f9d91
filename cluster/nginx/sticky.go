package nginx

import (
	"fmt"
	"strings"
	"time"

	"stickylab/cluster/nginx/syntax"
	"stickylab/cluster/spell"
)

// sticky reads a sticky directive, the forms of ngx_http_upstream_sticky_module.
func (r *reader) sticky(d *syntax.Directive) *Sticky {
	mode := d.Args[0]
	s := &Sticky{Pos: d.Pos, Mode: mode.Text, Timeout: 10 * time.Minute}
	switch mode.Text {
	case "cookie":
		s.Cookie = d.Args[1].Text
		r.stickyParameters(d.Args[2:], s, r.stickyCookie, "expires=", "domain=", "path=", "samesite=", "httponly", "secure")
	case "route":
		for _, arg := range d.Args[1:] {
			r.uses(arg)
			s.Route = append(s.Route, arg.Text)
		}
	case "learn":
		r.stickyParameters(d.Args[1:], s, r.stickyLearn, "create=", "lookup=", "zone=", "timeout=", "header", "sync")
		for _, need := range []struct {
			name   string
			absent bool
		}{{"create", len(s.Create) == 0}, {"lookup", len(s.Lookup) == 0}, {"zone", s.Zone == ""}} {
			if need.absent {
				r.Fail(BadForm, mode.Pos, fmt.Sprintf("%q is missing", need.name+"="), `invalid number of arguments in "sticky" directive`)
			}
		}
	default:
		hint := spell.DidYouMean(mode.Text, []string{"cookie", "route", "learn"})
		if hint == "" {
			hint = "sticky cookie, sticky route or sticky learn"
		}
		r.Fail(BadValue, mode.Pos, hint, "invalid parameter %q", mode.Text)
	}
	return s
}

func (r *reader) stickyParameters(args []syntax.Word, s *Sticky, set func(s *Sticky, name, value string) bool, names ...string) {
	for _, arg := range args {
		name, value, valued := strings.Cut(arg.Text, "=")
		if valued {
			name += "="
		}
		if !set(s, name, value) {
			r.Fail(BadValue, arg.Pos, spell.DidYouMean(name, names), "invalid parameter %q", arg.Text)
			continue
		}
		if strings.Contains(value, "$") {
			r.uses(syntax.Word{Text: value, Pos: arg.Pos})
		}
	}
}

func (r *reader) stickyCookie(s *Sticky, name, value string) bool {
	switch name {
	case "expires=":
		s.Expires = value
		_, ok := parseTime(value, true)
		return ok || value == "max"
	case "domain=":
		s.Domain = value
		return value != ""
	case "path=":
		s.Path = value
		return value != ""
	case "samesite=":
		s.SameSite = strings.ToLower(value)
		return s.SameSite == "strict" || s.SameSite == "lax" || s.SameSite == "none" || strings.HasPrefix(value, "$")
	case "httponly":
		s.HTTPOnly = true
		return true
	case "secure":
		s.Secure = true
		return true
	}
	return false
}

func (r *reader) stickyLearn(s *Sticky, name, value string) (ok bool) {
	switch name {
	case "create=":
		s.Create = append(s.Create, value)
		return value != ""
	case "lookup=":
		s.Lookup = append(s.Lookup, value)
		return value != ""
	case "zone=":
		zone, size, _ := strings.Cut(value, ":")
		s.Zone = zone
		return zone != "" && size != ""
	case "timeout=":
		s.Timeout, ok = parseTime(value, true)
		return ok
	case "header":
		s.Header = true
		return true
	case "sync":
		return true
	}
	return false
}
