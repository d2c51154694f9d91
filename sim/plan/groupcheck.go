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

// groups checks the groups against each other and the run.
func (r *resolver) groups() {
	r.groupsNow, r.occupied = scenario.NewTimeline(r.f.Clients, nil), new(occupied)
	for i, c := range r.groupsNow.All() {
		if r.Full() {
			return
		}
		g := &r.f.Clients[i]
		path := yamltree.Join("clients", g.Name)
		r.group(path, g, g.Count, 0)
		r.apartFromOthers(path+".ip", g.IP, c, func(a, b scenario.Range, other string) string {
			return fmt.Sprintf("%s of %s overlaps %s of %s", a, g.Name, b, other)
		})
		r.occupied.addAll(c, g.IP)
		r.groupApart(path, c)
		if client := r.groupsNow.Clash(c); client != nil {
			r.Key(yamltree.Join("clients", client.Name), fmt.Sprintf("%q is a group, and a client of %s", client.Name, g.Name), "another name for the group", "")
		}
	}
}

// groupApart reports a group that has, or one of whose clients has, the name of another
// host.
func (r *resolver) groupApart(path string, c *scenario.GroupState) {
	hosts := r.plan.reserved()
	for _, n := range r.plan.Nodes {
		hosts = append(hosts, n.Name)
	}
	for _, host := range hosts {
		switch {
		case host == c.Name && scenario.Reserved(host, "") == nil:
			r.Key(path, fmt.Sprintf("%q is the name of a host", host), "another name for the group", "")
		case c.Has(host):
			r.Key(path, fmt.Sprintf("%q is a client of %s, and the name of a host", host, c.Name), "another name for the group, or for the host", "")
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
	r.notOwned(path+".ip", g.IP)
	r.groupURL(path, g)
	switch {
	case g.Retries > 0 && g.AckTimeout == 0 && !r.IsBad(path+".ack_timeout"):
		r.Value(path+".retries", "retries need ack_timeout: without it no try is known to have failed", "ack_timeout, such as 5s", "")
	case g.Retries == 0 && g.AckTimeout > 0 && !r.IsBad(path+".retries"):
		r.Value(path+".ack_timeout", "ack_timeout has no effect without retries", "retries, such as 3", "")
	}
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
	var before occupied
	for i, a := range ip {
		if r.Full() {
			return
		}
		for b := range before.overlapping(a) {
			r.Value(yamltree.Index(path, i), fmt.Sprintf("%s overlaps %s of the same list", a, b), "", "")
			break
		}
		before.add(occupant{nil, i, a})
	}
}

// apartFromOthers reports the first range in which each other group is.
func (r *resolver) apartFromOthers(path string, ip []scenario.Range, but *scenario.GroupState, text func(a, b scenario.Range, other string) string) {
	told := map[*scenario.GroupState]bool{but: true}
	for e, a := range ip {
		for b := range r.where().overlapping(a) {
			if r.Full() {
				return
			}
			if !told[b.who] {
				told[b.who] = true
				r.Value(entry(path, ip, e), text(a, b.Range, b.who.Name), "different addresses for each group", "")
			}
		}
	}
}

// unknownWho words a name that is neither a group nor a client.
func (r *resolver) unknownWho(path, name string, groups *scenario.Timeline) {
	if g := groups.Group(name); g != nil {
		if !r.IsBad("clients." + g.Name + ".count") {
			r.Value(path, fmt.Sprintf("no client %q", name), "", groups.Near(name))
		}
		return
	}
	if !r.Full() {
		r.Value(path, fmt.Sprintf("no group or client %q", name), "a group ("+strings.Join(groups.Names(), ", ")+"), or one of its clients", groups.Near(name))
	}
}

// groupURL checks that the url of a group leads somewhere.
func (r *resolver) groupURL(path string, g *scenario.Group) {
	if g.URL == "" || r.IsBad(path+".url") {
		return
	}
	wrong, again := r.checked[g.URL]
	if !again {
		_, wrong = r.plan.route(g.URL)
		if r.checked == nil {
			r.checked = make(map[string]*yamltree.Problem)
		}
		r.checked[g.URL] = wrong
	}
	if wrong != nil && r.plan.Config != nil && !r.IsBad("nodes") && !r.IsBad("hosts") {
		r.Value(path+".url", wrong.Text, wrong.Expected, wrong.Hint)
	}
}
