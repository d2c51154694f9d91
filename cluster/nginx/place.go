package nginx

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"stickylab/cluster/spell"
)

// understood are the directives that the proxy acts on. All others that nginx
// knows are accepted and noted.
var understood = map[string]bool{
	"events": true, "http": true, "worker_shutdown_timeout": true,
	"upstream": true, "ip_hash": true, "hash": true, "least_conn": true, "random": true, "sticky": true, "keepalive": true, "zone": true,
	"server": true, "listen": true, "server_name": true, "location": true, "return": true, "map": true, "split_clients": true,
	"proxy_pass": true, "proxy_http_version": true, "proxy_set_header": true, "proxy_buffering": true,
	"proxy_connect_timeout": true, "proxy_send_timeout": true, "proxy_read_timeout": true,
	"proxy_next_upstream": true, "proxy_next_upstream_tries": true, "proxy_next_upstream_timeout": true,
	"set_real_ip_from": true, "real_ip_header": true, "real_ip_recursive": true, "client_max_body_size": true,
}

// place checks of each directive what nginx's ngx_conf_handler checks: that it
// is known, may stand here, and has the right number of arguments. It returns
// the list with statements parted where only a ";" was missing.
func (r *reader) place(list []*directive, c context) []*directive {
	placed := make([]*directive, 0, len(list))
	for _, d := range list {
		for d != nil {
			placed = append(placed, d)
			d = r.placeOne(d, c)
		}
	}
	return placed
}

// placeOne checks a directive and returns the one that it had swallowed.
func (r *reader) placeOne(d *directive, c context) (rest *directive) {
	if d.bad {
		return nil
	}
	masks, from := r.table.lookup(d.text)
	switch {
	case masks == nil || from == fromNewer:
		r.unknown(d, c, from)
		return nil
	case d.text == "include":
		hint := "put the text itself here"
		if len(d.args) > 0 {
			hint = fmt.Sprintf("put the text of %q itself here", d.args[0].text)
		}
		r.fail(d.at, hint, `"include" is not supported`)
		d.bad = true
		return nil
	case !allowed(masks, c):
		r.misplacedDirective(d, masks)
		return nil
	}
	if isLua(d.text) {
		// To nginx the Lua text is an argument.
	} else if rest = r.unfinished(d, masks, c); rest == nil {
		r.checkForm(d, masks, c)
	} else {
		d.bad = !fits(d, masks, c)
	}
	r.noteIdle(d, c, from)
	if !d.bad {
		r.placeBlock(d, c.enter(d.text))
	}
	return rest
}

// placeBlock checks the block of a directive, unless its body is not made of
// directives.
func (r *reader) placeBlock(d *directive, c context) {
	if d.isBlock && c.bits != 0 {
		d.block = r.place(d.block, c)
	}
}

func allowed(masks []uint, c context) bool {
	for _, mask := range masks {
		if mask&c.bits != 0 {
			return true
		}
	}
	return false
}

func (r *reader) unknown(d *directive, c context, from origin) {
	d.bad = true
	if r.full() {
		return
	}
	if from == fromNewer {
		r.fail(d.at, fmt.Sprintf("nginx %s does not have it, newer versions do", r.version), "unknown directive %q", d.text)
		r.placeBlock(d, c.enter(d.text))
		return
	}
	hint := ""
	if near := r.nearDirective(d.text, c); near != "" {
		hint = fmt.Sprintf("did you mean %q?", near)
		r.placeBlock(d, c.enter(near))
	} else if strings.HasPrefix(d.text, "//") || strings.HasPrefix(d.text, "/*") {
		hint = "comments begin with #"
	}
	r.fail(d.at, hint, "unknown directive %q", d.text)
}

func (r *reader) misplacedDirective(d *directive, masks []uint) {
	d.bad = true
	hint := "it belongs in " + listed(places(masks))
	if d.text == "server" && !d.isBlock {
		hint = "this form belongs in upstream"
	}
	r.fail(d.at, hint, "%q directive is not allowed here", d.text)
	c := context{}.enter(d.text)
	if d.text == "if" {
		c = context{bits: inServerIf | inLocationIf, quiet: true}
	}
	r.placeBlock(d, c)
}

