package explain

import (
	"net/netip"
	"slices"

	"stickylab/cluster/nginx"
)

// walk finds out whether variables of the key that an address alone does not decide
// are made on the way of a request: by set, or captured by a pattern. What they in turn
// hold of the request is unknown when it changes the key.
func (k *key) walk(server *nginx.Server) {
	k.server = server
	var asked []string
	k.visit(someone, func(name string) {
		if _, ok := addressVariable(name, someone); !ok && k.fixed[name] == "" && !slices.Contains(asked, name) {
			asked = append(asked, name)
		}
	}, nil)
	made := slices.ContainsFunc(k.unknown, func(name string) bool { return !slices.Contains(asked, name[1:]) && !ofArguments(name[1:]) })
	if !made {
		k.server = nil // each request brings them along
		return
	}
	k.unknown = slices.DeleteFunc(k.unknown, func(name string) bool { return !ofArguments(name[1:]) })
	for _, name := range asked {
		if k.visit(someone, nil, map[string]string{name: "1"}) != k.visit(someone, nil, map[string]string{name: "2"}) {
			k.unknown = append(k.unknown, "$"+name)
		}
	}
	k.varies = k.visit(someone, nil, nil) != k.visit(someone.Next(), nil, nil)
}

// ofArguments reports whether a variable is made of the arguments of a request.
func ofArguments(name string) bool {
	return name == "args" || name == "query_string" || len(name) > 4 && name[:4] == "arg_"
}

// visit works the key out for a request that has come to its location.
func (k *key) visit(addr netip.Addr, asked func(name string), with map[string]string) string {
	l := k.server.Listen[0]
	at, err := netip.ParseAddr(l.Address)
	if err != nil {
		at = netip.AddrFrom4([4]byte{192, 0, 2, 1})
	}
	v := &nginx.Visit{Length: -1}
	v.Begin(k.config, request{k, addr, asked, with}, netip.AddrPortFrom(at, uint16(l.Port)), k.server.Host(), path, "")
	v.Route()
	return v.Expand(k.text)
}

// request is the source of what a request of a client has.
type request struct {
	key   *key
	addr  netip.Addr
	asked func(name string)
	with  map[string]string
}

// Variable implements nginx.Source.
func (r request) Variable(name string) string {
	if r.asked != nil {
		r.asked(name)
	}
	if value, ok := addressVariable(name, r.addr); ok {
		return value
	}
	if value, ok := r.with[name]; ok {
		return value
	}
	return r.key.fixed[name]
}
