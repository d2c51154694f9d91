package scenario

import (
	"fmt"
	"net/netip"
	"regexp"
	"strconv"
	"strings"

	"stickylab/cluster/nginx"
	"stickylab/sim/scenario/yamltree"
)

// file reads the whole file.
func (d *decoder) file(n *yamltree.Node, f *File) {
	d.mapping(n, "", "a scenario", d.fileFields(n, f), nil)
}

func (d *decoder) fileFields(root *yamltree.Node, f *File) []field {
	return []field{
		{"title", true, d.text(&f.Title, "title")},
		{"summary", false, d.text(&f.Summary, "summary")},
		{"seed", false, d.seed(&f.Seed)},
		{"duration", true, d.duration(&f.Duration, "duration", 0)},
		{"settle", false, d.duration(&f.Settle, "settle", -1)},
		{"nginx_version", false, d.choice((*string)(&f.NginxVersion), "nginx_version", nginx.Versions...)},
		{"nodes", false, func(n *yamltree.Node, path string) { d.nodes(n, path, &f.Nodes) }},
		{"hosts", false, func(n *yamltree.Node, path string) { d.hosts(n, path, f) }},
		{"socketio", false, d.socketIO(&f.SocketIO)},
		{"adapter", false, d.choice(&f.Adapter, "adapter", AdapterNone, AdapterRedis)},
		{"url", false, d.text(&f.URL, "url")},
		{"proxy", true, func(n *yamltree.Node, path string) { d.proxy(n, path, &f.Proxy) }},
		{"front", false, func(n *yamltree.Node, path string) { d.fronts(n, path, f) }},
		{"network", false, func(n *yamltree.Node, path string) {
			d.mapping(n, path, "network", d.networkFields(&f.Network), nil)
		}},
		{"clients", true, func(n *yamltree.Node, path string) { d.clients(n, path, f) }},
		{"steps", false, d.each("steps", "a list of steps such as {at: 20s, adapter: redis}", func(n *yamltree.Node, path string) {
			f.Steps = append(f.Steps, d.step(n, path))
		})},
		{"expect", false, d.each("expect", "a list of expectations such as {at: end, that: \"delivery.total.ratio == 1\"}", func(n *yamltree.Node, path string) {
			f.Expect = append(f.Expect, d.expectation(n, path))
		})},
		{"variants", false, func(n *yamltree.Node, path string) { d.variants(root, n, path, f) }},
		{"lesson", false, func(n *yamltree.Node, path string) { f.Lesson = d.lesson(n, path) }},
	}
}

func (d *decoder) seed(into *uint64) func(*yamltree.Node, string) {
	return func(n *yamltree.Node, path string) {
		v, err := strconv.ParseUint(strings.ReplaceAll(n.Text, "_", ""), 10, 64)
		if n.Kind != yamltree.Scalar || err != nil {
			d.wrong(n, path, "seed", "a whole number from 0 on, such as 7", "")
			return
		}
		*into = v
	}
}

var (
	NodeName  = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9_-]*(\.[A-Za-z0-9_-]+)*$`)
	GroupName = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_-]*$`)
)

const LongestName = 40

func (d *decoder) nodes(n *yamltree.Node, path string, into *Nodes) {
	if n.Kind == yamltree.Scalar {
		d.whole(&into.Count, "nodes", 1, MaxNodes)(n, path)
		return
	}
	if n.Kind == yamltree.Sequence && len(n.Items) == 0 || len(n.Items) > MaxNodes {
		d.invalid(n, path, fmt.Sprintf("%d nodes", len(n.Items)), fmt.Sprintf("1 to %d nodes", MaxNodes), "without `nodes:` they come from the server lines")
		return
	}
	d.each("nodes", "a number, or a list such as [{name: im-3030, listen: 127.0.0.1:3030}]", func(n *yamltree.Node, path string) {
		var one Node
		d.mapping(n, path, "a node", d.nodeFields(&one), nil)
		if d.Origin.Bad[path] || d.Origin.Bad[path+".name"] || d.Origin.Bad[path+".listen"] {
			d.Origin.Bad["nodes"] = true
		}
		into.List = append(into.List, one)
	})(n, path)
}

func (d *decoder) nodeFields(into *Node) []field {
	return []field{
		{"name", true, d.name(&into.Name, "name", NodeName)},
		{"listen", false, d.addrPort(&into.Listen, "listen")},
		{"app", false, d.name(&into.App, "app", NodeName)},
		{"key", false, d.name(&into.Key, "key", NodeName)},
	}
}

