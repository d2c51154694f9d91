package ledger

import (
	"math/bits"
	"slices"
	"sort"

	"stickylab/cluster/trace"
)

// A roster is a set of sockets: those in a room. The messages that are sent while a
// room stays as it is share one, and refer to its members by their position. It
// takes memory for its members only, however many other sockets there are.
type roster struct {
	owner  *owner
	blocks []block // in ascending order, none of them empty
	n      int

	// Of one that messages refer to, which never changes again: how many members
	// each node and each group has.
	sealed        bool
	nodes, groups []int32
}

// block holds the members from 64*at up to 64*at+63, one bit each.
type block struct {
	at   int32
	rank int32 // once sealed: members in the blocks before
	bits uint64
}

// index returns the place of the block with that number, or where it would be.
func (r *roster) index(at int32) (int, bool) {
	if len(r.blocks) == 0 {
		return 0, false
	}
	// Members are close together as a rule.
	if k := int(at) - int(r.blocks[0].at); k >= 0 && k < len(r.blocks) && r.blocks[k].at == at {
		return k, true
	}
	k := sort.Search(len(r.blocks), func(k int) bool { return r.blocks[k].at >= at })
	return k, k < len(r.blocks) && r.blocks[k].at == at
}

// find returns the position of a member of a sealed roster.
func (r *roster) find(i int32) (position int32, ok bool) {
	k, ok := r.index(i >> 6)
	if !ok {
		return 0, false
	}
	b, bit := &r.blocks[k], uint64(1)<<(uint(i)&63)
	return b.rank + int32(bits.OnesCount64(b.bits&(bit-1))), b.bits&bit != 0
}

// put adds a socket that is not a member.
func (r *roster) put(i int32) {
	k, ok := r.index(i >> 6)
	if !ok {
		r.blocks = slices.Insert(r.blocks, k, block{at: i >> 6})
	}
	r.blocks[k].bits |= 1 << (uint(i) & 63)
	r.n++
}

// drop takes a member out.
func (r *roster) drop(i int32) {
	k, _ := r.index(i >> 6)
	if r.blocks[k].bits &^= 1 << (uint(i) & 63); r.blocks[k].bits == 0 {
		r.blocks = slices.Delete(r.blocks, k, k+1)
	}
	r.n--
}

// each calls f for every member and its position, in ascending order.
func (r *roster) each(f func(position, i int32)) {
	position := int32(0)
	for _, b := range r.blocks {
		for word := b.bits; word != 0; word &= word - 1 {
			f(position, b.at<<6+int32(bits.TrailingZeros64(word)))
			position++
		}
	}
}

// among returns the members that are in a set.
func (r *roster) among(s set) *roster {
	out := &roster{}
	for _, b := range r.blocks {
		if int(b.at) < len(s) && b.bits&s[b.at] != 0 {
			b.bits &= s[b.at]
			out.blocks = append(out.blocks, b)
			out.n += bits.OnesCount64(b.bits)
		}
	}
	return out
}

// common counts the members that are in a set.
func (r *roster) common(s set) int32 {
	n := 0
	for _, b := range r.blocks {
		if int(b.at) < len(s) {
			n += bits.OnesCount64(b.bits & s[b.at])
		}
	}
	return int32(n)
}

// ownRoom returns the roster of a room, to be changed: a copy if a message or a
// clone refers to it.
func (l *Ledger) ownRoom(room trace.Name) *roster {
	r := l.rooms[room]
	switch {
	case r == nil:
		r = &roster{owner: l.owner}
	case r.sealed || r.owner != l.owner:
		r = &roster{owner: l.owner, blocks: slices.Clone(r.blocks), n: r.n}
	default:
		return r
	}
	l.rooms[room] = r
	return r
}

// nobody is the roster of a room that is empty.
var nobody = &roster{sealed: true}

// dueTo returns the roster, sealed, of those to whom a message is due that is sent in a
// room on a node.
func (l *Ledger) dueTo(room trace.Name, n int32) *roster {
	r := l.rooms[room]
	if r == nil {
		return nobody
	}
	if app := l.sameApp(n); app != nil {
		return r.among(app).seal(l)
	}
	if !r.sealed {
		r = l.ownRoom(room).seal(l)
	}
	return r
}

// seal prepares a roster for the messages that will refer to it.
func (r *roster) seal(l *Ledger) *roster {
	rank := 0
	for k := range r.blocks {
		r.blocks[k].rank = int32(rank)
		rank += bits.OnesCount64(r.blocks[k].bits)
	}
	counts := make([]int32, len(l.nodes)+len(l.members))
	r.nodes, r.groups = counts[:len(l.nodes)], counts[len(l.nodes):]
	for n := range r.nodes {
		r.nodes[n] = r.common(l.nodes[n].open)
	}
	for g := range r.groups {
		r.groups[g] = r.common(l.members[g])
	}
	r.sealed = true
	return r
}
