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

// Overlaps reports whether a client may be in a range.
func (c *GroupState) Overlaps(r Range) bool {
	for p := range c.All() {
		if p.Prefix.Overlaps(r.Prefix) {
			return true
		}
	}
	return false
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

// Timeline is the groups of a plan with all that its steps add.
type Timeline []*GroupState

// NewTimeline returns the groups with what the add steps bring.
func NewTimeline(groups []Group, steps []Step) Timeline {
	var out Timeline
	for _, g := range groups {
		out = append(out, &GroupState{Group: g, Size: g.Count, Places: g.IP})
	}
	for _, s := range steps {
		if s.Verb == Add && s.Group != nil {
			out.Add(s)
		}
	}
	return out
}

// Clone returns a copy to be changed.
func (cs Timeline) Clone() Timeline {
	out := slices.Clone(cs)
	for i, c := range cs {
		own := *c
		own.Apart = maps.Clone(c.Apart)
		out[i] = &own
	}
	return out
}

// Add adds what an add step brings.
func (cs *Timeline) Add(s Step) *GroupState {
	g := s.Newcomers()
	c := cs.Named(s.Who)
	if c == nil {
		c = &GroupState{Group: g}
		*cs = append(*cs, c)
	}
	c.Size += g.Count
	return c
}

// Named returns the group of that name, nil without one.
func (cs Timeline) Named(name string) *GroupState {
	for _, c := range cs {
		if c.Name == name {
			return c
		}
	}
	return nil
}

// Of returns the group that a name stands for or belongs to, nil without one.
func (cs Timeline) Of(name string) *GroupState {
	for _, c := range cs {
		if c.Name == name || c.Has(name) {
			return c
		}
	}
	return nil
}

// Names returns the names of the groups.
func (cs Timeline) Names() []string {
	out := []string{}
	for _, c := range cs {
		out = append(out, c.Name)
	}
	return out
}

// Near is the hint that names a group or client with a name like one.
func (cs Timeline) Near(name string) string {
	if i := strings.LastIndexByte(name, '-'); i > 0 && name[i+1:] != "" && strings.Trim(name[i+1:], "0123456789") == "" {
		if c := cs.Named(name[:i]); c != nil {
			return fmt.Sprintf("%s has %s to %s", c.Name, c.Client(0), c.Client(c.Size-1))
		}
		if group := spell.Nearest(name[:i], cs.Names()); group != "" {
			return fmt.Sprintf("did you mean %q?", group+name[i:])
		}
	}
	return spell.DidYouMean(name, cs.Names())
}
