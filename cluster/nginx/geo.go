package nginx

import (
	"net/netip"
	"strings"

	"stickylab/cluster/nginx/syntax"
)

// network is a line of a geo block.
type network struct {
	from  netip.Prefix
	value string
}

// geo reads a geo block: the longest network that has the address gives the value
// (ngx_http_geo_block).
func (r *reader) geo(d *syntax.Directive) {
	source, arg := "$remote_addr", d.Args[0]
	if len(d.Args) == 2 {
		source, arg = d.Arg(0), d.Args[1]
		r.uses(d.Args[0])
	}
	m := &Map{Pos: d.Pos, Source: source, networks: []network{}}
	if !r.mapVariable(m, arg) {
		return
	}
	for _, line := range d.Block {
		value := line.Arg(0)
		switch {
		case line.IsBlock:
			r.Fail(BadForm, line.Pos, "", `unexpected "{"`)
		case line.Name == "include":
			r.include(line)
		case line.Name == "ranges" && len(line.Args) == 0:
			r.ranges(m, d)
			return
		case line.Name == "proxy" || line.Name == "delete" || line.Name == "proxy_recursive" || line.Name == "volatile":
			r.Note(NoEffect, "geo "+line.Name, line.Pos, "", "%q of \"geo\" has no effect here", line.Name)
		case len(line.Args) != 1:
			r.Fail(BadForm, line.Pos, "a line is a network and a value", "invalid number of the geo parameters")
		case line.Name == "default":
			m.Default = value
			for _, all := range []string{"0.0.0.0/0", "::/0"} { // as nginx has it: of two equal networks the later one counts
				m.networks = append(m.networks, network{netip.MustParsePrefix(all), value})
			}
			m.values = append(m.values, value)
		default:
			p, err := netip.ParsePrefix(line.Name)
			if a, wrong := netip.ParseAddr(line.Name); wrong == nil {
				p, err = netip.PrefixFrom(a, a.BitLen()), nil
			}
			if err != nil {
				r.Fail(BadValue, line.Pos, "it is an address or a range such as 10.0.0.0/8", "invalid network %q", line.Name)
				continue
			}
			m.networks = append(m.networks, network{p.Masked(), value})
			m.values = append(m.values, value)
		}
	}
}

// ranges reads the lines of a geo block that are ranges of addresses.
func (r *reader) ranges(m *Map, d *syntax.Directive) {
	for _, line := range d.Block {
		first, last, ok := strings.Cut(line.Name, "-")
		a, err := netip.ParseAddr(first)
		b, wrong := netip.ParseAddr(last)
		switch {
		case line.Name == "default" && len(line.Args) == 1:
			m.Default = line.Arg(0)
			m.values = append(m.values, m.Default)
		case ok && err == nil && wrong == nil && len(line.Args) == 1:
			m.ranges = append(m.ranges, addressRange{a, b, line.Arg(0)})
			m.values = append(m.values, line.Arg(0))
		case line.Name == "ranges" || line.Name == "delete" || line.Name == "include" || line.Name == "volatile":
		default:
			r.Fail(BadValue, line.Pos, "it is written as 10.0.0.1-10.0.0.9", "invalid range %q", line.Name)
		}
	}
}

// addressRange is a line of a geo block with ranges.
type addressRange struct {
	first, last netip.Addr
	value       string
}

// place finds the value of an address.
func (m *Map) place(text string) string {
	a, err := netip.ParseAddr(text)
	switch {
	case err == nil:
		a = a.Unmap()
	case len(m.ranges) > 0:
		return m.Default
	default: // what is no address is INADDR_NONE (ngx_http_geo_cidr_variable)
		a = netip.AddrFrom4([4]byte{255, 255, 255, 255})
	}
	for _, one := range m.ranges {
		if one.first.Compare(a) <= 0 && a.Compare(one.last) <= 0 {
			return one.value
		}
	}
	best, value := -1, m.Default
	for _, n := range m.networks {
		if n.from.Bits() >= best && n.from.Contains(a) {
			best, value = n.from.Bits(), n.value
		}
	}
	return value
}
