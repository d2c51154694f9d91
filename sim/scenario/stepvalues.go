package scenario

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/invopop/jsonschema"

	"stickylab/cluster/adapter"
	"stickylab/cluster/nginx"
	"stickylab/cluster/spell"
	"stickylab/sim/scenario/yamltree"
)

// adapterStates are the words for the state of the adapter. YAML of old took on and off
// for booleans.
var adapterStates = func() map[string]string {
	states := map[string]string{"on": AdapterRedis, "true": AdapterRedis, "off": AdapterNone, "false": AdapterNone}
	for _, name := range adapter.Names() {
		states[name] = name
	}
	return states
}()

// adapterNames are the kinds of adapter, "none" after those that are one.
func adapterNames() []string {
	return append(slices.DeleteFunc(adapter.Names(), func(n string) bool { return n == AdapterNone }), AdapterNone)
}

// adapterState is the state of the adapter.
func adapterState(into *string) value {
	names := adapterNames()
	words := append(slices.Clone(names), "on", "off")
	return scalar(into, form[string]{
		name: strings.Join(names, ", "), expected: yamltree.OneOf(words), format: same,
		parse: func(t string) (string, *yamltree.Problem) {
			state, ok := adapterStates[strings.ToLower(t)]
			if !ok {
				return "", unfit("", spell.DidYouMean(t, words))
			}
			return state, nil
		},
		schema: func() *jsonschema.Schema {
			list := []any{}
			for _, w := range words {
				list = append(list, w)
			}
			return oneOf(append(list, true, false))
		},
	}).offering(names...)
}

// method is a balancing method, which may have several words; an upstream may follow
// them.
func method(s *Step) value {
	v := text(&s.Policy)
	v.take = func(x *phrase, what string) {
		if x.completing {
			before := x.args
			x.args = nil
			x.more(func() []string { return methodsAfter(before, x.Upstreams) })
			x.fail("the line ends", "")
			return
		}
		if len(x.args) == 0 {
			x.next(what)
			return
		}
		last, front := x.args[len(x.args)-1], ""
		if len(x.args) > 1 {
			front = strings.TrimSpace(x.line[x.args[0].at:last.at])
		}
		all := x.rest()
		_, err := nginx.ParseMethod(all)
		if err == nil {
			s.Policy = all
			return
		}
		if _, cut := nginx.ParseMethod(front); front != "" && cut == nil {
			s.Policy, s.Upstream = front, last.text
			x.lookUp(RefUpstream, last.text)
			return
		}
		x.fail(MethodProblem(all, err))
	}
	v.words = func() []string { return someWords(s.Policy) }
	return v
}

// methodsAfter continues a balancing method word by word.
func methodsAfter(before []spoken, upstreams []string) []string {
	var out []string
	whole := false
	for _, m := range Methods {
		words := strings.Fields(m)
		n := len(before)
		switch {
		case len(words) < n || !slices.EqualFunc(before, words[:n], func(b spoken, w string) bool { return b.text == w }):
		case len(words) > n:
			out = append(out, words[n])
		default:
			whole = true
		}
	}
	if whole {
		out = append(out, upstreams...)
	}
	return out
}

// hostPair is the two ends of a partition.
func hostPair(into *[]string) value {
	return value{
		form: "list of two hosts", ref: RefHost,
		names: func() []string { return *into },
		read: func(d *decoder, n *yamltree.Node, path, what string) {
			if n.Kind != yamltree.Sequence || len(n.Items) != 2 {
				d.wrong(n, path, what, "two hosts such as [proxy, im-1]", "")
				return
			}
			for i, item := range n.Items {
				d.Origin.Nodes[yamltree.Index(path, i)] = item
				if !d.countStep(item) || item.Kind != yamltree.Scalar || !hostName.MatchString(item.Text) {
					d.wrong(item, path, "a host", "a node, a group, a client, proxy or redis", "")
					return
				}
				*into = append(*into, item.Text)
			}
		},
		write: func() string { return "[" + strings.Join(quoteAll(*into), ", ") + "]" },
		check: func(r *yamltree.Reporter, path, _ string) {
			if len(*into) != 2 {
				r.Value(path, "a partition is between two hosts", "two hosts such as [proxy, im-1]", "")
			}
		},
		take: func(x *phrase, _ string) {
			for len(*into) < 2 && x.err == nil {
				host := x.next("two hosts")
				if x.err == nil {
					x.lookUp(RefHost, host)
				}
				*into = append(*into, host)
			}
		},
		words: func() []string { return *into },
		offer: func(x *phrase) []string { return x.known(RefHost) },
		schema: func(s *schemas) *jsonschema.Schema {
			return &jsonschema.Schema{Type: "array", Items: s.define(textForm.define, textForm.schema), MinItems: number(2), MaxItems: number(2)}
		},
	}
}

