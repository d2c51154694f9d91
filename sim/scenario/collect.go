package scenario

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/invopop/jsonschema"

	"stickylab/sim/format"
	"stickylab/sim/scenario/yamltree"
)

// mapping is a mapping with known keys.
type mapping struct {
	name     string                                          // of its definition in the schema, and in the reference
	what     string                                          // how problems call it
	fields   []field                                         // bound to what is read or written
	defaults func() []field                                  // bound to the defaults; nil means that there are none
	after    func(d *decoder, n *yamltree.Node, path string) // checks what single keys do not show
	block    bool                                            // it is written on several lines

	exactlyOne []string // of these keys there must be one
}

// usual are the fields bound to the defaults, nil if there are none.
func (m mapping) usual() []field {
	if m.defaults == nil {
		return nil
	}
	return m.defaults()
}

// value is the mapping as the value of a key.
func (m mapping) value() value {
	v := value{
		form: "mapping",
		what: m.what,
		read: func(d *decoder, n *yamltree.Node, path, _ string) {
			if !d.mapping(n, path, m.what, m.fields, nil) {
				d.Origin.Bad[path] = true
			} else if m.after != nil {
				m.after(d, n, path)
			}
		},
		write: func() string { return yamltree.Flow(pairsOf(m.fields, m.usual())...) },
		check: func(r *yamltree.Reporter, path, _ string) { checkFields(r, path, m.what, m.fields) },
		schema: func(s *schemas) *jsonschema.Schema {
			return s.define(m.name, func() *jsonschema.Schema { return s.object(m) })
		},
	}
	if m.block {
		v.lines = func(margin string) string {
			return "\n" + strings.TrimSuffix(linesOf(m.fields, m.usual(), margin), "\n")
		}
	}
	return v
}

// bounds are how many entries a list may have; no most means any number.
type bounds struct {
	least, most int
	noun        string // of one
	hint        string
}

// fit reports whether a list has as many entries as it may.
func (b bounds) fit(n int) *yamltree.Problem {
	if n >= b.least && (b.most == 0 || n <= b.most) {
		return nil
	}
	expected := fmt.Sprintf("%d to %s", b.least, format.Plural(b.most, b.noun))
	if b.least <= 0 {
		expected = fmt.Sprintf("at most %d", b.most)
	}
	return &yamltree.Problem{Text: format.Plural(n, b.noun), Expected: expected, Hint: b.hint}
}

// list is a list of values, each added to a slice. Start returns the i-th with its
// defaults, item binds it.
func list[T any](into *[]T, expected string, b bounds, start func(i int) T, item func(i int, one *T) value) value {
	zero := start(0)
	return value{
		form: "list",
		read: func(d *decoder, n *yamltree.Node, path, what string) {
			if n.Kind != yamltree.Sequence {
				d.wrong(n, path, what, expected, "")
				return
			}
			if wrong := b.fit(len(n.Items)); wrong != nil {
				d.refuse(n, path, what, wrong)
				return
			}
			for i, in := range n.Items {
				at := yamltree.Index(path, i)
				d.Origin.Nodes[at] = in
				if d.countStep(in) {
					one := start(len(*into))
					v := item(len(*into), &one)
					v.read(d, in, at, cmp.Or(v.what, what))
					*into = append(*into, one)
				}
			}
		},
		write: func() string {
			var out []string
			for i := range *into {
				out = append(out, item(i, &(*into)[i]).write())
			}
			return yamltree.FlowList(out)
		},
		lines: func(margin string) string {
			var out strings.Builder
			for i := range *into {
				v := item(i, &(*into)[i])
				out.WriteString("\n" + margin + "- " + v.entry(margin+"  "))
			}
			return out.String()
		},
		check: func(r *yamltree.Reporter, path, what string) {
			if wrong := b.fit(len(*into)); wrong != nil {
				r.Value(path, wrong.Text, wrong.Expected, wrong.Hint)
				return
			}
			for i := range *into {
				v := item(i, &(*into)[i])
				v.check(r, yamltree.Index(path, i), cmp.Or(v.what, what))
			}
		},
		schema: func(s *schemas) *jsonschema.Schema {
			return &jsonschema.Schema{Type: "array", Items: item(0, &zero).schema(s), MinItems: number(b.least), MaxItems: number(b.most)}
		},
	}
}

// on writes a value after its key, with what follows on lines with a margin.
func (v value) on(margin string) string {
	if v.lines != nil {
		if text := v.lines(margin); text != "" {
			return text
		}
	}
	return " " + v.write()
}

// entry writes a value as an entry of a list.
func (v value) entry(margin string) string { return strings.TrimLeft(v.on(margin), " \n") }

// oneOrMore is one word or a list of them.
func oneOrMore[T any](into *[]T, f form[T], empty string) value {
	texts := func() []string {
		var out []string
		for _, one := range *into {
			out = append(out, f.format(one))
		}
		return out
	}
	return value{
		form: f.name + ", list",
		read: func(d *decoder, n *yamltree.Node, path, what string) {
			items := []*yamltree.Node{n}
			if n.Kind == yamltree.Sequence && (len(n.Items) > 0 || empty != "") {
				items = n.Items
			}
			if len(items) == 0 {
				d.invalid(n, path, empty, f.expected, "")
			}
			for i, item := range items {
				if n.Kind == yamltree.Sequence {
					d.Origin.Nodes[yamltree.Index(path, i)] = item
				}
				var one T
				if !d.countStep(item) {
					continue
				}
				was := d.Origin.Bad[path]
				d.Origin.Bad[path] = false
				if scalar(&one, f).read(d, item, path, what); !d.Origin.Bad[path] {
					*into = append(*into, one)
				}
				d.Origin.Bad[path] = was || d.Origin.Bad[path]
			}
		},
		write: func() string {
			quoted := quoteAll(texts())
			if len(quoted) == 1 {
				return quoted[0]
			}
			return yamltree.FlowList(quoted)
		},
		check: func(r *yamltree.Reporter, path, what string) {
			for _, one := range slices.Clone(*into) {
				scalar(&one, f).check(r, path, what)
			}
		},
		take: func(x *phrase, what string) {
			for first := true; x.err == nil && (first || len(x.args) > 0 && isAddress(x.args[0].text)); first = false {
				var one T
				scalar(&one, f).take(x, what)
				*into = append(*into, one)
			}
		},
		words: texts,
		schema: func(s *schemas) *jsonschema.Schema {
			one := s.define(f.define, f.schema)
			return either(one, &jsonschema.Schema{Type: "array", Items: one, MinItems: number(1)})
		},
	}
}

func quoteAll(texts []string) []string {
	out := make([]string, len(texts))
	for i, t := range texts {
		out[i] = yamltree.Quote(t)
	}
	return out
}

// isAddress reports whether a word looks like an address rather than a name.
func isAddress(word string) bool { return strings.ContainsAny(word, "./:") }
