package plan

import (
	"fmt"
	"net/netip"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"stickylab/cluster/nginx"
	"stickylab/sim/scenario"
	"stickylab/sim/scenario/yamltree"
)

// derivedNodes takes the nodes from the server lines of the used upstreams, for
// a file without `nodes:`. A name that `hosts:` does not have becomes the name
// of a node with its own address, as a container's name would be.
func (r *resolver) derivedNodes(config *nginx.Config) {
	var used []*nginx.Upstream
	for _, name := range r.used(config) {
		if u := config.Upstream(name); u != nil {
			used = append(used, u)
		}
	}
	if len(used) == 0 {
		if r.plan.Target.Address.IsValid() {
			r.Value("proxy", "there are no nodes", "nodes:, or an upstream with server lines", "")
		}
		return
	}
	type line struct {
		host string
		at   netip.AddrPort
	}
	var lines []line
	byHost := map[string]netip.Addr{}
	inUse := map[netip.Addr]bool{}
	for _, u := range used {
		for _, s := range u.Servers {
			if a, err := netip.ParseAddr(s.Host); err == nil {
				inUse[a] = true
			}
		}
	}
	free := freeAddresses(inUse, r.f.Hosts)
	take := func(s *nginx.UpstreamServer, implicit bool) {
		addresses, ok := lookup(s.Host, nil, r.f.Hosts)
		switch {
		case !ok && implicit && !s.Socket():
			return // a name in a proxy_pass: nginx must know it
		case !ok:
			if !byHost[s.Host].IsValid() {
				byHost[s.Host] = free()
			}
			addresses = []netip.Addr{byHost[s.Host]}
		}
		for _, a := range addresses {
			l := line{at: netip.AddrPortFrom(a, uint16(s.Port))}
			if a.String() != s.Host && len(addresses) == 1 {
				l.host = s.Host
			}
			if !slices.ContainsFunc(lines, func(o line) bool { return o.at == l.at }) {
				lines = append(lines, l)
			}
		}
	}
	for _, u := range used {
		for _, s := range u.Servers {
			take(s, u.Implicit)
		}
	}
	if len(lines) > scenario.MaxNodes {
		r.Value("proxy", fmt.Sprintf("%d nodes", len(lines)), fmt.Sprintf("at most %d", scenario.MaxNodes), "")
		return
	}
	hosts, ports := map[string]int{}, map[uint16]int{}
	for _, l := range lines {
		hosts[l.host]++
		ports[l.at.Port()]++
	}
	for i, l := range lines {
		n := scenario.Node{Listen: l.at}
		port := strconv.Itoa(int(l.at.Port()))
		socket := strings.HasPrefix(l.host, "unix:")
		switch {
		case socket:
			n.Name = socketName(l.host)
		case l.host != "" && hosts[l.host] == 1:
			n.Name = l.host
		case l.host != "":
			n.Name = l.host + "-" + port
		case len(ports) == len(lines):
			n.Name = "im-" + port
		default:
			n.Name = "im-" + strconv.Itoa(i+1)
		}
		if _, known := lookup(l.host, nil, r.plan.Hosts); l.host != "" && n.Name != l.host && !known {
			r.plan.Hosts = append(r.plan.Hosts, scenario.Host{Name: l.host, Addresses: []netip.Addr{l.at.Addr()}})
		}
		for slices.ContainsFunc(r.plan.Nodes, func(o scenario.Node) bool { return o.Name == n.Name }) || scenario.Reserved(n.Name, "") != nil {
			n.Name += "-" + strconv.Itoa(i+1)
		}
		r.plan.Nodes = append(r.plan.Nodes, n)
	}
}

// socketName names the node that listens on a unix socket after its file, as app for
// unix:/run/app.sock.
func socketName(socket string) string {
	name := strings.TrimSuffix(path.Base(strings.TrimPrefix(socket, "unix:")), ".sock")
	name = strings.Trim(notOfName.ReplaceAllString(name, "-"), "-")
	if name == "" || name[0] >= '0' && name[0] <= '9' {
		name = "socket" + name
	}
	return name
}

var notOfName = regexp.MustCompile(`[^A-Za-z0-9]+`)

// freeAddresses deals 10.0.0.1, 10.0.0.2 and so on, past those in use and those of
// hosts.
func freeAddresses(used map[netip.Addr]bool, hosts []scenario.Host) func() netip.Addr {
	for _, h := range hosts {
		for _, a := range h.Addresses {
			used[a] = true
		}
	}
	next := netip.AddrFrom4([4]byte{10, 0, 0, 0})
	return func() netip.Addr {
		for next = next.Next(); used[next]; {
			next = next.Next()
		}
		return next
	}
}

// listenersApart makes sure that no node listens where the proxy does.
func (r *resolver) listenersApart() {
	for i, n := range r.plan.Nodes {
		path := yamltree.Index("nodes", i) + ".listen"
		switch {
		case slices.Contains(r.plan.Proxy, n.Listen):
			r.Value(path, fmt.Sprintf("the proxy listens on %s", n.Listen), "a different address or port", "")
		case n.Listen.Addr() == redisHost:
			r.Value(path, fmt.Sprintf("%s is the address of Redis", redisHost), "a different address", "")
		}
	}
	if slices.ContainsFunc(r.plan.Proxy, func(a netip.AddrPort) bool { return a.Addr() == redisHost }) {
		r.Value("proxy", fmt.Sprintf("%s is the address of Redis", redisHost), "a different address to listen on", "")
	}
}

// ownerOf names whose address an address is, besides clients; "" for no one's.
func (r *resolver) ownerOf(a netip.Addr) string {
	for _, n := range r.plan.Nodes {
		if n.Listen.Addr() == a {
			return n.Name
		}
	}
	for _, f := range r.f.Fronts {
		if f.IP == a {
			return f.Name
		}
	}
	switch {
	case a == redisHost:
		return "Redis"
	case slices.ContainsFunc(r.plan.Proxy, func(l netip.AddrPort) bool { return l.Addr() == a }):
		return "the proxy"
	}
	return ""
}

// notOwned reports single addresses of clients that are someone else's.
func (r *resolver) notOwned(path string, ip []scenario.Range) {
	for e, one := range ip {
		if !one.Shared || !r.plan.taken[one.Prefix.Addr()] {
			continue
		}
		if owner := r.ownerOf(one.Prefix.Addr()); owner != "" {
			r.Value(entry(path, ip, e), fmt.Sprintf("%s is the address of %s", one, owner), "an address of its clients alone", "")
		}
	}
}

// take keeps the addresses of nodes, hosts, the proxy and Redis from being drawn by
// clients.
func (r *resolver) take() {
	r.plan.taken[redisHost] = true
	for _, n := range r.plan.Nodes {
		r.plan.taken[n.Listen.Addr()] = true
	}
	for _, h := range r.f.Hosts {
		for _, a := range h.Addresses {
			r.plan.taken[a] = true
		}
	}
	for _, a := range r.plan.Proxy {
		r.plan.taken[a.Addr()] = true
	}
}
