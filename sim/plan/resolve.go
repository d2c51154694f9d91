package plan

import (
	"fmt"
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"stickylab/cluster/nginx"
	"stickylab/sim/expect"
	"stickylab/sim/scenario"
	"stickylab/sim/scenario/yamltree"
)

// resolver checks a file as a whole and finds what its parts mean together.
type resolver struct {
	*yamltree.Reporter
	f         *scenario.File
	plan      *Plan
	groupsNow scenario.Timeline // with what steps add; once these are checked
	occupied  *occupied         // where these are; nil until someone asks
	notesOn   *yamltree.Reporter
	names     *expect.Names                // of expressions; nil means not known yet
	checked   map[string]*yamltree.Problem // what is wrong with the urls of groups
}

func newResolver(f *scenario.File) *resolver {
	return &resolver{Reporter: f.Report(), f: f, plan: &Plan{File: f, Hosts: slices.Clone(f.Hosts), taken: map[netip.Addr]bool{}}}
}

// resolve fills a plan with all but what depends on the seed. The plan is whole
// only when nothing was reported.
func (r *resolver) resolve() *Plan {
	r.bounds()
	r.urls()
	r.listedNodes()
	r.proxy()
	r.fronts()
	r.families()
	r.groups()
	r.steps()
	r.expect()
	r.lesson()
	r.plan.Notes = r.annotator().Errors()
	return r.plan
}

// bounds checks what decoding makes sure of, for files built in code, and the number of
// clients.
func (r *resolver) bounds() {
	if r.Origin == nil {
		r.f.Check(r.Reporter)
	}
	if n := r.f.ClientCount(); n > scenario.MaxClients {
		r.Key("clients", fmt.Sprintf("%d clients", n), fmt.Sprintf("at most %d in all", scenario.MaxClients), "")
	}
}

// listedNodes takes the nodes of `nodes:`, gives them addresses, and checks
// that no two share a name or an address.
func (r *resolver) listedNodes() {
	if r.IsBad("nodes") {
		return
	}
	list := slices.Clone(r.f.Nodes.List)
	for i := range r.f.Nodes.Count {
		list = append(list, scenario.Node{Name: "im-" + strconv.Itoa(i+1)})
	}
	names, folded, addresses := map[string]int{}, map[string]string{}, map[netip.AddrPort]int{}
	for i, n := range list {
		path := yamltree.Index("nodes", i)
		if first, ok := names[n.Name]; ok {
			r.Value(path+".name", fmt.Sprintf("two nodes are called %q", n.Name), "a different name", fmt.Sprintf("node %d has it already", first+1))
		} else if other, ok := folded[strings.ToLower(n.Name)]; ok {
			r.Value(path+".name", fmt.Sprintf("%q and %q are one host name", other, n.Name), "a different name", "host names do not tell capitals from small letters")
		} else if wrong := scenario.Reserved(n.Name, "a node"); wrong != nil {
			r.Value(path+".name", wrong.Text, wrong.Expected, wrong.Hint)
		}
		names[n.Name], folded[strings.ToLower(n.Name)] = i, n.Name
		if !n.Listen.IsValid() {
			continue
		}
		if first, ok := addresses[n.Listen]; ok {
			r.Value(path+".listen", fmt.Sprintf("two nodes listen on %s", n.Listen), "a different address or port", fmt.Sprintf("%s listens there already", list[first].Name))
			continue
		}
		addresses[n.Listen] = i
	}
	for _, h := range r.f.Hosts {
		if _, ok := names[h.Name]; ok {
			r.Key("hosts."+h.Name, fmt.Sprintf("%q is the name of a node", h.Name), "", "a node's name resolves to its address by itself")
		}
	}
	r.plan.Nodes = addressed(list, r.f.Hosts)
}

// addressed gives each node without an address one: 10.0.0.1:3000,
// 10.0.0.2:3000 and so on, past those that are used.
func addressed(list []scenario.Node, hosts []scenario.Host) []scenario.Node {
	used := map[netip.Addr]bool{}
	for _, n := range list {
		used[n.Listen.Addr()] = true
	}
	free := freeAddresses(used, hosts)
	out := slices.Clone(list)
	for i, n := range out {
		if !n.Listen.IsValid() {
			out[i].Listen = netip.AddrPortFrom(free(), 3000)
		}
	}
	return out
}

// lookup finds the addresses of a host name or literal address.
func lookup(host string, nodes []scenario.Node, hosts []scenario.Host) ([]netip.Addr, bool) {
	if a, err := netip.ParseAddr(host); err == nil {
		return []netip.Addr{a}, true
	}
	for _, n := range nodes {
		if n.Name == host {
			return []netip.Addr{n.Listen.Addr()}, true
		}
	}
	for _, h := range hosts {
		if h.Name == host {
			return h.Addresses, true
		}
	}
	if host == "localhost" {
		return localhost, true
	}
	return nil, false
}

// localhost are the addresses of that name unless hosts: says otherwise. Most hosts files have
// two, 127.0.0.1 and ::1, and nginx makes a peer of each; a node that listens on all
// addresses is reached by both, which here are one.
var localhost = []netip.Addr{netip.AddrFrom4([4]byte{127, 0, 0, 1}), netip.AddrFrom4([4]byte{127, 0, 0, 1})}

// hostNames are the names that nginx text may use, of nodes first.
func (p *Plan) hostNames() []string {
	out := nodeNames(p.Nodes)
	for _, h := range p.Hosts {
		out = append(out, h.Name)
	}
	return out
}

// nodeNames are the names of nodes, without repeats.
func nodeNames(nodes []scenario.Node) []string {
	var out []string
	seen := make(map[string]bool, len(nodes))
	for _, n := range nodes {
		if !seen[n.Name] {
			seen[n.Name] = true
			out = append(out, n.Name)
		}
	}
	return out
}

// nodeNamed returns the first node of a name, nil without one.
func nodeNamed(nodes []scenario.Node, name string) *scenario.Node {
	if i := slices.IndexFunc(nodes, func(n scenario.Node) bool { return n.Name == name }); i >= 0 {
		return &nodes[i]
	}
	return nil
}

// method reads a balancing method and reports what is wrong with it.
func (r *resolver) method(path, text string) (nginx.Method, bool) {
	m, err := nginx.ParseMethod(text)
	if err != nil {
		problem, hint := scenario.MethodProblem(text, err)
		r.Value(path, problem, "a balancing method as nginx writes it, such as ip_hash, least_conn or hash $remote_addr consistent", hint)
		return m, false
	}
	return m, true
}
