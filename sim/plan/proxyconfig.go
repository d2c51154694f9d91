package plan

import (
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"stickylab/cluster/nginx"
	"stickylab/cluster/nginx/edit"
	"stickylab/cluster/nginx/syntax"
	"stickylab/cluster/spell"
	"stickylab/sim/format"
	"stickylab/sim/scenario"
	"stickylab/sim/scenario/yamltree"
)

// Running is what steps change of the proxy and the nodes.
type Running struct {
	Config *nginx.Config   // current
	Nodes  []scenario.Node // up or not
	Gone   []scenario.Node // that scale has removed; one that comes back has its old address
}

// Begin returns the state before any step.
func (p *Plan) Begin() Running { return Running{Config: p.Config, Nodes: slices.Clone(p.Nodes)} }

// rewriting are the steps that Rewrite is for.
var rewriting = []scenario.Verb{scenario.Policy, scenario.Down, scenario.Up, scenario.Drain, scenario.Scale, scenario.Reload}

// End returns the state after all steps.
func (p *Plan) End() Running {
	now := p.Begin()
	for _, s := range p.Steps {
		if slices.Contains(rewriting, s.Verb) {
			now, _ = p.Rewrite(now, s) // one that cannot be done leaves things as they are
		}
	}
	return now
}

// Rewrite returns what a step makes of the configuration and the nodes. It fails
// when the step names an unknown upstream or node, cannot be done, or
// makes a text that nginx refuses.
func (p *Plan) Rewrite(now Running, s scenario.Step) (Running, error) {
	e := &editor{plan: p, running: &Running{Nodes: slices.Clone(now.Nodes), Gone: slices.Clone(now.Gone)}, upstream: s.Upstream}
	if s.Verb == scenario.Reload {
		e.tree = p.texts.Scan(s.Nginx)
	} else {
		e.tree = now.Config.Tree
		if err := e.find(now.Config, s.Node); err != nil {
			return now, err
		}
		if err := e.edit(s); err != nil {
			return now, err
		}
	}
	config, err := p.read(e.tree)
	if err != nil {
		return now, err
	}
	e.running.Config = config
	return *e.running, nil
}

// read returns the configuration of a tree. It fails with the first problem.
func (p *Plan) read(t *syntax.Tree) (*nginx.Config, error) {
	config, problems := p.texts.ParseTree(t, p.File.NginxVersion)
	if len(problems) > 0 {
		return nil, fmt.Errorf("nginx, line %d: %s", problems[0].Pos.Line, problems[0].Text)
	}
	return config, nil
}

// editor edits the server lines of one upstream.
type editor struct {
	plan     *Plan
	running  *Running
	tree     *syntax.Tree // as edited so far
	upstream string
	block    *nginx.Upstream
}

// find chooses the upstream.
func (e *editor) find(config *nginx.Config, node string) error {
	blocks := config.Blocks()
	name := e.upstream
	if used := e.plan.UsedBy(config); name == "" && len(used) > 0 {
		name = used[max(0, slices.IndexFunc(used, func(u string) bool { // the one that has the node
			return node != "" && (&editor{plan: e.plan, running: e.running, block: config.Upstream(u)}).has(node)
		}))]
	}
	if slices.Contains(blocks, name) {
		e.upstream, e.block = name, config.Upstream(name)
		return nil
	}
	if e.upstream == "" {
		return errors.New("clients reach no upstream block that could be changed")
	}
	return unknownName("upstream", name, blocks)
}

// unknownName returns the error about a name that a step may not use; known are
// those that it may.
func unknownName(kind, name string, known []string) error {
	e := &spell.Unknown{Kind: kind, Problem: fmt.Sprintf("no %s %q", kind, name), Near: spell.Nearest(name, known)}
	if all := yamltree.OneOf(known); e.Near == "" && all != "" {
		e.Problem += ", " + all
	}
	return e
}

func (e *editor) edit(s scenario.Step) (err error) {
	switch s.Verb {
	case scenario.Policy:
		m, err := nginx.ParseMethod(s.Policy)
		if err != nil {
			return err
		}
		return e.changed(edit.SetMethod(e.tree, e.upstream, m))
	case scenario.Down:
		err = e.set(s.Node, []string{"down"}, []string{"drain"})
	case scenario.Drain:
		err = e.set(s.Node, []string{"drain"}, []string{"down"})
	case scenario.Up:
		err = e.set(s.Node, nil, []string{"down", "drain"})
	case scenario.Scale:
		err = e.scale(s)
	}
	return err
}

// set changes the parameters of a node's server lines.
func (e *editor) set(node string, on, off []string) error {
	i, err := e.node(node)
	if err != nil {
		return err
	}
	lines := e.lines(e.running.Nodes[i])
	if len(lines) == 0 {
		return fmt.Errorf("upstream %q has no server line of %s (%s)", e.upstream, node, e.running.Nodes[i].Listen)
	}
	return e.changed(edit.SetServers(e.tree, edit.Servers{Upstream: e.upstream, Addresses: lines}, on, off))
}

// changed takes the result of an edit.
func (e *editor) changed(t *syntax.Tree, err error) error {
	if err == nil {
		e.tree = t
	}
	return err
}

