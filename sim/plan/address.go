package plan

import (
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"net/netip"

	"stickylab/sim/scenario"
)

// pool is a range as a source of addresses.
type pool scenario.Range

// Draw gives count clients their addresses: client i uses entry i modulo the
// number of entries, a bare address as it is, a range by drawing uniformly
// without repeats. Addresses in taken (those of nodes and the proxy) are not
// drawn. It fails when a range is too small.
func Draw(ip []scenario.Range, count int, random *rand.Rand, taken map[netip.Addr]bool) ([]netip.Addr, error) {
	if len(ip) == 0 {
		return nil, fmt.Errorf("no address to draw from")
	}
	out := make([]netip.Addr, count)
	for e, one := range ip {
		p := pool(one)
		if e >= count {
			break
		}
		need := (count - e + len(ip) - 1) / len(ip)
		if p.Shared {
			for i := e; i < count; i += len(ip) {
				out[i] = p.Prefix.Addr()
			}
			continue
		}
		if free := p.free(taken); uint64(need) > free {
			return nil, fmt.Errorf("%s has %d usable addresses for %d clients", one, free, need)
		}
		draw := p.deck(random, taken)
		for i := e; i < count; i += len(ip) {
			out[i] = draw()
		}
	}
	return out, nil
}

// bounds returns the first usable offset in a range and how many are usable:
// not the network and broadcast address of IPv4 (RFC 3021: a /31 has neither),
// not the subnet-router anycast address of IPv6 (RFC 4291, 2.6.1). Huge ranges
// count as 1<<62.
func (p pool) bounds() (first, usable uint64) {
	bits := p.Prefix.Addr().BitLen() - p.Prefix.Bits()
	switch {
	case bits == 0:
		return 0, 1
	case bits == 1:
		return 0, 2
	case bits > 62:
		return 1, 1 << 62
	case p.Prefix.Addr().Is4():
		return 1, 1<<bits - 2
	}
	return 1, 1<<bits - 1
}

// nth returns the address at an offset from the range's first.
func (p pool) nth(offset uint64) netip.Addr {
	b := p.Prefix.Addr().As16()
	low := b[8:] // the rest does not change: the offset is within the range
	binary.BigEndian.PutUint64(low, binary.BigEndian.Uint64(low)+offset)
	a := netip.AddrFrom16(b)
	if p.Prefix.Addr().Is4() {
		return a.Unmap()
	}
	return a
}

// free is the number of addresses that clients can have.
func (p pool) free(taken map[netip.Addr]bool) uint64 {
	first, usable := p.bounds()
	n := usable
	for a := range taken {
		if p.Prefix.Contains(a) && !(first == 1 && a == p.Prefix.Addr()) && n > 0 {
			n--
		}
	}
	return n
}

// deck returns a function that deals the addresses of the range in random
// order: a Fisher-Yates shuffle of which only the dealt part exists.
func (p pool) deck(random *rand.Rand, taken map[netip.Addr]bool) func() netip.Addr {
	first, left := p.bounds()
	wide := p.Prefix.Addr().BitLen()-p.Prefix.Bits() > 62
	moved, dealt := map[uint64]uint64{}, map[netip.Addr]bool{}
	value := func(i uint64) uint64 {
		if v, ok := moved[i]; ok {
			return v
		}
		return i
	}
	return func() netip.Addr {
		for {
			var a netip.Addr
			if wide {
				a = p.random(random)
			} else {
				i := random.Uint64N(left)
				left--
				a = p.nth(first + value(i))
				moved[i] = value(left)
				delete(moved, left)
			}
			if !taken[a] && !dealt[a] {
				dealt[a] = true
				return a
			}
		}
	}
}

// random returns any address of a wide IPv6 range but its first.
func (p pool) random(random *rand.Rand) netip.Addr {
	for {
		var b [16]byte
		binary.BigEndian.PutUint64(b[:8], random.Uint64())
		binary.BigEndian.PutUint64(b[8:], random.Uint64())
		base := p.Prefix.Addr().As16()
		network := netip.PrefixFrom(netip.AddrFrom16(b), p.Prefix.Bits()).Masked().Addr().As16()
		for i := range b {
			b[i] = base[i] | (b[i] ^ network[i])
		}
		if a := netip.AddrFrom16(b); a != p.Prefix.Addr() {
			return a
		}
	}
}
