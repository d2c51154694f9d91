package memnet

import (
	"net/netip"
	"sync"
)

// Roles of hosts.
const (
	Client = "client"
	Front  = "front" // a proxy before the proxy
	Proxy  = "proxy"
	Node   = "node"
	Redis  = "redis"
)

// A Host has a name and an address. Several hosts may share an address, as
// behind a NAT, if none of them listens.
type Host struct {
	Name string
	Role string

	mu sync.Mutex
	ip netip.Addr
}

// IP returns the host's address.
func (h *Host) IP() netip.Addr {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.ip
}

// SetIP gives the host another address, for the connections to come.
func (h *Host) SetIP(ip netip.Addr) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.ip = ip
}

// Hosts are the hosts of a network, by name. The zero value is empty.
type Hosts struct {
	mu     sync.Mutex
	byName map[string]*Host
	nodes  map[netip.Addr]bool // addresses of nodes
}

// AddHost adds a host, in the place of an earlier one of that name.
func (hs *Hosts) AddHost(name, role string, ip netip.Addr) *Host {
	h := &Host{Name: name, Role: role, ip: ip}
	hs.mu.Lock()
	defer hs.mu.Unlock()
	if hs.byName == nil {
		hs.byName, hs.nodes = make(map[string]*Host), make(map[netip.Addr]bool)
	}
	hs.byName[name] = h
	if role == Node {
		hs.nodes[ip] = true
	}
	return h
}

// Host returns the host of that name, nil if there is none.
func (hs *Hosts) Host(name string) *Host {
	hs.mu.Lock()
	defer hs.mu.Unlock()
	return hs.byName[name]
}

// Reaches reports whether a connection to the address can reach a listener of
// the host on any address: that is any address of the host, not that of a node on another
// machine, which may be down.
func (hs *Hosts) Reaches(h *Host, a netip.Addr) bool {
	hs.mu.Lock()
	defer hs.mu.Unlock()
	return !hs.nodes[a] || h.IP() == a || a.IsLoopback()
}
