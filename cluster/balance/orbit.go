package balance

import (
	"hash/crc32"
	"sync"
)

// orbit is the points of a heavy peer, which are not held but recognized.
//
// Each point is the CRC-32 of the name and the point before it. Feeding four bytes to a
// CRC multiplies its state by g = x^32 in the field of 2^32 elements that the CRC's
// polynomial makes, so that a point p is followed by g·p + d, where d depends on the name.
// With the fixed point f of that, f = g·f + d, the n-th point is f + g^n·f. A value v is
// one of the first N points when the logarithm of (v + f)/f to the base g is N or less.
type orbit struct {
	owner *member
	fixed uint32         // f
	scale [4][256]uint32 // multiplies by 1/f, byte by byte
	count uint64         // N
}

func newOrbit(m *member) orbit {
	f := &field
	fieldOnce.Do(f.init)
	d := ^feedZeros(ringBase(m.Name))
	o := orbit{owner: m, fixed: times(d, power(one^f.g, order-1)), count: uint64(pointsPerWeight * m.Weight)}
	o.scale = linear(func(v uint32) uint32 { return times(v, power(o.fixed, order-1)) })
	return o
}

// has reports whether a value is one of the points.
func (o *orbit) has(value uint32) bool {
	if o.fixed == 0 { // all points are one
		return value == 0
	}
	n, ok := field.log(apply(&o.scale, value^o.fixed))
	return ok && n >= 1 && n <= o.count
}

const (
	one   = 1 << 31   // a CRC has the lowest power in the highest bit
	order = 1<<32 - 1 // of the field's group, which g generates
	half  = 1<<16 + 1 // order is half times rest
	rest  = 1<<16 - 1
)

// logs are what logarithms to the base g are looked up in: they are put together from those
// in the two groups of orders half and rest.
type logs struct {
	g      uint32
	square [4][256]uint32    // raises to the power 2^16, which is linear
	inHalf map[uint32]uint32 // logarithms of the powers of g^rest
	inRest map[uint32]uint32 // logarithms of the powers of g^half
	powers []uint32          // of g^half
}

var (
	field     logs
	fieldOnce sync.Once
)

func (f *logs) init() {
	f.g = feedZeros(one)
	f.square = linear(func(v uint32) uint32 { return power(v, 1<<16) })
	f.inHalf, f.inRest, f.powers = make(map[uint32]uint32, half), make(map[uint32]uint32, rest), make([]uint32, rest)
	v, step := uint32(one), power(f.g, rest)
	for n := range uint32(half) {
		f.inHalf[v] = n
		v = times(v, step)
	}
	v, step = one, power(f.g, half)
	for n := range uint32(rest) {
		f.inRest[v], f.powers[n] = n, v
		v = times(v, step)
	}
}

// log returns the logarithm of v to the base g; zero has none.
func (f *logs) log(v uint32) (n uint64, ok bool) {
	if v == 0 {
		return 0, false
	}
	high := apply(&f.square, v)
	norm := times(v, high) // v^half
	a := f.inRest[norm]
	// v^rest is high/v, and 1/v is high/norm.
	b := f.inHalf[times(times(high, high), f.powers[(rest-a)%rest])]
	// n is a mod rest and b mod half; rest is half less 2, and 2·32769 is 1 mod half.
	k := (uint64(a) + half - uint64(b)%half) % half * 32769 % half
	return uint64(a) + rest*k, true
}

// feedZeros feeds four zero bytes to the state of a CRC.
func feedZeros(state uint32) uint32 { return crc(state, "\x00\x00\x00\x00") }

// times multiplies in the field.
func times(a, b uint32) uint32 {
	product := uint32(0)
	for ; a != 0; a <<= 1 {
		product ^= b & -(a >> 31)
		b = b>>1 ^ crc32.IEEE&-(b&1)
	}
	return product
}

// power raises v to the power n, which is not negative.
func power(v uint32, n uint64) uint32 {
	result := uint32(one)
	for ; n > 0; n >>= 1 {
		if n&1 == 1 {
			result = times(result, v)
		}
		v = times(v, v)
	}
	return result
}

// linear is the table of a linear function, for apply.
func linear(f func(uint32) uint32) (table [4][256]uint32) {
	for i := range table {
		for bit := range 8 {
			image := f(1 << (8*i + bit))
			for v := range 256 {
				if v>>bit&1 == 1 {
					table[i][v] ^= image
				}
			}
		}
	}
	return table
}

func apply(table *[4][256]uint32, v uint32) uint32 {
	return table[0][byte(v)] ^ table[1][byte(v>>8)] ^ table[2][byte(v>>16)] ^ table[3][byte(v>>24)]
}
