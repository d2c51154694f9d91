package scenario

import (
	"fmt"
	"net/netip"
	"regexp"
	"strconv"
	"strings"
)

// file reads the whole file.
func (d *decoder) file(n *node, f *File) {
	d.mapping(n, "", "a scenario", d.fileFields(n, f), nil)
}

func (d *decoder) fileFields(root *node, f *File) []field {
	return []field{
		{"title", true, d.text(&f.Title, "title")},
		{"summary", false, d.text(&f.Summary, "summary")},
		{"seed", false, d.seed(&f.Seed)},
		{"duration", true, d.duration(&f.Duration, "duration", 0)},
		{"settle", false, d.duration(&f.Settle, "settle", -1)},
		{"nginx_version", false, d.choice(&f.NginxVersion, "nginx_version", Versions...)},
		{"nodes", false, func(n *node, path string) { d.nodes(n, path, &f.Nodes) }},
		{"hosts", false, func(n *node, path string) { d.hosts(n, path, f) }},
		{"socketio", false, d.socketIO(&f.SocketIO)},
		{"adapter", false, d.choice(&f.Adapter, "adapter", AdapterNone, AdapterRedis)},
		{"url", false, d.text(&f.URL, "url")},
		{"proxy", true, func(n *node, path string) { d.proxy(n, path, &f.Proxy) }},
		{"front", false, func(n *node, path string) { d.fronts(n, path, f) }},
		{"network", false, func(n *node, path string) {
			d.mapping(n, path, "network", d.networkFields(&f.Network), nil)
		}},
		{"clients", true, func(n *node, path string) { d.clients(n, path, f) }},
		{"steps", false, d.each("steps", "a list of steps such as {at: 20s, adapter: redis}", func(n *node, path string) {
			f.Steps = append(f.Steps, d.step(n, path))
		})},
		{"expect", false, d.each("expect", "a list of expectations such as {at: end, that: \"delivery.total.ratio == 1\"}", func(n *node, path string) {
			f.Expect = append(f.Expect, d.expectation(n, path))
		})},
		{"variants", false, func(n *node, path string) { d.variants(root, n, path, f) }},
		{"lesson", false, func(n *node, path string) { f.Lesson = d.lesson(n, path) }},
	}
}

func (d *decoder) seed(into *uint64) func(*node, string) {
	return func(n *node, path string) {
		v, err := strconv.ParseUint(strings.ReplaceAll(n.text, "_", ""), 10, 64)
		if n.kind != scalar || err != nil {
			d.wrong(n, path, "seed", "a whole number from 0 on, such as 7", "")
			return
		}
		*into = v
	}
}

var (
	nodeName  = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9_-]*(\.[A-Za-z0-9_-]+)*$`)
	groupName = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_-]*$`)
)

const longestName = 40

func (d *decoder) nodes(n *node, path string, into *Nodes) {
	if n.kind == scalar {
		d.whole(&into.Count, "nodes", 1, MaxNodes)(n, path)
		return
	}
	if n.kind == sequence && len(n.items) == 0 || len(n.items) > MaxNodes {
		d.invalid(n, path, fmt.Sprintf("%d nodes", len(n.items)), fmt.Sprintf("1 to %d nodes", MaxNodes), "without `nodes:` they come from the server lines")
		return
	}
	d.each("nodes", "a number, or a list such as [{name: im-3030, listen: 127.0.0.1:3030}]", func(n *node, path string) {
		var one Node
		d.mapping(n, path, "a node", d.nodeFields(&one), nil)
		if d.origin.bad[path] || d.origin.bad[path+".name"] || d.origin.bad[path+".listen"] {
			d.origin.bad["nodes"] = true
		}
		into.List = append(into.List, one)
	})(n, path)
}

func (d *decoder) nodeFields(into *Node) []field {
	return []field{
		{"name", true, d.name(&into.Name, "name", nodeName)},
		{"listen", false, d.addrPort(&into.Listen, "listen")},
		{"app", false, d.name(&into.App, "app", nodeName)},
		{"key", false, d.name(&into.Key, "key", nodeName)},
	}
}

