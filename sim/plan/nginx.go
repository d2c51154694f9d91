package plan

import (
	"cmp"
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"stickylab/cluster/nginx"
	"stickylab/cluster/nginx/edit"
	"stickylab/cluster/nginx/syntax"
	"stickylab/cluster/spell"
	"stickylab/sim/scenario"
	"stickylab/sim/scenario/yamltree"
)

// Expand returns the nginx text of a file: the one written, or the one that the
// short form stands for. It is "" for a short form that cannot be expanded.
func Expand(f *scenario.File) string {
	r := newResolver(f)
	r.listedNodes()
	text, _ := r.text()
	return text
}

// text returns the nginx text and the path of the value that it came from.
func (r *resolver) text() (text, path string) {
	p := r.f.Proxy
	switch {
	case r.IsBad("proxy"):
		return "", ""
	case p.Policy == "" && p.Nginx == "":
		if !r.IsBad("proxy.nginx") && !r.IsBad("proxy.policy") && !r.lacks("proxy") {
			r.Value("proxy", "proxy lacks its configuration", "nginx: with nginx's own text, or policy: with a balancing method", "")
		}
		return "", ""
	case p.Policy == "":
		return p.Nginx, "proxy.nginx"
	}
	m, ok := r.method("proxy.policy", p.Policy)
	if !ok || r.IsBad("nodes") || r.IsBad("proxy.listen") || r.IsBad("proxy.server_name") {
		return "", ""
	}
	if len(r.plan.Nodes) == 0 {
		r.Value("proxy.policy", "the short form needs nodes", "nodes: with a number or a list", "`nodes: 2` is enough")
		return "", ""
	}
	var servers []string
	for _, n := range r.plan.Nodes {
		servers = append(servers, n.Listen.String())
	}
	return edit.Template(m, servers, cmp.Or(p.Listen, scenario.DefaultListen), cmp.Or(p.ServerName, scenario.DefaultServerName)), "proxy.policy"
}

// lacks reports whether a key is missing from the text, which decoding reports.
func (r *resolver) lacks(path string) bool { return r.Origin != nil && r.Origin.Nodes[path] == nil }

// proxy reads the configuration, finds where clients go, and makes sure that
// every server line leads somewhere.
func (r *resolver) proxy() {
	text, path := r.text()
	if text == "" {
		return
	}
	config, ok := r.parse(text, path)
	if !ok {
		if r.Origin != nil && len(r.plan.Nodes) == 0 {
			r.Origin.Bad["nodes"] = true
		}
		if path == "proxy.nginx" && config != nil && !r.IsBad("nodes") {
			r.servers(config, path, []string{onlyUpstream(config)})
		}
		return
	}
	r.plan.Config = config
	r.plan.ProxyAddress = ProxyAddress(config, r.plan.Nodes)
	r.plan.Proxy = listeners(config, r.plan.ProxyAddress)
	r.target()
	if !r.IsBad("nodes") {
		if len(r.plan.Nodes) == 0 {
			r.derivedNodes(config)
		}
		r.servers(config, path, r.used(config))
		r.listenersApart()
	}
	r.trusted(config, path)
	r.take()
	r.notes(config, path)
}

// trusted makes sure that the hosts of set_real_ip_from are known.
func (r *resolver) trusted(config *nginx.Config, path string) {
	for _, rule := range config.RealIPs() {
		for _, h := range rule.Hosts {
			if _, ok := lookup(h.Name, r.plan.Nodes, r.plan.Hosts); !ok && !r.IsBad("hosts") {
				inText(r.Reporter, path, h.Pos, len([]rune(h.Name)), fmt.Sprintf("host not found in set_real_ip_from %q", h.Name), "a node's name, a name of hosts:, or an address", spell.DidYouMean(h.Name, r.plan.hostNames()))
			}
		}
	}
}

// used are the upstreams that clients reach: that of the plan's target, and
// those of groups that go elsewhere.
func (r *resolver) used(config *nginx.Config) []string {
	var out []string
	if r.plan.Upstream != "" {
		out = r.plan.pools(config, r.plan.Target)
	}
	for _, to := range r.plan.urls {
		if w, wrong := r.plan.route(to); wrong == nil && w.Upstream != "" {
			out = add(out, r.plan.pools(config, w.Entry))
		}
	}
	return out
}

