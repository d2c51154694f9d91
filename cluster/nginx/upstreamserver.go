package nginx

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"stickylab/cluster/nginx/syntax"
)

// maxWeight bounds what a consistent ring can take of the memory: 160 points
// for each unit. nginx has no limit.
const maxWeight = 65535

func newUpstreamServer(at syntax.Pos, address string) *UpstreamServer {
	return &UpstreamServer{Pos: at, Address: address, Weight: 1, MaxFails: 1, FailTimeout: 10 * time.Second}
}

// upstreamServer reads a server line of an upstream. method is the balancing
// method before it, or "" without one: only that one restricts the
// line's parameters (ngx_http_upstream_server and its flags).
func (r *reader) upstreamServer(u *Upstream, d *syntax.Directive, method string) {
	at := d.Args[0]
	s := newUpstreamServer(d.Pos, at.Text)
	u.Servers = append(u.Servers, s)
	if strings.HasPrefix(at.Text, "unix:") {
		s.Host, s.Port = at.Text, socketPort
	} else {
		a, wrong := parseAddress(at.Text, 80, false, false)
		if wrong != "" {
			hint := ""
			if i := strings.Index(at.Text, "://"); i >= 0 {
				hint = fmt.Sprintf("leave %q out", at.Text[:i+3])
			}
			r.Fail(BadValue, at.Pos, hint, "%s in upstream %q", wrong, at.Text)
		} else if r.connections && !a.hasPort {
			r.Fail(BadValue, at.Pos, "a server of a stream has no default port", "no port in upstream %q", at.Text)
		}
		s.Host, s.Port = a.host, a.port
	}
	known := []parameter{
		{name: "weight=", set: numeral(&s.Weight, 1, maxWeight), hint: fmt.Sprintf("a weight is a number from 1 to %d", maxWeight)},
		{name: "max_conns=", set: numeral(&s.MaxConns, 0, math.MaxInt), hint: fromZero},
		{name: "max_fails=", set: numeral(&s.MaxFails, 0, math.MaxInt), hint: fromZero},
		{name: "fail_timeout=", set: seconds(&s.FailTimeout), hint: "a time in whole seconds is written as 10, 10s or 1m30s"},
		{name: "backup", set: func(arg syntax.Word) bool {
			if supports, named := methods[method]; named && !supports {
				r.Fail(BadValue, arg.Pos, fmt.Sprintf(`%q has no backups: leave "backup" out`, method), `balancing method does not support parameter "backup"`)
			}
			s.Backup = true
			return true
		}},
		{name: "down", set: given(&s.Down)},
		{name: "resolve", lacks: !r.version.hasResolve(), set: func(arg syntax.Word) bool {
			r.Note(NoEffect, "resolve", arg.Pos, "names are resolved once", `"resolve" has no effect here`)
			return true
		}},
		{name: "slow_start=", set: r.plus},
		{name: "service=", set: r.plus},
	}
	ofSticky := []parameter{
		{name: "route=", lacks: !r.version.HasSticky(), hint: "a route has 1 to 32 characters", set: func(value syntax.Word) bool {
			s.Route = value.Text
			return s.Route != "" && len(s.Route) <= 32
		}},
		{name: "drain", lacks: !r.version.HasSticky(), set: given(&s.Drain)},
	}
	if !r.connections {
		known = append(known, ofSticky...)
	}
	r.parameters(d.Args[1:], known)
}

const (
	fromZero = "it takes a number from 0 on"

	// socketPort stands for the port of a unix socket, whose host is its path.
	socketPort = 80
)

// Socket reports whether the server listens on a unix socket: its Host is "unix:" and the
// path. In a simulation that is the name of a host, whose port is Port.
func (s *UpstreamServer) Socket() bool { return strings.HasPrefix(s.Host, "unix:") }

// plus notes a parameter that only the commercial version has.
func (r *reader) plus(value syntax.Word) bool {
	r.Note(NoEffect, "server parameter", value.Pos, "only NGINX Plus has it", "this parameter of \"server\" has no effect here")
	return true
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
