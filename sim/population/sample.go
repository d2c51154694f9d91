package population

import (
	"math/rand/v2"
	"net/netip"

	"stickylab/sim/seed"
)

// Sample is a part of the clients of a file that are simulated.
type Sample struct {
	List  []Weighted   // in the order of the file
	Total int          // clients of the file that can be simulated
	Unfit []netip.Addr // of the file, that no client can have here
}

// Sample returns at most so many of the clients, drawn with the seed: one of each span of
// equal length of the file's list, so that an address keeps its share. Addresses that fit
// refuses, or that no client can have, are left out; nil refuses none.
func (c *Clients) Sample(most int, from uint64, fit func(netip.Addr) bool) *Sample {
	s := &Sample{}
	var list []Weighted
	for _, w := range c.List {
		if !possible(w.Address) || fit != nil && !fit(w.Address) {
			s.Unfit = append(s.Unfit, w.Address)
			continue
		}
		list = append(list, w)
		s.Total += w.Clients
	}
	if s.Total <= most {
		s.List = list
		return s
	}
	random := seed.Rand(from, "population")
	at, end := 0, 0 // the address, and the number of clients up to it
	if len(list) > 0 {
		end = list[0].Clients
	}
	for i := range most {
		n := drawn(random, i*s.Total/most, (i+1)*s.Total/most)
		for n >= end {
			at++
			end += list[at].Clients
		}
		if k := len(s.List); k > 0 && s.List[k-1].Address == list[at].Address {
			s.List[k-1].Clients++
		} else {
			s.List = append(s.List, Weighted{list[at].Address, 1})
		}
	}
	return s
}

// drawn returns a number from low on, below high.
func drawn(random *rand.Rand, low, high int) int { return low + random.IntN(max(high-low, 1)) }

// possible reports whether a user can have an address: one of the machine itself is that of
// a check, or of a proxy on it.
func possible(a netip.Addr) bool {
	return a.IsValid() && !a.IsUnspecified() && !a.IsLoopback() && !a.IsMulticast() && a != netip.AddrFrom4([4]byte{255, 255, 255, 255})
}

// Clients returns how many there are.
func (s *Sample) Clients() (n int) {
	for _, w := range s.List {
		n += w.Clients
	}
	return n
}
