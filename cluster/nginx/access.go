package nginx

import (
	"math"
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"stickylab/cluster/nginx/syntax"
)

// Access says who may have what a location serves (modules access and auth_basic).
type Access struct {
	Rules []AccessRule
	Realm string // of auth_basic; "" means that no password is asked for
	Users bool   // auth_basic_user_file says whose; without it none is asked for
	Any   bool   // satisfy any: one of the two is enough
}

// AccessRule is an allow or deny line.
type AccessRule struct {
	From  netip.Prefix // the zero value means all
	Allow bool
}

// Permits returns the status that a request is refused with, 0 when it is not. It has
// a password when it says who sends it: whether that is right is not looked at.
func (a *Access) Permits(client netip.Addr, password bool) int {
	if a == nil {
		return 0
	}
	rule := a.ruleFor(client)
	forbidden := rule != nil && !rule.Allow
	asked := a.Realm != "" && a.Users
	switch {
	case a.Any && (rule != nil && rule.Allow || asked && password): // a client of whom no rule speaks is not allowed by one
		return 0
	case forbidden && !(a.Any && asked):
		return 403
	case asked && !password:
		return 401
	}
	return 0
}

// Grants reports whether satisfy any lets a request through by address or password, so that
// nothing else is asked.
func (a *Access) Grants(client netip.Addr, password bool) bool {
	if a == nil || !a.Any {
		return false
	}
	rule := a.ruleFor(client)
	return rule != nil && rule.Allow || a.Realm != "" && a.Users && password
}

// ruleFor returns the first rule that speaks of a client, nil for none.
func (a *Access) ruleFor(client netip.Addr) *AccessRule {
	for i := range a.Rules {
		if rule := &a.Rules[i]; !rule.From.IsValid() || rule.From.Contains(client) || rule.From.Contains(client.Unmap()) {
			return rule
		}
	}
	return nil
}

// allows reports whether limit_except names a method; GET includes HEAD.
func allows(methods []string, method string) bool {
	for _, m := range methods {
		if strings.EqualFold(m, method) || m == "GET" && method == "HEAD" {
			return true
		}
	}
	return false
}

// accessRule reads allow and deny.
func (r *reader) accessRule(d *syntax.Directive) (AccessRule, bool) {
	rule, ok := ReadAccessRule(d)
	if !ok && d.Arg(0) != "unix:" {
		r.Fail(BadValue, d.Args[0].Pos, "it is an address, a range or all", "invalid parameter %q", d.Arg(0))
	}
	return rule, ok
}

// ReadAccessRule reads an allow or deny line. It reports false for one that nginx refuses, or
// that speaks of no address.
func ReadAccessRule(d *syntax.Directive) (AccessRule, bool) {
	rule := AccessRule{Allow: d.Name == "allow"}
	text := d.Arg(0)
	if text == "all" {
		return rule, true
	}
	p, err := netip.ParsePrefix(text)
	if a, wrong := netip.ParseAddr(text); wrong == nil {
		p, err = netip.PrefixFrom(a, a.BitLen()), nil
	}
	rule.From = p.Masked()
	return rule, err == nil
}

// LimitZone is the memory of limit_req_zone or limit_conn_zone.
type LimitZone struct {
	Name string
	Key  string // holds variables
	Rate int    // of requests, in thousandths a second; 0 for connections
}

// LimitReq is a limit_req directive.
type LimitReq struct {
	Pos   syntax.Pos
	Zone  *LimitZone
	Burst int // in thousandths of a request
	Delay int // what is let through at once, in thousandths; math.MaxInt with nodelay
}

// LimitConn is a limit_conn directive.
type LimitConn struct {
	Pos  syntax.Pos
	Zone *LimitZone
	Most int
}

// Limits are those of a location.
type Limits struct {
	Requests              []LimitReq
	Connections           []LimitConn
	ReqStatus, ConnStatus int
	ReqDry, ConnDry       bool
}

