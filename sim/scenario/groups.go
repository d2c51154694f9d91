package scenario

import (
	"fmt"
	"slices"
	"strconv"
	"time"

	"stickylab/cluster/spell"
)

// clients reads the groups in the order of the file.
func (d *decoder) clients(n *node, path string, f *File) {
	if n.kind != mapping || len(n.pairs) == 0 {
		d.wrong(n, path, "clients", "groups by name, such as {beijing: {count: 20, ip: 203.0.113.0/24}}", "")
		return
	}
	seen := map[string]place{}
	for _, p := range n.pairs {
		if d.repeated(seen, p) {
			continue
		}
		at := join(path, p.key)
		d.origin.nodes[at], d.origin.keys[at] = p.value, p.place
		if !groupName.MatchString(p.key) || len(p.key) > longestName {
			d.at(p.place, fmt.Sprintf("%q can not be the name of a group", shorten(p.key)), fmt.Sprintf("a letter, then letters, digits and -, up to %d", longestName), "")
		}
		g := NewGroup(p.key)
		if d.countStep(p.value) && !d.mapping(p.value, at, "a group", d.groupFields(&g), nil) {
			d.origin.bad[at] = true
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

func (d *decoder) ip(into *[]Range) func(*node, string) {
	return func(n *node, path string) {
		list := []*node{n}
		if n.kind == sequence && len(n.items) > 0 {
			list = n.items
		}
		for i, item := range list {
			at := path
			if n.kind == sequence {
				at = index(path, i)
			}
			d.origin.nodes[at] = item
			if item.kind != scalar || !d.countStep(item) {
				d.wrong(item, path, "ip", anIP, "")
				continue
			}
			r, problem, hint := parseRange(item.text)
			if problem != "" {
				d.invalid(item, path, problem, anIP, hint)
				continue
			}
			*into = append(*into, r)
		}
	}
}

// shortest is the shortest period of `say`.
const shortest = time.Millisecond

func (d *decoder) every(into *time.Duration) func(*node, string) {
	return func(n *node, path string) {
		const expected = "`every` and a duration, such as every 5s"
		period, hint, ok := time.Duration(0), "", false
		if rest, found := cutWord(n.text, "every"); found {
			period, hint, ok = parseDuration(rest)
		} else if _, _, plain := parseDuration(n.text); plain {
			hint = "did you mean every " + n.text + "?"
		}
		switch {
		case n.kind != scalar || !ok:
			d.wrong(n, path, "say", expected, hint)
		case period < shortest || period > MaxDuration:
			d.wrong(n, path, "say", fmt.Sprintf("a period from %s to %s", formatDuration(shortest), formatDuration(MaxDuration)), "")
		default:
			*into = period
		}
	}
}

func (d *decoder) transports(into *[]string) func(*node, string) {
	return func(n *node, path string) {
		const expected = "a list of polling and websocket, in the order tried"
		if n.kind != sequence || len(n.items) == 0 {
			hint := ""
			if n.kind == scalar && (n.text == Polling || n.text == Websocket) {
				hint = "did you mean [" + n.text + "]?"
			}
			d.wrong(n, path, "transports", expected, hint)
			return
		}
		var list []string
		for _, item := range n.items {
			switch {
			case item.kind != scalar || item.text != Polling && item.text != Websocket:
				d.wrong(item, path, "a transport", "polling or websocket", spell.DidYouMean(item.text, []string{Polling, Websocket}))
				return
			case slices.Contains(list, item.text):
				d.invalid(item, path, fmt.Sprintf("%s stands twice in transports", item.text), expected, "")
				return
			}
			list = append(list, item.text)
		}
		*into = list
	}
}

func (d *decoder) reconnection(into *Reconnection) func(*node, string) {
	return func(n *node, path string) {
		if n.kind == scalar {
			on, err := strconv.ParseBool(n.text)
			if err != nil {
				d.wrong(n, path, "reconnection", "true, false, or a mapping with "+oneOf(keysOf(d.reconnectionFields(into))), "")
				return
			}
			into.Off = !on
			return
		}
		d.mapping(n, path, "reconnection", d.reconnectionFields(into), nil)
		if into.DelayMax < into.Delay && !d.origin.bad[path+".delay"] && !d.origin.bad[path+".delay_max"] {
			d.invalid(n, path, fmt.Sprintf("delay %s is above delay_max %s", formatDuration(into.Delay), formatDuration(into.DelayMax)), "", "")
		}
	}
}

func (d *decoder) reconnectionFields(into *Reconnection) []field {
	return []field{
		{"attempts", false, d.whole(&into.Attempts, "attempts", 1, 1_000_000)},
		{"delay", false, d.duration(&into.Delay, "delay", 0)},
		{"delay_max", false, d.duration(&into.DelayMax, "delay_max", 0)},
		{"factor", false, func(n *node, path string) {
			v, err := strconv.ParseFloat(n.text, 64)
			if n.kind != scalar || err != nil || !(v >= 0 && v <= 1) {
				d.wrong(n, path, "factor", "a number from 0 to 1", "")
				return
			}
			into.Factor = v
		}},
	}
}
