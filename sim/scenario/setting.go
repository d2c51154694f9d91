package scenario

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"stickylab/cluster/spell"
	"stickylab/sim/format"
	"stickylab/sim/scenario/yamltree"
)

// Setting is a value that takes the place of one in a scenario file.
type Setting struct {
	Key   string // its path: "clients.beijing.count", "steps[0].at", "hosts['api.example.com']"
	Value string // YAML on one line: "40", "[10.0.0.0/8, 10.1.0.0/16]"; null takes the key away
}

// String is the setting as it is given on a command line: "adapter=redis".
func (s Setting) String() string { return s.Key + "=" + s.Value }

// name is what problems with a setting call their file.
func (s Setting) name() string { return "--set " + yamltree.Shorten(s.String()) }

// Problem is one with a setting as a whole.
func (s Setting) Problem(text, expected, hint string) yamltree.Problem {
	return yamltree.Problem{File: yamltree.Printable(s.name()), Text: yamltree.Printable(text), Expected: expected, Hint: hint}
}

// ParseSetting reads KEY=VALUE. It fails with what is wrong with the form; whether a file
// has the key is for DecodeSet to find.
func ParseSetting(text string) (Setting, error) {
	key, value, ok := strings.Cut(text, "=")
	s := Setting{key, value}
	switch {
	case !ok || key == "":
		return s, fmt.Errorf("%q is not KEY=VALUE, such as clients.beijing.count=40", yamltree.Shorten(text))
	case strings.TrimSpace(value) == "":
		return s, fmt.Errorf("%q has no value: null takes a key away", yamltree.Shorten(text))
	case strings.ContainsAny(text, "\r\n"):
		return s, fmt.Errorf("%q has more than one line", yamltree.Shorten(text))
	case strings.HasPrefix(strings.TrimSpace(value), "#"):
		return s, fmt.Errorf("%q has no value: a text that begins with # needs quotes", yamltree.Shorten(text))
	}
	if _, err := parsePath(key); err != nil {
		return s, err
	}
	return s, nil
}

// NginxText is the nginx text that a setting makes of that of the file.
type NginxText struct {
	By   Setting
	Text string
}

// Scalar returns the value without the quotes of YAML, as it is when it is no scalar.
func (s Setting) Scalar() string {
	if n := yamltree.Read(&yamltree.Reporter{}, []byte(s.Value)); n != nil && n.Kind == yamltree.Scalar {
		return n.Text
	}
	return s.Value
}

// part is one step of the path to a value: a key, or a place in a list.
type part struct {
	key   string
	index int // -1 for a key
	until int // characters of the path to its end
}

// parsePath takes a path apart.
func parsePath(path string) ([]part, error) {
	wrong := fmt.Errorf("%q is not the path of a key, such as clients.beijing.count or steps[0].at", yamltree.Shorten(path))
	var out []part
	for rest := path; rest != ""; {
		p := part{index: -1}
		switch {
		case strings.HasPrefix(rest, "['"):
			key, after, ok := strings.Cut(rest[2:], "']")
			if !ok || key == "" {
				return nil, wrong
			}
			p.key, rest = key, after
		case rest[0] == '[':
			number, after, ok := strings.Cut(rest[1:], "]")
			n, err := strconv.ParseUint(number, 10, 31)
			if !ok || err != nil || len(out) == 0 {
				return nil, wrong
			}
			p.index, rest = int(n), after
		default:
			if len(out) > 0 {
				if rest[0] != '.' {
					return nil, wrong
				}
				rest = rest[1:]
			}
			end := strings.IndexAny(rest, ".[")
			if end < 0 {
				end = len(rest)
			}
			if p.key, rest = rest[:end], rest[end:]; p.key == "" {
				return nil, wrong
			}
		}
		p.until = len([]rune(path)) - len([]rune(rest))
		out = append(out, p)
	}
	if len(out) == 0 || len(out) > yamltree.MaxDepth {
		return nil, wrong
	}
	return out, nil
}

