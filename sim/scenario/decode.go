package scenario

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"stickylab/cluster/spell"
	"stickylab/sim/scenario/yamltree"
)

// decoder turns nodes into a File and reports what does not fit.
type decoder struct {
	*yamltree.Reporter
	steps int
}

// field is a key of a mapping, and what reads its value. Read is not called
// for a missing key.
type field struct {
	key  string
	need bool
	read func(n *yamltree.Node, path string)
}

// renamed are hints for keys that had another name once.
var renamed = map[string]string{"mended": "did you mean fixed?"}

// mapping reads a mapping by its fields; it reports unknown, repeated and
// missing keys. A nil unknown reports an unknown key by itself.
func (d *decoder) mapping(n *yamltree.Node, path, what string, fields []field, unknown func(p yamltree.Pair) bool) bool {
	if n.Kind != yamltree.Mapping {
		d.wrong(n, path, what, "a mapping with "+strings.Join(keysOf(fields), ", "), "")
		return false
	}
	seen := map[string]yamltree.Place{}
	misspelt := map[string]bool{}
	for _, p := range n.Pairs {
		i := slices.IndexFunc(fields, func(f field) bool { return f.key == p.Key })
		if i < 0 {
			if unknown == nil || !unknown(p) {
				d.At(p.Place, fmt.Sprintf("unknown key %q%s", yamltree.Shorten(p.Key), inSection(path)), yamltree.OneOf(keysOf(fields)), cmp.Or(renamed[p.Key], spell.DidYouMean(p.Key, keysOf(fields))))
			}
			misspelt[spell.Nearest(p.Key, keysOf(fields))] = true
			continue
		}
		if d.Repeated(seen, p) {
			continue
		}
		at := yamltree.Join(path, p.Key)
		d.Origin.Nodes[at], d.Origin.Keys[at] = p.Value, p.Place
		if d.countStep(p.Value) {
			fields[i].read(p.Value, at)
		}
	}
	whole := true
	for _, f := range fields {
		if _, ok := seen[f.key]; !ok && f.need && !misspelt[f.key] {
			d.At(n.Place, fmt.Sprintf("%s lacks the key %q", what, f.key), "", "")
			whole = false
		}
	}
	return whole
}

// countStep bounds the walk over a file whose aliases multiply.
func (d *decoder) countStep(n *yamltree.Node) bool {
	d.steps++
	if d.steps == yamltree.MaxSteps {
		d.At(n.Place, "aliases multiply this file beyond measure", "", "")
	}
	return d.steps < yamltree.MaxSteps
}

func keysOf(fields []field) []string {
	keys := make([]string, len(fields))
	for i, f := range fields {
		keys[i] = f.key
	}
	return keys
}

func inSection(path string) string {
	if path == "" {
		return ""
	}
	return " in " + path
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
	d.At(n.Place, fmt.Sprintf("%s can not be %s", what, got), expected, hint)
}

// invalid reports a value of the right kind that is not allowed.
func (d *decoder) invalid(n *yamltree.Node, path, text, expected, hint string) {
	d.Origin.Bad[path] = true
	d.At(n.Place, text, expected, hint)
}

// text reads any scalar as text.
func (d *decoder) text(into *string, what string) func(*yamltree.Node, string) {
	return func(n *yamltree.Node, path string) {
		if n.Kind != yamltree.Scalar || strings.TrimSpace(n.Text) == "" {
			d.wrong(n, path, what, "text", "")
			return
		}
		*into = n.Text
	}
}

// choice reads one of a few words.
func (d *decoder) choice(into *string, what string, words ...string) func(*yamltree.Node, string) {
	return func(n *yamltree.Node, path string) {
		if n.Kind != yamltree.Scalar || !slices.Contains(words, n.Text) {
			d.wrong(n, path, what, yamltree.OneOf(words), spell.DidYouMean(n.Text, words))
			return
		}
		*into = n.Text
	}
}

// whole reads an integer from low to high.
func (d *decoder) whole(into *int, what string, low, high int) func(*yamltree.Node, string) {
	return func(n *yamltree.Node, path string) {
		v, err := strconv.Atoi(strings.ReplaceAll(n.Text, "_", ""))
		if n.Kind != yamltree.Scalar || err != nil || v < low || v > high {
			d.wrong(n, path, what, fmt.Sprintf("a whole number from %d to %d", low, high), "")
			return
		}
		*into = v
	}
}

// duration reads a duration above low (or from 0 for a negative low).
func (d *decoder) duration(into *time.Duration, what string, low time.Duration) func(*yamltree.Node, string) {
	return func(n *yamltree.Node, path string) {
		v, hint, ok := parseDuration(n.Text)
		switch {
		case n.Kind != yamltree.Scalar || !ok:
			d.wrong(n, path, what, ADuration, hint)
		case v <= low:
			d.wrong(n, path, what, "a duration above "+FormatDuration(max(low, 0)), "")
		case v > MaxDuration:
			d.wrong(n, path, what, "a duration up to "+FormatDuration(MaxDuration), "")
		default:
			*into = v
		}
	}
}

func (d *decoder) span(into *Span, what string) func(*yamltree.Node, string) {
	return func(n *yamltree.Node, path string) {
		v, hint, ok := parseSpan(n.Text)
		if n.Kind != yamltree.Scalar || !ok {
			d.wrong(n, path, what, "a duration such as 500us, or a range such as 20ms..60ms", hint)
			return
		}
		if v.Max > MaxDuration {
			d.wrong(n, path, what, "durations up to "+FormatDuration(MaxDuration), "")
			return
		}
		*into = v
	}
}

// each reads the entries of a list.
func (d *decoder) each(what, expected string, read func(n *yamltree.Node, path string)) func(*yamltree.Node, string) {
	return func(n *yamltree.Node, path string) {
		if n.Kind != yamltree.Sequence {
			d.wrong(n, path, what, expected, "")
			return
		}
		for i, item := range n.Items {
			at := yamltree.Index(path, i)
			d.Origin.Nodes[at] = item
			if d.countStep(item) {
				read(item, at)
			}
		}
	}
}
