package scenario

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/invopop/jsonschema"

	"stickylab/cluster/spell"
	"stickylab/sim/scenario/yamltree"
)

// Base is what a file itself is called among its variants.
const Base = "base"

// Variant is the same scenario with a few keys changed.
type Variant struct {
	Name string
	File *File // whole; without variants and lesson
}

// Variant returns the variant of that name, the file itself for Base and "". It fails
// when there is none.
func (f *File) Variant(name string) (*File, error) {
	if name == "" || name == Base {
		return f, nil
	}
	names := f.VariantNames()
	if i := slices.Index(names, name); i >= 0 {
		return f.Variants[i].File, nil
	}
	names = append([]string{Base}, names...)
	return nil, fmt.Errorf("no variant %q (%s)", name, cmp.Or(spell.DidYouMean(name, names), yamltree.OneOf(names)))
}

// Bare is the file as if it had been built in code: without a text, whose
// positions do not hold for what was changed since.
func (f *File) Bare() *File {
	out := *f
	out.report = nil
	return &out
}

// VariantName is what the file is called among its variants: its name if it is
// one, Base if it has some, and "" for a file that has none.
func (f *File) VariantName() string {
	if f.Of == "" && len(f.Variants) > 0 {
		return Base
	}
	return f.Of
}

// Heading returns what a run is headed with: the title, or the summary that a variant
// has instead.
func (f *File) Heading() string {
	if f.Of != "" && f.Of != Base && f.Summary != "" {
		return f.Summary
	}
	return f.Title
}

// VariantNames are the names of the variants, in the order of the file.
func (f *File) VariantNames() []string {
	var out []string
	for _, v := range f.Variants {
		out = append(out, v.Name)
	}
	return out
}

// Bounds of variants: how many one file may make run, how many values all of them may
// stand for, and how many pieces of nginx text one may change.
const (
	maxVariants     = 20
	maxVariantSteps = 4 * yamltree.MaxSteps
	maxEdits        = 100
)

// variants are those of a file. Each is the tree of the file with that of the variant
// laid over it, read as a file, so that what is wrong with it is found as in any other.
func variants(f *File) value {
	return value{
		form: "mappings by name",
		read: func(d *decoder, n *yamltree.Node, path, what string) {
			if len(n.Pairs) > maxVariants {
				d.invalid(n, path, fmt.Sprintf("%d variants", len(n.Pairs)), fmt.Sprintf("at most %d", maxVariants), "")
				return
			}
			d.named(n, path, what, "names with the keys that differ, such as {fixed: {adapter: redis, expect: [...]}}", 1, func(p yamltree.Pair, at string) {
				if !isName(p.Key, groupName) || p.Key == Base {
					d.At(p.Place, fmt.Sprintf("%q cannot be the name of a variant", yamltree.Shorten(p.Key)), fmt.Sprintf("letters, digits and -, up to %d, and not %q", longestName, Base), "")
				} else if file := d.variant(p, at); file != nil {
					f.Variants = append(f.Variants, Variant{p.Key, file})
				} else {
					d.Origin.Bad[path] = true
				}
			})
		},
		write:  func() string { return "" }, // they speak of the file as it was
		schema: func(s *schemas) *jsonschema.Schema { return variantSchema(s, (&File{}).mapping()) },
	}
}

// variant reads one variant. It returns nil after reporting what is none.
func (d *decoder) variant(p yamltree.Pair, at string) *File {
	if p.Value.Kind != yamltree.Mapping {
		d.wrong(p.Value, at, "a variant", "the keys that differ, and expect", "")
		return nil
	}
	if p.Value.Find("expect") == nil {
		d.At(p.Place, fmt.Sprintf("the variant %q expects nothing", p.Key), "expect: with what is true of this variant", "")
		return nil
	}
	for _, q := range p.Value.Pairs {
		if q.Key == "variants" || q.Key == "lesson" {
			d.At(q.Place, fmt.Sprintf("%s cannot be in a variant", q.Key), "", "it belongs to the file")
			return nil
		}
	}
	whole := d.whole(p)
	if whole == nil {
		return nil
	}
	if d.variantSteps > maxVariantSteps {
		d.At(p.Place, "the variants make this file too large", "fewer variants, or a shorter file", "")
		return nil
	}
	in := &decoder{Reporter: &yamltree.Reporter{Name: d.Name, Source: d.Source, Origin: yamltree.NewOrigin()}, root: whole}
	f := in.file()
	f.Of = p.Key
	d.variantSteps += in.steps
	return f
}

