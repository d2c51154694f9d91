package explain

import (
	"fmt"
	"net/netip"
	"strconv"
	"strings"
)

// Line is Choose in one line of text: the server as written, "" when none is left
// or the address does not decide, and the arithmetic, or the reason why there is
// none:
//
//	ip_hash 203.0.113 : 89 -> (89*113+203)%6271 = 3989 -> ... = 2592;  2592 % 2 = 0 -> first server
func (u *Upstream) Line(addr netip.Addr) (peer, arithmetic string) {
	if ok, why := u.decides(); !ok {
		return "", u.Method() + " : an address decides nothing, " + why
	}
	c := u.Choose(addr)
	if c.Server != nil {
		peer = c.Server.Name
	}
	var b strings.Builder
	switch {
	case u.single():
		b.WriteString("the only server of the upstream, no method is asked")
	case c.Octets != nil:
		fmt.Fprintf(&b, "ip_hash %s : %d", octetsText(c.Octets), ipHashStart)
		u.hashLine(&b, c)
	case u.ring():
		fmt.Fprintf(&b, "hash %s consistent : crc32 = %d", quoted(c.key), checksum(c))
		u.ringLine(&b, c)
	default:
		fmt.Fprintf(&b, "hash %s : 0", quoted(c.key))
		u.hashLine(&b, c)
	}
	if c.Fallback != "" {
		fmt.Fprintf(&b, ";  %s -> round robin", c.Fallback)
		if c.Server != nil {
			fmt.Fprintf(&b, " -> %s server this time", ordinal(c.Server.Number))
		}
	}
	if c.Server == nil {
		b.WriteString(" -> no live upstreams, 502")
	}
	return peer, b.String()
}

// lineSteps is how many iterations stand in a line; what follows is skipped up
// to the last.
const lineSteps = 3

func (u *Upstream) hashLine(b *strings.Builder, c Choice) {
	for i, s := range c.Steps {
		if i >= lineSteps && i < len(c.Steps)-1 {
			if i == lineSteps {
				b.WriteString(";  ...")
			}
			continue
		}
		if i > 0 {
			fmt.Fprintf(b, ";  %d", s.Before)
		}
		if c.Octets != nil {
			for _, t := range terms(s.Before, c.Octets) {
				fmt.Fprintf(b, " -> (%d*%d+%d)%%%d = %d", t.before, ipHashTimes, t.octet, ipHashPrime, t.after)
			}
		} else {
			fmt.Fprintf(b, " + ((crc32(%s) >> 16) & 0x7fff) = %d", quoted(salted(i, c.key)), s.Hash)
		}
		fmt.Fprintf(b, ";  %d %% %d = %d -> %s server", s.Hash, u.total, s.Slot, ordinal(s.Server))
		if s.Why != "" {
			b.WriteString(", " + s.Why)
		}
	}
}

func (u *Upstream) ringLine(b *strings.Builder, c Choice) {
	for i, s := range c.Steps {
		if i >= lineSteps && i < len(c.Steps)-1 {
			if i == lineSteps {
				b.WriteString(" -> ...")
			}
			continue
		}
		fmt.Fprintf(b, " -> point %d of %s server", s.Hash, ordinal(s.Server))
		if s.Why != "" {
			b.WriteString(", " + s.Why)
		}
	}
}

// term is what ip_hash does with one octet.
type term struct {
	before, after uint32
	octet         int
}

// terms are the multiplications of one iteration of ip_hash.
func terms(h uint32, octets []int) []term {
	list := make([]term, len(octets))
	for i, o := range octets {
		after := (h*ipHashTimes + uint32(o)) % ipHashPrime
		list[i] = term{h, after, o}
		h = after
	}
	return list
}

func checksum(c Choice) uint32 {
	if len(c.Steps) == 0 {
		return 0
	}
	return c.Steps[0].Before
}

// quoted writes a key so that its bytes can be told apart.
func quoted(key string) string { return strconv.Quote(key) }
