package balance

import (
	"encoding/binary"
	"slices"
	"sort"
	"strings"
)

// pointsPerWeight is how many points of the ring a peer owns for each unit of weight.
const pointsPerWeight = 160

// mostPoints returns how many points a ring holds, at 8 bytes each. Those of peers beyond
// that, the heaviest, are recognized when a key comes near them: on the way to the next
// point each of these peers is asked about each value. Where that would be often, as many
// peers have little weight, more are held.
func mostPoints(g *group) int {
	const often = 20_000 // about a millisecond
	if asked := len(g.members) * (1 << 32 / (pointsPerWeight * g.total)); asked > often {
		return 16 << 20
	}
	return 2 << 20
}

// ring is the selector of hash KEY consistent: each peer owns points of a ring, and a key
// belongs to the next one.
type ring struct {
	members []*member
	points  []uint64 // the value of each, and the index of its owner in the lower half
	orbits  []orbit  // of the peers whose points are not there
}

func newRing(g *group, most int) *ring {
	r := &ring{members: g.members}
	light := slices.Clone(g.members)
	slices.SortStableFunc(light, func(a, b *member) int { return a.Weight - b.Weight })
	for i, m := range light {
		if n := pointsPerWeight * m.Weight; n > most {
			for _, m := range light[i:] {
				r.orbits = append(r.orbits, newOrbit(m))
			}
			break
		} else {
			most -= n
		}
		base := ringBase(m.Name)
		var prev [4]byte
		for range pointsPerWeight * m.Weight {
			hash := ^crc(base, prev[:])
			binary.LittleEndian.PutUint32(prev[:], hash)
			r.points = append(r.points, uint64(hash)<<32|uint64(m.index))
		}
	}
	slices.Sort(r.points) // of equal values the earlier peer's comes first
	r.points = slices.CompactFunc(r.points, func(a, b uint64) bool { return a>>32 == b>>32 })
	slices.SortFunc(r.orbits, func(a, b orbit) int { return a.owner.index - b.owner.index })
	return r
}

// ringBase is the state of a CRC-32 over a server's name, from which its points follow.
func ringBase(name string) uint32 {
	host, port := ringName(name)
	return crc(^uint32(0), host+"\x00"+port)
}

// ringName splits a server's name into the two parts that make its points.
func ringName(name string) (host, port string) {
	if path, ok := strings.CutPrefix(name, "unix:"); ok {
		return path, ""
	}
	i := strings.LastIndexByte(name, ':')
	if i < 0 || i == len(name)-1 || strings.Trim(name[i+1:], "0123456789") != "" {
		return name, ""
	}
	return name[:i], name[i+1:]
}

// next returns the first point at or after a value, around the ring, its owner, and its
// number, which is negative when not all points are held.
func (r *ring) next(value uint32) (point uint32, owner *member, number int) {
	ahead := ^uint32(0) // how far the first held one is
	if len(r.points) > 0 {
		number = sort.Search(len(r.points), func(i int) bool { return r.points[i] >= uint64(value)<<32 }) % len(r.points)
		held := r.points[number]
		point, owner = uint32(held>>32), r.members[uint32(held)]
		ahead = point - value
	}
	if len(r.orbits) == 0 {
		return point, owner, number
	}
	for d := uint32(0); ; d++ {
		for i := range r.orbits {
			if o := &r.orbits[i]; o.has(value+d) && (d < ahead || owner == nil || o.owner.index < owner.index) {
				return value + d, o.owner, -1
			}
		}
		if d == ahead {
			return point, owner, -1
		}
	}
}

func (r *ring) choose(a *Attempt, now int64) *member {
	if a.group.single || a.request.Key == "" {
		return a.fallBack(now)
	}
	if a.draws == 0 {
		a.hash = ^crc(^uint32(0), a.request.Key)
	}
	for ; a.misses <= MaxMisses; a.misses++ {
		a.draws++
		point, owner, number := r.next(a.hash)
		if m := r.take(a, now, point, owner.Name, number); m != nil {
			return m
		}
		a.hash = point + 1
	}
	return a.fallBack(now)
}

// take makes a smooth step over the peers that own the point: the addresses of
// one name.
func (r *ring) take(a *Attempt, now int64, point uint32, name string, number int) *member {
	var best *member
	sum := 0
	for _, m := range a.group.members {
		if m.Name != name {
			continue
		}
		a.note(m, now, point, number)
		if !a.free(m, now) {
			continue
		}
		sum += m.grow()
		if best == nil || m.current > best.current {
			best = m
		}
	}
	if best != nil {
		best.current -= sum
	}
	return best
}
