package scenario

import (
	"errors"
	"strings"

	"stickylab/sim/scenario/yamltree"
)

// ReadStep reads one step as a file writes it, without its time: a mapping such
// as {"kill": "im-5080"} in YAML, of which JSON is a part. Whether the step can
// be done is for CheckStep to say.
func ReadStep(text []byte) (Step, error) {
	rep := &yamltree.Reporter{Name: "step"}
	if strings.TrimSpace(string(text)) == "" {
		return Step{}, wrongWords("no step", yamltree.OneOf(verbNames()))
	}
	root := yamltree.Read(rep, text, fileWording)
	if root == nil {
		return Step{}, oneLine(rep.Errors())
	}
	if root.Kind == yamltree.Mapping {
		for _, p := range root.Pairs {
			if p.Key == "at" {
				return Step{}, errors.New("a step by hand is done at once: it has no at")
			}
		}
		now := &yamltree.Node{Kind: yamltree.Scalar, Place: root.Place, Text: "0s"}
		root.Pairs = append(root.Pairs, yamltree.Pair{Key: "at", Place: root.Place, Value: now})
	}
	s := (&decoder{Reporter: rep}).step(root, "step")
	if errs := rep.Errors(); len(errs) > 0 {
		return Step{}, oneLine(errs)
	}
	return s, nil
}

// oneLine is the first problem in words, without its place.
func oneLine(errs yamltree.Errors) error {
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
