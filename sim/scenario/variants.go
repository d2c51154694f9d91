package scenario

import (
	"fmt"
	"slices"
	"strings"

	"stickylab/cluster/spell"
)

// Base is what a file itself is called beside its variants.
const Base = "base"

// Variant is the same scenario with a few keys changed.
type Variant struct {
	Name string
	File *File // whole; without variants and lesson
}

// Variant returns the variant of that name, the file itself for Base and "".
func (f *File) Variant(name string) (*File, bool) {
	if name == "" || name == Base {
		return f, true
	}
	for _, v := range f.Variants {
		if v.Name == name {
			return v.File, true
		}
	}
	return nil, false
}

// Bare is the file as if it had been built by hand: without a text, whose
// positions do not hold for what was changed since.
func (f *File) Bare() *File {
	out := *f
	out.origin = nil
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

// WrongVariant is the error for a variant that there is not.
func (f *File) WrongVariant(name string) error {
	names := append([]string{Base}, f.variantNames()...)
	if near := spell.DidYouMean(name, names); near != "" {
		return fmt.Errorf("no variant %q (%s)", name, near)
	}
	return fmt.Errorf("no variant %q (%s)", name, oneOf(names))
}

func (f *File) variantNames() []string {
	var out []string
	for _, v := range f.Variants {
		out = append(out, v.Name)
	}
	return out
}

// maxVariants bounds what one file makes run.
const maxVariants = 20

// variants reads the variants of a file. Each is the tree of the file with that
// of the variant laid over it, read as a file of its own, so that what is wrong
// with it is found as in any other.
func (d *decoder) variants(root, n *node, path string, f *File) {
	if n.kind != mapping || len(n.pairs) == 0 {
		d.wrong(n, path, "variants", "names with the keys that differ, such as {fixed: {adapter: redis, expect: [...]}}", "")
		return
	}
	if len(n.pairs) > maxVariants {
		d.invalid(n, path, fmt.Sprintf("%d variants", len(n.pairs)), fmt.Sprintf("at most %d", maxVariants), "")
		return
	}
	seen := map[string]place{}
	for _, p := range n.pairs {
		if d.repeated(seen, p) || !d.countStep(p.value) {
			continue
		}
		if !groupName.MatchString(p.key) || len(p.key) > longestName || p.key == Base {
			d.at(p.place, fmt.Sprintf("%q can not be the name of a variant", shorten(p.key)), fmt.Sprintf("letters, digits and -, up to %d, and not %q", longestName, Base), "")
			continue
		}
		if file := d.variant(root, p, path); file != nil {
			f.Variants = append(f.Variants, Variant{p.key, file})
		} else {
			d.origin.bad[path] = true
		}
	}
}

// variant reads one variant; nil: it is not one, and that is reported.
func (d *decoder) variant(root *node, p pair, path string) *File {
	at := join(path, p.key)
	if p.value.kind != mapping {
		d.wrong(p.value, at, "a variant", "the keys that differ, and expect", "")
		return nil
	}
	if p.value.find("expect") == nil {
		d.at(p.place, fmt.Sprintf("the variant %q expects nothing", p.key), "expect: with what is true of this variant", "")
		return nil
	}
	for _, q := range p.value.pairs {
		if q.key == "variants" || q.key == "lesson" {
			d.at(q.place, fmt.Sprintf("%s can not be in a variant", q.key), "", "it belongs to the file")
			return nil
		}
	}
	base := root.without("variants", "lesson")
	o := &overlay{reporter: d.reporter}
	whole := o.over(base, p.value, "")
	if o.failed {
		return nil
	}
	r := &reporter{name: d.reporter.name, source: d.source}
	r.origin = &origin{name: r.name, source: d.source, nodes: map[string]*node{}, keys: map[string]place{}, bad: map[string]bool{}}
	f := decode(r, whole)
	f.Of = p.key
	d.varied = append(d.varied, varied{p.key, r.problems})
	return f
}

// varied is what is wrong with a variant.
type varied struct {
	name     string
	problems Errors
}

// report adds the problems that the file itself does not have.
func (v varied) report(r *reporter) {
	own := map[Problem]bool{}
	for _, p := range r.problems {
		own[p] = true
	}
	for _, p := range v.problems {
		if !own[p] {
			p.Text += fmt.Sprintf(" (in the variant %q)", v.name)
			r.problems = append(r.problems, p)
		}
	}
}

func (n *node) find(key string) *pair {
	i := slices.IndexFunc(n.pairs, func(p pair) bool { return p.key == key })
	if i < 0 {
		return nil
	}
	return &n.pairs[i]
}

// without is a mapping without some keys.
func (n *node) without(keys ...string) *node {
	out := *n
	out.pairs = slices.DeleteFunc(slices.Clone(n.pairs), func(p pair) bool { return slices.Contains(keys, p.key) })
	return &out
}

// overlay lays one tree over another: mappings key by key, `null` takes a key
// away, everything else takes the place of what was there.
type overlay struct {
	*reporter
	steps  int
	failed bool
}

func (o *overlay) over(base, n *node, path string) *node {
	if o.steps++; o.steps > maxSteps {
		o.failed = true
		return n
	}
	if base == nil || base.kind != mapping || n.kind != mapping {
		return n
	}
	if path == "proxy" {
		base, n = o.proxy(base, n)
	}
	out := *base
	out.pairs = slices.Clone(base.pairs)
	seen := map[string]place{}
	for _, p := range n.pairs {
		was := out.find(p.key)
		switch {
		case o.repeated(seen, p):
			o.failed = true
		case p.value.kind == null && was != nil:
			out = *out.without(p.key)
		case was == nil:
			out.pairs = append(out.pairs, p)
		default:
			value := o.over(was.value, p.value, join(path, p.key))
			*was = pair{key: p.key, place: p.place, value: value, merged: p.merged}
		}
	}
	return &out
}

// proxy prepares the two halves of a proxy: `edit` changes the text of the
// file, and one form of configuration takes the place of the other.
func (o *overlay) proxy(base, n *node) (*node, *node) {
	if n.find("nginx") != nil {
		base = base.without("policy", "listen", "server_name")
	}
	edit := n.find("edit")
	if edit == nil {
		return base, n
	}
	n = n.without("edit")
	text := base.find("nginx")
	if text == nil || text.value.kind != scalar || n.find("nginx") != nil {
		o.fail(edit.place, "edit changes the nginx text of the file, and there is none to change", "nginx: with the whole text")
		return base, n
	}
	if edit.value.kind != sequence || len(edit.value.items) == 0 {
		o.fail(edit.value.place, "edit can not be "+edit.value.kind.String(), anEdit)
		return base, n
	}
	changed := *text.value
	for _, item := range edit.value.items {
		was, by := item.find("replace"), item.find("by")
		if item.kind != mapping || was == nil || by == nil || len(item.pairs) != 2 || was.value.kind != scalar || was.value.text == "" || by.value.kind != scalar && by.value.kind != null {
			o.fail(item.place, "this does not say what changes", anEdit)
			return base, n
		}
		if !strings.Contains(changed.text, was.value.text) {
			o.fail(was.value.place, fmt.Sprintf("%q is not in the nginx text", shorten(was.value.text)), "a piece of it, character by character")
			return base, n
		}
		changed.text = strings.ReplaceAll(changed.text, was.value.text, by.value.text)
	}
	out := *base
	out.pairs = slices.Clone(base.pairs)
	out.find("nginx").value = &changed
	return &out, n
}

const anEdit = "a list such as [{replace: \"ip_hash;\", by: \"least_conn;\"}]"

func (o *overlay) fail(p place, text, expected string) {
	o.failed = true
	o.at(p, text, expected, "")
}
