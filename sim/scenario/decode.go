package scenario

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"stickylab/cluster/spell"
	"stickylab/sim/scenario/yamltree"
)

// decoder turns nodes into a File and reports what does not fit.
type decoder struct {
	*yamltree.Reporter
	root  *yamltree.Node // of the file
	steps int

	variantSteps int // those of the variants so far
}

// renamed are hints for keys that had another name once.
var renamed = map[string]string{"mended": "did you mean fixed?"}

// mapping reads a mapping by its fields and reports unknown, repeated and missing
// keys; unknown may report an unknown key itself. It returns false for what is not a
// mapping, or lacks a key.
func (d *decoder) mapping(n *yamltree.Node, path, what string, fields []field, unknown func(p yamltree.Pair) bool) bool {
	keys, where := keysOf(fields), ""
	if path != "" {
		where = " in " + path
	}
	if n.Kind != yamltree.Mapping {
		d.wrong(n, path, what, "a mapping with "+strings.Join(keys, ", "), "")
		return false
	}
	seen := map[string]yamltree.Place{}
	misspelt := map[string]bool{}
	for _, p := range n.Pairs {
		f, ok := fieldNamed(fields, p.Key)
		if !ok {
			if unknown == nil || !unknown(p) {
				d.At(p.Place, fmt.Sprintf("unknown key %q%s", yamltree.Shorten(p.Key), where), yamltree.OneOf(keys), cmp.Or(renamed[p.Key], spell.DidYouMean(p.Key, keys)))
			}
			misspelt[spell.Nearest(p.Key, keys)] = true
			continue
		}
		if d.Repeated(seen, p) {
			continue
		}
		at := yamltree.Join(path, p.Key)
		d.Origin.Nodes[at], d.Origin.Keys[at] = p.Value, p.Place
		if d.countStep(p.Value) {
			f.value.read(d, p.Value, at, f.what())
		}
	}
	whole := true
	for _, f := range fields {
		if _, ok := seen[f.key]; !ok && f.required && !misspelt[f.key] {
			d.At(n.Place, fmt.Sprintf("%s lacks the key %q", what, f.key), "", "")
			whole = false
		}
	}
	return whole
}

// named reads a mapping of at least so many names that the file chooses, each with what
// it names.
func (d *decoder) named(n *yamltree.Node, path, what, expected string, least int, read func(p yamltree.Pair, at string)) {
	switch {
	case n.Kind != yamltree.Mapping:
		d.wrong(n, path, what, expected, "")
		return
	case len(n.Pairs) < least:
		d.invalid(n, path, what+" is empty", expected, "")
		return
	}
	seen := map[string]yamltree.Place{}
	for _, p := range n.Pairs {
		if d.Repeated(seen, p) || !d.countStep(p.Value) {
			continue
		}
		at := yamltree.Join(path, p.Key)
		d.Origin.Nodes[at], d.Origin.Keys[at] = p.Value, p.Place
		read(p, at)
	}
}

// countStep bounds the walk over a file whose aliases multiply.
func (d *decoder) countStep(n *yamltree.Node) bool {
	d.steps++
	if d.steps == yamltree.MaxSteps {
		d.At(n.Place, "aliases multiply this file beyond measure", "", "")
	}
	return d.steps < yamltree.MaxSteps
}

// wrong reports a value of the wrong kind or form.
func (d *decoder) wrong(n *yamltree.Node, path, what, expected, hint string) {
	d.Origin.Bad[path] = true
	if n.Broken {
		return
	}
	got := n.Kind.String()
	if n.Kind == yamltree.Scalar {
		got = strconv.Quote(yamltree.Shorten(n.Text))
	}
	d.At(n.Place, fmt.Sprintf("%s cannot be %s", what, got), expected, hint)
}

// refuse reports a value that a form does not take.
func (d *decoder) refuse(n *yamltree.Node, path, what string, wrong *yamltree.Problem) {
	if wrong.Text == "" {
		d.wrong(n, path, what, wrong.Expected, wrong.Hint)
		return
	}
	d.invalid(n, path, wrong.Text, wrong.Expected, wrong.Hint)
}

// invalid reports a value of the right kind that is not allowed.
func (d *decoder) invalid(n *yamltree.Node, path, text, expected, hint string) {
	d.Origin.Bad[path] = true
	d.At(n.Place, text, expected, hint)
}

// bad reports whether any of some paths could not be read.
func (d *decoder) bad(paths ...string) bool {
	return slices.ContainsFunc(paths, func(path string) bool { return d.Origin.Bad[path] })
}
