package explain

import (
	"fmt"
	"hash/crc32"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"stickylab/cluster/balance"
)

// Choice is the server that an address leads to, and how it was found.
type Choice struct {
	Address netip.Addr `json:"address"`
	Seen    netip.Addr `json:"seen"`             // by nginx; the mapped form where a listen [::]:80 takes IPv4 too
	Server  *Server    `json:"server,omitempty"` // nil means no live upstreams: the client gets 502
	Octets  []int      `json:"octets,omitempty"` // that ip_hash reads
	Key     string     `json:"key,omitempty"`    // that hash reads; in Go's quotes when it is no text
	Steps   []Step     `json:"steps,omitempty"`

	// Fallback says why round robin chose; "" when the method itself did. Such a
	// client may get another server the next time.
	Fallback string `json:"fallback,omitempty"`

	key string // the bytes of Key
}

// Step is one iteration of a hash method.
type Step struct {
	Before uint32          `json:"before"`          // the state it began with
	CRC    uint32          `json:"crc32,omitempty"` // hash: of the number of the try and the key
	Hash   uint32          `json:"hash"`            // the state after it; on a ring the value of the point
	Slot   int             `json:"slot"`            // Hash mod the total weight; on a ring the number of the point, -1 when it has too many to be counted
	Server int             `json:"server"`          // the number of the server that owns the slot
	Why    balance.Refusal `json:"why,omitempty"`   // why it was passed over; "" when it was taken
}

// Choose returns the choice for an address. Earlier calls count only where round
// robin decides.
func (u *Upstream) Choose(addr netip.Addr) Choice {
	c := Choice{Address: addr, Seen: u.access.seen(addr)}
	i, steps := u.pick(c.Seen)
	if i >= 0 {
		c.Server = &u.Servers[i]
	}
	switch {
	case u.single():
		return c
	case u.Block.Method.Name == "ip_hash":
		c.Octets = octetsOf(c.Seen)
	case u.Block.Method.Name == "hash":
		c.key = u.key.expand(c.Seen, nil)
		c.Key = c.key
		if !utf8.ValidString(c.key) {
			c.Key = strconv.Quote(c.key)
		}
	default:
		return c
	}
	c.Steps, c.Fallback = u.account(c, steps)
	return c
}

// pick makes one request that ends well at once. It returns the index of the
// server, -1 without one; the steps are valid until the next call.
func (u *Upstream) pick(seen netip.Addr) (int, []balance.Step) {
	u.steps = u.steps[:0]
	r := balance.Request{Addr: seen, Steps: &u.steps}
	if u.key.text != "" {
		r.Key = u.key.expand(seen, nil)
	}
	u.balance.StartIn(&u.attempt, r)
	peer, err := u.attempt.Next()
	if err != nil {
		return -1, u.steps
	}
	u.attempt.Done(false)
	return index(peer), u.steps
}

// index returns the index of the server that a peer stands for.
func index(p *balance.Peer) int {
	i, _ := strconv.Atoi(p.Address)
	return i
}

// fellBack reports whether round robin made the choice.
func fellBack(steps []balance.Step) bool { return len(steps) > 0 && steps[len(steps)-1].Fallback }

// account turns the steps of the balance package into those that are shown.
func (u *Upstream) account(c Choice, steps []balance.Step) (out []Step, fallback string) {
	state := uint32(balance.IPHashStart)
	if u.Block.Method.Name == "hash" {
		state = 0
	}
	for k, s := range steps {
		if s.Fallback {
			switch {
			case c.key == "" && u.Block.Method.Name == "hash":
				return out, "the key is empty"
			case c.Octets != nil && balance.IPHash(c.Seen, 1) == balance.IPHashStart:
				return out, fmt.Sprintf("%d is a fixed point of this hash: hashing again never leads away", balance.IPHashStart)
			}
			return out, fmt.Sprintf("%d tries found no server that is up", balance.MaxMisses+1)
		}
		step := Step{Before: state, Hash: s.Hash, Slot: s.Slot, Why: s.Why}
		state = s.Hash
		switch {
		case u.ring():
			step.Before = crc32.ChecksumIEEE([]byte(c.key))
			step.Server = u.named(s.Peer, out, s.Hash)
		default:
			step.Server = u.at(s.Slot).Number
			if c.Octets == nil {
				step.CRC = crc32.ChecksumIEEE([]byte(salted(k, c.key)))
			}
		}
		out = append(out, step)
	}
	return taken(out, c.Server), ""
}

// taken ends the account at the server that was taken. Where several addresses
// share a point, the point alone did not decide: they take turns.
func taken(steps []Step, s *Server) []Step {
	if s == nil || len(steps) == 0 {
		return steps
	}
	hash := steps[len(steps)-1].Hash
	first := slices.IndexFunc(steps, func(s Step) bool { return s.Hash == hash && s.Why == "" })
	for i := first; i >= 0 && i < len(steps); i++ {
		if steps[i].Server == s.Number && steps[i].Why == "" {
			return append(steps[:first], steps[i])
		}
	}
	return steps
}

// salted is the key with the number of the try before it, as
// ngx_http_upstream_hash_module hashes it from the second on.
func salted(try int, key string) string {
	if try == 0 {
		return key
	}
	return strconv.Itoa(try) + key
}

// ring reports whether the method is hash consistent.
func (u *Upstream) ring() bool {
	m := u.Block.Method
	return m.Name == "hash" && len(m.Args) > 1 && m.Args[1] == "consistent"
}

// named returns the number of the server that a step on the ring met. Several
// addresses of one name share its points and are met in turn.
func (u *Upstream) named(name string, before []Step, point uint32) int {
	met := 0
	for i := len(before) - 1; i >= 0 && before[i].Hash == point; i-- {
		met++
	}
	for _, s := range u.Servers {
		if s.Name == name && !s.Backup {
			if met == 0 {
				return s.Number
			}
			met--
		}
	}
	return 0
}

// octetsText is what ip_hash reads of an address: "203.0.113".
func octetsText(octets []int) string {
	words := make([]string, len(octets))
	for i, o := range octets {
		words[i] = strconv.Itoa(o)
	}
	return strings.Join(words, ".")
}
