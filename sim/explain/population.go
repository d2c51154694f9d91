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
		for a := p.Addr(); p.Contains(a); a = a.Next() {
			c.Addresses = append(c.Addresses, a)
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
	random := binary.BigEndian.AppendUint64(binary.BigEndian.AppendUint64(nil, high), low)
	b := p.Addr().AsSlice()
	random = random[len(random)-len(b):]
	for i := range b {
		b[i] |= random[i] & (0xff >> min(max(p.Bits()-8*i, 0), 8))
	}
	a, _ := netip.AddrFromSlice(b)
	return a
}
