package scenario

import (
	"cmp"
	"fmt"
	"strings"

	"github.com/invopop/jsonschema"

	"stickylab/sim/scenario/yamltree"
)

// value is how a value of a file is read, written, checked and described. It is
// bound to the place where the model keeps it.
type value struct {
	what   string                                                // how problems call it; "" means by its key
	form   string                                                // how the reference calls what may stand there
	read   func(d *decoder, n *yamltree.Node, path, what string) // from YAML
	write  func() string                                         // as YAML on one line; "" if it is left out
	lines  func(margin string) string                            // as YAML on several lines; nil means on one line
	check  func(r *yamltree.Reporter, path, what string)         // a value that was not read; it was written as something
	schema func(s *schemas) *jsonschema.Schema

	// Of the arguments of steps in words:
	take  func(x *phrase, what string) // nil means that words cannot give it
	words func() []string
	offer func(x *phrase) []string // what it may become; nil means anything
	ref   Ref                      // what it names
	names func() []string          // the names; nil if it names nothing

	settings func() []field // its keys, where words give them by themselves
}

// form is the form of a value that is one word or one text.
type form[T any] struct {
	name     string // how the reference calls it
	expected string // what may stand there
	parse    func(text string) (T, *yamltree.Problem)
	format   func(T) string // "" if it is left out
	text     bool           // in quotes where YAML could take it for something else
	schema   func() *jsonschema.Schema
	define   string // the name of its definition in the schema; "" writes it in place
}

// scalar binds a form to a place.
func scalar[T any](into *T, f form[T]) value {
	parse := func(text string) (T, *yamltree.Problem) {
		v, wrong := f.parse(text)
		if wrong != nil {
			wrong.Expected = cmp.Or(wrong.Expected, f.expected)
		}
		return v, wrong
	}
	set := func(text string) *yamltree.Problem {
		v, wrong := parse(text)
		if wrong == nil {
			*into = v
		}
		return wrong
	}
	format := func() string { return f.format(*into) }
	return value{
		form: f.name,
		read: func(d *decoder, n *yamltree.Node, path, what string) {
			if n.Kind != yamltree.Scalar {
				d.wrong(n, path, what, f.expected, "")
			} else if wrong := set(n.Text); wrong != nil {
				d.refuse(n, path, what, wrong)
			}
		},
		write: func() string {
			if f.text {
				return yamltree.QuoteSome(format())
			}
			return format()
		},
		check: func(r *yamltree.Reporter, path, what string) {
			// A value that is checked may be in use: it is not set.
			if _, wrong := parse(format()); wrong != nil {
				r.Value(path, cmp.Or(wrong.Text, cannotBe(what, format())), wrong.Expected, wrong.Hint)
			}
		},
		schema: func(s *schemas) *jsonschema.Schema {
			if f.define == "" {
				return f.schema()
			}
			return s.define(f.define, f.schema)
		},
		take: func(x *phrase, what string) {
			w := x.next(what)
			if x.err != nil {
				return
			}
			if wrong := set(w); wrong != nil {
				x.fail(cmp.Or(wrong.Text, cannotBe(x.key, w)), cmp.Or(wrong.Hint, wrong.Expected))
			}
		},
		words: func() []string { return someWords(oneWord(format())) },
	}
}

// cannotBe words a value that does not fit.
func cannotBe(what, text string) string {
	return fmt.Sprintf("%s cannot be %q", what, yamltree.Shorten(text))
}

// someWords are the words that are not empty.
func someWords(words ...string) []string {
	var out []string
	for _, w := range words {
		if w != "" {
			out = append(out, w)
		}
	}
	return out
}

// as is the value under another name in problems.
func (v value) as(what string) value {
	v.what = what
	return v
}

// offering is the value with what may complete it.
func (v value) offering(words ...string) value {
	v.offer = func(*phrase) []string { return words }
	return v
}

// naming is the value of a name, which is looked up.
func (v value) naming(ref Ref, name *string) value {
	v.ref = ref
	v.names = func() []string {
		if *name == "" {
			return nil
		}
		return []string{*name}
	}
	v.offer = func(x *phrase) []string { return x.known(ref) }
	take := v.take
	v.take = func(x *phrase, what string) {
		if take(x, what); x.err == nil {
			x.lookUp(ref, *name)
		}
	}
	return v
}

// field is a key of a mapping, or of a step, with its value.
type field struct {
	key      string
	word     string // its place in words, as usage shows it; "" if words do not give it
	required bool
	always   bool // it is written even if it has its default
	value    value
	doc      string
}

func (f field) what() string { return cmp.Or(f.value.what, f.key) }

// fieldNamed returns the field of a key.
func fieldNamed(fields []field, key string) (field, bool) {
	for _, f := range fields {
		if f.key == key {
			return f, true
		}
	}
	return field{}, false
}

func keysOf(fields []field) []string {
	keys := make([]string, len(fields))
	for i, f := range fields {
		keys[i] = f.key
	}
	return keys
}

// pairsOf are the keys with values that differ from those of the defaults, bound to
// fields of the same keys; required ones are always written.
func pairsOf(fields, defaults []field) []string {
	var out []string
	for i, f := range fields {
		text := f.value.write()
		if f.required || f.always || defaults == nil || text != defaults[i].value.write() {
			out = append(out, f.key, text)
		}
	}
	return out
}

// checkFields checks fields that were not read.
func checkFields(r *yamltree.Reporter, path, what string, fields []field) {
	for _, f := range fields {
		switch written := f.value.write(); {
		case written != "":
			f.value.check(r, yamltree.Join(path, f.key), f.what())
		case f.required:
			r.Value(path, fmt.Sprintf("%s lacks the key %q", what, f.key), "", "")
		}
	}
}

// linesOf writes fields on their own lines, each after a margin.
func linesOf(fields, defaults []field, margin string) string {
	var b strings.Builder
	for i, f := range fields {
		text := f.value.write()
		if text == "" || !f.required && text == defaults[i].value.write() {
			continue
		}
		b.WriteString(margin + f.key + ":" + f.value.on(margin+"  ") + "\n")
	}
	return b.String()
}

// flowOf writes pairs on one line, "" for none.
func flowOf(pairs []string) string {
	if len(pairs) == 0 {
		return ""
	}
	return yamltree.Flow(pairs...)
}

// blockOf writes pairs on lines with a margin.
func blockOf(pairs []string, margin string) string {
	var b strings.Builder
	for i := 0; i < len(pairs); i += 2 {
		b.WriteString("\n" + margin + pairs[i] + ": " + pairs[i+1])
	}
	return b.String()
}
