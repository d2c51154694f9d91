package scenario

import (
	"fmt"
	"slices"
	"strconv"

	"stickylab/cluster/spell"
	"stickylab/sim/scenario/yamltree"
)

// stepFields are the keys of a step with its verb.
func (d *decoder) stepFields(s *Step) []field {
	fields := []field{{"at", true, d.duration(&s.At, "at", -1)}}
	if s.Verb == "" {
		return fields
	}
	server := d.name(&s.Node, "node", NodeName)
	who := d.text(&s.Who, string(s.Verb))
	hosts := d.pairOfHosts(&s.Hosts, string(s.Verb))
	verb := map[Verb]func(*yamltree.Node, string){
		Adapter: d.onOff(&s.Adapter),
		Kill:    server, Restart: server, Down: server, Up: server, Drain: server,
		Close: server, Freeze: server, Block: server, DisconnectSockets: server,
		Emit: d.text(&s.Room, "a room"), Count: d.text(&s.Room, "a room"),
		Slow: server, Hang: server, Refuse: server, Resume: server,
		Policy:    d.text(&s.Policy, "policy"),
		Scale:     d.scale(s),
		Reload:    d.text(&s.Nginx, "reload"),
		Partition: hosts, Heal: hosts,
		Redis:  d.choice(&s.Redis, "redis", RedisDown, RedisUp, RedisSlow),
		Delays: d.latency(&s.Latency),
		Say:    who, Connect: who, Disconnect: who, Move: who,
		Add: d.name(&s.Who, "the name of a group", GroupName),
	}
	fields = append(fields, field{string(s.Verb), true, verb[s.Verb]})
	argument := map[string]func(*yamltree.Node, string){
		"node":     server,
		"text":     d.text(&s.Text, "text"),
		"ip":       d.ip(&s.IP),
		"upstream": d.text(&s.Upstream, "upstream"),
		"by":       d.duration(&s.Delay, "by", 0),
		"for":      d.duration(&s.Delay, "for", 0),
		"from":     d.oneOrAll(&s.Node),
		"local":    d.truth(&s.Local, "local"),
		"size":     d.bytes(&s.Size, "size", 1, MaxText),
	}
	if s.Verb == Add {
		argument = d.newcomerFields(s)
	}
	for _, key := range arguments[s.Verb] {
		need := key == "ip" || key == "by" && s.Verb == Slow || key == "for" || key == "node" && s.Verb == Count
		fields = append(fields, field{key, need, argument[key]})
	}
	return fields
}

// newcomerFields are the keys of a group in a step that adds it. What is left
// out stays zero.
func (d *decoder) newcomerFields(s *Step) map[string]func(*yamltree.Node, string) {
	s.Group = &Group{Count: 1}
	out := map[string]func(*yamltree.Node, string){}
	for _, f := range d.groupFields(s.Group) {
		out[f.key] = f.read
	}
	read := out["reconnection"]
	out["reconnection"] = func(n *yamltree.Node, path string) {
		s.Group.Reconnection = NewGroup("").Reconnection
		read(n, path)
	}
	return out
}

// pairOfHosts reads the two ends of a partition.
func (d *decoder) pairOfHosts(into *[]string, what string) func(*yamltree.Node, string) {
	return func(n *yamltree.Node, path string) {
		if n.Kind != yamltree.Sequence || len(n.Items) != 2 {
			d.wrong(n, path, what, "two hosts such as [proxy, im-1]", "")
			return
		}
		for i, item := range n.Items {
			at := yamltree.Index(path, i)
			d.Origin.Nodes[at] = item
			if !d.countStep(item) || item.Kind != yamltree.Scalar || !NodeName.MatchString(item.Text) {
				d.wrong(item, path, "a host", "a node, a group, a client, proxy or redis", "")
				return
			}
			*into = append(*into, item.Text)
		}
	}
}

