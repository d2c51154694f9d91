package balance

import (
	"cmp"
	"encoding/binary"
	"slices"
	"sort"
	"strings"
)

// ring is the selector of hash KEY consistent: each peer owns 160 points of a ring
// for each unit of weight, and a key belongs to the next point.
type ring []point

type point struct {
	hash  uint32
	owner *member // or another of its name
}

func newRing(g *group) ring {
	points := make(ring, 0, 160*g.total)
	for _, m := range g.members {
		host, port := ringName(m.Name)
		base := crc(^uint32(0), host+"\x00"+port)
		var prev [4]byte
		for range 160 * m.Weight {
			hash := ^crc(base, prev[:])
			binary.LittleEndian.PutUint32(prev[:], hash)
			points = append(points, point{hash, m})
		}
	}
	slices.SortStableFunc(points, func(a, b point) int { return cmp.Compare(a.hash, b.hash) })
	return slices.CompactFunc(points, func(a, b point) bool { return a.hash == b.hash })
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

func (r ring) choose(a *Attempt, now int64) *member {
	if a.group.single || a.request.Key == "" {
		return a.fallBack(now)
	}
	if a.draws == 0 {
		h := ^crc(^uint32(0), a.request.Key)
		a.hash = uint32(sort.Search(len(r), func(i int) bool { return r[i].hash >= h }))
	}
	for ; a.misses <= MaxMisses; a.misses++ {
		a.draws++
		if m := r.take(a, now, int(a.hash)%len(r)); m != nil {
			return m
		}
		a.hash++
	}
	return a.fallBack(now)
}

// take makes a smooth step over the peers that own the point: the addresses of
// one name.
func (r ring) take(a *Attempt, now int64, slot int) *member {
	var best *member
	sum := 0
	for _, m := range a.group.members {
		if m.Name != r[slot].owner.Name {
			continue
		}
		a.note(m, now, r[slot].hash, slot)
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
