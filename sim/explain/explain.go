// Package explain says to which server of an nginx upstream a client's address
// leads, with the arithmetic that decides it.
package explain

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"time"

	"stickylab/cluster/balance"
	"stickylab/cluster/nginx"
	"stickylab/cluster/spell"
	"stickylab/sim/seed"
)

// Options of New. The zero value takes the upstream that clients reach, with
// all of its servers up.
type Options struct {
	// Upstream is the name of the upstream. "" means the one that /socket.io/ leads
	// to in the first server block that proxies it, else the first of the text.
	Upstream string

	// Down names servers to take as marked `down`: as written, by address, by
	// host alone, or by the name that NodeAt gives.
	Down []string

	// Addresses returns the addresses of a host name. Without it, or when it
	// returns none, the name stands for one server, and localhost for two.
	Addresses func(host string) []netip.Addr

	// NodeAt returns the name of the node at an address ("10.0.0.1:3030"), or "".
	NodeAt func(address string) string

	// Fronts are the proxies in front, in the order in which a request passes
	// them, and Entry is where the last of them leads.
	Fronts []Front
	Entry  netip.AddrPort

	Seed uint64 // of samples and of the choices of `random`
}

// Upstream is one upstream of a configuration, ready to be asked. It is not
// safe for concurrent use.
type Upstream struct {
	Config  *nginx.Config
	Block   *nginx.Upstream
	Servers []Server // in nginx's order, backups included

	options Options
	peers   []balance.Peer
	balance *balance.Upstream
	total   int // weights of the primaries
	access  access
	key     key
	attempt balance.Attempt
	steps   []balance.Step
	twice   bool // localhost was taken for two addresses
}

// Server is one server of the upstream: an address of a server line.
type Server struct {
	Number  int    `json:"number"` // from 1
	Name    string `json:"name"`   // as written
	Address string `json:"address"`
	Node    string `json:"node,omitempty"`
	Weight  int    `json:"weight"`
	Down    bool   `json:"down,omitempty"`
	Backup  bool   `json:"backup,omitempty"`

	// The slots that it owns of 0 to the total weight less 1, for ip_hash and
	// hash. A backup owns none: First is above Last.
	First int `json:"first_slot"`
	Last  int `json:"last_slot"`
}

// New returns an upstream of a configuration. It fails when there is none of
// that name, or no server of a name in Down.
func New(c *nginx.Config, o Options) (*Upstream, error) {
	block, err := find(c, o.Upstream)
	if err != nil {
		return nil, err
	}
	u := &Upstream{Config: c, Block: block, options: o}
	u.list()
	for _, name := range o.Down {
		if err := u.down(name); err != nil {
			return nil, err
		}
	}
	u.slots()
	u.access = accessTo(c, block)
	if known, err := u.access.realIP.Resolve(u.hosts); err == nil { // a name that is not known here is not trusted
		u.access.realIP = known
	}
	u.access.fronts, u.access.entry = o.Fronts, o.Entry
	u.key = keyOf(c, block, u.access)
	return u, u.reset()
}

// reset gives the servers fresh state.
func (u *Upstream) reset() (err error) {
	u.balance, err = balance.New(balance.Method(u.Block.Method), u.peers, seed.Rand(u.options.Seed, "explain/"+u.Block.Name))
	if err != nil {
		err = fmt.Errorf("upstream %q: %w", u.Block.Name, err)
	}
	return err
}

// Method returns the balancing method as it is written; "round_robin" when none
// is.
func (u *Upstream) Method() string { return u.Block.Method.String() }

// find returns the upstream of a name, or the one that clients reach.
func find(c *nginx.Config, name string) (*nginx.Upstream, error) {
	if name != "" {
		if u := c.Upstream(name); u != nil {
			return u, nil
		}
		return nil, unknown(fmt.Sprintf("no upstream %q", name), name, c.UpstreamNames())
	}
	for _, s := range c.Servers {
		if s.Return != nil {
			continue
		}
		if l := s.Location(path); l != nil && l.Return == nil && l.Proxy != nil {
			if u := c.Upstream(l.Proxy.Upstream); u != nil {
				return u, nil
			}
		}
	}
	if len(c.Upstreams) == 0 {
		return nil, errors.New("there is no upstream, so nothing is chosen (an upstream block, or a location with proxy_pass)")
	}
	return c.Upstreams[0], nil
}

