package plan

import (
	"fmt"
	"net/netip"
	"strings"
	"time"

	"stickylab/sim/format"
	"stickylab/sim/scenario"
	"stickylab/sim/scenario/yamltree"
)

// hasClient reports whether a name is that of one of the clients that the group begins
// with.
func hasClient(g *scenario.Group, client string) bool {
	return (&scenario.GroupState{Group: *g, Size: g.Count}).Has(client)
}

// groups checks the groups against each other and the run.
func (r *resolver) groups() {
	for i := range r.f.Clients {
		g := &r.f.Clients[i]
		path := yamltree.Join("clients", g.Name)
		r.group(path, g, g.Count, 0)
		for j := range r.f.Clients[:i] {
			r.groupsApart(g, &r.f.Clients[j])
		}
	}
}

// group checks a group by itself, which needs addresses for so many and begins to
// connect at a time.
func (r *resolver) group(path string, g *scenario.Group, places int, from time.Duration) {
	if !r.IsBad(path + ".count") {
		r.wideEnough(path+".ip", g.IP, places)
	}
	r.apartFromItself(path+".ip", g.IP)
	r.groupURL(path, g)
	if last := from + g.Connect.Max; r.f.Duration > 0 && last >= r.f.Duration {
		r.Value(path+".connect", fmt.Sprintf("clients would connect up to %s, the run ends at %s", scenario.FormatDuration(last), scenario.FormatDuration(r.f.Duration)), "times before the end", "")
	}
}

// wideEnough makes sure that each range has addresses for its clients.
func (r *resolver) wideEnough(path string, ip []scenario.Range, count int) {
	for e, one := range ip {
		if one.Shared || e >= count {
			continue
		}
		need := uint64((count - e + len(ip) - 1) / len(ip))
		if free := pool(one).free(r.plan.taken); free < need {
			r.Value(entry(path, ip, e), fmt.Sprintf("%s has room for %d, not for %s", one, free, format.Plural(int(need), "client")), "", widerRange(one, need))
		}
	}
}

// entry is the path of an entry of `ip`, which may be written without a list.
func entry(path string, ip []scenario.Range, e int) string {
	if len(ip) == 1 {
		return path
	}
	return yamltree.Index(path, e)
}

// widerRange is the hint that names a range with enough addresses.
func widerRange(one scenario.Range, need uint64) string {
	for bits := one.Prefix.Bits() - 1; bits >= 0; bits-- {
		p := netip.PrefixFrom(one.Prefix.Addr(), bits).Masked()
		if _, usable := (pool{Prefix: p}).bounds(); usable >= need+uint64(1) {
			return fmt.Sprintf("%s would do; the network and broadcast addresses do not count", p)
		}
	}
	return ""
}

// apartFromItself reports entries of one list that overlap.
func (r *resolver) apartFromItself(path string, ip []scenario.Range) {
	for i, a := range ip {
		for _, b := range ip[:i] {
			if a.Prefix.Overlaps(b.Prefix) {
				r.Value(yamltree.Index(path, i), fmt.Sprintf("%s overlaps %s of the same list", a, b), "", "")
				break
			}
		}
	}
}

// groupsApart reports two groups that share addresses, or client names.
func (r *resolver) groupsApart(g, other *scenario.Group) {
	path := yamltree.Join("clients", g.Name)
	for e, a := range g.IP {
		for _, b := range other.IP {
			if a.Prefix.Overlaps(b.Prefix) {
				r.Value(entry(path+".ip", g.IP, e), fmt.Sprintf("%s of %s overlaps %s of %s", a, g.Name, b, other.Name), "different addresses for each group", "")
				return
			}
		}
	}
	if hasClient(other, g.Name) || hasClient(g, other.Name) {
		group, client := g, other
		if hasClient(other, g.Name) {
			group, client = other, g
		}
		r.Key(path, fmt.Sprintf("%q is a group, and a client of %s", client.Name, group.Name), "another name for the group", "")
	}
}

// unknownWho words a name that is neither a group nor a client.
func (r *resolver) unknownWho(path, name string, groups scenario.Timeline) {
	for _, c := range groups {
		if digits, ok := strings.CutPrefix(name, c.Name+"-"); ok && digits != "" && strings.Trim(digits, "0123456789") == "" {
			if r.IsBad("clients." + c.Name + ".count") {
				return
			}
			r.Value(path, fmt.Sprintf("no client %q", name), "", groups.Near(name))
			return
		}
	}
	r.Value(path, fmt.Sprintf("no group or client %q", name), "a group ("+strings.Join(groups.Names(), ", ")+"), or one of its clients", groups.Near(name))
}

// groupURL checks that the url of a group leads somewhere.
func (r *resolver) groupURL(path string, g *scenario.Group) {
	if g.URL == "" || r.IsBad(path+".url") {
		return
	}
	if _, wrong := r.plan.route(g.URL); wrong != nil && r.plan.Config != nil && !r.IsBad("nodes") && !r.IsBad("hosts") {
		r.Value(path+".url", wrong.Text, wrong.Expected, wrong.Hint)
	}
}
