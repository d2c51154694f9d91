package nginx

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"stickylab/cluster/nginx/syntax"
	"stickylab/cluster/spell"
)

// maxWeight bounds what a consistent ring can take of the memory: 160 points
// for each unit. nginx has no limit.
const maxWeight = 65535

// upstreamServer reads a server line of an upstream. method is the balancing
// method before it, or "" without one: only that one restricts the
// line's parameters (ngx_http_upstream_server and its flags).
func (r *reader) upstreamServer(u *Upstream, d *syntax.Directive, method string) {
	at := d.Args[0]
	s := &UpstreamServer{Pos: d.Pos, Address: at.Text, Weight: 1, MaxFails: 1, FailTimeout: 10 * time.Second}
	u.Servers = append(u.Servers, s)
	if strings.HasPrefix(at.Text, "unix:") {
		r.Fail(NotSimulated, at.Pos, "give an address and a port", "unix sockets are not simulated, in upstream %q", at.Text)
	} else {
		a, wrong := parseAddress(at.Text, 80, false, false)
		if wrong != "" {
			hint := ""
			if i := strings.Index(at.Text, "://"); i >= 0 {
				hint = fmt.Sprintf("leave %q out", at.Text[:i+3])
			}
			r.Fail(BadValue, at.Pos, hint, "%s in upstream %q", wrong, at.Text)
		}
		s.Host, s.Port = a.host, a.port
	}
	for _, arg := range d.Args[1:] {
		if !r.serverParameter(s, arg, method) {
			r.Fail(BadValue, arg.Pos, r.parameterHint(arg.Text), "invalid parameter %q", arg.Text)
		}
	}
}

// serverParameter reads one parameter and reports whether it is valid.
func (r *reader) serverParameter(s *UpstreamServer, arg syntax.Word, method string) (ok bool) {
	name, value, valued := strings.Cut(arg.Text, "=")
	if valued {
		name += "="
	}
	switch name {
	case "weight=":
		s.Weight, ok = number(value)
		return ok && s.Weight > 0 && s.Weight <= maxWeight
	case "max_conns=":
		s.MaxConns, ok = number(value)
		return ok
	case "max_fails=":
		s.MaxFails, ok = number(value)
		return ok
	case "fail_timeout=":
		s.FailTimeout, ok = parseTime(value, true)
		return ok
	case "backup":
		if supports, named := methods[method]; named && !supports {
			r.Fail(BadValue, arg.Pos, fmt.Sprintf("%q has no backups: leave %q out", method, arg.Text), "balancing method does not support parameter %q", arg.Text)
		}
		s.Backup = true
		return true
	case "down":
		s.Down = true
		return true
	case "route=":
		s.Route = value
		return r.version.HasSticky() && value != "" && len(value) <= 32
	case "drain":
		s.Drain = true
		return r.version.HasSticky()
	case "resolve":
		if r.version.hasResolve() {
			r.Note(NoEffect, "resolve", arg.Pos, "names are resolved once", `"resolve" has no effect here`)
		}
		return r.version.hasResolve()
	}
	return false
}

// number reads what ngx_atoi reads.
func number(s string) (int, bool) {
	n, err := strconv.Atoi(s)
	return n, err == nil && digits(s)
}

// offset reads nginx's form of a size, "512", "10m" (ngx_parse_offset).
func offset(s string) (int64, bool) {
	unit := int64(1)
	if s != "" {
		switch s[len(s)-1] {
		case 'k', 'K':
			unit = 1 << 10
		case 'm', 'M':
			unit = 1 << 20
		case 'g', 'G':
			unit = 1 << 30
		}
	}
	if unit > 1 {
		s = s[:len(s)-1]
	}
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil || !digits(s) || n > math.MaxInt64/unit {
		return 0, false
	}
	return n * unit, true
}

var serverParameters = []string{"weight=", "max_conns=", "max_fails=", "fail_timeout=", "backup", "down", "route=", "drain", "resolve"}

// parameterHint says what is wrong with a server line's parameter.
func (r *reader) parameterHint(written string) string {
	name, value, valued := strings.Cut(written, "=")
	if valued {
		name += "="
	}
	switch name {
	case "weight=":
		return fmt.Sprintf("a weight is a number from 1 to %d", maxWeight)
	case "max_conns=", "max_fails=":
		return "it takes a number from 0 on"
	case "fail_timeout=":
		return "a time in whole seconds is written as 10, 10s or 1m30s"
	case "route=":
		if r.version.HasSticky() {
			return "a route has 1 to 32 characters"
		}
	case "slow_start=", "service=":
		return "it is not simulated"
	}
	if slices.Contains(serverParameters, name) {
		return fmt.Sprintf("nginx %s does not have it, newer versions do", r.version)
	}
	if near := spell.Nearest(name, serverParameters); near != "" {
		return fmt.Sprintf("did you mean %q?", near+value)
	}
	return ""
}
