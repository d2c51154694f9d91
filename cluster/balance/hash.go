package balance

import (
	"hash/crc32"
	"strconv"
)

// hash maps a key to a peer by its CRC-32, each next try with the number of
// the try in front of the key.
func hash(a *Attempt, now int64) *member {
	if a.group.single || a.request.Key == "" {
		return a.fallBack(now)
	}
	for ; a.misses <= MaxMisses; a.misses++ {
		state := ^uint32(0)
		if a.draws > 0 {
			var buf [10]byte
			state = crc(state, strconv.AppendUint(buf[:0], uint64(a.draws), 10))
		}
		a.hash += ^crc(state, a.request.Key) >> 16 & 0x7fff
		if m := a.offer(now, a.hash, int(a.hash%uint32(a.group.total))); m != nil {
			return m
		}
	}
	return a.fallBack(now)
}

// crc feeds a text to a CRC-32 state. Unlike crc32.Update it allocates nothing for
// a string.
func crc[T string | []byte](state uint32, text T) uint32 {
	for i := range len(text) {
		state = crc32.IEEETable[byte(state)^text[i]] ^ state>>8
	}
	return state
}
