package plan

import (
	"fmt"
	"net/netip"
	"slices"
	"strconv"

	"stickylab/cluster/nginx"
	"stickylab/sim/scenario"
	"stickylab/sim/scenario/yamltree"
)

// FrontPlan is a proxy in front of the proxy, with everything decided.
type FrontPlan struct {
	scenario.Front
	Nginx  string        // the text; what Front leaves out
	Config *nginx.Config // nil: a balancer of connections
	Listen netip.AddrPort
	To     netip.AddrPort // the next in the row; where a balancer of connections leads to
	Accept bool           // a balancer of connections gets PROXY lines itself
}

// LookupHost returns the addresses of a host name in the front's text: those
// that the proxy's text knows, "proxy", and the names of fronts.
func (f *FrontPlan) LookupHost(p *Plan, name string) ([]netip.Addr, bool) {
	if name == "proxy" {
		return []netip.Addr{p.ProxyAddress}, true
	}
	for _, o := range p.File.Fronts {
		if o.Name == name && o.IP.IsValid() {
			return []netip.Addr{o.IP}, true
		}
	}
	return p.LookupHost(name)
}

// passThrough is the text of a front that has none: it passes everything on
// and names the client to the next. Before it may be one that sends PROXY
// lines.
func passThrough(to netip.AddrPort, ip netip.Addr, before *scenario.Front) string {
	told, trust := "", ""
	if before != nil && before.ProxyProtocol {
		told = " proxy_protocol"
		trust = fmt.Sprintf("    set_real_ip_from %s;\n    real_ip_header proxy_protocol;\n", before.IP)
	}
	return fmt.Sprintf(`upstream origin {
    server %s;
}

server {
    listen %s%s;
%s
    location / {
        proxy_pass http://origin;
        proxy_http_version 1.1;
        proxy_set_header Host $host;
        proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
        proxy_set_header Upgrade $http_upgrade;
        proxy_set_header Connection "upgrade";
    }
}
`, to, netip.AddrPortFrom(ip, to.Port()), told, trust)
}

// reserved returns the names that the simulation has taken for its own hosts.
func (p *Plan) reserved() []string {
	names := slices.Clone(scenario.Hosts)
	for _, f := range p.File.Fronts {
		names = append(names, f.Name)
	}
	return names
}

// frontPath is the path of a front in the file.
func (r *resolver) frontPath(i int) string {
	if n := r.NodeOf("front"); n != nil && n.Kind == yamltree.Sequence || n == nil && len(r.f.Fronts) > 1 {
		return yamltree.Index("front", i)
	}
	return "front"
}

// fronts decides what the fronts do, once the way into the proxy is known: from
// the last to the first, each leading to the one after it.
func (r *resolver) fronts() {
	list := r.f.Fronts
	r.plan.Entry = r.plan.Target
	if len(list) == 0 {
		r.header("proxy", r.plan.Config, r.plan.Entry.Address, false)
		return
	}
	if r.IsBad("front") || !r.plan.Target.Address.IsValid() {
		return
	}
	if len(list) > scenario.MaxFronts {
		r.Value("front", fmt.Sprintf("%d fronts", len(list)), fmt.Sprintf("1 to %d fronts", scenario.MaxFronts), "")
		return
	}
	for i := range list {
		r.plan.taken[list[i].IP] = true
	}
	plans := make([]*FrontPlan, len(list))
	next := r.plan.Proxy
	to := r.plan.Entry.Address
	for i := len(list) - 1; i >= 0; i-- {
		var before *scenario.Front
		if i > 0 {
			before = &list[i-1]
		}
		f := r.front(i, before, to, next)
		if f == nil {
			return
		}
		plans[i], to, next = f, f.Listen, []netip.AddrPort{f.Listen}
	}
	r.plan.Fronts = plans
	r.plan.Target.Address, r.plan.Target.Address6 = to, netip.AddrPort{}
	sent := false
	for i, f := range plans {
		r.header(r.frontPath(i), f.Config, f.Listen, sent)
		sent = f.ProxyProtocol
	}
	r.header("proxy", r.plan.Config, r.plan.Entry.Address, sent)
}

