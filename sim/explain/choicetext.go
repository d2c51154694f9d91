package explain

import (
	"fmt"
	"strconv"

	"stickylab/sim/format"
)

// choice writes the arithmetic for one address.
func (p *page) choice(c Choice) {
	which := ""
	if c.Server != nil && !p.u.single() {
		which = format.Ordinal(c.Server.Number) + " server, "
	}
	from, to := c.Address.String(), fmt.Sprintf(" -> %s%s", which, name(c.Server))
	if format.Width(from+to) > p.Room(0) {
		p.line("%s", from)
		from = " "
	}
	p.line("%s", from+to)
	if c.Seen != c.Address {
		p.field("seen as", c.Seen.String())
	}
	switch {
	case p.u.single():
		return
	case c.Octets != nil:
		p.field("octets", octetsText(c.Octets))
	default:
		p.key(c)
	}
	for _, r := range p.u.Arithmetic(c, nil) {
		p.line("  %-9s%s", r.Label, r.Text)
	}
	if c.Fallback != "" {
		s := "round robin chooses, since " + c.Fallback
		if c.Server != nil {
			s += fmt.Sprintf(". The %s server this time; the next such request may get another", format.Ordinal(c.Server.Number))
		}
		p.field("then", s)
	}
}

// field writes a labelled text, broken between words.
func (p *page) field(label, s string) { p.Wrap(s, format.Run{Text: fmt.Sprintf("  %-9s", label)}) }

func (p *page) key(c Choice) {
	if c.key == "" {
		p.field("key", p.u.key.text+" is empty")
		return
	}
	s := format.Clip(quoted(c.key), 50)
	if s != quoted(p.u.key.text) {
		s += "  from " + format.Clip(p.u.key.text, 30)
	}
	p.field("key", s)
}

// quoted writes a key so that its bytes can be told apart.
func quoted(key string) string { return strconv.Quote(key) }
