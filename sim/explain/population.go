package explain

import (
	"encoding/binary"
	"fmt"
	"net/netip"
	"slices"
	"strconv"

	"stickylab/sim/format"
	"stickylab/sim/population"
	"stickylab/sim/seed"
)

// sampleSize is how many addresses stand for a range that has more.
const sampleSize = 1 << 16

// Population is the addresses of many clients.
type Population struct {
	Label     string // "203.0.113.0/24", or the name of a group
	Of        string // where the addresses of a group come from; "" for a range
	Addresses []netip.Addr

	// Total is the size of the range, or the number of clients, in words; "" when
	// Addresses holds all.
	Total string
	Seed  uint64 // of the sample

	Notes []string // what is to be known of where it comes from, in sentences
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

// mostClients is how many clients of a file are placed one by one.
const mostClients = 1 << 18

// Clients returns the clients of a file that label names: each address as often as it has
// clients, or 65,536 drawn by their numbers with the seed when there are more than 262,144.
func Clients(label string, file *population.Clients, from uint64) Population {
	total := file.Total()
	c := Population{Label: label, Of: format.Plural(len(file.List), "address"), Notes: notesOf(file)}
	if total <= mostClients {
		for _, w := range file.List {
			for range w.Clients {
				c.Addresses = append(c.Addresses, w.Address)
			}
		}
		return c
	}
	c.Total, c.Seed = format.Number(total), from
	ends := make([]int, len(file.List)) // the numbers of clients up to each address
	sum := 0
	for i, w := range file.List {
		sum += w.Clients
		ends[i] = sum
	}
	random := seed.Rand(from, "explain/"+label)
	c.Addresses = make([]netip.Addr, sampleSize)
	for i := range c.Addresses {
		k, _ := slices.BinarySearch(ends, 1+random.IntN(total))
		c.Addresses[i] = file.List[k].Address
	}
	return c
}

// notesOf says how clients were counted, and what was not.
func notesOf(file *population.Clients) []string {
	var notes []string
	switch {
	case file.Form == population.List:
	case file.Handshakes:
		notes = append(notes, "Each handshake of Socket.IO in the log is one client.")
	default:
		notes = append(notes, "The log has no handshake of Socket.IO, so each of its addresses is one client, however many share it.")
	}
	if file.Others > 0 {
		notes = append(notes, fmt.Sprintf("No address of a client is in %s of the log; the first is line %d.", format.Plural(file.Others, "line"), file.FirstOther))
	}
	return notes
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
