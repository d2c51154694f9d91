package plan

import (
	"fmt"
	"slices"

	"stickylab/cluster/nginx"
	"stickylab/cluster/nginx/edit"
	"stickylab/cluster/spell"
	"stickylab/sim/scenario/yamltree"
)

// WithText reads the nginx text of a reload and checks it against the plan's
// nodes, as the file's own was.
func (p *Plan) WithText(text string) (*nginx.Config, yamltree.Errors) {
	r := p.again()
	config, ok := r.parse(text, "nginx")
	if ok {
		r.servers(config, "nginx", p.UsedBy(config))
	}
	if errs := r.Errors(); len(errs) > 0 {
		return nil, errs
	}
	return config, nil
}

// WithPolicy rewrites the balancing method of an upstream ("": the used one) in
// the text that is in force, as a policy step does.
func (p *Plan) WithPolicy(text, upstream, policy string) (string, *nginx.Config, yamltree.Errors) {
	r := p.again()
	out, config := r.rewrite("policy", "policy", text, upstream, policy)
	if errs := r.Errors(); len(errs) > 0 {
		return "", nil, errs
	}
	return out, config, nil
}

// again is a resolver over a plan that is made, for what comes in by hand.
func (p *Plan) again() *resolver {
	return &resolver{Reporter: &yamltree.Reporter{}, f: p.File.Bare(), plan: p}
}

// rewrite sets the method of an upstream in a text.
func (r *resolver) rewrite(path, upstreamPath, text, upstream, policy string) (string, *nginx.Config) {
	m, ok := r.method(path, policy)
	if !ok {
		return "", nil
	}
	before, problems := r.plan.texts.Parse(text, nginx.Options{Version: r.f.NginxVersion})
	if len(problems) > 0 {
		return "", nil
	}
	name := upstream
	if used := r.plan.UsedBy(before); name == "" && len(used) > 0 {
		name = used[0]
	}
	var blocks []string
	for _, u := range before.Upstreams {
		if !u.Implicit {
			blocks = append(blocks, u.Name)
		}
	}
	if !slices.Contains(blocks, name) {
		if upstream == "" {
			r.Value(path, "clients reach no upstream whose method could be changed", "an upstream block that the proxy_pass names", "")
		} else {
			r.Value(upstreamPath, fmt.Sprintf("no upstream %q", upstream), yamltree.OneOf(blocks), spell.DidYouMean(upstream, blocks))
		}
		return "", nil
	}
	edited, err := edit.SetMethod(r.plan.texts.Scan(text), name, m)
	if err != nil {
		r.Value(path, err.Error(), "", "")
		return "", nil
	}
	out := edited.Text()
	config, ok := r.parse(out, path)
	if !ok {
		return "", nil
	}
	return out, config
}
