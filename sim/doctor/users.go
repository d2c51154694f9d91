package doctor

import (
	"fmt"
	"math"
	"net/netip"
	"slices"
	"time"

	"stickylab/sim/plan"
	"stickylab/sim/population"
	"stickylab/sim/scenario"
)

// crowded is by how much more clients there are in the first experiment when they are users of
// a file: more of these are told apart.
const crowded = 4

// userList are the users of the options that can be clients here; nil means that there are none.
func (x *examination) userList(s *site) []population.Weighted {
	if x.options.Clients == nil {
		return nil
	}
	return x.options.Clients.Sample(math.MaxInt, x.options.Seed, func(a netip.Addr) bool { return x.free(s, a) }).List
}

// free reports whether a client can have an address in every experiment.
func (x *examination) free(s *site, a netip.Addr) bool {
	if s.taken[a] || a == x.trusted(s) || a == spoofing || a.String()+":6379" == plan.RedisAddress {
		return false
	}
	return !slices.ContainsFunc(s.hosts, func(h scenario.Host) bool { return slices.Contains(h.Addresses, a) })
}

// madeUp is the origin of clients of a kind to which no address of the users fell.
const madeUp = "made"

// groups returns a group of each kind that is wanted. Those from the world are users of the
// options, if there are some: each address is given to one kind, and the clients of a kind are
// times as many.
func (x *examination) groups(s *site, wanted []string, origin string, say time.Duration, counts map[string]int, times int) []scenario.Group {
	list := x.userList(s)
	if len(list) == 0 {
		return groupsOf(wanted, origin, say, counts)
	}
	if origin != world {
		return apart(list, origin, groupsOf(wanted, origin, say, counts))
	}
	var out []scenario.Group
	for i, kind := range kinds {
		if !slices.Contains(wanted, kind) || counts[kind] == 0 {
			continue
		}
		part := &population.Clients{}
		for k := i; k < len(list); k += len(kinds) {
			part.List = append(part.List, list[k])
		}
		if len(part.List) == 0 {
			out = append(out, apart(list, madeUp, groupsOf([]string{kind}, madeUp, say, counts))...)
			continue
		}
		like := group(kind, world, 1)
		like.Say = say
		out = append(out, part.Sample(counts[kind]*times, x.options.Seed, nil).Groups(like)...)
	}
	return out
}

// apart moves groups away from the addresses of users: together, as far as the /24 of an office
// goes.
func apart(list []population.Weighted, origin string, groups []scenario.Group) []scenario.Group {
	bits := map[string]int{office: 24, nat: 32, madeUp: 16}[origin]
	for i := range groups {
		r := &groups[i].IP[0]
		for {
			around := netip.PrefixFrom(r.Prefix.Addr(), bits).Masked()
			if !slices.ContainsFunc(list, func(w population.Weighted) bool { return around.Contains(w.Address) }) {
				break
			}
			r.Prefix = netip.PrefixFrom(after(r.Prefix.Addr(), bits), r.Prefix.Bits())
		}
	}
	return groups
}

// after returns the address that is one block of so many bits further on.
func after(a netip.Addr, bits int) netip.Addr {
	b := a.As4()
	n := uint32(b[0])<<24 | uint32(b[1])<<16 | uint32(b[2])<<8 | uint32(b[3])
	n += 1 << (32 - bits)
	return netip.AddrFrom4([4]byte{byte(n >> 24), byte(n >> 16), byte(n >> 8), byte(n)})
}

// users notes who the clients of the experiments are. It fails when no user can be one.
func (r *Report) users(x *examination, s *site) error {
	if x.options.Clients == nil {
		return nil
	}
	all := x.options.Clients.Sample(math.MaxInt, x.options.Seed, func(a netip.Addr) bool { return x.free(s, a) })
	if all.Total == 0 {
		return fmt.Errorf("%w: no client is left: %s", ErrUnusable, all.LeftOut(x.options.ClientsFile))
	}
	add := func(text string) {
		if n := (Note{Text: text}); text != "" && !slices.Contains(r.Notes, n) {
			r.Notes = append(r.Notes, n)
		}
	}
	add(fmt.Sprintf("clients from many networks are %s: up to %d of a kind, drawn with seed %d, each address for one kind", all.Sentence(x.options.ClientsFile, x.options.Seed), crowded*8, x.options.Seed))
	add(all.LeftOut(x.options.ClientsFile))
	return nil
}