// notes keeps what is to be said about a text without mistakes.
func (r *resolver) notes(config *nginx.Config, path string) {
	notes := r.annotator()
	for _, n := range config.Notes {
		inText(notes, path, n.Pos, 1, n.Text, "", n.Hint)
	}
}

// onlyUpstream is the name of the upstream block of a text that has one. It
// stands for the used upstream where mistakes keep that from being found.
func onlyUpstream(config *nginx.Config) string {
	if blocks := config.Blocks(); len(blocks) == 1 {
		return blocks[0]
	}
	return ""
}

// parse reads nginx text and reports its problems at their places in the file. The
// result is false when there are any.
func (r *resolver) parse(text, path string) (*nginx.Config, bool) {
	return r.parseTree(r.plan.texts.Scan(text), path)
}

// parseTree is parse for a text that is scanned.
func (r *resolver) parseTree(t *syntax.Tree, path string) (*nginx.Config, bool) {
	config, problems := r.plan.texts.ParseTree(t, r.f.NginxVersion)
	for _, p := range problems {
		inText(r.Reporter, path, p.Pos, 1, p.Text, "", p.Hint)
	}
	return config, len(problems) == 0
}

// servers makes sure that host names in upstreams are known, and that each
// server line of the used upstream is a node.
func (r *resolver) servers(config *nginx.Config, path string, used []string) {
	for _, u := range config.Upstreams {
		for _, s := range u.Servers {
			if r.Full() {
				return
			}
			r.server(u, s, path, slices.Contains(used, u.Name))
		}
	}
}

func (r *resolver) server(u *nginx.Upstream, s *nginx.UpstreamServer, path string, used bool) {
	report := func(text, expected, hint string) {
		inText(r.Reporter, path, find(r.textOf(path), s.Pos, s.Address), len([]rune(s.Address)), text, expected, hint)
	}
	addresses, ok := lookup(s.Host, r.plan.Nodes, r.plan.Hosts)
	if !ok && s.Socket() {
		if used && !r.IsBad("hosts") {
			report(fmt.Sprintf("no node listens on %s", s.Host), "leave nodes: out, and there is one; or write both hosts: and a node",
				fmt.Sprintf("with %q: 10.0.0.1 under hosts:, the node has listen: 10.0.0.1:%d", s.Host, s.Port))
		}
		return
	}
	if !ok {
		if !r.IsBad("hosts") {
			report(fmt.Sprintf("host not found in upstream %q", s.Address), "a node's name, a name of hosts:, or an address", spell.DidYouMean(s.Host, r.plan.hostNames()))
		}
		return
	}
	if !used || r.IsBad("hosts") {
		return
	}
	for _, a := range addresses {
		at := netip.AddrPortFrom(a, uint16(s.Port))
		if !slices.ContainsFunc(r.plan.Nodes, func(n scenario.Node) bool { return n.Listen == at }) {
			report(fmt.Sprintf("no node listens on %s", at), "", r.nearestNode(at.String()))
		}
	}
}

// nearestNode is the hint that names the node with the address most like one.
func (r *resolver) nearestNode(address string) string {
	best, least := "", 1<<30
	for _, n := range r.plan.Nodes {
		if d := spell.Distance(address, n.Listen.String()); d < least {
			best, least = fmt.Sprintf("the nearest is %s (%s)", n.Listen, n.Name), d
		}
	}
	return best
}

// textOf returns the nginx text at a path.
func (r *resolver) textOf(path string) string {
	if n := r.NodeOf(path); n != nil {
		return n.Text
	}
	if path == "proxy.nginx" {
		return r.f.Proxy.Nginx
	}
	return ""
}

// find moves a position on to where a word begins in the same line.
func find(text string, at syntax.Pos, word string) syntax.Pos {
	lines := strings.Split(text, "\n")
	if at.Line < 1 || at.Line > len(lines) {
		return at
	}
	row := []rune(lines[at.Line-1])
	if at.Column < 1 || at.Column > len(row) {
		return at
	}
	if before, _, found := strings.Cut(string(row[at.Column-1:]), word); found {
		at.Column += len([]rune(before))
	}
	return at
}

// inText reports a problem at a place of the nginx text at a path. A text that stands
// for a method has no places in the file.
func inText(r *yamltree.Reporter, path string, at syntax.Pos, width int, text, expected, hint string) {
	if strings.HasSuffix(path, "policy") {
		r.Value(path, text, expected, hint)
		return
	}
	r.Inside(path, at.Line, at.Column, width, text, expected, hint)
}
