package swarm

import (
	"slices"
	"strings"

	"stickylab/sim/scenario/yamltree"
)

// A tree is a value of a scenario file. It is what is drawn, and what a failure is
// shrunk in.
type tree struct {
	shape shape
	text  string   // of a word or a text
	keys  []string // of a mapping, in their order
	list  []*tree  // entries of a list, or the values of the keys
}

// shape is what a tree is.
type shape int

const (
	word  shape = iota // a scalar that is written as it is: a number, true, 5s
	text               // one that is written in quotes where YAML could take it for something else
	list               // a list
	pairs              // a mapping
)

func listOf(entries ...*tree) *tree { return &tree{shape: list, list: entries} }

func (t *tree) put(key string, value *tree) {
	t.keys, t.list = append(t.keys, key), append(t.list, value)
}

// at returns the value of a key, or nil.
func (t *tree) at(key string) *tree {
	if i := slices.Index(t.keys, key); i >= 0 {
		return t.list[i]
	}
	return nil
}

// without is a copy that lacks the entries from i to j.
func (t *tree) without(i, j int) *tree {
	out := *t
	out.list = slices.Delete(slices.Clone(t.list), i, j)
	if t.shape == pairs {
		out.keys = slices.Delete(slices.Clone(t.keys), i, j)
	}
	return &out
}

// with is a copy whose i-th entry is another.
func (t *tree) with(i int, entry *tree) *tree {
	out := *t
	out.list = slices.Clone(t.list)
	out.list[i] = entry
	return &out
}

// read copies a tree from what was read from a file.
func read(n *yamltree.Node) *tree {
	switch n.Kind {
	case yamltree.Sequence:
		out := listOf()
		for _, one := range n.Items {
			out.list = append(out.list, read(one))
		}
		return out
	case yamltree.Mapping:
		out := &tree{shape: pairs}
		for _, p := range n.Pairs {
			out.put(p.Key, read(p.Value))
		}
		return out
	}
	if n.Value != nil {
		return &tree{shape: word, text: n.Text}
	}
	return &tree{shape: text, text: n.Text}
}

// String is the tree as the YAML of a file: what fits there stands on one line.
func (t *tree) String() string {
	var b strings.Builder
	t.write(&b, "")
	return b.String()
}

// widest is how long a value may be that is written on one line.
const widest = 150

func (t *tree) write(b *strings.Builder, margin string) {
	for i, one := range t.list {
		head := margin + "- "
		if t.shape == pairs {
			head = margin + yamltree.Quote(t.keys[i]) + ": "
		}
		flow := one.flow()
		simple := len(one.list) == 0 || one.list[0].list == nil || margin != ""
		switch {
		case one.shape == text:
			b.WriteString(head + yamltree.Literal(one.text, margin+"  ") + "\n")
		case simple && len(flow) < widest && !strings.Contains(flow, `\n`):
			b.WriteString(head + flow + "\n")
		case t.shape == list:
			var inner strings.Builder
			one.write(&inner, margin+"  ")
			b.WriteString(head + strings.TrimLeft(inner.String(), " "))
		default:
			b.WriteString(strings.TrimRight(head, " ") + "\n")
			one.write(b, margin+"  ")
		}
	}
}

// flow is the tree on one line.
func (t *tree) flow() string {
	var entries []string
	for i, one := range t.list {
		if t.shape == pairs {
			entries = append(entries, yamltree.Quote(t.keys[i]))
		}
		entries = append(entries, one.flow())
	}
	switch t.shape {
	case pairs:
		return yamltree.Flow(entries...)
	case list:
		return "[" + strings.Join(entries, ", ") + "]"
	case text:
		return yamltree.Quote(t.text)
	}
	return t.text
}
