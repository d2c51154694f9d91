package inspect

import (
	"fmt"
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"stickylab/cluster/balance"
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
	if ok, why := u.Decides(); !ok {
		return append(out, u.Method()+": "+why)
	}
	u, c, found := r.toNode(u, ip, node)
	out = append(out, arithmetic(u, c, tried)...)
	if !found {
		out = append(out, "that is not where it is: something other than the rule decided")
	}
	return out
}

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

// unhashed explains the methods that ignore who the client is.
func unhashed(method string, args []string) []string {
	switch method {
	case "", "round_robin":
		return []string{
			"round robin distributes requests in turn, whoever the client is:",
			"nothing ties the next request of a session to its node",
		}
	case "least_conn":
		return []string{
			"least_conn takes the server with the fewest open requests",
			"for its weight, in turn among equals; the client does not matter",
		}
	case "random":
		if slices.Contains(args, "two") {
			return []string{"random two draws two servers and takes the less busy one;", "the client does not matter"}
		}
		return []string{"random draws a server by weight, anew for each request"}
	}
	return []string{method + " chose it"}
}

func stickiness(mode, cookie string) []string {
	switch mode {
	case "cookie":
		return []string{
			"sticky cookie: the first answer sets " + strconv.Quote(cookie) + ", which names the server;",
			"requests with it go to that server, others are placed like this:",
		}
	case "learn":
		return []string{"sticky learn: the proxy remembers on which server a session began;", "a first request is placed like this:"}
	}
	return []string{"sticky " + mode + ": a request that names a server goes there,", "others are placed like this:"}
}

// arithmetic writes out how a choice was made: a head, the steps, and the round
// robin that follows when they found nothing.
func arithmetic(u *explain.Upstream, c explain.Choice, tried []string) []string {
	head := fmt.Sprintf("%s of %s:", u.Method(), strconv.Quote(c.Key))
	if c.Octets != nil {
		head = fmt.Sprintf("ip_hash reads %s of %s, from 89 on:", octets(c.Octets), c.Seen)
	}
	out := []string{head}
	passed := map[int]bool{}
	rows := u.Arithmetic(c, func(s explain.Step) string {
		server := u.Servers[s.Server-1]
		text := ", " + server.Name
		if s.Why != "" {
			text += ", " + passedOver(u, server, s.Why, passed[s.Server], tried)
			passed[s.Server] = true
		}
		return text
	})
	if n := len(c.Octets); n > 4 && len(rows) > n { // of an IPv6 address the first and the last two
		rows = slices.Replace(rows, 2, n-2, explain.Row{Text: fmt.Sprintf("... %d more ...", n-4)})
	}
	for _, r := range rows {
		out = append(out, fmt.Sprintf("%-6s%s", r.Label, r.Text))
	}
	if c.Fallback != "" {
		out = append(out, "round robin chooses, since "+c.Fallback)
	}
	return out
}

// passedOver says why a request did not go to a server that the hash led to.
func passedOver(u *explain.Upstream, s explain.Server, why balance.Refusal, again bool, tried []string) string {
	block := u.Block.Servers
	written := slices.IndexFunc(block, func(x *nginx.UpstreamServer) bool { return x.Address == s.Name })
	switch {
	case again || why == balance.AlreadyTried:
		return "again"
	case slices.Contains(tried, s.Node):
		return "which failed"
	case written >= 0 && block[written].Down:
		return "marked down"
	case why == balance.IsDraining:
		return "draining"
	}
	return "off after failures"
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
