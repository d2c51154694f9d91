package plan

import (
	"cmp"
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"stickylab/cluster/nginx"
	"stickylab/sim/scenario"
)

// ProxyAddress returns the address of the proxy where a listen directive names
// none: the first that another names, else 192.168.33.10 or the next that no
// node has.
func ProxyAddress(config *nginx.Config, nodes []scenario.Node) netip.Addr {
	for _, s := range config.Servers {
		for _, l := range s.Listen {
			if a, err := netip.ParseAddr(l.Address); err == nil && !a.IsUnspecified() && !a.IsLoopback() {
				return a
			}
		}
	}
	a := netip.MustParseAddrPort(scenario.DefaultListen).Addr()
	for slices.ContainsFunc(nodes, func(n scenario.Node) bool { return n.Listen.Addr() == a }) {
		a = a.Next()
	}
	return a
}

// ListenAddress returns a listen directive with an address in place of "any".
func ListenAddress(l nginx.Listen, proxy netip.Addr) netip.AddrPort {
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
			if a := ListenAddress(l, proxy); !slices.Contains(out, a) {
				out = append(out, a)
			}
		}
	}
	return out
}

// target decides where clients go, and which upstream that reaches.
func (r *resolver) target() {
	if r.IsBad("url") {
		return
	}
	if r.f.URL != "" {
		r.givenTarget()
		return
	}
	if r.groupTarget() {
		return
	}
	config := r.plan.Config
	for _, needPath := range []bool{true, false} {
		for _, s := range config.Servers {
			if s.Return != nil {
				continue
			}
			for _, l := range s.Listen {
				t := Target{Address: ListenAddress(l, r.plan.ProxyAddress), Host: HostFor(s, l, r.plan.ProxyAddress), Path: cmp.Or(r.f.SocketIO.Path, scenario.DefaultPath)}
				if !needPath && s.FirstUpstream() == "" {
					continue
				}
				chosen, location := config.Select(t.Address, t.Host, t.Location())
				reached := chosen == s && location != nil && location.Return == nil && location.Proxy != nil
				if needPath && !reached {
					continue
				}
				r.plan.Target = t
				if reached {
					r.plan.Upstream = location.Proxy.Upstream
				} else {
					r.plan.Upstream = s.FirstUpstream()
				}
				return
			}
		}
	}
	r.Value("proxy.nginx", "no server proxies to an upstream", "a server block whose location has proxy_pass", "")
}

// HostFor returns the Host header that chooses a server: its name, else the
// address.
func HostFor(s *nginx.Server, l nginx.Listen, proxy netip.Addr) string {
	if name := s.Host(); name != "" {
		return name
	}
	return ListenAddress(l, proxy).Addr().String()
}

// givenTarget is the target of `url:`.
func (r *resolver) givenTarget() {
	at, wrong := parseURL(r.f.URL, r.f.SocketIO.Path)
	var direct bool
	var t Target
	if wrong == nil {
		t, direct, wrong = r.plan.find(at)
	}
	if wrong != nil {
		r.Value("url", wrong.Text, wrong.Expected, wrong.Hint)
		return
	}
	r.plan.Target = t
	if direct {
		return
	}
	r.plan.Upstream = r.plan.reached(r.plan.Config, t)
	r.nodePath(t)
}

// nodePath finds the path of the nodes when the file names a url and no path of theirs: what they
// are asked for. Below a prefix the usual path is most likely one that should be cut.
func (r *resolver) nodePath(t Target) {
	asked, _, _ := strings.Cut(r.plan.Config.Reach(t.Address, t.Host, t.Path).Target, "?")
	if r.Origin == nil || r.Origin.Nodes["socketio.path"] != nil || asked == "" || strings.HasSuffix(asked, scenario.DefaultPath) {
		return
	}
	r.plan.NodePath = asked
	r.note("url", fmt.Sprintf("the nodes are assumed to have the path %s, which they are asked for", asked), fmt.Sprintf("socketio: {path: %s} settles it", asked))
}

// groupTarget is the target of a file in which every group has its own: that
// of the first which goes through the proxy.
func (r *resolver) groupTarget() bool {
	var ways []Route
	for _, g := range r.f.Clients {
		if g.URL == "" || r.IsBad("clients."+g.Name+".url") {
			return false
		}
		if w, wrong := r.plan.route(g.URL); wrong == nil {
			ways = append(ways, w)
		}
	}
	for _, proxied := range []bool{true, false} {
		for _, w := range ways {
			if !proxied || w.Upstream != "" {
				r.plan.Target, r.plan.Upstream = w.Target, w.Upstream
				r.plan.Target.Query = "" // which is that group's own
				return true
			}
		}
	}
	return false
}

// named reports whether a server is chosen by a name rather than by default.
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