// scale is a number of nodes, or one that comes or goes.
func scale(s *Step) value {
	const expected = "a number of nodes, {add: NODE} or {remove: NODE}"
	fields := []field{
		{key: "add", value: name(&s.Added, hostName), doc: "The node that comes."},
		{key: "remove", value: name(&s.Removed, hostName), doc: "The node that goes."},
	}
	m := mapping{name: "scale", what: "scale", fields: fields, exactlyOne: []string{"add", "remove"}, after: func(d *decoder, n *yamltree.Node, path string) {
		if (s.Added == "") == (s.Removed == "") && !d.bad(path+".add", path+".remove") {
			d.invalid(n, path, "scale does not say which node comes or goes", expected, "one node in a step")
		}
		d.Origin.Bad[path] = d.bad(path, path+".add", path+".remove")
	}}
	number := integerForm(1, MaxNodes)
	number.expected = expected
	count := scalar(&s.Count, number)
	byName := func() bool { return s.Added != "" || s.Removed != "" }
	return value{
		form: "number, mapping",
		read: func(d *decoder, n *yamltree.Node, path, what string) {
			if n.Kind == yamltree.Mapping {
				m.value().read(d, n, path, what)
				return
			}
			count.read(d, n, path, what)
		},
		write: func() string {
			if byName() {
				return yamltree.Flow(pairsOf(fields, nil)...)
			}
			return count.write()
		},
		check: func(r *yamltree.Reporter, path, what string) {
			if !byName() {
				count.check(r, path, what)
			}
		},
		take: func(x *phrase, what string) {
			switch w := x.next(what); {
			case x.err != nil:
			case w == "add":
				x.inner(name(&s.Added, hostName), "a node")
			case w == "remove":
				x.inner(node(&s.Removed), "a node")
			default:
				v, err := strconv.Atoi(w)
				if s.Count = v; err != nil || v < 1 || v > MaxNodes {
					x.fail(cannotBe("scale", w), cmp.Or(spell.DidYouMean(w, []string{"add", "remove"}), fmt.Sprintf("a number from 1 to %d, add NODE or remove NODE", MaxNodes)))
				}
			}
		},
		words: func() []string {
			switch {
			case s.Added != "":
				return []string{"add", s.Added}
			case s.Removed != "":
				return []string{"remove", s.Removed}
			}
			return []string{strconv.Itoa(s.Count)}
		},
		offer: func(*phrase) []string { return []string{"add", "remove"} },
		schema: func(sc *schemas) *jsonschema.Schema {
			return either(count.schema(sc), m.value().schema(sc))
		},
	}
}

// latency are the links whose latency changes.
func latency(into *Latency) value {
	m := into.mapping()
	v := m.value()
	v.form = "mapping"
	read := v.read
	v.read = func(d *decoder, n *yamltree.Node, path, what string) {
		if read(d, n, path, what); *into == (Latency{}) {
			if n.Kind == yamltree.Mapping && len(n.Pairs) == 0 {
				d.invalid(n, path, "no latency changes", "one of client, backend, redis", "")
			}
			d.Origin.Bad[path] = true
		}
	}
	v.check = func(r *yamltree.Reporter, path, _ string) {
		if *into == (Latency{}) {
			r.Value(path, "no latency changes", "one of client, backend, redis", "")
		}
	}
	v.take = func(x *phrase, _ string) {
		links := keysOf(m.fields)
		var seen []string
		left := func() []string { return without(links, seen) }
		for first := true; x.err == nil && (first || len(x.args) > 0); first = false {
			var link string
			choice(&link, links...).take(x, yamltree.OneOf(links))
			if x.err != nil {
				break
			}
			if slices.Contains(seen, link) {
				x.fail(link+" appears twice", "")
			}
			seen = append(seen, link)
			f, _ := fieldNamed(m.fields, link)
			x.key = link
			x.inner(f.value, "a latency")
		}
		x.more(left)
	}
	v.words = func() []string {
		var out []string
		for _, f := range m.fields {
			if text := f.value.write(); text != "" {
				out = append(out, f.key, text)
			}
		}
		return out
	}
	v.offer = func(*phrase) []string { return keysOf(m.fields) }
	return v
}

