package scenario

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"stickylab/cluster/spell"
	"stickylab/sim/scenario/yamltree"
)

// Names are the names that a plan gives to steps in words. A nil *Names knows none
// and takes all.
type Names struct {
	Nodes     []string
	Groups    Timeline
	Upstreams []string
	Reserved  []string // hosts of the simulation: the proxy, redis, the fronts
	URLs      []string // where other groups go
	CheckURL  func(string) *yamltree.Problem
}

// hosts are what a partition can be between, but for single clients.
func (v *Names) hosts() []string { return slices.Concat(v.Nodes, v.Reserved, v.Groups.Names()) }

// rooms are those that groups join.
func (v *Names) rooms() []string {
	var out []string
	for _, c := range v.Groups.groups {
		out = append(out, oneWord(c.Room))
	}
	return out
}

// clients are those of the group whose name the word begins with, or the first
// of each group.
func (v *Names) clients(word string) []string {
	var out []string
	for _, c := range v.Groups.groups {
		if !strings.HasPrefix(word, c.Name+"-") {
			out = append(out, c.Client(0))
			continue
		}
		for i := 0; i < c.Size && len(out) < mostCompletions; i++ {
			if name := c.Client(i); strings.HasPrefix(name, word) {
				out = append(out, name)
			}
		}
	}
	return out
}

// known are the names that a reference may be.
func (x *phrase) known(ref Ref) []string {
	switch ref {
	case RefNode:
		return x.Nodes
	case RefUpstream:
		return x.Upstreams
	case RefRoom:
		return x.rooms()
	case RefClient:
		return x.clients(x.last)
	case RefClients:
		return slices.Concat(x.Groups.Names(), x.clients(x.last))
	case RefHost:
		return slices.Concat(x.hosts(), x.clients(x.last))
	}
	return nil
}

// lookUp makes sure that a name is known.
func (x *phrase) lookUp(ref Ref, name string) {
	switch ref {
	case RefNode:
		x.mustKnow("node", name, x.Nodes)
	case RefUpstream:
		x.mustKnow("upstream", name, x.Upstreams)
	case RefHost:
		if x.Groups.Of(name) == nil {
			x.mustKnow("host", name, x.hosts())
		}
	case RefClient, RefClients:
		if x.open {
			x.mustKnow("group or client", name, nil)
			return
		}
		switch c := x.Groups.Of(name); {
		case c == nil:
			x.fail(fmt.Sprintf("no group or client %q", yamltree.Shorten(name)), cmp.Or(x.Groups.Near(name), spell.DidYouMean(name, x.also), "groups: "+strings.Join(x.Groups.Names(), ", ")))
		case ref == RefClient && c.Name == name:
			x.fail(fmt.Sprintf("%q is a group, one client says a text", name), "such as "+c.Client(0))
		}
	}
}

// mustKnow makes sure that a name is in a list; an open phrase takes all.
func (x *phrase) mustKnow(what, name string, names []string) {
	names = slices.Concat(x.also, names)
	if !x.open && !slices.Contains(names, name) || x.open && !hostName.MatchString(name) {
		x.fail(fmt.Sprintf("no %s %q", what, yamltree.Shorten(name)), cmp.Or(spell.DidYouMean(name, names), yamltree.OneOf(names)))
	}
}
