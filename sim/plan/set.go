package plan

import (
	"slices"

	"stickylab/sim/scenario"
	"stickylab/sim/scenario/yamltree"
)

// policyKey is the setting of the balancing method.
const policyKey = "proxy.policy"

// ParseSet is Parse for one variant of a file, "" for the file itself, with some of its
// values set. A balancing method that is set where the file has nginx text becomes that of
// the upstream that clients reach. It fails when the file has no such variant.
func ParseSet(name string, src []byte, variant string, set []scenario.Setting) (*scenario.File, yamltree.Errors, error) {
	if _, problems := Parse(name, src); len(problems) > 0 {
		return nil, problems, nil
	}
	i := slices.IndexFunc(set, func(s scenario.Setting) bool { return s.Key == policyKey })
	if i < 0 {
		return parseSet(name, src, variant, set, nil)
	}
	method := set[i]
	f, problems, err := parseSet(name, src, variant, slices.Concat(set[:i], set[i+1:]), nil)
	if err != nil {
		return nil, nil, err
	}
	if f == nil || f.Proxy.Nginx == "" {
		whole, all, err := parseSet(name, src, variant, set, nil)
		if whole == nil && f == nil {
			return nil, problems, err // of the other settings
		}
		return whole, all, err
	}
	p, problems := Resolve(f, nil)
	if len(problems) > 0 {
		return nil, problems, nil
	}
	now, err := p.Rewrite(p.Begin(), scenario.Step{Verb: scenario.Policy, Policy: method.Scalar()})
	if err != nil {
		text, hint := scenario.MethodProblem(method.Scalar(), err)
		return nil, yamltree.Errors{method.Problem(text, "", hint)}, nil
	}
	return parseSet(name, src, variant, set, &scenario.NginxText{By: method, Text: now.Config.Tree.Text()})
}

func parseSet(name string, src []byte, variant string, set []scenario.Setting, text *scenario.NginxText) (*scenario.File, yamltree.Errors, error) {
	f, found, err := scenario.DecodeSet(name, src, variant, set, text)
	if err != nil {
		return nil, nil, err
	}
	if f == nil {
		return nil, found.Errors(), nil
	}
	r := newResolver(f)
	r.resolve()
	if errs := r.Errors(); len(errs) > 0 {
		return nil, errs, nil
	}
	return f, nil, nil
}