func (l *Latency) mapping() mapping {
	return mapping{name: "latency", what: "latency", defaults: (&Latency{}).fields, fields: l.fields()}
}

func (l *Latency) fields() []field {
	return []field{
		{key: "client", value: spanOrNone(&l.Client), doc: "Between client and proxy."},
		{key: "backend", value: spanOrNone(&l.Backend), doc: "Between proxy and node."},
		{key: "redis", value: spanOrNone(&l.Redis), doc: "Between node and Redis."},
	}
}

// newcomer is the name of a group that may be new.
func newcomer(into *string) value {
	v := name(into, groupName).as("the name of a group")
	read := v.read
	v.read = func(d *decoder, n *yamltree.Node, path, what string) {
		read(d, n, path, what)
		if wrong := CheckGroupName(*into); wrong != nil && !d.bad(path) {
			d.refuse(n, path, what, wrong)
		}
	}
	v.take = func(x *phrase, what string) {
		*into = x.next(what)
		if wrong := CheckGroupName(*into); x.err == nil && wrong != nil {
			x.refuse(wrong)
		}
		x.who = *into
	}
	v.offer = func(x *phrase) []string { return x.Groups.Names() }
	return v
}

// all stands for every node, or every client.
const all = "all"

// reserved are the words that stand for something in steps.
var reserved = map[string]string{
	all: "every node, or every client", "proxy": "the proxy", "redis": "Redis",
}

// Hosts are the hosts of the simulation that every scenario has.
var Hosts = []string{"proxy", "redis"}

// Reserved says why a name cannot be that of a host of a file; nil when it can.
func Reserved(name, kind string) *yamltree.Problem {
	meaning, taken := reserved[name]
	if !taken {
		return nil
	}
	return &yamltree.Problem{Text: fmt.Sprintf("%q cannot be the name of %s", name, kind), Expected: "another name", Hint: fmt.Sprintf("in steps it stands for %s", meaning)}
}

// orAll is a name, or all, which is "".
func orAll(into *string, v value) value {
	read, take, write := v.read, v.take, v.write
	none := func() {
		if *into == all {
			*into = ""
		}
	}
	v.read = func(d *decoder, n *yamltree.Node, path, what string) { read(d, n, path, what); none() }
	v.take = func(x *phrase, what string) {
		if len(x.args) > 0 && x.args[0].text == all {
			x.args = x.args[1:]
			return
		}
		x.also = []string{all}
		take(x, what)
	}
	v.words = func() []string { return []string{cmp.Or(*into, all)} }
	v.write = func() string { return cmp.Or(write(), all) }
	check := v.check
	v.check = func(r *yamltree.Reporter, path, what string) {
		if *into != "" {
			check(r, path, what)
		}
	}
	offer := v.offer
	v.offer = func(x *phrase) []string { return append([]string{all}, offer(x)...) }
	return v
}

// word is a truth that is one word, which is there or not.
func word(into *bool, word string) value {
	v := truth(into)
	write := v.write
	v.write = func() string {
		if !*into {
			return ""
		}
		return write()
	}
	v.take = func(*phrase, string) { *into = true }
	v.words = func() []string {
		if !*into {
			return nil
		}
		return []string{word}
	}
	return v
}

// rest is a text that takes the rest of the line, and may be in quotes.
func rest(into *string) value {
	v := text(into)
	v.take = func(x *phrase, _ string) {
		t := x.rest()
		if plain, err := strconv.Unquote(t); err == nil && t[0] == '"' && strings.TrimSpace(plain) != "" {
			t = plain
		}
		*into = t
	}
	v.words = func() []string { return []string{strconv.Quote(*into)} }
	v.offer = nil
	return v
}

// sayText is a text, or in words the number of its bytes.
func sayText(s *Step) value {
	v := rest(&s.Text)
	take, words := v.take, v.words
	v.take = func(x *phrase, what string) {
		if len(x.args) == 2 && x.args[0].text == "size" && x.line[x.args[0].at] != '"' {
			x.args = x.args[1:]
			size(&s.Size, MaxText).take(x, "a number of bytes")
			return
		}
		take(x, what)
	}
	v.words = func() []string {
		if s.Size > 0 {
			return []string{"size", FormatBytes(s.Size)}
		}
		return words()
	}
	v.offer = func(*phrase) []string { return []string{"size"} }
	return v
}
