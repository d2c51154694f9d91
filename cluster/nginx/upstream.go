package nginx

import (
	"slices"
	"strconv"
	"strings"
)

// methods are the balancing methods, and whether a server line that follows
// them may be a backup (the flags that each sets in its ngx_http_upstream_*
// module).
var methods = map[string]bool{"ip_hash": false, "hash": false, "random": false, "least_conn": true}

// upstream reads an upstream block.
func (r *reader) upstream(d *directive) {
	name := d.args[0]
	u := &Upstream{Pos: d.at, Name: name.text, Method: Method{Pos: d.at, Name: "round_robin"}, Keepalive: -1}
	key := strings.ToLower(u.Name)
	if other := r.upstreams[key]; other != nil {
		r.fail(name.at, "the first is in line "+strconv.Itoa(other.Pos.Line), "duplicate upstream %q", u.Name)
	} else {
		r.upstreams[key] = u
	}
	r.config.Upstreams = append(r.config.Upstreams, u)

	seen := once{}
	chosen := ""
	lines := 0
	for _, d := range d.block {
		if d.text == "server" {
			lines++
		}
		if d.bad {
			continue
		}
		switch d.text {
		case "server":
			r.upstreamServer(u, d, chosen)
		case "ip_hash", "hash", "random", "least_conn":
			if chosen != "" {
				r.note("redefined "+key, d.at, "the last one counts", "load balancing method redefined")
			}
			if r.old() && seen["keepalive"] {
				r.note("keepalive "+key, d.at, `"keepalive" must follow the method, or it is lost`, "load balancing method redefined")
				u.Keepalive = 0
			}
			chosen = d.text
			r.method(u, d)
		case "sticky":
			if !r.isDuplicate(d, seen) {
				u.Sticky = r.sticky(d)
			}
		case "keepalive":
			if !r.isDuplicate(d, seen) {
				r.keepalive(u, d)
			}
		case "zone":
			if !r.isDuplicate(d, seen) {
				u.Zone = d.args[0].text
			}
		}
	}
	switch {
	case lines == 0:
		r.fail(d.at, "", "no servers are inside upstream")
	case len(u.Servers) == lines && !slices.ContainsFunc(u.Servers, func(s *UpstreamServer) bool { return !s.Backup }):
		r.fail(d.at, "all of its servers are backups", "no servers in upstream %q", u.Name)
	}
}

// method reads a balancing method's directive.
func (r *reader) method(u *Upstream, d *directive) {
	u.Method = Method{Pos: d.at, Name: d.text}
	for _, arg := range d.args {
		u.Method.Args = append(u.Method.Args, arg.text)
	}
	if i, hint := badMethodArg(u.Method); i >= 0 {
		r.fail(d.args[i].at, hint, "invalid parameter %q", d.args[i].text)
	}
	if d.text == "hash" {
		r.uses(d.args[0])
	}
}

// badMethodArg returns the index of the first argument that the method does
// not take, or -1.
func badMethodArg(m Method) (int, string) {
	allowed := [][]string{nil, {"consistent"}}
	if m.Name == "random" {
		allowed = [][]string{{"two"}, {"least_conn"}}
	}
	for i, arg := range m.Args {
		if i >= len(allowed) {
			return i, ""
		}
		if allowed[i] != nil && !slices.Contains(allowed[i], arg) {
			return i, "only " + strconv.Quote(allowed[i][0]) + " may stand here"
		}
	}
	return -1, ""
}

func (r *reader) keepalive(u *Upstream, d *directive) {
	n, err := strconv.Atoi(d.args[0].text)
	if err != nil || !digits(d.args[0].text) || n == 0 && r.old() {
		r.fail(d.args[0].at, "", "invalid value %q in %q directive", d.args[0].text, d.text)
		return
	}
	u.Keepalive = n
}