func (d *decoder) name(into *string, what string, form *regexp.Regexp) func(*yamltree.Node, string) {
	return func(n *yamltree.Node, path string) {
		if n.Kind != yamltree.Scalar || !form.MatchString(n.Text) || len(n.Text) > LongestName {
			d.wrong(n, path, what, fmt.Sprintf("letters, digits and -, up to %d", LongestName), "")
			return
		}
		*into = n.Text
	}
}

func (d *decoder) addrPort(into *netip.AddrPort, what string) func(*yamltree.Node, string) {
	return func(n *yamltree.Node, path string) {
		v, err := netip.ParseAddrPort(n.Text)
		if n.Kind != yamltree.Scalar || err != nil || v.Port() == 0 || v.Addr().IsUnspecified() || v.Addr().Zone() != "" {
			d.wrong(n, path, what, "an address and a port such as 10.0.0.1:3000", "")
			return
		}
		*into = v
	}
}

func (d *decoder) hosts(n *yamltree.Node, path string, f *File) {
	if n.Kind != yamltree.Mapping {
		d.wrong(n, path, "hosts", "names with their address, such as {chat-a: 10.0.0.1}", "")
		return
	}
	seen := map[string]yamltree.Place{}
	for _, p := range n.Pairs {
		if d.Repeated(seen, p) {
			continue
		}
		at := yamltree.Join(path, p.Key)
		d.Origin.Nodes[at], d.Origin.Keys[at] = p.Value, p.Place
		h := Host{Name: p.Key}
		if !NodeName.MatchString(p.Key) {
			d.At(p.Place, fmt.Sprintf("%q is not a host name", p.Key), "letters, digits, - and dots", "")
		}
		list := []*yamltree.Node{p.Value}
		if p.Value.Kind == yamltree.Sequence {
			list = p.Value.Items
		}
		for _, item := range list {
			a, err := netip.ParseAddr(item.Text)
			if !d.countStep(item) || item.Kind != yamltree.Scalar || err != nil || a.Zone() != "" {
				d.wrong(item, at, "the address of "+p.Key, "an address such as 10.0.0.1, or a list of them", "")
				d.Origin.Bad["hosts"] = true
				continue
			}
			h.Addresses = append(h.Addresses, a)
		}
		if len(list) == 0 {
			d.invalid(p.Value, at, p.Key+" has no address", "an address such as 10.0.0.1", "")
		}
		f.Hosts = append(f.Hosts, h)
	}
}

func (d *decoder) proxy(n *yamltree.Node, path string, into *Proxy) {
	if !d.mapping(n, path, "proxy", d.proxyFields(into), nil) {
		d.Origin.Bad[path] = true
		return
	}
	long, short := d.Origin.Nodes[path+".nginx"], d.Origin.Nodes[path+".policy"]
	switch {
	case long == nil && short == nil:
		d.invalid(n, path, "proxy lacks its configuration", "nginx: with nginx's own text, or policy: with a balancing method", "the shortest is `proxy: {policy: ip_hash}`")
	case long != nil && short != nil:
		d.Key(path+".policy", "proxy has both nginx: and policy:", "one of them", "write the method into the upstream block, or leave nginx: out")
		d.Origin.Bad[path] = true
	case long != nil:
		for _, key := range []string{"listen", "server_name"} {
			if d.Origin.Nodes[yamltree.Join(path, key)] != nil {
				d.Key(yamltree.Join(path, key), fmt.Sprintf("%s belongs to the short form", key), "", "write it into the server block of the nginx text")
			}
		}
	}
}

func (d *decoder) proxyFields(into *Proxy) []field {
	return []field{
		{"nginx", false, d.text(&into.Nginx, "nginx")},
		{"policy", false, d.text(&into.Policy, "policy")},
		{"listen", false, func(n *yamltree.Node, path string) {
			var a netip.AddrPort
			if d.addrPort(&a, "listen")(n, path); a.IsValid() {
				into.Listen = n.Text
			}
		}},
		{"server_name", false, d.name(&into.ServerName, "server_name", NodeName)},
	}
}

func (d *decoder) networkFields(into *Network) []field {
	return []field{
		{"client", false, d.span(&into.Client, "client")},
		{"backend", false, d.span(&into.Backend, "backend")},
		{"redis", false, d.span(&into.Redis, "redis")},
	}
}