func (d *decoder) name(into *string, what string, form *regexp.Regexp) func(*node, string) {
	return func(n *node, path string) {
		if n.kind != scalar || !form.MatchString(n.text) || len(n.text) > longestName {
			d.wrong(n, path, what, fmt.Sprintf("letters, digits and -, up to %d", longestName), "")
			return
		}
		*into = n.text
	}
}

func (d *decoder) addrPort(into *netip.AddrPort, what string) func(*node, string) {
	return func(n *node, path string) {
		v, err := netip.ParseAddrPort(n.text)
		if n.kind != scalar || err != nil || v.Port() == 0 || v.Addr().IsUnspecified() || v.Addr().Zone() != "" {
			d.wrong(n, path, what, "an address and a port such as 10.0.0.1:3000", "")
			return
		}
		*into = v
	}
}

func (d *decoder) hosts(n *node, path string, f *File) {
	if n.kind != mapping {
		d.wrong(n, path, "hosts", "names with their address, such as {chat-a: 10.0.0.1}", "")
		return
	}
	seen := map[string]place{}
	for _, p := range n.pairs {
		if d.repeated(seen, p) {
			continue
		}
		at := join(path, p.key)
		d.origin.nodes[at], d.origin.keys[at] = p.value, p.place
		h := Host{Name: p.key}
		if !nodeName.MatchString(p.key) {
			d.at(p.place, fmt.Sprintf("%q is not a host name", p.key), "letters, digits, - and dots", "")
		}
		list := []*node{p.value}
		if p.value.kind == sequence {
			list = p.value.items
		}
		for _, item := range list {
			a, err := netip.ParseAddr(item.text)
			if !d.countStep(item) || item.kind != scalar || err != nil || a.Zone() != "" {
				d.wrong(item, at, "the address of "+p.key, "an address such as 10.0.0.1, or a list of them", "")
				d.origin.bad["hosts"] = true
				continue
			}
			h.Addresses = append(h.Addresses, a)
		}
		if len(list) == 0 {
			d.invalid(p.value, at, p.key+" has no address", "an address such as 10.0.0.1", "")
		}
		f.Hosts = append(f.Hosts, h)
	}
}

func (d *decoder) proxy(n *node, path string, into *Proxy) {
	if !d.mapping(n, path, "proxy", d.proxyFields(into), nil) {
		d.origin.bad[path] = true
		return
	}
	long, short := d.origin.nodes[path+".nginx"], d.origin.nodes[path+".policy"]
	switch {
	case long == nil && short == nil:
		d.invalid(n, path, "proxy lacks its configuration", "nginx: with nginx's own text, or policy: with a balancing method", "the shortest is `proxy: {policy: ip_hash}`")
	case long != nil && short != nil:
		d.key(path+".policy", "proxy has both nginx: and policy:", "one of them", "write the method into the upstream block, or leave nginx: out")
		d.origin.bad[path] = true
	case long != nil:
		for _, key := range []string{"listen", "server_name"} {
			if d.origin.nodes[join(path, key)] != nil {
				d.key(join(path, key), fmt.Sprintf("%s belongs to the short form", key), "", "write it into the server block of the nginx text")
			}
		}
	}
}

func (d *decoder) proxyFields(into *Proxy) []field {
	return []field{
		{"nginx", false, d.text(&into.Nginx, "nginx")},
		{"policy", false, d.text(&into.Policy, "policy")},
		{"listen", false, func(n *node, path string) {
			var a netip.AddrPort
			if d.addrPort(&a, "listen")(n, path); a.IsValid() {
				into.Listen = n.text
			}
		}},
		{"server_name", false, d.name(&into.ServerName, "server_name", nodeName)},
	}
}

func (d *decoder) networkFields(into *Network) []field {
	return []field{
		{"client", false, d.span(&into.Client, "client")},
		{"backend", false, d.span(&into.Backend, "backend")},
		{"redis", false, d.span(&into.Redis, "redis")},
	}
}
