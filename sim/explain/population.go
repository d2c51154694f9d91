package explain

import (
	"encoding/binary"
	"net/netip"
	"strconv"

	"stickylab/sim/format"
	"stickylab/sim/seed"
)

// sampleSize is how many addresses stand for a range that has more.
const sampleSize = 1 << 16

// Population is the addresses of many clients.
type Population struct {
	Label     string // "203.0.113.0/24", or the name of a group
	Of        string // where the addresses of a group come from; "" for a range
	Addresses []netip.Addr

	// Total is the size of the range in words; "" when Addresses holds all.
	Total string
	Seed  uint64 // of the sample
}

// Sampled reports whether the addresses are only a part, drawn by the seed.
func (c Population) Sampled() bool { return c.Total != "" }

// Range returns the addresses of a range: all of them, the first and the last
// too, or 65,536 drawn with the seed when there are more.
func Range(p netip.Prefix, from uint64) Population {
	p = p.Masked()
	c := Population{Label: p.String()}
	free := p.Addr().BitLen() - p.Bits()
	if free <= 16 {
		c.Addresses = make([]netip.Addr, 0, 1<<free)
		for a, n := p.Addr(), 1<<free; n > 0; n-- {
			c.Addresses = append(c.Addresses, a)
			a = a.Next()
		}
		return c
	}
	c.Seed = from
	c.Total = "2^" + strconv.Itoa(free)
	if free < 48 {
		c.Total = format.Number(1 << free)
	}
	random := seed.Rand(from, "explain/"+c.Label)
	c.Addresses = make([]netip.Addr, sampleSize)
	for i := range c.Addresses {
		c.Addresses[i] = within(p, random.Uint64(), random.Uint64())
	}
	return c
}

// within fills the bits after those of the prefix with random ones.
func within(p netip.Prefix, high, low uint64) netip.Addr {
	free := p.Addr().BitLen() - p.Bits()
	if p.Addr().Is4() {
		b := p.Addr().As4()
		mask := uint32(1<<free - 1)
		binary.BigEndian.PutUint32(b[:], binary.BigEndian.Uint32(b[:])|uint32(low)&mask)
		return netip.AddrFrom4(b)
	}
	b := p.Addr().As16()
	mask := func(free int) uint64 {
		if free >= 64 {
			return ^uint64(0)
		}
		return 1<<max(free, 0) - 1
	}
	binary.BigEndian.PutUint64(b[:8], binary.BigEndian.Uint64(b[:8])|high&mask(free-64))
	binary.BigEndian.PutUint64(b[8:], binary.BigEndian.Uint64(b[8:])|low&mask(free))
	return netip.AddrFrom16(b)
}
