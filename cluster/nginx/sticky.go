package nginx

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"stickylab/cluster/nginx/syntax"
	"stickylab/cluster/spell"
)

// sticky reads a sticky directive, the forms of ngx_http_upstream_sticky_module.
func (r *reader) sticky(d *syntax.Directive) *Sticky {
	if ofStickyModule(d) {
		return r.stickyModule(d)
	}
	mode := d.Args[0]
	s := &Sticky{Pos: d.Pos, Mode: mode.Text, Timeout: 10 * time.Minute}
	switch mode.Text {
	case "cookie":
		s.Cookie = d.Args[1].Text
		r.parameters(d.Args[2:], []parameter{
			{name: "expires=", set: func(value syntax.Word) bool {
				s.Expires = value.Text
				_, ok := ParseTime(value.Text, true)
				return ok || value.Text == "max"
			}},
			{name: "domain=", set: r.text(&s.Domain)},
			{name: "path=", set: r.text(&s.Path)},
			{name: "samesite=", set: func(value syntax.Word) bool {
				s.SameSite = strings.ToLower(value.Text)
				r.uses(value)
				return slices.Contains([]string{"strict", "lax", "none"}, s.SameSite) || strings.HasPrefix(value.Text, "$")
			}},
			{name: "httponly", set: given(&s.HTTPOnly)},
			{name: "secure", set: given(&s.Secure)},
		})
	case "route":
		for _, arg := range d.Args[1:] {
			r.uses(arg)
			s.Route = append(s.Route, arg.Text)
		}
	case "learn":
		r.parameters(d.Args[1:], []parameter{
			{name: "create=", set: r.texts(&s.Create)},
			{name: "lookup=", set: r.texts(&s.Lookup)},
			{name: "zone=", set: func(value syntax.Word) bool {
				zone, size, _ := strings.Cut(value.Text, ":")
				s.Zone = zone
				return zone != "" && size != ""
			}},
			{name: "timeout=", set: seconds(&s.Timeout)},
			{name: "header", set: given(&s.Header)},
			{name: "sync", set: given(new(bool))}, // there is nothing to share it with
		})
		for _, need := range []struct {
			name   string
			absent bool
		}{{"create", len(s.Create) == 0}, {"lookup", len(s.Lookup) == 0}, {"zone", s.Zone == ""}} {
			if need.absent {
				r.Fail(BadForm, mode.Pos, fmt.Sprintf("%q is missing", need.name+"="), `invalid number of arguments in "sticky" directive`)
			}
		}
	default:
		hint := cmp.Or(spell.DidYouMean(mode.Text, []string{"cookie", "route", "learn"}), "sticky cookie, sticky route or sticky learn")
		r.Fail(BadValue, mode.Pos, hint, "invalid parameter %q", mode.Text)
	}
	return s
}

// ofStickyModule reports whether the directive is that of nginx-sticky-module, which
// has only parameters, or nothing.
func ofStickyModule(d *syntax.Directive) bool {
	return !d.IsBlock && !slices.ContainsFunc(d.Args, func(w syntax.Word) bool {
		name, _, valued := strings.Cut(w.Text, "=")
		if valued {
			return !slices.Contains([]string{"name", "domain", "path", "expires", "hash", "hmac", "hmac_key", "text", "transfer"}, name)
		}
		return !slices.Contains([]string{"no_fallback", "secure", "httponly"}, name)
	})
}

// stickyModule reads it. Its cookie has the same MD5 of the server's address.
func (r *reader) stickyModule(d *syntax.Directive) *Sticky {
	s := &Sticky{Pos: d.Pos, Mode: "cookie", Cookie: "route"}
	r.Note(OfModule, "sticky", d.Pos, "nginx itself, from 1.29.6 on, has: sticky cookie route",
		`this "sticky" is that of nginx-sticky-module, and simulated as a cookie`)
	for _, arg := range d.Args {
		switch name, value, _ := strings.Cut(arg.Text, "="); name {
		case "name":
			s.Cookie = value
		case "domain":
			s.Domain = value
		case "path":
			s.Path = value
		case "expires":
			s.Expires = value
		case "secure":
			s.Secure = true
		case "httponly":
			s.HTTPOnly = true
		}
	}
	return s
}

// text is set by a value with variables that is not empty.
func (r *reader) text(into *string) func(syntax.Word) bool {
	return func(value syntax.Word) bool {
		*into = value.Text
		r.uses(value)
		return value.Text != ""
	}
}

// texts is text for a parameter that may come several times.
func (r *reader) texts(into *[]string) func(syntax.Word) bool {
	return func(value syntax.Word) bool {
		*into = append(*into, "")
		return r.text(&(*into)[len(*into)-1])(value)
	}
}