// zone reads limit_req_zone and limit_conn_zone.
func (r *reader) zone(d *syntax.Directive) {
	z := &LimitZone{Key: d.Arg(0)}
	r.uses(d.Args[0])
	r.parameters(d.Args[1:], []parameter{
		{name: "zone=", set: func(value syntax.Word) bool {
			name, size, _ := strings.Cut(value.Text, ":")
			z.Name = name
			return name != "" && size != ""
		}},
		{name: "rate=", set: func(value syntax.Word) (ok bool) {
			z.Rate, ok = rate(value.Text)
			return ok
		}, hint: "a rate is written as 10r/s or 30r/m"},
		{name: "sync", set: given(new(bool))},
	})
	kind := strings.TrimSuffix(d.Name, "_zone")
	if z.Name == "" || kind == "limit_req" && z.Rate == 0 {
		r.Fail(BadForm, d.Pos, "", "%q must have \"zone\" parameter", d.Name)
		return
	}
	other := map[string]string{"limit_req": "limit_conn", "limit_conn": "limit_req"}[kind]
	switch was := r.zones[kind+" "+z.Name]; {
	case r.zones[other+" "+z.Name] != nil:
		r.Fail(Duplicate, d.Pos, "give it another name", "the shared memory zone %q is already declared for a different use", z.Name)
	case was != nil:
		r.Fail(Duplicate, d.Pos, "", "%s %q is already bound to key %q", d.Name, z.Name, was.Key)
	}
	r.zones[kind+" "+z.Name] = z
}

// rate reads "10r/s" or "30r/m", in thousandths a second.
func rate(text string) (int, bool) {
	number, perMinute := strings.CutSuffix(text, "r/m")
	if !perMinute {
		number, _ = strings.CutSuffix(text, "r/s")
	}
	n, err := strconv.Atoi(number)
	if perMinute {
		return n * 1000 / 60, err == nil && n > 0
	}
	return n * 1000, err == nil && n > 0 && number != text
}

// limit reads limit_req or limit_conn. A zone that is not in the text limits
// nothing.
func (r *reader) limit(d *syntax.Directive, l *Limits) {
	if d.Name == "limit_conn" {
		most, ok := number(d.Arg(1))
		if !ok || most == 0 || most > 65535 {
			r.Fail(BadValue, d.Args[1].Pos, "a number from 1 to 65535", "invalid number of connections %q", d.Arg(1))
		}
		if z := r.limitZone("limit_conn "+d.Arg(0), d); z != nil {
			l.Connections = append(l.Connections, LimitConn{d.Pos, z, most})
		}
		return
	}
	one, name := LimitReq{Pos: d.Pos}, ""
	r.parameters(d.Args, []parameter{
		{name: "zone=", set: func(value syntax.Word) bool { name = value.Text; return name != "" }},
		{name: "burst=", set: numeral(&one.Burst, 1, math.MaxInt32)},
		{name: "delay=", set: numeral(&one.Delay, 1, math.MaxInt32)},
		{name: "nodelay", set: func(syntax.Word) bool { one.Delay = math.MaxInt32; return true }},
	})
	one.Burst, one.Delay = one.Burst*1000, one.Delay*1000
	if z := r.limitZone("limit_req "+name, d); z != nil {
		one.Zone = z
		l.Requests = append(l.Requests, one)
	}
}

func (r *reader) limitZone(name string, d *syntax.Directive) *LimitZone {
	z := r.zones[name]
	switch {
	case z != nil:
	case r.partial():
		r.Note(NotRead, name, d.Pos, "add the part that defines it", "the zone of %q is defined nowhere in this text: it limits nothing here", d.Name)
	default:
		r.Fail(UnknownZone, d.Pos, "", "zero size shared memory zone %q", name[strings.IndexByte(name, ' ')+1:])
	}
	return z
}