func (e *editor) node(name string) (int, error) {
	if i := slices.IndexFunc(e.running.Nodes, func(n scenario.Node) bool { return n.Name == name }); i >= 0 {
		return i, nil
	}
	return 0, unknownName("node", name, nodeNames(e.running.Nodes))
}

// lines are the addresses, as written, of the server lines that lead to a node.
func (e *editor) lines(n scenario.Node) []string {
	var out []string
	for _, s := range e.block.Servers {
		addresses, _ := lookup(s.Host, e.running.Nodes, e.plan.Hosts)
		if s.Port == int(n.Listen.Port()) && slices.Contains(addresses, n.Listen.Addr()) {
			out = append(out, s.Address)
		}
	}
	return out
}

// has reports whether a server line leads to a node.
func (e *editor) has(node string) bool {
	i, err := e.node(node)
	return err == nil && e.block != nil && len(e.lines(e.running.Nodes[i])) > 0
}

func (e *editor) scale(s scenario.Step) error {
	switch {
	case s.Added != "":
		return e.add(s.Added)
	case s.Removed != "":
		return e.remove(s.Removed)
	case s.Count == len(e.running.Nodes):
		return fmt.Errorf("there are %s already", format.Plural(s.Count, "node"))
	}
	for len(e.running.Nodes) > s.Count {
		if err := e.remove(e.running.Nodes[len(e.running.Nodes)-1].Name); err != nil {
			return err
		}
	}
	for len(e.running.Nodes) < s.Count {
		if err := e.add(e.nextName()); err != nil {
			return err
		}
	}
	return nil
}

func (e *editor) add(name string) error {
	r := e.running
	if _, err := e.node(name); err == nil {
		return fmt.Errorf("there is a node %q already", name)
	}
	if slices.Contains(e.plan.reserved(), name) || scenario.Reserved(name, "") != nil {
		return fmt.Errorf("%q cannot be the name of a node", name)
	}
	if len(r.Nodes) >= scenario.MaxNodes {
		return fmt.Errorf("there can be at most %d nodes", scenario.MaxNodes)
	}
	n := scenario.Node{Name: name}
	if i := slices.IndexFunc(r.Gone, func(n scenario.Node) bool { return n.Name == name }); i >= 0 {
		n = r.Gone[i]
		r.Gone = slices.Delete(r.Gone, i, i+1)
	} else {
		n.Listen = e.nextAddress()
		like := r.Nodes[len(r.Nodes)-1]
		n.App, n.Key = like.App, like.Key
	}
	r.Nodes = append(r.Nodes, n)
	return e.changed(edit.AddServer(e.tree, e.upstream, n.Listen.String()))
}

// remove takes a node away with its server lines.
func (e *editor) remove(name string) error {
	i, err := e.node(name)
	if err != nil {
		return err
	}
	r := e.running
	n := r.Nodes[i]
	if len(r.Nodes) == 1 {
		return fmt.Errorf("%s is the only node", name)
	}
	config, err := e.plan.read(e.tree)
	if err != nil {
		return err
	}
	for _, u := range config.Upstreams { // no text may lead to a node that is gone
		other := editor{plan: e.plan, running: r, upstream: u.Name, block: u}
		if lines := other.lines(n); len(lines) > 0 && !u.Implicit {
			if err := e.changed(edit.RemoveServers(e.tree, edit.Servers{Upstream: u.Name, Addresses: lines})); err != nil {
				return err
			}
		}
	}
	r.Nodes = slices.Delete(r.Nodes, i, i+1)
	r.Gone = append(r.Gone, n)
	return nil
}

// nextName continues the names of the nodes: im-3 after im-2, im-5081 after
// im-5080, chat-a-2 after chat-a.
func (e *editor) nextName() string {
	if n := len(e.running.Gone); n > 0 {
		return e.running.Gone[n-1].Name // the last that went comes back first
	}
	last := e.running.Nodes[len(e.running.Nodes)-1].Name
	stem := strings.TrimRight(last, "0123456789")
	number, err := strconv.Atoi(last[len(stem):])
	if err != nil {
		stem, number = last+"-", 1
	}
	for {
		number++
		name := stem + strconv.Itoa(number)
		if _, err := e.node(name); err != nil {
			return name
		}
	}
}

// nextAddress continues the addresses of the nodes: the next port where all
// share an address, else the next address.
func (e *editor) nextAddress() netip.AddrPort {
	last := e.running.Nodes[len(e.running.Nodes)-1].Listen
	all := slices.Concat(e.running.Nodes, e.running.Gone)
	shared, listens := len(all) > 1, make(map[netip.AddrPort]bool, len(all))
	for _, n := range all {
		shared = shared && n.Listen.Addr() == last.Addr()
		listens[n.Listen] = true
	}
	for {
		if shared {
			last = netip.AddrPortFrom(last.Addr(), max(last.Port()+1, 1024))
		} else {
			last = netip.AddrPortFrom(last.Addr().Next(), last.Port())
		}
		used := !shared && e.plan.taken[last.Addr()] || slices.Contains(e.plan.Proxy, last)
		if !used && !listens[last] {
			return last
		}
	}
}
