package scenario

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"stickylab/cluster/spell"
	"stickylab/sim/scenario/yamltree"
)

var aStep = "`at` and one of " + strings.Join(verbNames, ", ")

// fields are the keys of a step with its verb.
func (s *Step) fields() []field {
	fields := []field{{key: "at", required: true, value: instant(&s.At), doc: "When, from the start of the run."}}
	if spec := specOf(s.Verb); spec != nil {
		fields = append(fields, spec.fields(s)...)
	}
	return fields
}

// value describes a step, whose verb decides which keys it may have.
func (s *Step) value() value {
	return value{
		what:  "a step",
		read:  func(d *decoder, n *yamltree.Node, path, _ string) { d.step(n, path, s) },
		write: func() string { return yamltree.Flow(pairsOf(s.fields(), (&Step{Verb: s.Verb}).fields())...) },
		lines: func(margin string) string {
			if s.Verb != Reload {
				return ""
			}
			return "\n" + strings.TrimSuffix(linesOf(s.fields(), s.fields(), margin), "\n")
		},
		check:  func(r *yamltree.Reporter, path, _ string) { s.Check(r, path) },
		schema: stepSchema,
	}
}

// step reads a step.
func (d *decoder) step(n *yamltree.Node, path string, s *Step) {
	if n.Kind != yamltree.Mapping {
		d.wrong(n, path, "a step", aStep, "")
		return
	}
	s.Verb, n = verbOf(n), withoutAliases(n)
	ok := d.mapping(n, path, "a step", s.fields(), func(p yamltree.Pair) bool { return d.strayStepKey(p, s.Verb) })
	spec := specOf(s.Verb)
	if spec == nil || !ok {
		d.Origin.Bad[path] = true
	}
	if spec == nil {
		if ok && len(n.Pairs) < 2 {
			d.At(n.Place, "the step does nothing", aStep, "")
		}
		return
	}
	if spec.fit != nil {
		if key, wrong := spec.fit(s); wrong != nil && !d.badBelow(path, spec.fields(s)) {
			if key == "" {
				d.At(n.Place, wrong.Text, wrong.Expected, wrong.Hint)
			} else {
				d.Key(yamltree.Join(path, key), wrong.Text, wrong.Expected, wrong.Hint)
			}
			d.Origin.Bad[path] = true
		}
	}
	if spec.fill != nil {
		spec.fill(s)
	}
}

// badBelow reports whether the value of a key could not be read.
func (d *decoder) badBelow(path string, fields []field) bool {
	return slices.ContainsFunc(fields, func(f field) bool { return d.bad(yamltree.Join(path, f.key)) })
}

// strayStepKey reports a key that is known, but not with this verb.
func (d *decoder) strayStepKey(p yamltree.Pair, verb Verb) bool {
	if specOf(Verb(p.Key)) != nil && verb != "" {
		d.At(p.Place, fmt.Sprintf("a step does one thing, this one has %s and %s", verb, p.Key), "", "write two steps with the same `at`; they are done in that order")
		return true
	}
	if verb == "" {
		d.At(p.Place, fmt.Sprintf("unknown key %q in a step", yamltree.Shorten(p.Key)), aStep, spell.DidYouMean(p.Key, append([]string{"at"}, verbNames...)))
		return true
	}
	for _, v := range verbs {
		if _, ok := fieldNamed(v.fields(&Step{}), p.Key); ok {
			d.At(p.Place, fmt.Sprintf("%s does not go with %s", p.Key, verb), "", fmt.Sprintf("it belongs to %s", v.verb))
			return true
		}
	}
	return false
}

// verbOf is the verb of a step's keys: that one of which the others are arguments, or
// the first.
func verbOf(n *yamltree.Node) Verb {
	var verb Verb
	for _, p := range n.Pairs {
		spec := specOf(Verb(p.Key))
		if spec == nil {
			continue
		}
		if _, takes := fieldNamed(spec.fields(&Step{}), string(verb)); verb == "" || takes {
			verb = spec.verb
		}
	}
	return verb
}

// withoutAliases is a step with the names of verbs in place of their aliases.
func withoutAliases(n *yamltree.Node) *yamltree.Node {
	out := *n
	out.Pairs = slices.Clone(n.Pairs)
	for i, p := range out.Pairs {
		if spec := specOf(Verb(p.Key)); spec != nil {
			out.Pairs[i].Key = string(spec.verb)
		}
	}
	return &out
}

// ReadStep reads one step as a file writes it, without its time: a mapping such
// as {"kill": "im-5080"} in YAML, of which JSON is a part. Whether the step can
// be done is for plan.CheckStep to say. The error says what is wrong with the text,
// in one line.
func ReadStep(text []byte) (Step, error) {
	r := &yamltree.Reporter{Name: "step"}
	if strings.TrimSpace(string(text)) == "" {
		return Step{}, wrongWords("no step", yamltree.OneOf(verbNames))
	}
	root := yamltree.Read(r, text)
	if root == nil {
		return Step{}, oneLine(r.Errors())
	}
	if root.Kind == yamltree.Mapping {
		if root.Find("at") != nil {
			return Step{}, errors.New("a manual step is done at once: it has no at")
		}
		now := &yamltree.Node{Kind: yamltree.Scalar, Place: root.Place, Text: "0s"}
		root.Pairs = append(root.Pairs, yamltree.Pair{Key: "at", Place: root.Place, Value: now})
	}
	var s Step
	(&decoder{Reporter: r}).step(root, "step", &s)
	if errs := r.Errors(); len(errs) > 0 {
		return Step{}, oneLine(errs)
	}
	return s, nil
}

// oneLine is the first of some problems in words, without its place.
func oneLine(errs yamltree.Errors) error {
	p := errs[0]
	text := p.Text
	if p.Expected != "" {
		text += ", expected " + strings.TrimPrefix(p.Expected, "`at` and ")
	}
	if p.Hint != "" {
		text += ", " + p.Hint
	}
	return errors.New(text)
}
