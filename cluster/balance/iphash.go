package balance

import "net/netip"

// The numbers of ip_hash: the state begins at IPHashStart, and for each octet it
// becomes (state * IPHashFactor + octet) % IPHashPrime.
const (
	IPHashStart  = 89
	IPHashFactor = 113
	IPHashPrime  = 6271
)

// MaxMisses is how many more tries a method that hashes or draws has after the first
// before round robin takes over.
const MaxMisses = 20

// ipHash maps the client's address to a peer: the first three octets of IPv4,
// all sixteen of IPv6.
func ipHash(a *Attempt, now int64) *member {
	if a.group.single {
		return a.fallBack(now)
	}
	if a.draws == 0 {
		a.hash = IPHashStart
	}
	var buf [16]byte
	octets := buf[:octets(a.request.Addr, &buf)]
	h := a.hash
	for ; a.misses <= MaxMisses; a.misses++ {
		h = rehash(h, octets)
		if m := a.offer(now, h, int(h)%a.group.total); m != nil {
			a.hash = h
			return m
		}
	}
	return a.fallBack(now)
}

func rehash(h uint32, octets []byte) uint32 {
	for _, o := range octets {
		h = (h*IPHashFactor + uint32(o)) % IPHashPrime
	}
	return h
}

// octets writes what ip_hash reads of addr and returns its length. An
// IPv4-mapped address is IPv6; what is no address is 0.0.0.
func octets(addr netip.Addr, buf *[16]byte) int {
	if addr.Is6() {
		*buf = addr.As16()
		return 16
	}
	if addr.Is4() {
		ip := addr.As4()
		copy(buf[:], ip[:3])
	}
	return 3
}

// Octets returns the octets of addr that ip_hash reads.
func Octets(addr netip.Addr) []byte {
	var buf [16]byte
	return buf[:octets(addr, &buf)]
}

// IPHash returns the state of ip_hash after n iterations over an address, which is
// IPHashStart for 0. The state mod the total weight is the slot of a peer.
func IPHash(addr netip.Addr, n int) uint32 {
	h, o := uint32(IPHashStart), Octets(addr)
	for range n {
		h = rehash(h, o)
	}
	return h
}
