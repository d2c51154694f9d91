package nginx

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"stickylab/cluster/nginx/syntax"
)

// methods are the balancing methods, and whether a server line that follows
// them may be a backup (the flags that each sets in its ngx_http_upstream_*
// module).
var methods = map[string]bool{"ip_hash": false, "hash": false, "random": false, "least_conn": true}

func newUpstream(at syntax.Pos, name string) *Upstream {
	return &Upstream{Pos: at, Name: name, Method: Method{Name: "round_robin"}, Keepalive: -1, Kept: Kept{Requests: 1000, Timeout: time.Minute, Time: time.Hour}}
}

// upstream reads an upstream block.
func (r *reader) upstream(d *syntax.Directive) {
	name := d.Args[0]
	u := newUpstream(d.Pos, name.Text)
	u.Stream = r.connections
	key := r.scope() + strings.ToLower(u.Name)
	if other := r.upstreams[key]; other != nil {
		r.Fail(Duplicate, name.Pos, "the first is in line "+strconv.Itoa(other.Pos.Line), "duplicate upstream %q", u.Name)
	} else {
		r.upstreams[key] = u
	}
	if other := r.config.Upstream(u.Name); other != nil && other.Stream != u.Stream && !other.Implicit {
		r.Fail(NotSimulated, name.Pos, "give one of the two another name", "an upstream of http and one of stream with the same name %q are not simulated", u.Name)
	}
	r.config.Upstreams = append(r.config.Upstreams, u)

	chosen := ""
	lines := 0
	for _, d := range d.Block {
		if d.Name == "server" {
			lines++
		}
		if d.Broken {
			continue
		}
		switch d.Name {
		case "server":
			r.upstreamServer(u, d, chosen)
		case "ip_hash", "hash", "random", "least_conn":
			if chosen != "" {
				r.Note(Redefined, key, d.Pos, "the last one counts", "load balancing method redefined")
			}
			if !r.version.Modern() && u.Keepalive >= 0 {
				r.Note(LostKeepalive, key, d.Pos, `"keepalive" must follow the method, or it is lost`, "load balancing method redefined")
				u.Keepalive = 0
			}
			chosen = d.Name
			r.method(u, d)
		case "sticky":
			u.Sticky = r.sticky(d)
		case "keepalive":
			r.keepalive(u, d)
		case "keepalive_requests", "keepalive_timeout", "keepalive_time":
			r.kept(d, &u.Kept)
		case "zone":
			u.Zone = d.Args[0].Text
		}
	}
	switch {
	case lines == 0:
		r.Fail(NoServers, d.Pos, "", "no servers are inside upstream")
	case len(u.Servers) == lines && !slices.ContainsFunc(u.Servers, func(s *UpstreamServer) bool { return !s.Backup }):
		r.Fail(NoServers, d.Pos, "all of its servers are backups", "no servers in upstream %q", u.Name)
	}
}

// method reads a balancing method's directive.
func (r *reader) method(u *Upstream, d *syntax.Directive) {
	u.Method = Method{Name: d.Name}
	for _, arg := range d.Args {
		u.Method.Args = append(u.Method.Args, arg.Text)
	}
	if i, hint := badMethodArg(u.Method); i >= 0 {
		r.Fail(BadValue, d.Args[i].Pos, hint, "invalid parameter %q", d.Args[i].Text)
	}
	if d.Name == "hash" {
		r.decides(d.Args[0])
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

func (r *reader) keepalive(u *Upstream, d *syntax.Directive) {
	n, err := strconv.Atoi(d.Args[0].Text)
	if err != nil || !digits(d.Args[0].Text) || n == 0 && !r.version.Modern() {
		r.Fail(BadValue, d.Args[0].Pos, "", "invalid value %q in %q directive", d.Args[0].Text, d.Name)
		return
	}
	u.Keepalive, u.Local = n, len(d.Args) > 1 && d.Args[1].Text == "local"
}
