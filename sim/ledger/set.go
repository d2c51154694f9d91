package ledger

import "math/bits"

// A set of small numbers, one bit each.
type set []uint64

func (s set) has(i int32) bool {
	w := int(i >> 6)
	return w < len(s) && s[w]>>(uint(i)&63)&1 != 0
}

// put adds i, which must be within the set's size.
func (s set) put(i int32) { s[i>>6] |= 1 << (uint(i) & 63) }

// with adds i, growing the set if necessary.
func (s set) with(i int32) set {
	for int(i>>6) >= len(s) {
		s = append(s, 0)
	}
	s.put(i)
	return s
}

func (s set) drop(i int32) {
	if w := int(i >> 6); w < len(s) {
		s[w] &^= 1 << (uint(i) & 63)
	}
}

// each calls f for every member, in ascending order.
func (s set) each(f func(i int32)) {
	for w, word := range s {
		for ; word != 0; word &= word - 1 {
			f(int32(w<<6 + bits.TrailingZeros64(word)))
		}
	}
}

// lowest returns the lowest member, or -1.
func (s set) lowest() int32 {
	for w, word := range s {
		if word != 0 {
			return int32(w<<6 + bits.TrailingZeros64(word))
		}
	}
	return -1
}