// whole returns the tree of the file with that of a variant laid over it, nil after
// reporting that it does not fit.
func (d *decoder) whole(p yamltree.Pair) *yamltree.Node {
	o := &overlay{Reporter: d.Reporter}
	whole := o.over(d.root.Without("variants", "lesson", "summary"), p.Value, "")
	if o.failed {
		return nil
	}
	return whole
}

// overlay lays one tree over another: mappings key by key, `null` takes a key
// away, everything else takes the place of what was there.
type overlay struct {
	*yamltree.Reporter
	steps  int
	failed bool
}

func (o *overlay) over(base, n *yamltree.Node, path string) *yamltree.Node {
	if o.steps++; o.steps > yamltree.MaxSteps {
		o.failed = true
		return n
	}
	if base == nil || base.Kind != yamltree.Mapping || n.Kind != yamltree.Mapping {
		return n
	}
	if path == "proxy" {
		base, n = o.proxy(base, n)
	}
	out := *base
	out.Pairs = slices.Clone(base.Pairs)
	seen := map[string]yamltree.Place{}
	for _, p := range n.Pairs {
		was := out.Find(p.Key)
		switch {
		case o.Repeated(seen, p):
			o.failed = true
		case p.Value.Kind == yamltree.Null && was != nil:
			out = *out.Without(p.Key)
		case was == nil:
			out.Pairs = append(out.Pairs, p)
		default:
			value := o.over(was.Value, p.Value, yamltree.Join(path, p.Key))
			*was = yamltree.Pair{Key: p.Key, Place: p.Place, Value: value, Merged: p.Merged}
		}
	}
	return &out
}

// proxy prepares the two halves of a proxy: `edit` changes the text of the
// file, and one form of configuration takes the place of the other.
func (o *overlay) proxy(base, n *yamltree.Node) (*yamltree.Node, *yamltree.Node) {
	if n.Find("nginx") != nil {
		base = base.Without("policy", "listen", "server_name")
	}
	edit := n.Find("edit")
	if edit == nil {
		return base, n
	}
	n = n.Without("edit")
	text := base.Find("nginx")
	if text == nil || text.Value.Kind != yamltree.Scalar || n.Find("nginx") != nil {
		o.fail(edit.Place, "edit changes the nginx text of the file, and there is none to change", "nginx: with the whole text")
		return base, n
	}
	if edit.Value.Kind != yamltree.Sequence || len(edit.Value.Items) == 0 {
		o.fail(edit.Value.Place, "edit cannot be "+edit.Value.Kind.String(), anEdit)
		return base, n
	}
	if edits := len(edit.Value.Items); edits > maxEdits {
		o.fail(edit.Value.Place, fmt.Sprintf("%d edits", edits), fmt.Sprintf("at most %d, or nginx: with the whole text", maxEdits))
		return base, n
	}
	changed := *text.Value
	for _, item := range edit.Value.Items {
		was, by := item.Find("replace"), item.Find("by")
		if item.Kind != yamltree.Mapping || was == nil || by == nil || len(item.Pairs) != 2 || was.Value.Kind != yamltree.Scalar || was.Value.Text == "" || by.Value.Kind != yamltree.Scalar && by.Value.Kind != yamltree.Null {
			o.fail(item.Place, "this does not say what changes", anEdit)
			return base, n
		}
		if !strings.Contains(changed.Text, was.Value.Text) {
			o.fail(was.Value.Place, fmt.Sprintf("%q is not in the nginx text", yamltree.Shorten(was.Value.Text)), "a piece of it, character by character")
			return base, n
		}
		changed.Text = strings.ReplaceAll(changed.Text, was.Value.Text, by.Value.Text)
	}
	out := *base
	out.Pairs = slices.Clone(base.Pairs)
	out.Find("nginx").Value = &changed
	return &out, n
}

const anEdit = "a list such as [{replace: \"ip_hash;\", by: \"least_conn;\"}]"

func (o *overlay) fail(p yamltree.Place, text, expected string) {
	o.failed = true
	o.At(p, text, expected, "")
}
