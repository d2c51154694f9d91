package plan

import (
	"iter"
	"net/netip"
	"slices"

	"stickylab/sim/scenario"
)

// occupied is a set of ranges and of who is there, as a tree over the bits of addresses:
// finding what overlaps a range does not take longer when there are many others.
type occupied struct{ v4, v6 bits }

// bits are the ranges that begin with some bits.
type bits struct {
	next [2]*bits
	here []occupant
	size int // occupants, here and further on
}

// occupant is a range of a list, and whose it is.
type occupant struct {
	who   *scenario.GroupState // nil in a list by itself
	index int                  // of the range in the list
	scenario.Range
}

func (o *occupied) root(p netip.Prefix) *bits {
	if p.Addr().Is4() {
		return &o.v4
	}
	return &o.v6
}

// bit returns bit i of an address, from 0.
func bit(raw []byte, i int) int { return int(raw[i/8]>>(7-i%8)) & 1 }

// add puts an occupant into the set.
func (o *occupied) add(x occupant) {
	at, raw := o.root(x.Prefix), x.Prefix.Addr().AsSlice()
	at.size++
	for i := range x.Prefix.Bits() {
		next := &at.next[bit(raw, i)]
		if *next == nil {
			*next = new(bits)
		}
		at = *next
		at.size++
	}
	at.here = append(at.here, x)
}

// addAll puts all ranges of a list into the set.
func (o *occupied) addAll(who *scenario.GroupState, list []scenario.Range) {
	for i, r := range list {
		o.add(occupant{who, i, r})
	}
}

// removeAll takes ranges of someone out of the set, where they must be.
func (o *occupied) removeAll(who *scenario.GroupState, list iter.Seq[scenario.Range]) {
	for r := range list {
		o.remove(who, r)
	}
}

// has reports whether someone has a range, as it is.
func (o *occupied) has(who *scenario.GroupState, r scenario.Range) bool {
	for x := range o.overlapping(r) {
		if x.who == who && x.Range == r {
			return true
		}
	}
	return false
}

func (o *occupied) remove(who *scenario.GroupState, r scenario.Range) {
	at, raw := o.root(r.Prefix), r.Prefix.Addr().AsSlice()
	at.size--
	for i := range r.Prefix.Bits() {
		at = at.next[bit(raw, i)]
		at.size--
	}
	i := slices.IndexFunc(at.here, func(x occupant) bool { return x.who == who })
	at.here = slices.Delete(at.here, i, i+1)
}

// overlapping yields those whose range overlaps one: the wider ones, then those inside.
func (o *occupied) overlapping(r scenario.Range) iter.Seq[occupant] {
	return func(yield func(occupant) bool) {
		at, raw := o.root(r.Prefix), r.Prefix.Addr().AsSlice()
		for i := range r.Prefix.Bits() {
			for _, x := range at.here {
				if !yield(x) {
					return
				}
			}
			if at = at.next[bit(raw, i)]; at == nil || at.size == 0 {
				return
			}
		}
		at.all(yield)
	}
}

// all yields the occupants until yield returns false, which it then does too.
func (b *bits) all(yield func(occupant) bool) bool {
	if b == nil || b.size == 0 {
		return true
	}
	for _, x := range b.here {
		if !yield(x) {
			return false
		}
	}
	return b.next[0].all(yield) && b.next[1].all(yield)
}

// where returns where all groups are.
func (r *resolver) where() *occupied {
	if r.occupied == nil {
		r.occupied = new(occupied)
		for _, c := range r.groupsNow.All() {
			for place := range c.All() {
				r.occupied.add(occupant{c, 0, place})
			}
		}
	}
	return r.occupied
}
