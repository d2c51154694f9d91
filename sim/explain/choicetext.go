package explain

import (
	"fmt"
	"stickylab/sim/format"
	"strings"
)

// choice writes the arithmetic for one address.
func (p *page) choice(c Choice) {
	which := ""
	if c.Server != nil && !p.u.single() {
		which = ordinal(c.Server.Number) + " server, "
	}
	head := fmt.Sprintf("%s -> %s%s", c.Address, which, name(c.Server))
	if wide(head) > width {
		head = strings.Replace(head, " -> ", "\n  -> ", 1)
	}
	p.line("%s", head)
	if c.Seen != c.Address {
		p.field("seen as", c.Seen.String())
	}
	switch {
	case p.u.single():
		return
	case c.Octets != nil:
		p.field("octets", octetsText(c.Octets))
		p.ipHash(c)
	case p.u.ring():
		p.key(c)
		p.points(c)
	default:
		p.key(c)
		p.hash(c)
	}
	if c.Fallback != "" {
		s := "round robin chooses, since " + c.Fallback
		if c.Server != nil {
			s += fmt.Sprintf(". The %s server this time; the next such request may get another", ordinal(c.Server.Number))
		}
		p.field("then", s)
	}
}

// field writes a labelled text, broken between words.
func (p *page) field(label, s string) {
	const indent = 11
	for _, l := range format.Wrap(s, width-indent) {
		p.line("  %-*s%s", indent-2, label, l)
		label = ""
	}
}

func (p *page) key(c Choice) {
	if c.key == "" {
		p.field("key", p.u.key.text+" is empty")
		return
	}
	s := clip(quoted(c.key), 50)
	if s != quoted(p.u.key.text) {
		s += "  from " + clip(p.u.key.text, 30)
	}
	p.field("key", s)
}

// fullSteps is how many iterations are written out; those after them take one
// line each, and repeats are counted.
const fullSteps = 2

func (p *page) ipHash(c Choice) {
	for i := 0; i < len(c.Steps); i++ {
		s := c.Steps[i]
		if i >= fullSteps || i > 0 && len(c.Octets) > 4 {
			same := repeats(c.Steps[i:])
			p.again(fmt.Sprintf("%d -> %d", s.Before, s.Hash), s, same)
			i += same - 1
			continue
		}
		label := "hash"
		if i > 0 {
			label = "again"
		}
		for _, t := range terms(s.Before, c.Octets) {
			p.line("  %-9s(%d * %d + %d) %% %d = %d", label, t.before, ipHashTimes, t.octet, ipHashPrime, t.after)
			label = ""
		}
		p.slot(s)
	}
}

func (p *page) hash(c Choice) {
	for i := 0; i < len(c.Steps); i++ {
		s := c.Steps[i]
		part := s.CRC >> 16 & 0x7fff
		if i >= fullSteps {
			p.again(fmt.Sprintf("%d + %d = %d", s.Before, part, s.Hash), s, 1)
			continue
		}
		label := "hash"
		if i > 0 {
			label = "again"
		}
		p.line("  %-9scrc32(%s) = 0x%08x", label, clip(quoted(salted(i, c.key)), 50), s.CRC)
		p.line("  %-9s(0x%08x >> 16) & 0x7fff = %d", "", s.CRC, part)
		if i > 0 {
			p.line("  %-9s%d + %d = %d", "", s.Before, part, s.Hash)
		}
		p.slot(s)
	}
}

// slot writes the division.
func (p *page) slot(s Step) {
	p.line("  %-9s%d %% %d = %d, %s", "slot", s.Hash, p.u.total, s.Slot, p.owner(s))
}

// owner says whose a slot or point is: with weights by the walk over them.
func (p *page) owner(s Step) string {
	server := &p.u.Servers[s.Server-1]
	text := ordinal(s.Server) + " server"
	if p.u.modulo() && p.u.total > len(p.u.Servers) {
		walk := s.Slot
		var b strings.Builder
		for i := range p.u.Servers {
			o := &p.u.Servers[i]
			if o.Backup {
				continue
			}
			if o == server {
				break
			}
			fmt.Fprintf(&b, " - %d", o.Weight)
			walk -= o.Weight
		}
		if b.Len() > 0 && b.Len() < 36 {
			text = fmt.Sprintf("%d%s = %d < %d: %s", s.Slot, b.String(), walk, server.Weight, text)
		}
	}
	if s.Why != "" {
		text += ", " + s.Why
	}
	return text
}

// again writes a later iteration in one line.
func (p *page) again(step string, s Step, times int) {
	text := fmt.Sprintf("%s;  %d %% %d = %d, %s server", step, s.Hash, p.u.total, s.Slot, ordinal(s.Server))
	if s.Why != "" {
		text += ", " + s.Why
	}
	if times > 1 {
		text += fmt.Sprintf("  (%d times)", times)
	}
	p.line("  %-9s%s", "again", text)
}

// repeats counts the iterations that are like the first.
func repeats(steps []Step) int {
	n := 1
	for n < len(steps) && steps[n] == steps[0] {
		n++
	}
	return n
}

// points writes the walk along the ring; points of one server in a row take
// one line.
func (p *page) points(c Choice) {
	if len(c.Steps) == 0 {
		return
	}
	p.line("  %-9scrc32 = %d", "hash", c.Steps[0].Before)
	label := "point"
	for i := 0; i < len(c.Steps); i++ {
		s, n := c.Steps[i], 1
		for i+1 < len(c.Steps) && c.Steps[i+1].Server == s.Server && c.Steps[i+1].Why == s.Why && s.Why != "" {
			i++
			n++
		}
		which := fmt.Sprintf("%d, number %d of the ring", s.Hash, s.Slot)
		if n > 1 {
			which = fmt.Sprintf("%d to %d, numbers %d to %d", s.Hash, c.Steps[i].Hash, s.Slot, c.Steps[i].Slot)
		}
		p.line("  %-9s%s, %s", label, which, p.owner(s))
		label = "next"
	}
}
