package swarm

import (
	"slices"
	"strings"
	"testing"

	"stickylab/sim/scenario"
	"stickylab/sim/scenario/yamltree"
)

// spec is the JSON Schema of scenario files, which is made from the one table of the
// scenario language: what it has is drawn, and nothing else.
type spec struct{ root, defs *tree }

func readSpec(t testing.TB) *spec {
	t.Helper()
	schema, err := scenario.Schema()
	if err != nil {
		t.Fatal(err)
	}
	r := &yamltree.Reporter{Name: "schema.json"}
	n := yamltree.Read(r, schema)
	if n == nil {
		t.Fatal(r.Errors())
	}
	root := read(n)
	return &spec{root, root.at("$defs")}
}

// follow returns the form that a reference leads to, with the name of its
// definition, "duration", or of the key of one, "group.count".
func (s *spec) follow(ref string) (form *tree, name string) {
	path := strings.Split(strings.TrimPrefix(ref, "#/$defs/"), "/")
	form = s.defs
	for _, key := range path {
		form = form.at(key)
	}
	return form, strings.ReplaceAll(strings.Join(path, "."), ".properties.", ".")
}

// verbs are the forms of a step, by verb.
func (s *spec) verbs() []*tree { return s.defs.at("step").at("anyOf").list }

// needs reports whether a key of a form is required.
func needs(form *tree, key string) bool {
	r := form.at("required")
	return r != nil && slices.ContainsFunc(r.list, func(one *tree) bool { return one.text == key })
}

// parts calls f for each part that a form says a value may have: the keys of a
// mapping by "group.count", the words of an enumeration by "group.kind=browser",
// the verbs of steps by "step=kill". With a value it does so for the parts that this
// one has.
func (s *spec) parts(form *tree, path string, value *tree, f func(part string)) {
	if leftOut[path] != "" {
		return
	}
	for ref := form.at("$ref"); ref != nil; ref = form.at("$ref") {
		form, path = s.follow(ref.text)
	}
	switch {
	case form.at("enum") != nil:
		for _, word := range form.at("enum").list {
			if part := path + "=" + word.text; leftOut[part] == "" && (value == nil || value.text == word.text) {
				f(part)
			}
		}
	case form.at("anyOf") != nil:
		for _, one := range form.at("anyOf").list {
			verb := one.at("title")
			switch {
			case value != nil && !s.fits(one, value):
			case verb != nil:
				f("step=" + verb.text)
				s.parts(one, verb.text, value, f)
			default:
				s.parts(one, path, value, f)
			}
		}
	case form.at("items") != nil && value == nil:
		s.parts(form.at("items"), path, nil, f)
	case form.at("items") != nil:
		for _, one := range value.list {
			s.parts(form.at("items"), path, one, f)
		}
	case form.at("properties") != nil:
		for i, key := range form.at("properties").keys {
			part := path + "." + key
			if leftOut[part] != "" || value != nil && value.at(key) == nil {
				continue
			}
			f(part)
			var one *tree
			if value != nil {
				one = value.at(key)
			}
			s.parts(form.at("properties").list[i], part, one, f)
		}
	case form.at("additionalProperties") != nil && value == nil:
		s.parts(form.at("additionalProperties"), path, nil, f)
	case form.at("additionalProperties") != nil:
		for _, one := range value.list {
			s.parts(form.at("additionalProperties"), path, one, f)
		}
	case form.at("type") != nil && form.at("type").text == "boolean":
		for _, word := range []string{"false", "true"} {
			if value == nil || value.text == word {
				f(path + "=" + word)
			}
		}
	}
}

// fits reports whether a value may be of a form, as far as alternatives must be told
// apart.
func (s *spec) fits(form, value *tree) bool {
	for ref := form.at("$ref"); ref != nil; ref = form.at("$ref") {
		form, _ = s.follow(ref.text)
	}
	switch verb := form.at("title"); {
	case verb != nil:
		return value.at(verb.text) != nil
	case form.at("properties") != nil:
		return value.shape == pairs
	case form.at("items") != nil:
		return value.shape == list
	case form.at("type") != nil && form.at("type").text == "boolean":
		return value.text == "true" || value.text == "false"
	}
	return value.shape == word || value.shape == text
}

// A new key, verb or word of the language is drawn, or the swarm must be told what
// it may be.
func TestEveryPartIsDrawn(t *testing.T) {
	s := readSpec(t)
	missing := map[string]bool{}
	s.parts(s.root, "scenario", nil, func(part string) { missing[part] = true })
	if len(missing) < 150 {
		t.Fatalf("the language has only %d parts", len(missing))
	}
	for seed := uint64(0); len(missing) > 0 && seed < 5000; seed++ {
		d, _, _ := s.valid(seed)
		s.parts(s.root, "scenario", d.top, func(part string) { delete(missing, part) })
	}
	for part := range missing {
		t.Errorf("%s is never drawn", part)
	}
}
