package nginx

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"stickylab/cluster/nginx/syntax"
	"stickylab/cluster/spell"
)

// understood are the directives that the proxy acts on. All others that nginx
// knows are accepted and noted.
var understood = map[string]bool{
	"events": true, "http": true, "worker_shutdown_timeout": true,
	"upstream": true, "ip_hash": true, "hash": true, "least_conn": true, "random": true, "sticky": true, "keepalive": true, "zone": true,
	"server": true, "listen": true, "server_name": true, "location": true, "map": true, "split_clients": true, "geo": true,
	"return": true, "rewrite": true, "set": true, "if": true, "break": true, "try_files": true, "error_page": true, "internal": true,
	"proxy_intercept_errors": true, "recursive_error_pages": true, "allow": true, "deny": true, "auth_basic": true, "auth_basic_user_file": true, "satisfy": true, "auth_request": true, "auth_request_set": true,
	"limit_except": true, "limit_req_zone": true, "limit_req": true, "limit_req_status": true, "limit_req_dry_run": true,
	"limit_conn_zone": true, "limit_conn": true, "limit_conn_status": true, "limit_conn_dry_run": true, "limit_req_log_level": true, "limit_conn_log_level": true,
	"resolver": true, "resolver_timeout": true, "rewrite_log": true,
	"proxy_pass": true, "proxy_http_version": true, "proxy_set_header": true, "proxy_buffering": true, "proxy_buffer_size": true,
	"proxy_redirect": true, "absolute_redirect": true, "port_in_redirect": true, "server_name_in_redirect": true,
	"proxy_hide_header": true, "proxy_pass_header": true, "proxy_ignore_headers": true,
	"proxy_connect_timeout": true, "proxy_send_timeout": true, "proxy_read_timeout": true,
	"proxy_next_upstream": true, "proxy_next_upstream_tries": true, "proxy_next_upstream_timeout": true,
	"set_real_ip_from": true, "real_ip_header": true, "real_ip_recursive": true, "client_max_body_size": true,
	"client_header_buffer_size": true, "large_client_header_buffers": true, "client_header_timeout": true,
	"underscores_in_headers": true, "ignore_invalid_headers": true,
	"keepalive_requests": true, "keepalive_timeout": true, "keepalive_time": true,
}

// single are those of them that a block may hold only once.
var single = map[string]bool{
	"events": true, "http": true, "worker_shutdown_timeout": true, "sticky": true, "keepalive": true, "zone": true,
	"proxy_pass": true, "proxy_http_version": true, "proxy_buffering": true, "proxy_buffer_size": true, "proxy_ignore_headers": true,
	"absolute_redirect": true, "port_in_redirect": true, "server_name_in_redirect": true,
	"proxy_connect_timeout": true, "proxy_send_timeout": true, "proxy_read_timeout": true,
	"proxy_next_upstream": true, "proxy_next_upstream_tries": true, "proxy_next_upstream_timeout": true,
	"real_ip_header": true, "real_ip_recursive": true, "client_max_body_size": true,
	"client_header_buffer_size": true, "large_client_header_buffers": true, "client_header_timeout": true,
	"underscores_in_headers": true, "ignore_invalid_headers": true,
	"keepalive_requests": true, "keepalive_timeout": true, "keepalive_time": true,
	"auth_basic": true, "auth_basic_user_file": true, "satisfy": true, "auth_request": true, "proxy_intercept_errors": true, "recursive_error_pages": true, "internal": true, "try_files": true,
	"limit_req_status": true, "limit_conn_status": true, "limit_req_dry_run": true, "limit_conn_dry_run": true, "limit_req_log_level": true, "limit_conn_log_level": true,
	"resolver": true, "resolver_timeout": true, "rewrite_log": true,
}

// streams reports whether the context is within stream.
func (c context) streams() bool { return c.bits&(inStream|inStreamSrv|inStreamUps) != 0 }

// understands reports whether the proxy acts on a directive of that name.
func (c context) understands(name string) bool {
	if c.streams() {
		return streamUnderstood[name]
	}
	return understood[name] || name == "stream" && c.bits&inMain != 0
}

// single reports whether a block may hold a directive of that name only once.
func (c context) single(name string) bool {
	if c.streams() {
		return streamSingle[name]
	}
	return single[name]
}

// validate checks of each directive what nginx's ngx_conf_handler checks: that it
// is known, may stand here (once, where that is the rule), and has the right number of arguments. It returns
// the list with statements parted where only a ";" was missing.
func (r *reader) validate(list []*syntax.Directive, c context) []*syntax.Directive {
	checked := make([]*syntax.Directive, 0, len(list))
	for _, d := range list {
		for d != nil {
			checked = append(checked, d)
			d = r.validateOne(d, c)
		}
	}
	seen := map[string]bool{}
	for _, d := range checked {
		if d.Broken || c.quiet || !c.single(d.Name) {
			continue
		}
		if seen[d.Name] {
			r.Fail(Duplicate, d.Pos, "", "%q directive is duplicate", d.Name)
			d.Broken = true
		}
		seen[d.Name] = true
	}
	return checked
}

