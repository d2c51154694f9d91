package explain

import (
	"slices"

	"stickylab/cluster/nginx"
)

// Policy is how a balancing method that goes by the address spreads a population, and
// what it costs to change the servers.
type Policy struct {
	Method string `json:"method"`
	Now    bool   `json:"now,omitempty"` // it is that of the text
	Most   int    `json:"most"`          // clients of the server that has the most
	Fewest int    `json:"fewest"`        // of the one that has the fewest, of those that are up and no backup
	More   int    `json:"one_more"`      // clients that change servers when one is added
	Fewer  *int   `json:"one_fewer,omitempty"`
}

// byAddress are the methods that are compared, besides that of the text.
var byAddress = []string{"ip_hash", "hash $remote_addr", "hash $remote_addr consistent"}

// Policies compares what methods make of a population; one of which that cannot be told is
// left out. Fewer is for the last server line that could go, nil when none could. The
// result is empty when there is only one server.
func (u *Upstream) Policies(c Population) []Policy {
	if u.single() {
		return nil
	}
	methods := []nginx.Method{u.Block.Method}
	for _, text := range byAddress {
		m, err := nginx.ParseMethod(text)
		if err != nil {
			panic(err) // the list above is wrong
		}
		if m.String() != u.Method() {
			methods = append(methods, m)
		}
	}
	more := *u.Block.Servers[len(u.Block.Servers)-1]
	more.Address, more.Host, more.Port = "one.more:80", "one.more", 80 // a name that no server has
	more.Weight, more.Down, more.Backup, more.Drain = 1, false, false, false
	added := append(slices.Clone(u.Block.Servers), &more)
	last := -1
	for i, s := range u.Block.Servers {
		if up := !s.Backup && !s.Down; up && i > 0 {
			last = i
		}
	}

	var list []Policy
	for i, m := range methods {
		v, err := u.with(m, u.Block.Servers)
		if err != nil {
			continue // such as too many points of a ring
		}
		ok, _ := v.Decides()
		if !ok {
			continue
		}
		p := Policy{Method: m.String(), Now: i == 0, Fewest: len(c.Addresses)}
		for k, n := range v.Spread(c).Clients {
			p.Most = max(p.Most, n)
			if s := v.Servers[k]; !s.Down && !s.Backup {
				p.Fewest = min(p.Fewest, n)
			}
		}
		if p.More, ok = v.movedTo(added, c); !ok {
			continue
		}
		if last > 0 {
			n, ok := v.movedTo(slices.Delete(slices.Clone(u.Block.Servers), last, last+1), c)
			if !ok {
				continue
			}
			p.Fewer = &n
		}
		list = append(list, p)
	}
	return list
}

// movedTo counts the clients that get another server when the server lines are these. ok
// is false when that cannot be told, such as for a ring of too many points.
func (u *Upstream) movedTo(servers []*nginx.UpstreamServer, c Population) (n int, ok bool) {
	after, err := u.with(u.Block.Method, servers)
	if err != nil {
		return 0, false
	}
	moves, ok, _ := Compare(u, after, c)
	return moves.Moved, ok
}

// with returns the upstream with another method and other server lines.
func (u *Upstream) with(m nginx.Method, servers []*nginx.UpstreamServer) (*Upstream, error) {
	block := *u.Block
	block.Method, block.Servers = m, servers
	v := &Upstream{Config: u.Config, Block: &block, options: u.options, access: u.access}
	v.list()
	for _, name := range u.options.Down {
		if err := v.down(name); err != nil {
			continue // its line is the one that went
		}
	}
	v.slots()
	v.key = keyOf(u.Config, &block, v.access)
	return v, v.reset()
}
