package scenario

import (
	"fmt"
	"net/netip"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"stickylab/cluster/nginx"
	"stickylab/cluster/spell"
)

// proxyAddress is the address of the proxy where a listen directive names
// none: the first that another names, else 192.168.33.10 or the next that no
// node has.
func proxyAddress(config *nginx.Config, nodes []Node) netip.Addr {
	for _, s := range config.Servers {
		for _, l := range s.Listen {
			if a, err := netip.ParseAddr(l.Address); err == nil && !a.IsUnspecified() && !a.IsLoopback() {
				return a
			}
		}
	}
	a := netip.MustParseAddrPort(DefaultListen).Addr()
	for slices.ContainsFunc(nodes, func(n Node) bool { return n.Listen.Addr() == a }) {
		a = a.Next()
	}
	return a
}

// listenAddress is a listen directive with an address in place of "any".
func listenAddress(l nginx.Listen, proxy netip.Addr) netip.AddrPort {
	a, err := netip.ParseAddr(l.Address)
	if err != nil || a.IsUnspecified() {
		a = proxy
	}
	return netip.AddrPortFrom(a, uint16(l.Port))
}

// listeners are the addresses that the proxy listens on, in the order of the
// text, without repeats.
func listeners(config *nginx.Config, proxy netip.Addr) []netip.AddrPort {
	var out []netip.AddrPort
	for _, s := range config.Servers {
		for _, l := range s.Listen {
			if a := listenAddress(l, proxy); !slices.Contains(out, a) {
				out = append(out, a)
			}
		}
	}
	return out
}

// target decides where clients go, and which upstream that reaches.
func (r *resolver) target() {
	if r.isBad("url") {
		return
	}
	if r.f.URL != "" {
		r.givenTarget()
		return
	}
	config := r.plan.Config
	for _, needPath := range []bool{true, false} {
		for _, s := range config.Servers {
			if s.Return != nil {
				continue
			}
			for _, l := range s.Listen {
				t := Target{Address: listenAddress(l, r.plan.ProxyAddress), Host: hostFor(s, l, r.plan.ProxyAddress), Path: DefaultPath}
				if !needPath && !proxies(s.Locations) {
					continue
				}
				chosen, location := config.Select(t.Address, t.Host, t.Path)
				reached := chosen == s && location != nil && location.Return == nil && location.Proxy != nil
				if needPath && !reached {
					continue
				}
				r.plan.Target = t
				if reached {
					r.plan.Upstream = location.Proxy.Upstream
				} else {
					r.plan.Upstream = firstUpstream(s.Locations)
				}
				return
			}
		}
	}
	r.value("proxy.nginx", "no server proxies to an upstream", "a server block whose location has proxy_pass", "")
}

// proxies tells whether any of the locations has a proxy_pass.
func proxies(locations []*nginx.Location) bool { return firstUpstream(locations) != "" }

func firstUpstream(locations []*nginx.Location) string {
	for _, l := range locations {
		if l.Proxy != nil && l.Proxy.Upstream != "" {
			return l.Proxy.Upstream
		}
		if name := firstUpstream(l.Locations); name != "" {
			return name
		}
	}
	return ""
}

// hostFor is the Host header that chooses a server: its first plain
// server_name, a made-up name under a wildcard, else the address.
func hostFor(s *nginx.Server, l nginx.Listen, proxy netip.Addr) string {
	for _, name := range s.Names {
		switch {
		case name == "" || name == "_" || strings.HasPrefix(name, "~"):
		case strings.HasPrefix(name, "*."):
			return "www" + name[1:]
		case strings.HasPrefix(name, "."):
			return name[1:]
		case strings.HasSuffix(name, ".*"):
			return strings.TrimSuffix(name, "*") + "com"
		default:
			return name
		}
	}
	return listenAddress(l, proxy).Addr().String()
}

// usedBy is the upstream that the plan's entry reaches under a configuration,
// "" when none.
func (p *Plan) usedBy(config *nginx.Config) string {
	if _, location := p.enter(config); location != nil && location.Proxy != nil {
		return location.Proxy.Upstream
	}
	for _, s := range config.Servers {
		if name := firstUpstream(s.Locations); name != "" {
			return name
		}
	}
	return ""
}