// validateOne checks a directive and returns the one that it had swallowed.
func (r *reader) validateOne(d *syntax.Directive, c context) (rest *syntax.Directive) {
	if d.Broken {
		return nil
	}
	masks, from := r.version.lookup(d.Name)
	switch {
	case d.Name == "sticky" && c.bits == inUpstream && ofStickyModule(d):
		return nil
	case masks == nil || from == fromNewer:
		r.unknown(d, c, from)
		return nil
	case d.Name == "include":
		r.include(d)
		return nil
	case !allowed(masks, c):
		r.misplacedDirective(d, masks, c)
		return nil
	}
	if syntax.IsLua(d.Name) {
		// To nginx the Lua text is an argument.
	} else if rest = r.unfinished(d, masks, c); rest == nil {
		r.checkForm(d, masks, c)
	} else {
		d.Broken = !fits(d, masks, c)
	}
	r.noteIdle(d, c, from)
	if !d.Broken {
		r.fill(d)
		r.validateBlock(d, c.enter(d.Name))
	}
	return rest
}

// validateBlock checks the block of a directive, unless its body is not made of
// directives.
func (r *reader) validateBlock(d *syntax.Directive, c context) {
	if d.IsBlock && c.bits != 0 {
		d.Block = r.validate(d.Block, c)
	}
}

func allowed(masks []uint, c context) bool {
	return slices.ContainsFunc(masks, func(mask uint) bool { return mask&c.bits != 0 })
}

func (r *reader) unknown(d *syntax.Directive, c context, from origin) {
	d.Broken = true
	if r.Full() {
		return
	}
	if removal, gone := r.version.Removed(d.Name); gone {
		hint := fmt.Sprintf("nginx has not had it since %s: leave it out", removal.Since)
		if removal.Instead != "" {
			hint = fmt.Sprintf("nginx has not had it since %s: write %s", removal.Since, removal.Instead)
		}
		r.Fail(UnknownDirective, d.Pos, hint, "unknown directive %q", d.Name)
		return
	}
	if isUndocumented(d.Name) {
		r.Note(NoEffect, d.Name, d.Pos, "", "%q has no effect here", d.Name)
		return
	}
	if ofModule(d.Name) {
		r.Note(OfModule, d.Name, d.Pos, "a separate module has it", "%q is not simulated", d.Name)
		return
	}
	if from == fromNewer {
		r.Fail(UnknownDirective, d.Pos, fmt.Sprintf("nginx %s does not have it, newer versions do", r.version), "unknown directive %q", d.Name)
		r.validateBlock(d, c.enter(d.Name))
		return
	}
	hint := ""
	if near := r.nearDirective(d.Name, c); near != "" {
		hint = spell.Meant(near)
		r.validateBlock(d, c.enter(near))
	} else if strings.HasPrefix(d.Name, "//") || strings.HasPrefix(d.Name, "/*") {
		hint = "comments begin with #"
	} else if likelyOfModule(d.Name) {
		r.Note(OfModule, d.Name, d.Pos, "nginx itself does not have it: it is of a separate module, or nginx refuses the text", "%q is not simulated", d.Name)
		return
	}
	r.Fail(UnknownDirective, d.Pos, hint, "unknown directive %q", d.Name)
}

func (r *reader) misplacedDirective(d *syntax.Directive, masks []uint, at context) {
	d.Broken = true
	hint := "it belongs in " + listed(places(masks))
	if d.Name == "server" && !d.IsBlock {
		hint = "this form belongs in upstream"
	}
	if at.streams() {
		hint = "a stream passes bytes and knows no requests: it belongs in http"
	}
	if at.streams() && d.Name == "ip_hash" {
		hint = "hash $remote_addr consistent chooses by the address in a stream"
	}
	r.Fail(Misplaced, d.Pos, hint, "%q directive is not allowed here", d.Name)
	c := context{}.enter(d.Name)
	if d.Name == "if" {
		c = context{bits: inServerIf | inLocationIf, quiet: true}
	}
	r.validateBlock(d, c)
}

