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

// Crowd is many clients' addresses.
type Crowd struct {
	Label     string // "203.0.113.0/24", or the name of a group
	Of        string // of a group: where its addresses come from; else ""
	Addresses []netip.Addr

	// Total is the size of the range in words; "" when Addresses are all.
	Total string
	Seed  uint64 // of the sample
}

// Sampled tells whether the addresses are only a part, drawn by the seed.
func (c Crowd) Sampled() bool { return c.Total != "" }

// Range returns the addresses of a range: all of them, the first and the last
// too, or 65,536 drawn with the seed when there are more.
func Range(p netip.Prefix, from uint64) Crowd {
	p = p.Masked()
	c := Crowd{Label: p.String()}
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

// within puts random bits behind those of the prefix.
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
