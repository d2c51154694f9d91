package population

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"stickylab/sim/format"
	"stickylab/sim/scenario"
)

// Groups are the clients as groups of a scenario: one of all addresses with one client each,
// and one for each larger number of clients behind an address, the largest last. Each is like
// another in all but its name, its number and its addresses.
func (s *Sample) Groups(like scenario.Group) []scenario.Group {
	by := map[int][]scenario.Range{}
	for _, w := range s.List {
		by[w.Clients] = append(by[w.Clients], scenario.Range{Prefix: netip.PrefixFrom(w.Address, w.Address.BitLen()), Shared: true})
	}
	var sizes []int
	for n := range by {
		sizes = append(sizes, n)
	}
	slices.Sort(sizes)
	var out []scenario.Group
	for _, n := range sizes {
		g := like
		g.Name, g.Count, g.IP = like.Name, n*len(by[n]), by[n]
		if n > 1 {
			g.Name = fmt.Sprintf("%s-by-%d", like.Name, n)
		}
		out = append(out, g)
	}
	return out
}

// Sentence says how many of the clients of a file there are, and how many addresses they have:
// "200 of the 12,000 clients of access.log, from 180 addresses, drawn with seed 1".
func (s *Sample) Sentence(file string, seed uint64) string {
	from := ", from " + format.Plural(len(s.List), "address")
	if n := s.Clients(); n < s.Total {
		return fmt.Sprintf("%s of the %s clients of %s%s, drawn with seed %d", format.Number(n), format.Number(s.Total), file, from, seed)
	}
	return fmt.Sprintf("the %s of %s%s", format.Plural(s.Total, "client"), file, from)
}

// Unreached says what a plan notes about the groups of users, each of whose addresses may have a
// note: the first, and how many there are; "" without any.
func Unreached(notes []string) string {
	if len(notes) == 0 {
		return ""
	}
	text := notes[0]
	if place, rest, ok := strings.Cut(text, ": "); ok && strings.HasPrefix(place, "clients.") {
		text = rest // the place is in no file
	}
	if more := len(notes) - 1; more > 0 {
		text += fmt.Sprintf(", and so for %s more", format.Plural(more, "address"))
	}
	return text
}

// LeftOut says which addresses of a file are not simulated; "" when all are.
func (s *Sample) LeftOut(file string) string {
	if len(s.Unfit) == 0 {
		return ""
	}
	return fmt.Sprintf("%s of %s cannot be a client's here, such as %s: of this machine, of a server or a proxy, or of no host", format.Plural(len(s.Unfit), "address"), file, s.Unfit[0])
}