// front decides about one front, which leads to an address, one of those of the
// next in the row. The result is nil if nothing can be decided before it.
func (r *resolver) front(i int, before *scenario.Front, to netip.AddrPort, next []netip.AddrPort) *FrontPlan {
	f, path := r.f.Fronts[i], r.frontPath(i)
	if r.IsBad(path + ".ip") {
		return nil
	}
	if !f.IP.IsValid() {
		r.Value(path+".ip", "the front needs an address", "an address such as 198.51.100.10", "")
		return nil
	}
	r.frontApart(i, path)
	out := &FrontPlan{Front: f, Nginx: f.Nginx, To: to}
	if f.ProxyProtocol {
		if f.Nginx != "" {
			r.Value(path+".nginx", "a front that sends a PROXY line passes connections on and reads no text", "nginx: or proxy_protocol: true", "")
		}
		out.Listen = netip.AddrPortFrom(f.IP, to.Port())
		out.Accept = before != nil && before.ProxyProtocol
		return out
	}
	if out.Nginx == "" {
		out.Nginx = passThrough(to, f.IP, before)
	}
	config, ok := r.parse(out.Nginx, path+".nginx")
	if !ok {
		return nil
	}
	out.Config = config
	if f.Nginx != "" {
		r.notes(config, path+".nginx")
	}
	r.frontServers(out, path, to, next)
	for _, a := range listeners(config, f.IP) {
		if out.Listen = a; a.Addr() == f.IP {
			break
		}
	}
	if out.Listen.Addr() != f.IP {
		r.Value(path+".nginx", fmt.Sprintf("the front listens on %s, its address is %s", out.Listen, f.IP), "", "leave the address out of the listen directive")
	}
	return out
}

// frontApart makes sure that a front has a name and its own address.
func (r *resolver) frontApart(i int, path string) {
	f := r.f.Fronts[i]
	for _, n := range r.plan.Nodes {
		if n.Listen.Addr() == f.IP {
			r.Value(path+".ip", fmt.Sprintf("%s is the address of %s", f.IP, n.Name), "its own address", "")
		}
		if n.Name == f.Name {
			r.Value(path+".name", fmt.Sprintf("%q is the name of a node", f.Name), "another name", "")
		}
	}
	for _, o := range r.f.Fronts[:i] {
		if o.IP == f.IP {
			r.Value(path+".ip", fmt.Sprintf("%s is the address of %s", f.IP, o.Name), "its own address", "")
		}
		if o.Name == f.Name {
			r.Value(path+".name", fmt.Sprintf("two fronts are called %q", f.Name), "another name", "")
		}
	}
	if slices.ContainsFunc(r.plan.Proxy, func(a netip.AddrPort) bool { return a.Addr() == f.IP }) {
		r.Value(path+".ip", fmt.Sprintf("the proxy has the address %s", f.IP), "its own address", "")
	}
	if f.IP == redisHost {
		r.Value(path+".ip", fmt.Sprintf("%s is the address of Redis", f.IP), "its own address", "")
	}
	if wrong := scenario.Reserved(f.Name, "the front"); wrong != nil {
		r.Value(path+".name", wrong.Text, wrong.Expected, wrong.Hint)
	} else if !scenario.IsHostName(f.Name) {
		r.Value(path+".name", fmt.Sprintf("%q cannot be the name of the front", f.Name), "another name", "")
	}
}

// frontServers makes sure that what clients reach at the front leads to the
// next in the row.
func (r *resolver) frontServers(f *FrontPlan, path string, to netip.AddrPort, next []netip.AddrPort) {
	used := false
	for _, u := range f.Config.Upstreams {
		for _, s := range u.Servers {
			addresses, ok := f.LookupHost(r.plan, s.Host)
			if !ok {
				r.Inside(path+".nginx", s.Pos.Line, s.Pos.Column, 1, fmt.Sprintf("host not found in upstream %q", s.Address), "proxy, or an address", "")
				continue
			}
			for _, a := range addresses {
				used = used || slices.Contains(next, netip.AddrPortFrom(a, uint16(s.Port)))
			}
		}
	}
	if used {
		return
	}
	whom := "the proxy"
	for _, o := range r.f.Fronts {
		if o.IP == to.Addr() {
			whom = o.Name
		}
	}
	r.Value(path+".nginx", "the front does not lead to "+whom, "proxy_pass http://"+to.String(), "")
}

// header notes where a PROXY line is expected and none comes, or comes and is
// not expected.
func (r *resolver) header(path string, config *nginx.Config, at netip.AddrPort, sent bool) {
	if config == nil || !at.IsValid() {
		return
	}
	switch expected := config.ProxyProtocol(at); {
	case expected && !sent:
		r.note(path, "a PROXY line is expected at "+at.String()+" and no one sends one: every connection is closed", "front: {ip: 198.51.100.10, proxy_protocol: true} sends it")
	case sent && !expected:
		r.note(path, "a PROXY line is sent to "+at.String()+", which does not expect it: every request gets 400", "listen "+strconv.Itoa(int(at.Port()))+" proxy_protocol;")
	}
}
