package inspect

import (
	"fmt"
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"stickylab/cluster/nginx"
	"stickylab/sim/explain"
)

// placing explains, in lines, why a request of an address reached a node.
// tried are the nodes that were asked before it and failed.
func (r rule) placing(addr, node string, tried []string) []string {
	if r.upstream == nil {
		return []string{"clients ask this node themselves: no proxy chooses"}
	}
	u, err := r.explain(nil)
	if err != nil {
		return []string{err.Error()}
	}
	if len(u.Servers) == 1 {
		return []string{"upstream " + r.upstream.Name + " has one server: nothing to choose"}
	}
	var out []string
	if s := r.upstream.Sticky; s != nil {
		out = append(out, stickiness(s.Mode, s.Cookie)...)
	}
	ip, err := netip.ParseAddr(addr)
	if err != nil {
		return append(out, "its address is not known")
	}
	method := r.upstream.Method
	if method.Name != "ip_hash" && method.Name != "hash" {
		return append(out, unhashed(method.Name, method.Args)...)
	}
	if _, text := u.Line(ip); strings.Contains(text, undecided) {
		_, why, _ := strings.Cut(text, undecided)
		return append(out, u.Method()+": "+why)
	}
	u, c, found := r.toNode(u, ip, node)
	h := sums{u: u, c: c, method: method.Name, ring: slices.Contains(method.Args, "consistent"), tried: tried, seen: map[int]bool{}}
	if method.Name == "ip_hash" {
		out = append(out, h.addressed(ip)...)
	} else {
		out = append(out, h.keyed()...)
	}
	if !found {
		out = append(out, "that is not where it is: something beside the rule decided")
	}
	return out
}

// undecided is how package explain says that an address is not enough.
const undecided = "an address decides nothing, "

// toNode takes server after server as down until the address leads to the node.
func (r rule) toNode(u *explain.Upstream, ip netip.Addr, node string) (*explain.Upstream, explain.Choice, bool) {
	first, c := u, u.Choose(ip)
	choice := c
	var down []string
	for range u.Servers {
		if choice.Server == nil {
			break
		}
		if choice.Server.Node == node {
			return u, choice, true
		}
		down = append(down, choice.Server.Address)
		next, err := r.explain(down)
		if err != nil {
			break
		}
		u = next
		choice = u.Choose(ip)
	}
	return first, c, false
}

// unhashed explains the methods that do not look at who asks.
func unhashed(method string, args []string) []string {
	switch method {
	case "", "round_robin":
		return []string{
			"round robin deals requests in turn, whoever asks:",
			"nothing ties the next request of a session to its node",
		}
	case "least_conn":
		return []string{
			"least_conn takes the server with the fewest requests under way",
			"for its weight, in turn among equals; it does not look at who asks",
		}
	case "random":
		if slices.Contains(args, "two") {
			return []string{"random two draws two servers and takes the less busy one;", "it does not look at who asks"}
		}
		return []string{"random draws a server by weight, for each request anew"}
	}
	return []string{method + " chose it"}
}

func stickiness(mode, cookie string) []string {
	switch mode {
	case "cookie":
		return []string{
			"sticky cookie: the first answer sets " + strconv.Quote(cookie) + ", which names the server;",
			"who sends it back gets that server, others are placed so:",
		}
	case "learn":
		return []string{"sticky learn: the proxy remembers on which server a session began;", "a first request is placed so:"}
	}
	return []string{"sticky " + mode + ": a request that names a server gets it,", "others are placed so:"}
}

// sums writes out the arithmetic of a choice.
type sums struct {
	u      *explain.Upstream
	c      explain.Choice
	method string
	ring   bool
	tried  []string
	seen   map[int]bool // servers that were passed over already, by number
}

// addressed is ip_hash: each octet is one step, and each retry goes over the
// octets again from where the last one ended.
func (h sums) addressed(ip netip.Addr) []string {
	out := []string{fmt.Sprintf("ip_hash reads %s of %s, from 89 on:", octets(h.c.Octets), ip)}
	for i, step := range h.c.Steps {
		if i == 0 {
			out = append(out, octetByOctet(step.Before, h.c.Octets)...)
		} else {
			out = append(out, fmt.Sprintf("once more over the octets, from %d: %d", step.Before, step.Hash))
		}
		out = append(out, h.slot(step))
	}
	return h.fallback(out)
}

