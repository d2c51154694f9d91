package scenario

import (
	"errors"
	"strings"
)

// ReadStep reads one step as a file writes it, without its time: a mapping such
// as {"kill": "im-5080"} in YAML, of which JSON is a part. Whether the step can
// be done is for CheckStep to say.
func ReadStep(text []byte) (Step, error) {
	rep := &reporter{name: "step"}
	if strings.TrimSpace(string(text)) == "" {
		return Step{}, wrongWords("no step", oneOf(verbNames()))
	}
	root := read(rep, text)
	if root == nil {
		return Step{}, oneLine(rep.errors())
	}
	rep.origin = &origin{name: rep.name, source: rep.source, nodes: map[string]*node{}, keys: map[string]place{}, bad: map[string]bool{}}
	if root.kind == mapping {
		for _, p := range root.pairs {
			if p.key == "at" {
				return Step{}, errors.New("a step by hand is done at once: it has no at")
			}
		}
		now := &node{kind: scalar, place: root.place, text: "0s"}
		root.pairs = append(root.pairs, pair{key: "at", place: root.place, value: now})
	}
	s := (&decoder{reporter: rep, origin: rep.origin}).step(root, "step")
	if errs := rep.errors(); len(errs) > 0 {
		return Step{}, oneLine(errs)
	}
	return s, nil
}

// oneLine is the first problem in words, without its place.
func oneLine(errs Errors) error {
	if len(errs) == 0 {
		return errors.New("not a step")
	}
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