// checkForm checks the ending and the number of arguments.
func (r *reader) checkForm(d *syntax.Directive, masks []uint, c context) {
	text, hint := "", ""
	for _, mask := range masks {
		switch {
		case mask&c.bits == 0:
		case mask&argBlock == 0 && d.IsBlock:
			text = fmt.Sprintf(`directive %q is not terminated by ";"`, d.Name)
		case mask&argBlock != 0 && !d.IsBlock:
			text = fmt.Sprintf(`directive %q has no opening "{"`, d.Name)
		case !takes(mask, len(d.Args)):
			text = fmt.Sprintf(`invalid number of arguments in %q directive`, d.Name)
		case mask&argFlag != 0 && len(d.Args) == 1 && mask&2 == 0 && !isFlag(d.Args[0].Text):
			text = fmt.Sprintf(`invalid value %q in %q directive, it must be "on" or "off"`, d.Args[0].Text, d.Name)
			hint = spell.DidYouMean(d.Args[0].Text, []string{"on", "off"})
		default:
			return
		}
	}
	r.Fail(BadForm, d.Pos, hint, "%s", text)
	d.Broken = true
	if d.IsBlock {
		r.validateBlock(d, c.enter(d.Name))
		d.Block = nil
	}
}

// isFlag compares as nginx does, without regard to case.
func isFlag(s string) bool { return strings.EqualFold(s, "on") || strings.EqualFold(s, "off") }

// unfinished looks for a missing ";": a directive that nginx refuses, and in
// its arguments, first in a line, the name of another. The directive is cut
// there and the rest returned as a separate statement. One that nginx accepts all
// the same is noted.
func (r *reader) unfinished(d *syntax.Directive, masks []uint, c context) *syntax.Directive {
	whole := fits(d, masks, c)
	at := -1
	line := d.Pos.Line
	for i, arg := range d.Args {
		if arg.Pos.Line > line && !arg.Quoted && r.startsDirective(arg, c) {
			at = i
			break
		}
		line = arg.Pos.Line
	}
	if at < 0 {
		return nil
	}
	before, beforeLine := d.Name, d.Pos.Line
	if at > 0 {
		before, beforeLine = d.Args[at-1].Text, d.Args[at-1].Pos.Line
	}
	hint := fmt.Sprintf("\";\" is missing after %q in line %d", before, beforeLine)
	switch {
	case whole && !(d.Name == "server" && c.bits == inUpstream || d.Name == "listen"):
		// nginx takes it, but it cannot be meant.
		r.Note(Swallowed, d.Name+" "+strconv.Itoa(d.Pos.Line), d.Args[at].Pos, hint, "%q is taken as an argument of %q", d.Args[at].Text, d.Name)
		return nil
	case whole:
		r.Fail(BadValue, d.Args[at].Pos, hint, "invalid parameter %q", d.Args[at].Text)
	case d.IsBlock && !slices.ContainsFunc(masks, func(m uint) bool { return m&c.bits != 0 && m&argBlock != 0 }):
		r.Fail(BadForm, d.Pos, hint, `directive %q is not terminated by ";"`, d.Name)
	default:
		r.Fail(BadForm, d.Pos, hint, `invalid number of arguments in %q directive`, d.Name)
	}
	return d.Cut(at)
}

// fits reports whether some form of the directive that may stand here has this
// ending and this number of arguments.
func fits(d *syntax.Directive, masks []uint, c context) bool {
	return slices.ContainsFunc(masks, func(mask uint) bool {
		return mask&c.bits != 0 && (mask&argBlock != 0) == d.IsBlock && takes(mask, len(d.Args))
	})
}

func (r *reader) startsDirective(w syntax.Word, c context) bool {
	masks, from := r.version.lookup(w.Text)
	return from != fromNewer && allowed(masks, c)
}

// noteIdle notes a directive that nginx knows and nothing here acts on.
func (r *reader) noteIdle(d *syntax.Directive, c context, from origin) {
	if c.quiet || d.Broken || c.understands(d.Name) {
		return
	}
	hint := ""
	switch from {
	case fromPlus:
		hint = "only NGINX Plus has it"
	case fromModule:
		hint = "a separate module has it"
	case fromOlder:
		if removal, gone := r.version.Removed(d.Name); gone {
			hint = fmt.Sprintf("older ones do; write %s", removal.Instead)
		}
		r.Note(Refused, d.Name, d.Pos, cmp.Or(hint, "older versions have it"), "nginx %s refuses %q, which it does not have", r.version, d.Name)
		return
	}
	if Decisive(d) {
		r.Note(NoEffect, d.Name, d.Pos, hint, "%q is not simulated: it can stop or change a request", d.Name)
		return
	}
	r.Note(NoEffect, d.Name, d.Pos, hint, "%q has no effect here", d.Name)
}

// listed joins words for a sentence: "a", "a or b", "a, b or c".
func listed(words []string) string {
	if len(words) < 2 {
		return strings.Join(words, "")
	}
	last := len(words) - 1
	return strings.Join(words[:last], ", ") + " or " + words[last]
}
