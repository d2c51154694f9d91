package explain

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Moves is how the clients of a population change servers from one configuration
// to another.
type Moves struct {
	Population Population
	Stay       int
	Moved      int
	List       []Move // by the number of the servers

	before, after *Upstream
}

// Move is a number of clients that go from one server to another. A server is
// named as in Server.Address, with "" for 502.
type Move struct {
	From    string `json:"from"`
	To      string `json:"to"`
	Clients int    `json:"clients"`

	from, to int
}

// Compare places a population by two configurations. Servers are the same when
// their addresses are. ok is false when an address decides nothing in one of
// the two; why then names the reason.
func Compare(before, after *Upstream, c Population) (m Moves, ok bool, why string) {
	for _, u := range []*Upstream{before, after} {
		if ok, why := u.Decides(); !ok {
			return m, false, why
		}
	}
	m = Moves{Population: c, before: before, after: after}
	a, b := before.Spread(c), after.Spread(c)
	merged := map[[2]string]Move{}
	for i := range c.Addresses {
		from, to := int(a.servers[i]), int(b.servers[i])
		key := [2]string{before.address(from), after.address(to)}
		if key[0] == key[1] {
			m.Stay++
			continue
		}
		m.Moved++
		move, known := merged[key]
		if !known {
			move = Move{From: key[0], To: key[1], from: from, to: to}
		}
		move.Clients++
		move.from, move.to = min(move.from, from), min(move.to, to)
		merged[key] = move
	}
	m.List = slices.Collect(maps.Values(merged))
	slices.SortFunc(m.List, func(a, b Move) int { return cmp.Or(cmp.Compare(a.from, b.from), cmp.Compare(a.to, b.to)) })
	return m, true, ""
}

// address is the address of a server by index, "" for none.
func (u *Upstream) address(i int) string {
	if i < 0 {
		return ""
	}
	return u.Servers[i].Address
}

// Meaning returns in a sentence what kind of move it is, or "".
func (m Moves) Meaning() string {
	if m.Moved == 0 || m.Stay == 0 {
		return ""
	}
	gone, fresh := m.lost(), missing(m.after, m.before)
	onlyFrom := !slices.ContainsFunc(m.List, func(v Move) bool { return !slices.Contains(gone, v.From) })
	onlyTo := !slices.ContainsFunc(m.List, func(v Move) bool { return !slices.Contains(fresh, v.To) })
	switch {
	case len(gone) > 0 && len(fresh) == 0 && onlyFrom:
		return fmt.Sprintf("Only clients of %s moved, all others stay.", listed(gone))
	case len(fresh) > 0 && len(gone) == 0 && onlyTo:
		return fmt.Sprintf("Clients moved only to %s, all others stay.", listed(fresh))
	case !m.before.modulo() || !m.after.modulo() || m.before.Method() != m.after.Method():
		return ""
	case m.before.total != m.after.total:
		hint := "Marking a server `down` keeps its share of the total, so that only its own clients move; with `hash $remote_addr consistent` that holds for removed and added ones too."
		return fmt.Sprintf("The hash is divided by the total weight, which was %d and is %d now, so clients of every server get another remainder. %s",
			m.before.total, m.after.total, hint)
	case !slices.EqualFunc(m.before.Servers, m.after.Servers, func(a, b Server) bool { return a.Address == b.Address }):
		return "The remainder counts servers in the order of their lines: another order is another server."
	}
	return ""
}

// modulo reports whether the method divides by the total weight.
func (u *Upstream) modulo() bool {
	name := u.Block.Method.Name
	return !u.single() && (name == "ip_hash" || name == "hash" && !u.ring())
}

// lost returns the servers that were up before and are not now, by address.
func (m Moves) lost() []string { return missing(m.before, m.after) }

func missing(from, in *Upstream) []string {
	var list []string
	for _, s := range from.Servers {
		up := slices.ContainsFunc(in.Servers, func(o Server) bool { return o.Address == s.Address && !o.Down })
		if !s.Down && !up && !slices.Contains(list, s.Address) {
			list = append(list, s.Address)
		}
	}
	return list
}

func listed(words []string) string {
	switch n := len(words); {
	case n == 1:
		return words[0]
	case n > 4:
		return fmt.Sprintf("%d servers", n)
	default:
		return strings.Join(words[:n-1], ", ") + " and " + words[n-1]
	}
}
