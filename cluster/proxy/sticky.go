package proxy

import (
	"strconv"
	"strings"
	"time"

	"stickylab/cluster/nginx"
)

// stickyID returns the id of the peer that the request belongs to by the
// upstream's sticky directive, "" for none.
func (x *request) stickyID() string {
	s := x.plan.up.Sticky
	if s == nil {
		return ""
	}
	switch s.Mode {
	case "cookie":
		return cookie(x.r.Headers, s.Cookie)
	case "route":
		return x.first(s.Route)
	case "learn":
		return x.plan.up.learn.lookup(x.first(s.Lookup), s.Timeout)
	}
	return ""
}

// first returns the first value that is not empty.
func (x *request) first(values []string) string {
	for _, v := range values {
		if v := x.expand(v); v != "" {
			return v
		}
	}
	return ""
}

// bind binds the client to the peer that was chosen: with sticky cookie each
// answer sets the cookie, also one that reports an error
// (ngx_http_upstream_sticky_cookie_insert, for the order of the attributes
// too).
func (x *request) bind() {
	s := x.plan.up.Sticky
	if s == nil || s.Mode != "cookie" {
		return
	}
	value := s.Cookie + "=" + x.attempt.Sticky()
	switch {
	case s.Expires == "max":
		value += "; expires=Thu, 31-Dec-37 23:55:55 GMT; max-age=315360000"
	case s.Expires != "":
		if d, ok := nginx.ParseTime(s.Expires, true); ok {
			value += "; expires=" + time.Now().Add(d).UTC().Format("Mon, 02-Jan-06 15:04:05 GMT") + "; max-age=" + strconv.Itoa(int(d/time.Second))
		}
	}
	if v := x.expand(s.Domain); v != "" {
		value += "; domain=" + v
	}
	if s.HTTPOnly {
		value += "; httponly"
	}
	if s.Secure {
		value += "; secure"
	}
	if v := x.expand(s.SameSite); v != "" {
		if l := strings.ToLower(v); l != "strict" && l != "lax" && l != "none" {
			v = "strict"
		}
		value += "; samesite=" + v
	}
	if s.Path != "" {
		value += "; path=" + s.Path
	}
	x.cookie = value
}

// setSticky adds the cookie to the headers of an answer.
func (x *request) setSticky() {
	if x.cookie != "" {
		x.w.add("Set-Cookie", x.cookie)
	}
}
