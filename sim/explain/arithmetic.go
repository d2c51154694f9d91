package explain

import (
	"fmt"
	"strconv"
	"strings"

	"stickylab/cluster/balance"
	"stickylab/sim/format"
)

// Row is a line of the arithmetic behind a choice.
type Row struct {
	Label string // "hash", "again", "slot", "point", "next"; "" for more of the row above
	Text  string
}

// Arithmetic returns the steps of a choice as they are shown; nothing when the
// method does not look at the client. note returns what follows a server in the
// text, such as why it was passed over; nil stands for Step.Why.
func (u *Upstream) Arithmetic(c Choice, note func(Step) string) []Row {
	if note == nil {
		note = whyNot
	}
	a := &arithmetic{u: u, c: c, note: note}
	switch {
	case u.single() || len(c.Steps) == 0:
	case c.Octets != nil:
		a.ipHash()
	case u.ring():
		a.points()
	default:
		a.hash()
	}
	return a.rows
}

type arithmetic struct {
	u    *Upstream
	c    Choice
	note func(Step) string
	rows []Row
}

func (a *arithmetic) row(label, format string, args ...any) {
	a.rows = append(a.rows, Row{label, fmt.Sprintf(format, args...)})
}

// whyNot says why a server was passed over.
func whyNot(s Step) string {
	if s.Why == "" {
		return ""
	}
	return ", " + string(s.Why)
}

// fullSteps is how many iterations are written out; those after them take one
// row each, and repeats are counted.
const fullSteps = 2

func (a *arithmetic) ipHash() {
	for i := 0; i < len(a.c.Steps); i++ {
		s := a.c.Steps[i]
		if i >= fullSteps || i > 0 && len(a.c.Octets) > 4 {
			same := repeats(a.c.Steps[i:])
			a.again(fmt.Sprintf("%d -> %d", s.Before, s.Hash), s, same)
			i += same - 1
			continue
		}
		label := stepLabel(i)
		before := s.Before
		for _, o := range a.c.Octets {
			after := (before*balance.IPHashFactor + uint32(o)) % balance.IPHashPrime
			a.row(label, "(%d * %d + %d) %% %d = %d", before, balance.IPHashFactor, o, balance.IPHashPrime, after)
			before, label = after, ""
		}
		a.slot(s)
	}
}

func (a *arithmetic) hash() {
	for i, s := range a.c.Steps {
		part := s.CRC >> 16 & 0x7fff
		if i >= fullSteps {
			a.again(fmt.Sprintf("%d + %d = %d", s.Before, part, s.Hash), s, 1)
			continue
		}
		a.row(stepLabel(i), "crc32(%s) = 0x%08x", format.Clip(quoted(salted(i, a.c.key)), 50), s.CRC)
		a.row("", "(0x%08x >> 16) & 0x7fff = %d", s.CRC, part)
		if i > 0 {
			a.row("", "%d + %d = %d", s.Before, part, s.Hash)
		}
		a.slot(s)
	}
}

func stepLabel(i int) string {
	if i == 0 {
		return "hash"
	}
	return "again"
}

// slot writes the division.
func (a *arithmetic) slot(s Step) {
	a.row("slot", "%d %% %d = %d, %s", s.Hash, a.u.total, s.Slot, a.owner(s))
}

// again writes a later iteration in one row.
func (a *arithmetic) again(step string, s Step, times int) {
	text := fmt.Sprintf("%s;  %d %% %d = %d, %s server%s", step, s.Hash, a.u.total, s.Slot, format.Ordinal(s.Server), a.note(s))
	if times > 1 {
		text += fmt.Sprintf("  (%d times)", times)
	}
	a.row("again", "%s", text)
}

// points writes the walk along the ring; points of one server in a row take one
// row.
func (a *arithmetic) points() {
	steps := a.c.Steps
	a.row("hash", "crc32 = %d", steps[0].Before)
	label := "point"
	for i := 0; i < len(steps); i++ {
		s, n := steps[i], 1
		for i+1 < len(steps) && steps[i+1].Server == s.Server && steps[i+1].Why == s.Why && s.Why != "" {
			i++
			n++
		}
		which := fmt.Sprintf("%d, number %d of the ring", s.Hash, s.Slot)
		switch {
		case s.Slot < 0 && n > 1:
			which = fmt.Sprintf("%d to %d", s.Hash, steps[i].Hash)
		case s.Slot < 0:
			which = strconv.Itoa(int(s.Hash))
		case n > 1:
			which = fmt.Sprintf("%d to %d, numbers %d to %d", s.Hash, steps[i].Hash, s.Slot, steps[i].Slot)
		}
		a.row(label, "%s, %s", which, a.owner(s))
		label = "next"
	}
}

// owner names the server of a slot or point: with weights by the walk over them.
func (a *arithmetic) owner(s Step) string {
	u := a.u
	server := &u.Servers[s.Server-1]
	text := format.Ordinal(s.Server) + " server"
	if u.modulo() && u.total > len(u.Servers) {
		walk := s.Slot
		var b strings.Builder
		for i := range u.Servers {
			o := &u.Servers[i]
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
	return text + a.note(s)
}

// repeats counts the iterations that are like the first.
func repeats(steps []Step) int {
	n := 1
	for n < len(steps) && steps[n] == steps[0] {
		n++
	}
	return n
}
