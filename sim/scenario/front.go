package scenario

import (
	"fmt"
	"net/netip"
	"strconv"

	"stickylab/sim/scenario/yamltree"
)

// fronts reads the proxy in front of the proxy, or several in a row.
func (d *decoder) fronts(n *yamltree.Node, path string, f *File) {
	read := func(n *yamltree.Node, path string) {
		one := NewFront(len(f.Fronts), netip.Addr{})
		if !d.mapping(n, path, "front", d.frontFields(&one), nil) {
			d.Origin.Bad["front"] = true
		}
		f.Fronts = append(f.Fronts, one)
	}
	switch {
	case n.Kind != yamltree.Sequence:
		read(n, path)
	case len(n.Items) == 0 || len(n.Items) > MaxFronts:
		d.invalid(n, path, fmt.Sprintf("%d fronts", len(n.Items)), fmt.Sprintf("1 to %d fronts", MaxFronts), "")
	default:
		d.each("front", "", read)(n, path)
	}
}

func (d *decoder) frontFields(into *Front) []field {
	return []field{
		{"name", false, d.name(&into.Name, "name", NodeName)},
		{"ip", true, d.frontAddress(&into.IP)},
		{"nginx", false, d.text(&into.Nginx, "nginx")},
		{"latency", false, d.span(&into.Latency, "latency")},
		{"proxy_protocol", false, func(n *yamltree.Node, path string) {
			on, err := strconv.ParseBool(n.Text)
			if n.Kind != yamltree.Scalar || err != nil {
				d.wrong(n, path, "proxy_protocol", "true or false", "")
				return
			}
			into.ProxyProtocol = on
		}},
	}
}

func (d *decoder) frontAddress(into *netip.Addr) func(*yamltree.Node, string) {
	return func(n *yamltree.Node, path string) {
		a, err := netip.ParseAddr(n.Text)
		if n.Kind != yamltree.Scalar || err != nil || a.Zone() != "" || a.Is4In6() || strange(a) != "" {
			d.wrong(n, path, "ip", "an address such as 198.51.100.10", "")
			return
		}
		*into = a
	}
}
