package scenario

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"stickylab/cluster/spell"
)

// decoder turns nodes into a File and reports what does not fit.
type decoder struct {
	*reporter
	origin *origin
	steps  int
	varied []varied
}

// field is a key of a mapping, and what reads its value. Read is not called
// for a missing key.
type field struct {
	key  string
	need bool
	read func(n *node, path string)
}

// mapping reads a mapping by its fields; it reports unknown, repeated and
// missing keys. A nil unknown reports an unknown key by itself.
func (d *decoder) mapping(n *node, path, what string, fields []field, unknown func(p pair) bool) bool {
	if n.kind != mapping {
		d.wrong(n, path, what, "a mapping with "+strings.Join(keysOf(fields), ", "), "")
		return false
	}
	seen := map[string]place{}
	misspelt := map[string]bool{}
	for _, p := range n.pairs {
		i := slices.IndexFunc(fields, func(f field) bool { return f.key == p.key })
		if i < 0 {
			if unknown == nil || !unknown(p) {
				d.at(p.place, fmt.Sprintf("unknown key %q%s", shorten(p.key), inSection(path)), oneOf(keysOf(fields)), spell.DidYouMean(p.key, keysOf(fields)))
			}
			misspelt[spell.Nearest(p.key, keysOf(fields))] = true
			continue
		}
		if d.repeated(seen, p) {
			continue
		}
		at := join(path, p.key)
		d.origin.nodes[at], d.origin.keys[at] = p.value, p.place
		if d.countStep(p.value) {
			fields[i].read(p.value, at)
		}
	}
	whole := true
	for _, f := range fields {
		if _, ok := seen[f.key]; !ok && f.need && !misspelt[f.key] {
			d.at(n.place, fmt.Sprintf("%s lacks the key %q", what, f.key), "", "")
			whole = false
		}
	}
	return whole
}

// repeated reports a key that stands twice.
func (r *reporter) repeated(seen map[string]place, p pair) bool {
	first, again := seen[p.key]
	if again {
		r.at(p.place, fmt.Sprintf("the key %q stands twice", shorten(p.key)), "", fmt.Sprintf("the first is on line %d", first.line))
		return true
	}
	seen[p.key] = p.place
	return false
}

// countStep bounds the walk over a file whose aliases multiply.
func (d *decoder) countStep(n *node) bool {
	d.steps++
	if d.steps == maxSteps {
		d.at(n.place, "aliases multiply this file beyond measure", "", "")
	}
	return d.steps < maxSteps
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

func join(path, key string) string {
	if path == "" {
		return key
	}
	return path + "." + key
}

func index(path string, i int) string { return path + "[" + strconv.Itoa(i) + "]" }

// wrong reports a value of the wrong kind or form.
func (d *decoder) wrong(n *node, path, what, expected, hint string) {
	d.origin.bad[path] = true
	if n.broken {
		return
	}
	got := n.kind.String()
	if n.kind == scalar {
		got = strconv.Quote(shorten(n.text))
	}
	d.at(n.place, fmt.Sprintf("%s can not be %s", what, got), expected, hint)
}

// invalid reports a value of the right kind that is not allowed.
func (d *decoder) invalid(n *node, path, text, expected, hint string) {
	d.origin.bad[path] = true
	d.at(n.place, text, expected, hint)
}

func shorten(text string) string {
	const most = 60
	if r := []rune(text); len(r) > most {
		return string(r[:most]) + "..."
	}
	return text
}

// text reads any scalar as text.
func (d *decoder) text(into *string, what string) func(*node, string) {
	return func(n *node, path string) {
		if n.kind != scalar || strings.TrimSpace(n.text) == "" {
			d.wrong(n, path, what, "text", "")
			return
		}
		*into = n.text
	}
}

// choice reads one of a few words.
func (d *decoder) choice(into *string, what string, words ...string) func(*node, string) {
	return func(n *node, path string) {
		if n.kind != scalar || !slices.Contains(words, n.text) {
			d.wrong(n, path, what, oneOf(words), spell.DidYouMean(n.text, words))
			return
		}
		*into = n.text
	}
}

// whole reads an integer from low to high.
func (d *decoder) whole(into *int, what string, low, high int) func(*node, string) {
	return func(n *node, path string) {
		v, err := strconv.Atoi(strings.ReplaceAll(n.text, "_", ""))
		if n.kind != scalar || err != nil || v < low || v > high {
			d.wrong(n, path, what, fmt.Sprintf("a whole number from %d to %d", low, high), "")
			return
		}
		*into = v
	}
}

// duration reads a duration above low (or from 0 for a negative low).
func (d *decoder) duration(into *time.Duration, what string, low time.Duration) func(*node, string) {
	return func(n *node, path string) {
		v, hint, ok := parseDuration(n.text)
		switch {
		case n.kind != scalar || !ok:
			d.wrong(n, path, what, aDuration, hint)
		case v <= low:
			d.wrong(n, path, what, "a duration above "+formatDuration(max(low, 0)), "")
		case v > MaxDuration:
			d.wrong(n, path, what, "a duration up to "+formatDuration(MaxDuration), "")
		default:
			*into = v
		}
	}
}

func (d *decoder) span(into *Span, what string) func(*node, string) {
	return func(n *node, path string) {
		v, hint, ok := parseSpan(n.text)
		if n.kind != scalar || !ok {
			d.wrong(n, path, what, "a duration such as 500us, or a range such as 20ms..60ms", hint)
			return
		}
		if v.Max > MaxDuration {
			d.wrong(n, path, what, "durations up to "+formatDuration(MaxDuration), "")
			return
		}
		*into = v
	}
}

// each reads the entries of a list.
func (d *decoder) each(what, expected string, read func(n *node, path string)) func(*node, string) {
	return func(n *node, path string) {
		if n.kind != sequence {
			d.wrong(n, path, what, expected, "")
			return
		}
		for i, item := range n.items {
			at := index(path, i)
			d.origin.nodes[at] = item
			if d.countStep(item) {
				read(item, at)
			}
		}
	}
}