// DecodeSet is Decode for a file without mistakes, of which one variant is meant, or the
// file itself for Base and "", with some of its values set. The result has no variants and
// no lesson: they speak of the file as it was. Text, unless it is nil, is the whole nginx
// text that one of the settings stands for. It fails when there is no such variant.
func DecodeSet(name string, src []byte, variant string, set []Setting, text *NginxText) (*File, *yamltree.Reporter, error) {
	r := &yamltree.Reporter{Name: name}
	root := yamltree.Read(r, src)
	if root == nil {
		return nil, r, nil
	}
	d := &decoder{Reporter: r, root: root}
	before := d.file()
	if _, err := before.Variant(variant); err != nil {
		return nil, r, err
	}
	whole, of := root.Without("variants", "lesson"), before.VariantName()
	if variant != "" && variant != Base {
		whole, of = d.whole(*root.Find("variants").Value.Find(variant)), variant
	}
	in := &decoder{Reporter: &yamltree.Reporter{Name: name, Source: r.Source, Origin: yamltree.NewOrigin()}, root: whole}
	if text != nil {
		in.put(Setting{Key: "proxy.nginx"}, in.Text(text.By.name(), text.Text))
	}
	for _, s := range set {
		if text != nil && s == text.By {
			continue
		}
		n, _ := in.Inline(s.name(), s.Key, s.Value)
		in.put(s, n)
	}
	if len(in.Problems) > 0 {
		return nil, in.Reporter, nil
	}
	f := in.file()
	f.Of, f.Set = of, slices.Clone(set)
	return f, in.Reporter, nil
}

// put puts a value into the tree of the file, nil for one that was reported.
func (d *decoder) put(s Setting, n *yamltree.Node) {
	path, err := parsePath(s.Key)
	if n == nil || err != nil {
		return
	}
	if first := path[0].key; first == "variants" || first == "lesson" {
		d.At(n.Place, first+" cannot be set", "another key of the file", "--variant chooses a variant")
		return
	}
	if root := d.within(d.root, path, 0, n); root != nil {
		d.root = root
	}
}

// within returns a node with the value at the rest of a path; nil after reporting that
// there is no such place.
func (d *decoder) within(in *yamltree.Node, path []part, i int, value *yamltree.Node) *yamltree.Node {
	if i == len(path) {
		return value
	}
	p, above := path[i], "the file"
	if i > 0 {
		above = pathOf(path[:i])
	}
	place := yamltree.Place{Line: value.Place.Line, Column: 1, Width: p.until}
	out := *in
	if p.index >= 0 {
		if in.Kind != yamltree.Sequence || p.index >= len(in.Items) {
			has := "is not a list"
			if in.Kind == yamltree.Sequence {
				has = "has " + format.Plural(len(in.Items), "entry") + ", the first is [0]"
			}
			d.At(place, fmt.Sprintf("%s %s", above, has), "", "")
			return nil
		}
		item := d.within(in.Items[p.index], path, i+1, value)
		if item == nil {
			return nil
		}
		out.Items = slices.Clone(in.Items)
		out.Items[p.index] = item
		return &out
	}
	switch in.Kind {
	case yamltree.Sequence:
		d.At(place, above+" is a list", fmt.Sprintf("%s[0], %s[1] and so on", above, above), "")
		return nil
	case yamltree.Scalar:
		d.At(place, fmt.Sprintf("%s is %s in the file, and has no part %q", above, strconv.Quote(yamltree.Shorten(in.Text)), p.key), above+" with a whole value", "")
		return nil
	}
	out.Kind, out.Pairs = yamltree.Mapping, slices.Clone(in.Pairs)
	was := out.Find(p.key)
	last := i == len(path)-1
	switch {
	case was == nil && above == "clients":
		var names []string
		for _, q := range in.Pairs {
			names = append(names, q.Key)
		}
		d.At(place, fmt.Sprintf("no group %q in clients", p.key), yamltree.OneOf(names), spell.DidYouMean(p.key, names))
		return nil
	case was == nil && last && value.Kind == yamltree.Null:
		return &out // it is not there already
	case was == nil:
		inner := d.within(&yamltree.Node{Kind: yamltree.Mapping, Place: place}, path, i+1, value)
		out.Pairs = append(out.Pairs, yamltree.Pair{Key: p.key, Place: place, Value: inner})
	case last && value.Kind == yamltree.Null:
		return out.Without(p.key)
	default:
		inner := d.within(was.Value, path, i+1, value)
		if inner == nil {
			return nil
		}
		*was = yamltree.Pair{Key: p.key, Place: was.Place, Value: inner, Merged: was.Merged}
		if last {
			was.Place = cmp.Or(place, was.Place)
		}
	}
	return &out
}

// pathOf writes a path.
func pathOf(path []part) string {
	out := ""
	for _, p := range path {
		switch {
		case p.index >= 0:
			out = yamltree.Index(out, p.index)
		case strings.Contains(p.key, "."):
			out += "['" + p.key + "']"
		default:
			out = yamltree.Join(out, p.key)
		}
	}
	return out
}
