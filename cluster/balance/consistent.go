package balance

import (
	"cmp"
	"slices"
	"sort"
	"strings"
)

// consistent is hash KEY consistent: each peer owns 160 points of a ring for
// each unit of weight, and a key belongs to the next point.
type consistent struct{ ring []point }

var _ selector = consistent{}

type point struct {
	hash uint32
	name int
}

func newConsistent(g *group) consistent {
	ring := make([]point, 0, 160*g.total)
	for _, m := range g.members {
		host, port := ringName(m.Name)
		base := ^uint32(0)
		for _, part := range []string{host, "\x00", port} {
			for i := 0; i < len(part); i++ {
				base = step(base, part[i])
			}
		}
		prev := uint32(0)
		for range 160 * m.Weight {
			state := base
			for shift := 0; shift < 32; shift += 8 {
				state = step(state, byte(prev>>shift))
			}
			prev = ^state
			ring = append(ring, point{prev, m.name})
		}
	}
	slices.SortStableFunc(ring, func(a, b point) int { return cmp.Compare(a.hash, b.hash) })
	return consistent{slices.CompactFunc(ring, func(a, b point) bool { return a.hash == b.hash })}
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

func (c consistent) start(a *Attempt) {
	h := checksum(a.key)
	a.hash = uint32(sort.Search(len(c.ring), func(i int) bool { return c.ring[i].hash >= h }))
}

func (c consistent) choose(a *Attempt, now int64) *member {
	if a.n > MaxMisses || a.group.single || a.key == "" {
		return a.fallBack(now)
	}
	for {
		slot := int(a.hash) % len(c.ring)
		m := c.take(a, now, slot)
		if m != nil {
			return m
		}
		a.hash++
		if a.n++; a.n > MaxMisses {
			return a.fallBack(now)
		}
	}
}

// take makes a smooth step over the peers that own the point: the addresses of
// one name.
func (c consistent) take(a *Attempt, now int64, slot int) *member {
	var best *member
	sum := 0
	for _, m := range a.group.members {
		if m.name != c.ring[slot].name {
			continue
		}
		a.note(m, now, c.ring[slot].hash, slot)
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