// unknown is the error about a name that the configuration does not have. names are
// those that could be meant.
func unknown(text, name string, names []string) error {
	if near := spell.DidYouMean(name, names); near != "" {
		text += " (" + near + ")"
	} else if len(names) > 0 && len(names) <= 8 {
		text += " (there are " + strings.Join(names, ", ") + ")"
	}
	return errors.New(text)
}

// list makes the servers of the server lines, one for each address.
func (u *Upstream) list() {
	for _, s := range u.Block.Servers {
		for _, address := range u.addresses(s) {
			server := Server{Number: len(u.Servers) + 1, Name: s.Address, Address: address, Weight: s.Weight, Down: s.Down, Backup: s.Backup}
			if u.options.NodeAt != nil {
				server.Node = u.options.NodeAt(address)
			}
			u.Servers = append(u.Servers, server)
			u.peers = append(u.peers, balance.Peer{
				// The address is only a label there: it leads back to the server.
				Name: s.Address, Address: strconv.Itoa(len(u.peers)), Weight: s.Weight, MaxFails: s.MaxFails,
				FailTimeout: max(s.FailTimeout, time.Second), MaxConns: s.MaxConns, Down: s.Down, Backup: s.Backup, Drain: s.Drain,
			})
		}
	}
}

// hosts returns the addresses of a name.
func (u *Upstream) hosts(name string) ([]netip.Addr, error) {
	var list []netip.Addr
	if u.options.Addresses != nil {
		list = u.options.Addresses(name)
	}
	if len(list) == 0 && name == "localhost" {
		list = []netip.Addr{netip.AddrFrom4([4]byte{127, 0, 0, 1}), netip.IPv6Loopback()}
	}
	return list, nil
}

func (u *Upstream) addresses(s *nginx.UpstreamServer) []string {
	port := strconv.Itoa(s.Port)
	if a, err := netip.ParseAddr(strings.Trim(s.Host, "[]")); err == nil {
		return []string{net.JoinHostPort(a.String(), port)}
	}
	var list []string
	if u.options.Addresses != nil {
		for _, a := range u.options.Addresses(s.Host) {
			list = append(list, net.JoinHostPort(a.String(), port))
		}
	}
	switch {
	case len(list) > 0:
		return list
	case s.Host == "localhost":
		u.twice = true
		return []string{net.JoinHostPort("::1", port), net.JoinHostPort("127.0.0.1", port)}
	}
	return []string{net.JoinHostPort(s.Host, port)}
}

// down marks the servers of a name.
func (u *Upstream) down(name string) error {
	found := false
	var names []string
	for i := range u.Servers {
		s := &u.Servers[i]
		host, _, _ := net.SplitHostPort(s.Address)
		called := []string{s.Name, s.Address, s.Node, host}
		names = append(names, called[:3]...)
		if slices.Contains(called, name) {
			s.Down, u.peers[i].Down, found = true, true, true
		}
	}
	if found && name != "" {
		return nil
	}
	slices.Sort(names)
	names = slices.DeleteFunc(slices.Compact(names), func(s string) bool { return s == "" })
	return unknown(fmt.Sprintf("no server %q in upstream %q", name, u.Block.Name), name, names)
}

// slots distributes the numbers below the total weight over the primaries.
func (u *Upstream) slots() {
	for i := range u.Servers {
		s := &u.Servers[i]
		s.First, s.Last = 0, -1
		if !s.Backup {
			s.First, s.Last = u.total, u.total+s.Weight-1
			u.total += s.Weight
		}
	}
}

// at returns the server that owns a slot.
func (u *Upstream) at(slot int) *Server {
	for i := range u.Servers {
		if s := &u.Servers[i]; s.First <= slot && slot <= s.Last {
			return s
		}
	}
	return nil
}

// single reports whether the upstream has only one server, so that no method is
// asked.
func (u *Upstream) single() bool { return len(u.Servers) == 1 }
