package scenario

import (
	"fmt"
	"iter"
	"maps"
	"slices"
	"strconv"
	"strings"

	"stickylab/cluster/spell"
)

// GroupState is a group at some time: steps may have added to it.
type GroupState struct {
	Group                     // as it began; its Count decides how clients are numbered
	Size   int                // clients
	Places []Range            // where its clients may be, but for those that moved alone
	Apart  map[string][]Range // where those are
}

// All yields the ranges in which its clients may be.
func (c *GroupState) All() iter.Seq[Range] {
	return func(yield func(Range) bool) {
		for _, r := range c.Places {
			if !yield(r) {
				return
			}
		}
		for _, name := range slices.Sorted(maps.Keys(c.Apart)) {
			for _, r := range c.Apart[name] {
				if !yield(r) {
					return
				}
			}
		}
	}
}

// Has reports whether a name is that of one of the clients.
func (c *GroupState) Has(client string) bool {
	digits, ok := strings.CutPrefix(client, c.Name+"-")
	if !ok {
		return false
	}
	n, err := strconv.Atoi(digits)
	return err == nil && n >= 1 && n <= c.Size && c.Client(n-1) == client
}

// Timeline is the groups of a plan with all that its steps add. The zero value has none.
type Timeline struct {
	groups []*GroupState // in order of appearance
	named  map[string]*GroupState
	like   map[string][]*GroupState // by the name of the group of which each could be a client
	size   int                      // clients in all
}

// NewTimeline returns the groups with what the add steps bring.
func NewTimeline(groups []Group, steps []Step) Timeline {
	var out Timeline
	for _, g := range groups {
		out.enter(&GroupState{Group: g, Size: g.Count, Places: slices.Clip(g.IP)})
	}
	for _, s := range steps {
		if s.Verb == Add && s.Group != nil {
			out.Add(s)
		}
	}
	return out
}

// Clone returns a copy to be changed.
func (cs *Timeline) Clone() Timeline {
	var out Timeline
	for _, c := range cs.groups {
		own := *c
		own.Places, own.Apart = slices.Clip(c.Places), maps.Clone(c.Apart)
		out.enter(&own)
	}
	return out
}

// enter adds a group.
func (cs *Timeline) enter(g *GroupState) {
	if cs.named == nil {
		cs.named, cs.like = make(map[string]*GroupState), make(map[string][]*GroupState)
	}
	if cs.groups = append(cs.groups, g); cs.named[g.Name] == nil {
		cs.named[g.Name] = g
	}
	if group := groupPart(g.Name); group != "" {
		cs.like[group] = append(cs.like[group], g)
	}
	cs.size += g.Size
}

// groupPart is the name of the group of a client, "" for what no client is called.
func groupPart(client string) string {
	i := strings.LastIndexByte(client, '-')
	if i < 0 || client[i+1:] == "" || strings.Trim(client[i+1:], "0123456789") != "" {
		return ""
	}
	return client[:i]
}

// Add adds what an add step brings.
func (cs *Timeline) Add(s Step) *GroupState {
	g := s.Newcomers()
	c := cs.Named(s.Who)
	if c == nil {
		c = &GroupState{Group: g}
		cs.enter(c)
	}
	c.Size += g.Count
	cs.size += g.Count
	return c
}

// Size returns how many clients there are in all.
func (cs *Timeline) Size() int { return cs.size }

// Named returns the group of that name, nil without one.
func (cs *Timeline) Named(name string) *GroupState { return cs.named[name] }

// Of returns the group that a name stands for or belongs to, nil without one.
func (cs *Timeline) Of(name string) *GroupState {
	if c := cs.named[name]; c != nil {
		return c
	}
	if c := cs.Group(name); c != nil && c.Has(name) {
		return c
	}
	return nil
}

// Group returns the group that has clients with names like one, nil without one.
func (cs *Timeline) Group(client string) *GroupState { return cs.named[groupPart(client)] }

// Clash returns a group whose name is also that of a client of the group, nil without
// one.
func (cs *Timeline) Clash(c *GroupState) *GroupState {
	for _, other := range cs.like[c.Name] {
		if c.Has(other.Name) {
			return other
		}
	}
	return nil
}

// All returns the groups, in order of appearance.
func (cs *Timeline) All() []*GroupState { return cs.groups }

// Names returns the names of the groups.
func (cs *Timeline) Names() []string {
	out := []string{}
	for _, c := range cs.groups {
		out = append(out, c.Name)
	}
	return out
}

// Near is the hint that names a group or client with a name like one.
func (cs *Timeline) Near(name string) string {
	if c := cs.Group(name); c != nil {
		return fmt.Sprintf("%s has %s to %s", c.Name, c.Client(0), c.Client(c.Size-1))
	}
	if part := groupPart(name); part != "" {
		if group := spell.Nearest(part, cs.Names()); group != "" {
			return fmt.Sprintf("did you mean %q?", group+strings.TrimPrefix(name, part))
		}
	}
	return spell.DidYouMean(name, cs.Names())
}
