package plan

import (
	"fmt"

	"stickylab/cluster/nginx"
	"stickylab/cluster/nginx/edit"
	"stickylab/cluster/nginx/syntax"
	"stickylab/cluster/spell"
	"stickylab/sim/scenario/yamltree"
)

// WithPolicy sets the balancing method of an upstream in a configuration, as a
// policy step does; "" is the upstream that clients reach. The problems are those
// of the policy, the upstream and the tree.
func (p *Plan) WithPolicy(t *syntax.Tree, upstream, policy string) (*nginx.Config, yamltree.Errors) {
	r := &resolver{Reporter: &yamltree.Reporter{}, f: p.File.Bare(), plan: p}
	config, ok := r.parseTree(t, "policy")
	if ok {
		config = r.rewrite("policy", "policy", config, upstream, policy)
	}
	if errs := r.Errors(); len(errs) > 0 {
		return nil, errs
	}
	return config, nil
}

// rewrite sets the method of an upstream, and reports what is wrong with it. The
// result is nil when something is.
func (r *resolver) rewrite(path, upstreamPath string, before *nginx.Config, upstream, policy string) *nginx.Config {
	m, ok := r.method(path, policy)
	if !ok {
		return nil
	}
	e := editor{plan: r.plan, upstream: upstream}
	switch err := e.find(before, ""); {
	case err != nil && upstream == "":
		r.Value(path, "clients reach no upstream whose method could be changed", "an upstream block that the proxy_pass names", "")
		return nil
	case err != nil:
		blocks := before.Blocks()
		r.Value(upstreamPath, fmt.Sprintf("no upstream %q", upstream), yamltree.OneOf(blocks), spell.DidYouMean(upstream, blocks))
		return nil
	}
	edited, err := edit.SetMethod(before.Tree, e.upstream, m)
	if err != nil {
		r.Value(path, err.Error(), "", "")
		return nil
	}
	config, ok := r.parseTree(edited, path)
	if !ok {
		return nil
	}
	return config
}