// rule reads a directive about errors, access or limits. own has those of the
// same level: the first one drops those of the outer level.
func (r *reader) rule(d *syntax.Directive, l *Rules, own map[string]bool) {
	first := func(kind string) bool {
		was := own[kind]
		own[kind] = true
		return !was
	}
	changed := func() *Access { // what the outer level has is not touched
		if l.Access == nil {
			l.Access = &Access{}
		} else if first("access") {
			a := *l.Access
			l.Access = &a
		}
		own["access"] = true
		return l.Access
	}
	switch d.Name {
	case "error_page":
		if first(d.Name) {
			l.ErrorPages = nil
		}
		l.ErrorPages = append(slices.Clip(l.ErrorPages), r.errorPages(d)...)
	case "proxy_intercept_errors":
		l.Intercept = isOn(d)
	case "recursive_error_pages":
		l.recursive = isOn(d)
	case "allow", "deny":
		a := changed()
		if first("rules") {
			a.Rules = nil
		}
		if rule, ok := r.accessRule(d); ok {
			a.Rules = append(slices.Clip(a.Rules), rule)
		}
	case "auth_basic":
		r.uses(d.Args[0])
		if a := changed(); d.Arg(0) == "off" {
			a.Realm = ""
		} else {
			a.Realm = d.Arg(0)
		}
	case "auth_basic_user_file":
		changed().Users = true
	case "satisfy":
		changed().Any = d.Arg(0) == "any"
	case "auth_request":
		if l.Auth = d.Arg(0); l.Auth == "off" {
			l.Auth = ""
		}
	case "auth_request_set":
		if first(d.Name) {
			l.AuthSet = nil
		}
		name, ok := strings.CutPrefix(d.Arg(0), "$")
		if !ok || !validVariable(name) {
			r.Fail(BadValue, d.Args[0].Pos, `it begins with "$"`, "invalid variable name %q", d.Arg(0))
		}
		r.uses(d.Args[1])
		l.AuthSet = append(slices.Clip(l.AuthSet), Variable{name, d.Arg(1)})
	case "limit_req", "limit_conn":
		if first(d.Name) {
			if d.Name == "limit_req" {
				l.Limits.Requests = nil
			} else {
				l.Limits.Connections = nil
			}
		}
		r.limit(d, &l.Limits)
	case "limit_req_status", "limit_conn_status":
		n, ok := number(d.Arg(0))
		if !ok || n < 400 || n > 599 {
			r.Fail(BadValue, d.Args[0].Pos, "a number from 400 to 599", "invalid value %q", d.Arg(0))
		}
		if d.Name == "limit_req_status" {
			l.Limits.ReqStatus = n
		} else {
			l.Limits.ConnStatus = n
		}
	case "absolute_redirect":
		l.URLs.Relative = !isOn(d)
	case "port_in_redirect":
		l.URLs.OmitPort = !isOn(d)
	case "server_name_in_redirect":
		l.URLs.OwnServer = isOn(d)
	case "limit_req_dry_run":
		l.Limits.ReqDry = isOn(d)
	case "limit_conn_dry_run":
		l.Limits.ConnDry = isOn(d)
	}
}

// errorPages reads an error_page directive (ngx_http_core_error_page).
func (r *reader) errorPages(d *syntax.Directive) []ErrorPage {
	last := len(d.Args) - 1
	to, answer := d.Args[last], -1
	r.uses(to)
	codes := d.Args[:last]
	if code, ok := strings.CutPrefix(d.Arg(last-1), "="); ok && last > 0 {
		n, ok := number(code)
		if code != "" && !ok {
			r.Fail(BadValue, d.Args[last-1].Pos, "a status is a number", "invalid value %q", d.Arg(last-1))
		}
		answer, codes = n, codes[:last-1]
	}
	var pages []ErrorPage
	for _, arg := range codes {
		n, ok := number(arg.Text)
		if !ok || n < 300 || n > 599 || n == 499 {
			r.Fail(BadValue, arg.Pos, "a number from 300 to 599", "invalid value %q", arg.Text)
			continue
		}
		pages = append(pages, ErrorPage{n, to.Text, answer})
	}
	return pages
}