// checkForm checks the ending and the number of arguments.
func (r *reader) checkForm(d *directive, masks []uint, c context) {
	text, hint := "", ""
	for _, mask := range masks {
		switch {
		case mask&c.bits == 0:
		case mask&argBlock == 0 && d.isBlock:
			text = fmt.Sprintf(`directive %q is not terminated by ";"`, d.text)
		case mask&argBlock != 0 && !d.isBlock:
			text = fmt.Sprintf(`directive %q has no opening "{"`, d.text)
		case !takes(mask, d.args):
			text = fmt.Sprintf(`invalid number of arguments in %q directive`, d.text)
		case mask&argFlag != 0 && len(d.args) == 1 && mask&2 == 0 && !isFlag(d.args[0].text):
			text = fmt.Sprintf(`invalid value %q in %q directive, it must be "on" or "off"`, d.args[0].text, d.text)
			hint = spell.DidYouMean(d.args[0].text, []string{"on", "off"})
		default:
			return
		}
	}
	r.fail(d.at, hint, "%s", text)
	d.bad = true
	if d.isBlock {
		r.placeBlock(d, c.enter(d.text))
		d.block = nil
	}
}

// isFlag compares as nginx does, without regard to case.
func isFlag(s string) bool { return strings.EqualFold(s, "on") || strings.EqualFold(s, "off") }

// unfinished looks for a missing ";": a directive that nginx refuses, and in
// its arguments, first in a line, the name of another. The directive is cut
// there and the rest returned as a statement of its own. One that nginx takes
// all the same is noted.
func (r *reader) unfinished(d *directive, masks []uint, c context) *directive {
	whole := fits(d, masks, c)
	at := -1
	line := d.at.Line
	for i, arg := range d.args {
		if arg.at.Line > line && !arg.quoted && r.startsDirective(arg, c) {
			at = i
			break
		}
		line = arg.at.Line
	}
	if at < 0 {
		return nil
	}
	before := d.word
	if at > 0 {
		before = d.args[at-1]
	}
	hint := fmt.Sprintf("\";\" is missing after %q in line %d", before.text, before.at.Line)
	switch {
	case whole && !(d.text == "server" && c.bits == inUpstream || d.text == "listen"):
		// nginx takes it, but it can not be meant.
		r.note("swallowed "+d.text+" "+strconv.Itoa(d.at.Line), d.args[at].at, hint, "%q is taken as an argument of %q", d.args[at].text, d.text)
		return nil
	case whole:
		r.fail(d.args[at].at, hint, "invalid parameter %q", d.args[at].text)
	case d.isBlock && !slices.ContainsFunc(masks, func(m uint) bool { return m&c.bits != 0 && m&argBlock != 0 }):
		r.fail(d.at, hint, `directive %q is not terminated by ";"`, d.text)
	default:
		r.fail(d.at, hint, `invalid number of arguments in %q directive`, d.text)
	}
	rest := *d
	rest.word, rest.args = d.args[at], d.args[at+1:]
	d.args, d.block, d.isBlock, d.end = d.args[:at:at], nil, false, before.end
	return &rest
}

// fits tells whether some form of the directive that may stand here has this
// ending and this number of arguments.
func fits(d *directive, masks []uint, c context) bool {
	for _, mask := range masks {
		if mask&c.bits != 0 && (mask&argBlock != 0) == d.isBlock && takes(mask, d.args) {
			return true
		}
	}
	return false
}

func (r *reader) startsDirective(w word, c context) bool {
	masks, from := r.table.lookup(w.text)
	return from != fromNewer && allowed(masks, c)
}

// noteIdle notes a directive that nginx knows and nothing here acts on.
func (r *reader) noteIdle(d *directive, c context, from origin) {
	if c.quiet || d.bad || understood[d.text] {
		return
	}
	hint := ""
	switch from {
	case fromPlus:
		hint = "only NGINX Plus has it"
	case fromModule:
		hint = "a module of its own has it"
	}
	r.note(d.text, d.at, hint, "%q has no effect here", d.text)
}
