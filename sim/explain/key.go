package explain

import (
	"net/netip"
	"slices"
	"strings"

	"stickylab/cluster/balance"
	"stickylab/cluster/nginx"
)

// path is what a Socket.IO client requests.
const path = "/socket.io/"

// access is how clients come to the upstream.
type access struct {
	server *nginx.Server // nil when nothing in the text leads there
	realIP *nginx.RealIP // nil when the connection's own address counts

	v4     bool // a listen directive takes IPv4 as it is
	v6     bool
	mapped bool // one for IPv6 takes IPv4 too: such a client's address is a mapped one

	fronts []Front        // on the way
	entry  netip.AddrPort // where the last of them leads to
}

// accessTo finds the first server block with a location that leads to the
// upstream; /socket.io/ goes before other paths.
func accessTo(c *nginx.Config, u *nginx.Upstream) (a access) {
	leads := func(l *nginx.Location) bool {
		return l != nil && l.Proxy != nil && slices.ContainsFunc(l.Proxy.Upstreams(), func(name string) bool { return c.Upstream(name) == u })
	}
	var found *nginx.Location
	for _, s := range c.Servers {
		if l := s.Location(path); leads(l) {
			a.server, found = s, l
			break
		}
	}
	for _, s := range c.Servers {
		for l := range s.All() {
			if found == nil && leads(l) {
				a.server, found = s, l
			}
		}
	}
	if found == nil {
		return access{v4: true, v6: true}
	}
	a.realIP = found.RealIP
	for _, l := range a.server.Listen {
		ip, err := netip.ParseAddr(strings.Trim(l.Address, "[]"))
		switch {
		case err != nil || ip.Is4():
			a.v4 = true
		default:
			a.v6 = true
			a.mapped = a.mapped || l.Dual && ip.IsUnspecified()
		}
	}
	return a
}

// seen is the address under which nginx knows a client. An address that a
// header named is taken as it was written there.
func (a access) seen(addr netip.Addr) netip.Addr {
	if len(a.fronts) > 0 {
		arrived := a.arrive(addr)
		if a.mapped && !a.v4 && arrived.from.Is4() {
			arrived.from = netip.AddrFrom16(arrived.from.As16())
		}
		return arrived.client(a.realIP)
	}
	if a.mapped && !a.v4 && addr.Is4() && a.realIP == nil {
		return netip.AddrFrom16(addr.As16())
	}
	return addr
}

// key is the key of the method hash.
type key struct {
	text    string // as written; "" when the method has none
	config  *nginx.Config
	fixed   map[string]string
	varies  bool          // it holds the client's address
	unknown []string      // variables in it that an address does not decide
	server  *nginx.Server // whose set and captures decide it; nil when none do
}

// keyOf reads the key of an upstream's method.
func keyOf(c *nginx.Config, u *nginx.Upstream, a access) key {
	if u.Method.Name != "hash" || len(u.Method.Args) == 0 {
		return key{}
	}
	k := key{text: u.Method.Args[0], config: c, fixed: map[string]string{
		"scheme": "http", "uri": path, "document_uri": path, "request_method": "GET", "server_protocol": "HTTP/1.1",
	}}
	if a.server != nil && len(a.server.Names) > 0 {
		for _, name := range []string{"host", "http_host", "server_name"} {
			k.fixed[name] = a.server.Names[0]
		}
	}
	k.expand(someone, func(name string) {
		if _, ok := addressVariable(name, someone); ok {
			k.varies = true
		} else if k.fixed[name] == "" {
			k.unknown = append(k.unknown, "$"+name)
		}
	})
	if len(k.unknown) > 0 && a.server != nil && len(a.server.Listen) > 0 {
		k.walk(a.server)
	}
	return k
}

// addressVariable returns the value of a variable that follows from the client's
// address.
func addressVariable(name string, addr netip.Addr) (string, bool) {
	switch name {
	case "remote_addr", "realip_remote_addr":
		return balance.RemoteAddr(addr), true
	case "binary_remote_addr":
		return string(addr.AsSlice()), true
	}
	return "", false
}

// expand works the key out for a client, telling of each variable in it.
func (k *key) expand(addr netip.Addr, asked func(name string)) string {
	if k.server != nil {
		return k.visit(addr, asked, nil)
	}
	return k.config.Expand(k.text, func(name string) string {
		if asked != nil {
			asked(name)
		}
		if value, ok := addressVariable(name, addr); ok {
			return value
		}
		return k.fixed[name]
	})
}

// unit is what a server is chosen for.
func (u *Upstream) unit() string {
	if u.Block.Stream {
		return "connection"
	}
	return "request"
}

// Decides reports whether an address decides which server its client gets, and
// why not: "random draws a server for each request".
func (u *Upstream) Decides() (ok bool, why string) {
	name := u.Block.Method.Name
	switch {
	case u.single(), name == "ip_hash":
		return true, ""
	case name == "hash" && len(u.key.unknown) > 0:
		return false, "the key holds " + strings.Join(u.key.unknown, " and ") + ", which each request brings along"
	case name == "hash":
		return true, ""
	case name == "least_conn":
		return false, "least_conn looks at how many " + u.unit() + "s each server has in flight"
	case name == "random":
		return false, "random draws a server for each " + u.unit()
	}
	return false, u.unit() + "s are distributed round-robin"
}
