package scenario

import (
	"fmt"
	"slices"
	"strconv"
	"time"

	"stickylab/cluster/spell"
	"stickylab/sim/scenario/yamltree"
)

// clients reads the groups in the order of the file.
func (d *decoder) clients(n *yamltree.Node, path string, f *File) {
	if n.Kind != yamltree.Mapping || len(n.Pairs) == 0 {
		d.wrong(n, path, "clients", "groups by name, such as {beijing: {count: 20, ip: 203.0.113.0/24}}", "")
		return
	}
	seen := map[string]yamltree.Place{}
	for _, p := range n.Pairs {
		if d.Repeated(seen, p) {
			continue
		}
		at := yamltree.Join(path, p.Key)
		d.Origin.Nodes[at], d.Origin.Keys[at] = p.Value, p.Place
		if !GroupName.MatchString(p.Key) || len(p.Key) > LongestName {
			d.At(p.Place, fmt.Sprintf("%q can not be the name of a group", yamltree.Shorten(p.Key)), fmt.Sprintf("a letter, then letters, digits and -, up to %d", LongestName), "")
		}
		g := NewGroup(p.Key)
		if d.countStep(p.Value) && !d.mapping(p.Value, at, "a group", d.groupFields(&g), nil) {
			d.Origin.Bad[at] = true
		}
		f.Clients = append(f.Clients, g)
	}
}

func (d *decoder) groupFields(g *Group) []field {
	return []field{
		{"count", false, d.whole(&g.Count, "count", 1, MaxClients)},
		{"ip", true, d.ip(&g.IP)},
		{"connect", false, d.span(&g.Connect, "connect")},
		{"say", false, d.every(&g.Say)},
		{"room", false, d.text(&g.Room, "room")},
		{"transports", false, d.transports(&g.Transports)},
		{"kind", false, d.kindOfClient(&g.Kind)},
		{"size", false, d.bytes(&g.Size, "size", 1, MaxText)},
		{"url", false, d.text(&g.URL, "url")},
		{"headers", false, d.headers(&g.Headers)},
		{"credentials", false, d.credentials(&g.Credentials)},
		{"protocol", false, d.protocol(&g.Protocol)},
		{"reconnection", false, d.reconnection(&g.Reconnection)},
	}
}

func (d *decoder) ip(into *[]Range) func(*yamltree.Node, string) {
	return func(n *yamltree.Node, path string) {
		list := []*yamltree.Node{n}
		if n.Kind == yamltree.Sequence && len(n.Items) > 0 {
			list = n.Items
		}
		for i, item := range list {
			at := path
			if n.Kind == yamltree.Sequence {
				at = yamltree.Index(path, i)
			}
			d.Origin.Nodes[at] = item
			if item.Kind != yamltree.Scalar || !d.countStep(item) {
				d.wrong(item, path, "ip", AnIP, "")
				continue
			}
			r, problem, hint := parseRange(item.Text)
			if problem != "" {
				d.invalid(item, path, problem, AnIP, hint)
				continue
			}
			*into = append(*into, r)
		}
	}
}

// shortest is the shortest period of `say`.
const shortest = time.Millisecond

func (d *decoder) every(into *time.Duration) func(*yamltree.Node, string) {
	return func(n *yamltree.Node, path string) {
		const expected = "`every` and a duration, such as every 5s"
		period, hint, ok := time.Duration(0), "", false
		if rest, found := cutWord(n.Text, "every"); found {
			period, hint, ok = parseDuration(rest)
		} else if _, _, plain := parseDuration(n.Text); plain {
			hint = "did you mean every " + n.Text + "?"
		}
		switch {
		case n.Kind != yamltree.Scalar || !ok:
			d.wrong(n, path, "say", expected, hint)
		case period < shortest || period > MaxDuration:
			d.wrong(n, path, "say", fmt.Sprintf("a period from %s to %s", FormatDuration(shortest), FormatDuration(MaxDuration)), "")
		default:
			*into = period
		}
	}
}

func (d *decoder) transports(into *[]string) func(*yamltree.Node, string) {
	return func(n *yamltree.Node, path string) {
		const expected = "a list of polling and websocket, in the order tried"
		if n.Kind != yamltree.Sequence || len(n.Items) == 0 {
			hint := ""
			if n.Kind == yamltree.Scalar && (n.Text == Polling || n.Text == Websocket) {
				hint = "did you mean [" + n.Text + "]?"
			}
			d.wrong(n, path, "transports", expected, hint)
			return
		}
		var list []string
		for _, item := range n.Items {
			switch {
			case item.Kind != yamltree.Scalar || item.Text != Polling && item.Text != Websocket:
				d.wrong(item, path, "a transport", "polling or websocket", spell.DidYouMean(item.Text, []string{Polling, Websocket}))
				return
			case slices.Contains(list, item.Text):
				d.invalid(item, path, fmt.Sprintf("%s stands twice in transports", item.Text), expected, "")
				return
			}
			list = append(list, item.Text)
		}
		*into = list
	}
}

func (d *decoder) reconnection(into *Reconnection) func(*yamltree.Node, string) {
	return func(n *yamltree.Node, path string) {
		if n.Kind == yamltree.Scalar {
			on, err := strconv.ParseBool(n.Text)
			if err != nil {
				d.wrong(n, path, "reconnection", "true, false, or a mapping with "+yamltree.OneOf(keysOf(d.reconnectionFields(into))), "")
				return
			}
			into.Off = !on
			return
		}
		d.mapping(n, path, "reconnection", d.reconnectionFields(into), nil)
		if into.DelayMax < into.Delay && !d.Origin.Bad[path+".delay"] && !d.Origin.Bad[path+".delay_max"] {
			d.invalid(n, path, fmt.Sprintf("delay %s is above delay_max %s", FormatDuration(into.Delay), FormatDuration(into.DelayMax)), "", "")
		}
	}
}

func (d *decoder) reconnectionFields(into *Reconnection) []field {
	return []field{
		{"attempts", false, d.whole(&into.Attempts, "attempts", 1, 1_000_000)},
		{"delay", false, d.duration(&into.Delay, "delay", 0)},
		{"delay_max", false, d.duration(&into.DelayMax, "delay_max", 0)},
		{"factor", false, func(n *yamltree.Node, path string) {
			v, err := strconv.ParseFloat(n.Text, 64)
			if n.Kind != yamltree.Scalar || err != nil || !(v >= 0 && v <= 1) {
				d.wrong(n, path, "factor", "a number from 0 to 1", "")
				return
			}
			into.Factor = v
		}},
	}
}