// scale reads a number of nodes, or one that comes or goes.
func (d *decoder) scale(s *Step) func(*yamltree.Node, string) {
	return func(n *yamltree.Node, path string) {
		const expected = "a number of nodes, {add: NODE} or {remove: NODE}"
		if n.Kind != yamltree.Mapping {
			v, err := strconv.Atoi(n.Text)
			if n.Kind != yamltree.Scalar || err != nil || v < 1 || v > MaxNodes {
				d.wrong(n, path, "scale", expected, "")
				return
			}
			s.Count = v
			return
		}
		d.mapping(n, path, "scale", d.scaleFields(s), nil)
		if (s.Added == "") == (s.Removed == "") && !d.Origin.Bad[path+".add"] && !d.Origin.Bad[path+".remove"] {
			d.invalid(n, path, "scale does not say which node comes or goes", expected, "one node in a step")
		}
		d.Origin.Bad[path] = d.Origin.Bad[path] || d.Origin.Bad[path+".add"] || d.Origin.Bad[path+".remove"]
	}
}

func (d *decoder) scaleFields(s *Step) []field {
	return []field{
		{"add", false, d.name(&s.Added, "add", NodeName)},
		{"remove", false, d.name(&s.Removed, "remove", NodeName)},
	}
}

// latency reads the links whose latency changes.
func (d *decoder) latency(into *Latency) func(*yamltree.Node, string) {
	return func(n *yamltree.Node, path string) {
		if !d.mapping(n, path, "latency", d.latencyFields(into), nil) || *into == (Latency{}) {
			if n.Kind == yamltree.Mapping && len(n.Pairs) == 0 {
				d.invalid(n, path, "no latency changes", "one of client, backend, redis", "")
			}
			d.Origin.Bad[path] = true
		}
	}
}

func (d *decoder) latencyFields(into *Latency) []field {
	var fields []field
	for _, l := range into.links() {
		fields = append(fields, field{l.name, false, func(n *yamltree.Node, path string) {
			var s Span
			if d.span(&s, l.name)(n, path); !d.Origin.Bad[path] {
				*l.span = &s
			}
		}})
	}
	return fields
}

// wholeStep checks what one key of a step alone does not show.
func (d *decoder) wholeStep(n *yamltree.Node, path string, s *Step) {
	switch {
	case s.Verb == Say && s.Text != "" && s.Size > 0:
		d.Key(path+".size", "a say has both text and size", "one of them", "a text has the size that it has")
		d.Origin.Bad[path] = true
	case s.Verb == Say && s.Size == 0 && s.Text == "", s.Verb == Emit && s.Text == "":
		s.Text = DefaultText
	case s.Verb == Add:
		s.Group.Name = s.Who
	case s.Verb == Redis && s.Redis == RedisSlow && s.Delay == 0 && !d.Origin.Bad[path+".by"]:
		d.At(n.Place, "redis: slow lacks the key \"by\"", ADuration, "")
		d.Origin.Bad[path] = true
	case s.Verb == Redis && s.Redis != RedisSlow && s.Delay > 0:
		d.Key(path+".by", fmt.Sprintf("by does not go with redis: %s", s.Redis), "", "it belongs to redis: slow")
		d.Origin.Bad[path] = true
	}
}

// verbOf is the verb of a step's keys.
func verbOf(n *yamltree.Node) Verb {
	verb := Verb("")
	for _, p := range n.Pairs {
		v := Verb(p.Key)
		if v == Add || verb == "" && slices.Contains(Verbs, v) {
			verb = v // add has arguments that are verbs elsewhere
		}
	}
	return verb
}

// kindOfClient reads what kind of client a group has.
func (d *decoder) kindOfClient(into *string) func(*yamltree.Node, string) {
	kinds := []string{Browser, Native}
	return func(n *yamltree.Node, path string) {
		if n.Kind != yamltree.Scalar || !slices.Contains(kinds, n.Text) {
			d.wrong(n, path, "kind", "browser (keeps cookies) or native (drops them)", spell.DidYouMean(n.Text, kinds))
			return
		}
		*into = n.Text
	}
}
