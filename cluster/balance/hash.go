package balance

import (
	"hash/crc32"
	"strconv"
)

// hash maps a key to a peer by its CRC-32, each next try with the number of
// the try in front of the key.
type hash struct{}

var _ selector = hash{}

func (hash) start(*Attempt) {}

func (hash) choose(a *Attempt, now int64) *member {
	g := a.group
	if a.n > MaxMisses || g.single || a.key == "" {
		return a.fallBack(now)
	}
	for {
		state := ^uint32(0)
		if a.k > 0 {
			var buf [10]byte
			for _, c := range strconv.AppendUint(buf[:0], uint64(a.k), 10) {
				state = step(state, c)
			}
		}
		for i := 0; i < len(a.key); i++ {
			state = step(state, a.key[i])
		}
		a.hash += ^state >> 16 & 0x7fff
		a.k++
		slot := int(a.hash % uint32(g.total))
		m := g.at(slot)
		a.note(m, now, a.hash, slot)
		if a.free(m, now) {
			return m
		}
		if a.n++; a.n > MaxMisses {
			return a.fallBack(now)
		}
	}
}

// step feeds one byte to a CRC-32 state; without slices nothing escapes.
func step(state uint32, c byte) uint32 {
	return crc32.IEEETable[byte(state)^c] ^ state>>8
}

// checksum is the CRC-32 (IEEE) of s.
func checksum(s string) uint32 {
	state := ^uint32(0)
	for i := 0; i < len(s); i++ {
		state = step(state, s[i])
	}
	return ^state
}