// reached are the upstreams that requests of clients can reach under a
// configuration, that of usedBy first.
func (p *Plan) reached(config *nginx.Config) []string {
	list := []string{p.usedBy(config)}
	if _, location := p.enter(config); location != nil && location.Proxy != nil {
		for _, name := range location.Proxy.Upstreams() {
			if !slices.Contains(list, name) {
				list = append(list, name)
			}
		}
	}
	return list
}

// enter is what a configuration does with the requests of clients.
func (p *Plan) enter(config *nginx.Config) (*nginx.Server, *nginx.Location) {
	entry := p.Entry
	if !entry.Address.IsValid() {
		entry = p.Target // not decided yet
	}
	return config.Select(entry.Address, entry.Host, entry.Path)
}

const aURL = "a URL such as http://im.example.com/socket.io/"

// givenTarget is the target of `url:`.
func (r *resolver) givenTarget() {
	u, err := url.Parse(r.f.URL)
	ports := map[string]string{"http": "80", "ws": "80", "https": "443", "wss": "443"}
	if err != nil || ports[u.Scheme] == "" || u.Hostname() == "" {
		r.value("url", fmt.Sprintf("%q is not a URL", shorten(r.f.URL)), aURL, "")
		return
	}
	port := u.Port()
	if port == "" {
		port = ports[u.Scheme]
	}
	number, err := strconv.ParseUint(port, 10, 16)
	if err != nil || number == 0 {
		r.value("url", fmt.Sprintf("%q is not a port", port), "1 to 65535", "")
		return
	}
	path := strings.TrimSuffix(u.Path, "/") + "/"
	if path == "/" {
		path = DefaultPath
	}
	host := u.Hostname()
	addresses, known := r.dial(host, uint16(number))
	if !known {
		r.value("url", fmt.Sprintf("no host %q", host), "a server_name, a node, a name of hosts:, or an address", spell.DidYouMean(host, append(r.serverNames(), r.hostNames()...)))
		return
	}
	for _, a := range addresses {
		at := netip.AddrPortFrom(a, uint16(number))
		direct := slices.ContainsFunc(r.plan.Nodes, func(n Node) bool { return n.Listen == at })
		if !direct && !slices.Contains(r.plan.Proxy, at) {
			continue
		}
		r.plan.Target = Target{Address: at, Host: host, Path: path}
		if !direct {
			r.plan.Upstream = r.plan.usedBy(r.plan.Config)
		}
		return
	}
	var open []string
	for _, a := range r.plan.Proxy {
		open = append(open, a.String())
	}
	r.value("url", fmt.Sprintf("nobody listens on port %s of %s", port, host), "", "the proxy listens on "+strings.Join(open, ", "))
}

// dial finds the addresses that clients know a host by. Names of the proxy's
// servers lead to the proxy.
func (r *resolver) dial(host string, port uint16) ([]netip.Addr, bool) {
	if a, ok := lookup(host, r.plan.Nodes, r.plan.Hosts); ok {
		return a, true
	}
	for _, s := range r.plan.Config.Servers {
		for _, l := range s.Listen {
			a := listenAddress(l, r.plan.ProxyAddress)
			if chosen, _ := r.plan.Config.Select(a, host, "/"); a.Port() == port && chosen == s && named(s, host) {
				return []netip.Addr{a.Addr()}, true
			}
		}
	}
	if slices.Contains(r.serverNames(), host) {
		return []netip.Addr{r.plan.ProxyAddress}, true
	}
	return nil, false
}

// named tells whether a server is chosen by a name rather than by default.
func named(s *nginx.Server, host string) bool {
	for _, name := range s.Names {
		switch {
		case strings.EqualFold(name, host), strings.HasPrefix(name, "~"):
			return true
		case strings.HasPrefix(name, "*.") && strings.HasSuffix(host, name[1:]),
			strings.HasPrefix(name, ".") && (strings.HasSuffix(host, name) || host == name[1:]),
			strings.HasSuffix(name, ".*") && strings.HasPrefix(host, strings.TrimSuffix(name, "*")):
			return true
		}
	}
	return false
}

func (r *resolver) serverNames() []string {
	var out []string
	for _, s := range r.plan.Config.Servers {
		for _, name := range s.Names {
			if name != "" && !strings.HasPrefix(name, "~") && !slices.Contains(out, name) {
				out = append(out, name)
			}
		}
	}
	return out
}