// octetByOctet writes the steps of ip_hash, one a line; of an IPv6 address the
// first and the last two.
func octetByOctet(h uint32, octets []int) []string {
	var out []string
	for i, o := range octets {
		next := (h*113 + uint32(o)) % 6271
		switch {
		case len(octets) <= 4, i < 2, i >= len(octets)-2:
			out = append(out, fmt.Sprintf("(%4d*113 + %3d) %% 6271 = %4d", h, o, next))
		case i == 2:
			out = append(out, fmt.Sprintf("... %d more ...", len(octets)-4))
		}
		h = next
	}
	return out
}

// keyed is hash, with a ring or without.
func (h sums) keyed() []string {
	key := strconv.Quote(h.c.Key)
	out := []string{h.u.Method() + ":"}
	for i, step := range h.c.Steps {
		switch {
		case h.ring && i == 0:
			out = append(out, fmt.Sprintf("crc32(%s) = %d", key, step.Before),
				h.verdict(fmt.Sprintf("the next point of the ring is %d, of %s", step.Hash, h.server(step)), step))
		case h.ring:
			out = append(out, h.verdict(fmt.Sprintf("the one after it is %d, of %s", step.Hash, h.server(step)), step))
		case i == 0:
			out = append(out, fmt.Sprintf("(crc32(%s) >> 16) & 0x7fff = %d", key, step.Hash), h.slot(step))
		default:
			again := strconv.Quote(strconv.Itoa(i) + h.c.Key)
			out = append(out, fmt.Sprintf("%d + ((crc32(%s) >> 16) & 0x7fff) = %d", step.Before, again, step.Hash), h.slot(step))
		}
	}
	return h.fallback(out)
}

func (h sums) fallback(out []string) []string {
	if h.c.Fallback != "" {
		out = append(out, h.c.Fallback+": it is dealt in turn")
	}
	return out
}

// slot tells which server owns the slot that a hash leads to.
func (h sums) slot(step explain.Step) string {
	total := 0
	for _, s := range h.u.Servers {
		if !s.Backup {
			total += s.Weight
		}
	}
	return h.verdict(fmt.Sprintf("%d %% %d = %d: %s", step.Hash, total, step.Slot, h.server(step)), step)
}

func (h sums) server(step explain.Step) string {
	if step.Server < 1 || step.Server > len(h.u.Servers) {
		return "nobody"
	}
	s := h.u.Servers[step.Server-1]
	text := "the " + ordinal(s.Number) + " server"
	if s.Weight > 1 {
		text += fmt.Sprintf(" (weight %d)", s.Weight)
	}
	return text + ", " + s.Name
}

// verdict adds why a server was passed over.
func (h sums) verdict(line string, step explain.Step) string {
	if step.Why == "" || step.Server < 1 || step.Server > len(h.u.Servers) {
		return line
	}
	s := h.u.Servers[step.Server-1]
	again := h.seen[s.Number]
	h.seen[s.Number] = true
	block := h.u.Block.Servers
	written := slices.IndexFunc(block, func(x *nginx.UpstreamServer) bool { return x.Address == s.Name })
	switch {
	case again || step.Why == "already tried":
		return line + ", again"
	case slices.Contains(h.tried, s.Node):
		return line + ", which failed"
	case written >= 0 && block[written].Down:
		return line + ", marked down"
	}
	return line + ", off after failures"
}

func octets(list []int) string {
	if len(list) == 16 {
		return "all 16 octets"
	}
	parts := make([]string, len(list))
	for i, o := range list {
		parts[i] = strconv.Itoa(o)
	}
	return strings.Join(parts, ".")
}

// ordinal writes 1 to 3 as words.
func ordinal(n int) string {
	if n >= 1 && n <= 3 {
		return [...]string{"first", "second", "third"}[n-1]
	}
	return strconv.Itoa(n) + "th"
}
