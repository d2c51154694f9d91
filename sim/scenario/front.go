package scenario

import (
	"fmt"
	"net/netip"
	"slices"

	"stickylab/cluster/nginx"
)

// front reads the proxy in front of the proxy.
func (d *decoder) front(n *node, path string, f *File) {
	f.Front = NewFront(netip.Addr{})
	if !d.mapping(n, path, "front", d.frontFields(f.Front), nil) {
		d.origin.bad[path] = true
	}
}

func (d *decoder) frontFields(into *Front) []field {
	return []field{
		{"name", false, d.name(&into.Name, "name", nodeName)},
		{"ip", true, d.frontAddress(&into.IP)},
		{"nginx", false, d.text(&into.Nginx, "nginx")},
		{"latency", false, d.span(&into.Latency, "latency")},
	}
}

func (d *decoder) frontAddress(into *netip.Addr) func(*node, string) {
	return func(n *node, path string) {
		a, err := netip.ParseAddr(n.text)
		if n.kind != scalar || err != nil || a.Zone() != "" || a.Is4In6() || strange(a) != "" {
			d.wrong(n, path, "ip", "an address such as 198.51.100.10", "")
			return
		}
		*into = a
	}
}

// FrontPlan is the proxy in front of the proxy, with everything decided.
type FrontPlan struct {
	Front
	Nginx  string // the text; what Front leaves out
	Config *nginx.Config
	Listen netip.AddrPort // where clients go
}

// LookupHost returns the addresses of a host name in the front's text: those
// that the proxy's text knows, and "proxy".
func (f *FrontPlan) LookupHost(p *Plan, name string) ([]netip.Addr, bool) {
	if name == "proxy" {
		return []netip.Addr{p.ProxyAddress}, true
	}
	return p.LookupHost(name)
}

// passThrough is the text of a front that has none: it passes everything on
// and names the client to the proxy.
func passThrough(to netip.AddrPort, ip netip.Addr) string {
	return fmt.Sprintf(`upstream origin {
    server %s;
}

server {
    listen %s;

    location / {
        proxy_pass http://origin;
        proxy_http_version 1.1;
        proxy_set_header Host $host;
        proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
        proxy_set_header Upgrade $http_upgrade;
        proxy_set_header Connection "upgrade";
    }
}
`, to, netip.AddrPortFrom(ip, to.Port()))
}

// reserved are the names that the simulation has taken for its own hosts.
func (p *Plan) reserved() []string {
	if p.File.Front == nil {
		return reserved
	}
	return append(slices.Clone(reserved), p.File.Front.Name)
}

// front decides what the front does, once the way into the proxy is known.
func (r *resolver) front() {
	f := r.f.Front
	r.plan.Entry = r.plan.Target
	if f == nil || r.isBad("front") || r.isBad("front.ip") || !r.plan.Target.Address.IsValid() {
		return
	}
	if !f.IP.IsValid() {
		r.value("front.ip", "the front needs an address", "an address such as 198.51.100.10", "")
		return
	}
	for _, n := range r.plan.Nodes {
		if n.Listen.Addr() == f.IP {
			r.value("front.ip", fmt.Sprintf("%s is the address of %s", f.IP, n.Name), "an address of its own", "")
		}
		if n.Name == f.Name {
			r.value("front.name", fmt.Sprintf("%q is the name of a node", f.Name), "another name", "")
		}
	}
	if slices.ContainsFunc(r.plan.Proxy, func(a netip.AddrPort) bool { return a.Addr() == f.IP }) {
		r.value("front.ip", fmt.Sprintf("the proxy has the address %s", f.IP), "an address of its own", "")
	}
	if slices.Contains(reserved, f.Name) || !nodeName.MatchString(f.Name) {
		r.value("front.name", fmt.Sprintf("%q can not be the name of the front", f.Name), "another name", "")
	}
	r.plan.taken[f.IP] = true
	out := &FrontPlan{Front: *f, Nginx: f.Nginx}
	if out.Nginx == "" {
		out.Nginx = passThrough(r.plan.Entry.Address, f.IP)
	}
	config, ok := r.parse(out.Nginx, "front.nginx")
	if !ok {
		return
	}
	out.Config = config
	if f.Nginx != "" {
		r.notes(config, "front.nginx")
	}
	r.frontServers(out)
	for _, a := range listeners(config, f.IP) {
		if out.Listen = a; a.Addr() == f.IP {
			break
		}
	}
	if out.Listen.Addr() != f.IP {
		r.value("front.nginx", fmt.Sprintf("the front listens on %s, its address is %s", out.Listen, f.IP), "", "leave the address out of the listen directive")
	}
	r.plan.Front = out
	r.plan.Target.Address, r.plan.Target.Address6 = out.Listen, netip.AddrPort{}
}

// frontServers makes sure that what clients reach at the front leads to the
// proxy.
func (r *resolver) frontServers(f *FrontPlan) {
	used := false
	for _, u := range f.Config.Upstreams {
		for _, s := range u.Servers {
			addresses, ok := f.LookupHost(r.plan, s.Host)
			if !ok {
				r.inside("front.nginx", s.Pos.Line, s.Pos.Column, 1, fmt.Sprintf("host not found in upstream %q", s.Address), "proxy, or an address", "")
				continue
			}
			for _, a := range addresses {
				used = used || slices.Contains(r.plan.Proxy, netip.AddrPortFrom(a, uint16(s.Port)))
			}
		}
	}
	if !used {
		r.value("front.nginx", "the front does not lead to the proxy", fmt.Sprintf("proxy_pass http://%s", r.plan.Entry.Address), "")
	}
}
