package scenario

import (
	"encoding/binary"
	"fmt"
	"math/big"
	"math/rand/v2"
	"net/netip"
	"strings"
)

// String is the entry as a file has it.
func (r Range) String() string {
	if r.Shared {
		return r.Prefix.Addr().String()
	}
	return r.Prefix.String()
}

const anIP = "a range such as 203.0.113.0/24, an address, or a list of these"

// parseRange reads one entry of `ip`; problem is "" when it is fine.
func parseRange(text string) (r Range, problem, hint string) {
	if strings.Contains(text, "/") {
		p, err := netip.ParsePrefix(text)
		switch {
		case err != nil:
			return r, fmt.Sprintf("%q is not a range of addresses", text), ""
		case p != p.Masked():
			return r, fmt.Sprintf("%q is an address inside of a range", text), fmt.Sprintf("the range is %s", p.Masked())
		case p.Addr().Is4In6():
			return r, fmt.Sprintf("%q is an IPv4 range in IPv6 form", text), ""
		}
		return Range{Prefix: p}, strange(p.Addr()), ""
	}
	a, err := netip.ParseAddr(text)
	if err != nil || a.Zone() != "" || a.Is4In6() {
		return r, fmt.Sprintf("%q is not an address", text), ""
	}
	return Range{Prefix: netip.PrefixFrom(a, a.BitLen()), Shared: true}, strange(a), ""
}

// strange says why an address can not be a client's; "" when it can.
func strange(a netip.Addr) string {
	switch {
	case a.IsMulticast():
		return fmt.Sprintf("%s is a multicast address", a)
	case a == netip.AddrFrom4([4]byte{255, 255, 255, 255}):
		return "255.255.255.255 is the broadcast address"
	case a.IsUnspecified():
		return fmt.Sprintf("%s stands for any address", a)
	}
	return ""
}

// bounds returns the first usable offset in a range and how many are usable:
// not the network and broadcast address of IPv4 (RFC 3021: a /31 has neither),
// not the subnet-router anycast address of IPv6 (RFC 4291, 2.6.1). Huge ranges
// count as 1<<62.
func (r Range) bounds() (first, usable uint64) {
	bits := r.Prefix.Addr().BitLen() - r.Prefix.Bits()
	switch {
	case bits == 0:
		return 0, 1
	case bits == 1:
		return 0, 2
	case bits > 62:
		return 1, 1 << 62
	case r.Prefix.Addr().Is4():
		return 1, 1<<bits - 2
	}
	return 1, 1<<bits - 1
}

// nth returns the address at an offset from the range's first.
func (r Range) nth(offset uint64) netip.Addr {
	if r.Prefix.Addr().Is4() {
		b := r.Prefix.Addr().As4()
		binary.BigEndian.PutUint32(b[:], binary.BigEndian.Uint32(b[:])+uint32(offset))
		return netip.AddrFrom4(b)
	}
	b := r.Prefix.Addr().As16()
	sum := new(big.Int).Add(new(big.Int).SetBytes(b[:]), new(big.Int).SetUint64(offset))
	sum.FillBytes(b[:])
	return netip.AddrFrom16(b)
}

// Draw gives count clients their addresses: client i uses entry i modulo the
// number of entries, a bare address as it is, a range by drawing uniformly
// without repeats. Addresses in taken (those of nodes and the proxy) are not
// drawn. It fails when a range is too small.
func Draw(ip []Range, count int, random *rand.Rand, taken map[netip.Addr]bool) ([]netip.Addr, error) {
	if len(ip) == 0 {
		return nil, fmt.Errorf("no address to draw from")
	}
	out := make([]netip.Addr, count)
	for e, r := range ip {
		if e >= count {
			break
		}
		need := (count - e + len(ip) - 1) / len(ip)
		if r.Shared {
			for i := e; i < count; i += len(ip) {
				out[i] = r.Prefix.Addr()
			}
			continue
		}
		if free := r.free(taken); uint64(need) > free {
			return nil, &tooSmall{entry: e, need: need, free: free, r: r}
		}
		draw := r.deck(random, taken)
		for i := e; i < count; i += len(ip) {
			out[i] = draw()
		}
	}
	return out, nil
}

// tooSmall is Draw's error.
type tooSmall struct {
	entry, need int
	free        uint64
	r           Range
}

func (e *tooSmall) Error() string {
	return fmt.Sprintf("%s has %d usable addresses for %d clients", e.r, e.free, e.need)
}

// free is the number of addresses that clients can have.
func (r Range) free(taken map[netip.Addr]bool) uint64 {
	first, usable := r.bounds()
	n := usable
	for a := range taken {
		if r.Prefix.Contains(a) && !(first == 1 && a == r.Prefix.Addr()) && n > 0 {
			n--
		}
	}
	return n
}

// deck returns a function that deals the addresses of the range in random
// order: a Fisher-Yates shuffle of which only the dealt part exists.
func (r Range) deck(random *rand.Rand, taken map[netip.Addr]bool) func() netip.Addr {
	first, left := r.bounds()
	wide := r.Prefix.Addr().BitLen()-r.Prefix.Bits() > 62
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
				a = r.random(random)
			} else {
				i := random.Uint64N(left)
				left--
				a = r.nth(first + value(i))
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
func (r Range) random(random *rand.Rand) netip.Addr {
	for {
		var b [16]byte
		binary.BigEndian.PutUint64(b[:8], random.Uint64())
		binary.BigEndian.PutUint64(b[8:], random.Uint64())
		base, bits := r.Prefix.Addr().As16(), r.Prefix.Bits()
		for i := range b {
			keep := byte(0)
			switch {
			case bits >= 8*(i+1):
				keep = 0xff
			case bits > 8*i:
				keep = ^byte(0xff >> (bits - 8*i))
			}
			b[i] = base[i]&keep | b[i]&^keep
		}
		if a := netip.AddrFrom16(b); a != r.Prefix.Addr() {
			return a
		}
	}
}
