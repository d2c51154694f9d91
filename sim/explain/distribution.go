package explain

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"stickylab/cluster/balance"
	"stickylab/sim/format"
)

// Spread is the distribution of a population over the servers.
type Spread struct {
	Population Population
	Clients    []int  // by server
	Refused    int    // no live upstreams: 502
	Loose      int    // clients whose server round robin chose: the next time it may be another
	Reason     string // why all are on one server; "" when they are not

	servers []int16 // of each address, by index; -1 when refused
}

// Spread places a population. The servers start with fresh state.
func (u *Upstream) Spread(c Population) Spread {
	u.reset()
	s := Spread{Population: c, Clients: make([]int, len(u.Servers)), servers: make([]int16, len(c.Addresses))}
	for i, a := range c.Addresses {
		server, steps := u.pick(u.access.seen(a))
		s.servers[i] = int16(server)
		if server < 0 {
			s.Refused++
			continue
		}
		s.Clients[server]++
		if fellBack(steps) && !u.single() {
			s.Loose++
		}
	}
	u.reset()
	if _, all := s.one(); all {
		s.Reason = u.reason(c.Addresses)
	}
	return s
}

// one returns the index of the server that has all clients.
func (s Spread) one() (server int, all bool) {
	for i, n := range s.Clients {
		if n > 0 && n == len(s.Population.Addresses) {
			return i, true
		}
	}
	return -1, false
}

// reason says why addresses all lead to one server.
func (u *Upstream) reason(addrs []netip.Addr) string {
	up, backups := 0, 0
	for _, s := range u.Servers {
		switch {
		case s.Backup:
			backups++
		case !s.Down:
			up++
		}
	}
	method := u.Block.Method.Name
	switch {
	case len(u.Servers) == 1:
		return "the upstream has only one server."
	case up == 1 && backups == 0:
		return "every other server is down."
	case up == 1:
		return "every other server is down or a backup."
	case up == 0:
		return "no server but a backup is up."
	case method == "hash" && !u.key.varies:
		return fmt.Sprintf("the key %s is the same for all of them.", u.key.text)
	case u.heap() != "":
		return u.heap()
	case len(addrs) == 1:
		return u.oneAddress()
	}
	n := distinct(addrs, func(a netip.Addr) netip.Addr { return a })
	switch {
	case n == 1:
		return "they share one address. " + u.oneAddress()
	case method != "ip_hash":
		return fmt.Sprintf("by chance: they are %s addresses, and each of them hashes there.", format.Number(n))
	}
	n = distinct(addrs, func(a netip.Addr) netip.Addr { return read(u.access.seen(a)) })
	switch {
	case n > 1 && slices.ContainsFunc(addrs, func(a netip.Addr) bool { return u.access.seen(a).Is6() }):
		return fmt.Sprintf("by chance: ip_hash reads all 16 octets of an IPv6 address and three of an IPv4 address, and %s different values all lead there.", format.Number(n))
	case n > 1:
		return fmt.Sprintf("ip_hash reads only the first three octets of an IPv4 address. There are %s different ones among these, and each leads there.", format.Number(n))
	}
	return fmt.Sprintf("ip_hash reads only the first three octets of an IPv4 address, and these are %s for all of them: to nginx one /24 is one client.",
		octetsText(octetsOf(u.access.seen(addrs[0]))))
}

// heap says that a front gives all clients one address; "" when it does not.
func (u *Upstream) heap() string {
	seen, one := u.access.everyone()
	if !one {
		return ""
	}
	for _, f := range u.access.fronts {
		if f.Address == seen.Unmap() {
			return fmt.Sprintf("to the proxy they all come from %s, the address of front %s.", seen, f.Name)
		}
	}
	return fmt.Sprintf("to the proxy they all come from %s.", seen)
}

// oneAddress says what else may come from a single address.
func (u *Upstream) oneAddress() string {
	text := "One address is one client to nginx. If it is a proxy, a load balancer or a NAT in front of many, all of them land here"
	if rule := u.access.realIP; rule != nil {
		return text + fmt.Sprintf("; when it is a trusted one, the address in %s counts instead.", source(rule.Header))
	}
	return text + "; for a proxy of yours, set_real_ip_from and real_ip_header would tell them apart."
}

// read cuts an address to what ip_hash reads of it.
func read(a netip.Addr) netip.Addr {
	if a.Is4() {
		return netip.PrefixFrom(a, 24).Masked().Addr()
	}
	return a
}

func octetsOf(a netip.Addr) []int {
	var list []int
	for _, o := range balance.Octets(a) {
		list = append(list, int(o))
	}
	return list
}

func distinct(addrs []netip.Addr, of func(netip.Addr) netip.Addr) int {
	seen := map[netip.Addr]bool{}
	for _, a := range addrs {
		seen[of(a)] = true
	}
	return len(seen)
}

// Notes returns what else decides which client gets which server, in sentences.
func (u *Upstream) Notes(addrs []netip.Addr) []string {
	var notes []string
	add := func(format string, args ...any) { notes = append(notes, fmt.Sprintf(format, args...)) }
	a := u.access
	fronted := len(a.fronts) > 0 // then Path has said it, and clients connect there
	if a.mapped && !a.v4 && a.realIP == nil && !fronted && slices.ContainsFunc(addrs, netip.Addr.Is4) {
		add("Clients come in on listen [::] with ipv6only=off, so nginx sees an IPv4 client as ::ffff:a.b.c.d: an IPv6 address, of which ip_hash reads all 16 octets.")
	}
	if !a.v4 && !a.mapped && !fronted && slices.ContainsFunc(addrs, netip.Addr.Is4) {
		add("No listen directive takes IPv4: such a client cannot connect. This is what it would get.")
	}
	if !a.v6 && !fronted && slices.ContainsFunc(addrs, netip.Addr.Is6) {
		add("No listen directive takes IPv6: such a client cannot connect. This is what it would get.")
	}
	if r := a.realIP; r != nil && !fronted {
		var from []string
		for _, p := range r.From {
			from = append(from, strings.TrimSuffix(strings.TrimSuffix(p.String(), "/32"), "/128"))
		}
		if len(from) > 4 {
			from = append(from[:3], fmt.Sprintf("%d more", len(from)-3))
		}
		which := "the last address in it"
		if r.Recursive {
			which = "the last address in it that is not trusted itself"
		}
		if !strings.EqualFold(r.Header, "X-Forwarded-For") {
			which = "the address in it"
		}
		add("The client's address is taken from %s when the connection comes from %s: %s. From anywhere else the connection's own address counts.",
			source(r.Header), strings.Join(from, ", "), which)
		if slices.ContainsFunc(addrs, r.Trusts) {
			add("Some of these addresses are trusted to name others: they count as they stand here only without that header.")
		}
	}
	if u.twice {
		add("localhost is taken for the two addresses that most hosts files give it, [::1] and 127.0.0.1: nginx makes a server of each. If it is one here: --host localhost=127.0.0.1, or 127.0.0.1 in its place.")
	}
	if s := u.Block.Sticky; s != nil {
		add("sticky %s goes first: a client that already holds a server's id gets that server as long as it is up. This is where the others go.", s.Mode)
	}
	if !u.single() && slices.ContainsFunc(u.Servers, func(s Server) bool { return s.Backup }) {
		add("A backup gets requests only while no other server is up.")
	}
	return notes
}
