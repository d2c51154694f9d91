package doctor

import (
	"fmt"
	"slices"
	"strings"

	"stickylab/cluster/nginx/syntax"
)

// A Cause is the place in the text that a finding is due to.
type Cause struct {
	Line    int    `json:"line"`
	Excerpt string `json:"excerpt"`
	Missing bool   `json:"missing,omitempty"` // something is missing, and would belong at the line
	Why     string `json:"why"`
}

// at is a cause at a statement of the text, or without a place for nil.
func (g *target) at(s *syntax.Directive, why string) Cause {
	if s == nil {
		return Cause{Why: why}
	}
	return Cause{Line: s.Pos.Line, Excerpt: g.excerpt(s.Pos.Line), Why: why}
}

// lacking is the cause that something is missing, which would belong at s.
func (g *target) lacking(s *syntax.Directive, why string) Cause {
	c := g.at(s, why)
	c.Missing = true
	return c
}

// excerpt returns a line of the text.
func (g *target) excerpt(line int) string {
	lines := strings.Split(g.source.Text(), "\n")
	if line < 1 || line > len(lines) {
		return ""
	}
	return strings.TrimSpace(strings.ReplaceAll(lines[line-1], "\t", " "))
}

// shutdownTimeout is the worker_shutdown_timeout of the text; nil means none.
func shutdownTimeout(g *target) *syntax.Directive {
	return last(syntax.Find(g.source.Directives, "worker_shutdown_timeout"))
}

func (g *target) causeMethod(why string) Cause {
	if m := g.method(); m != nil {
		return g.at(m, why)
	}
	return g.at(g.block(), why)
}

// causePlace is a cause at the upstream, or where an address stands for it.
func (g *target) causePlace(why string) Cause {
	if b := g.block(); b != nil {
		return g.at(b, why)
	}
	return g.at(g.pass(), why)
}

func causeReach(x *examination, g *target, v verdict) Cause {
	if d := g.handler(); d != nil {
		return g.at(d, fmt.Sprintf("it takes the requests for %s, and only proxy_pass is simulated", g.path))
	}
	if l := g.losing(); l != nil && len(l.Find("internal")) > 0 {
		return g.at(l.Find("internal")[0], "it answers 404 to every request from outside")
	} else if l != nil && len(l.Find("return")) > 0 {
		return g.at(l.Find("return")[0], fmt.Sprintf("nginx answers requests for %s here itself, and proxies none", g.path))
	} else if l != nil {
		return g.lacking(l, fmt.Sprintf("proxy_pass: the location takes %s and looks for a file", g.path))
	}
	if l := g.exact(); l != nil {
		return g.at(l, fmt.Sprintf("with = it takes %s and nothing else: clients ask for %s", l.Arg(1), g.path))
	}
	if g.location == nil {
		return g.lacking(g.serverBlock(), fmt.Sprintf("a location that proxies %s", g.path))
	}
	if h := g.alwaysUpgrades(); h != nil {
		return g.at(h, fmt.Sprintf("%q does not depend on what the client asked for; a variable begins with $", h.Arg(1)))
	}
	if d := g.announces(); d != nil {
		return g.at(d, "each connection to a node begins with a PROXY line, which Node.js takes for a broken request: it answers 400 Bad Request")
	}
	switch to := g.arrives(); {
	case g.argless:
		return g.at(g.pass(), fmt.Sprintf("the node is asked for %s without the arguments of the request: $is_args$args is missing at its end", to))
	case strings.HasPrefix(to, "//"):
		return g.at(g.pass(), fmt.Sprintf("location %s has no / at its end and this has one: the node is asked for %s", g.location.Path, to))
	case to != g.path && to != "":
		return g.at(g.pass(), fmt.Sprintf("the node is asked for %s in place of %s", to, g.path))
	}
	return g.at(g.pass(), fmt.Sprintf("the node is asked for %s and answers 404", g.path))
}

func causeSticky(x *examination, g *target, v verdict) Cause {
	if h := g.alwaysUpgrades(); h != nil {
		return g.at(h, fmt.Sprintf("every request asks the node for a WebSocket, polls included: %q does not depend on what the client asked for", h.Arg(1)))
	}
	if d := g.above("proxy_pass_request_body"); d != nil && d.Arg(0) == "off" {
		return g.at(d, "what clients post does not get to the node")
	}
	if len(g.location.Proxy.Choices) > 1 && len(g.upstream.Servers) == 1 {
		return g.at(g.pass(), fmt.Sprintf("%s leads requests of one session to different upstreams", g.pass().Arg(0)))
	}
	m := g.upstream.Method
	if d := last(syntax.Find(g.upstreamLines(), "sticky")); d != nil {
		why := "a client that does not return the cookie goes to another server on every request"
		if !v.passed(polling) {
			why = "few requests, or none, carry what it looks up; the others go to another server each time"
		}
		return g.at(d, why)
	}
	switch {
	case m.Name == "hash":
		return g.causeMethod(fmt.Sprintf("%s is not the same, or is empty, in the requests of one session", m.Args[0]))
	case m.Name == "round_robin":
		why := "a balancing method that looks at the client; without one requests are distributed round-robin"
		if g.connects() {
			why = "a balancing method that looks at the client; without one connections are distributed round-robin, and a client that polls has several"
		}
		c := g.causePlace(why)
		c.Missing = true
		return c
	}
	if g.connects() {
		return g.causeMethod("it looks at the servers, not at the client: each connection goes to another one, and a client that polls has several")
	}
	return g.causeMethod("it looks at the servers, not at the client: each request goes to the least loaded one")
}

// alwaysUpgrades is the line that asks for a WebSocket whatever the client asked
// for; nil means none.
func (g *target) alwaysUpgrades() *syntax.Directive {
	h := header(g.allAbove("proxy_set_header"), "Upgrade")
	if h == nil || h.Arg(1) == "" || strings.Contains(h.Arg(1), "$") {
		return nil
	}
	return h
}

func causeUpgrade(x *examination, g *target, v verdict) Cause {
	if d := g.hidesUpgrade(); d != nil {
		return g.at(d, "it takes Upgrade from the answer that opens a WebSocket: without that header the client takes the answer for a failure")
	}
	headers := g.allAbove("proxy_set_header")
	var missing []string
	for _, need := range upgradeHeaders {
		if header(headers, need.name) == nil {
			missing = append(missing, need.name)
		}
	}
	if len(missing) > 0 {
		return g.lacking(g.pass(), "proxy_set_header for "+strings.Join(missing, " and ")+"; nginx does not pass "+pronoun(missing)+" on by default")
	}
	if !v.passed(websocket) {
		for _, need := range slices.Backward(upgradeHeaders) {
			h := header(headers, need.name)
			switch value := h.Arg(1); {
			case slices.ContainsFunc(need.good, func(s string) bool { return strings.EqualFold(s, value) }):
			case strings.HasPrefix(value, "$"):
				return g.at(h, fmt.Sprintf("%s has the wrong value when a client asks for a WebSocket", value))
			default:
				return g.at(h, fmt.Sprintf("the node gets %q, with which no WebSocket opens", value))
			}
		}
		return g.at(g.pass(), "the request for a WebSocket does not get through here")
	}
	if len(g.others) > 0 {
		return g.at(g.otherPass(), "the request for the WebSocket goes to another upstream than the polls before it")
	}
	return g.causeMethod("the request for the WebSocket goes to another node than the polls before it")
}

// pronoun is the one for a list of that length.
func pronoun(list []string) string {
	if len(list) == 1 {
		return "it"
	}
	return "them"
}

func causeBehind(x *examination, g *target, v verdict) Cause {
	if g.connects() {
		return causeBehindStream(x, g)
	}
	from := g.above("set_real_ip_from")
	if from == nil || g.location.RealIP == nil {
		s := g.serverBlock()
		if s == nil {
			s = g.pass()
		}
		return g.lacking(s, "set_real_ip_from and real_ip_header; without them nginx sees one address for all clients, that of the proxy in front")
	}
	if h := g.above("real_ip_header"); x.fronted(g.site) && h != nil && !strings.EqualFold(h.Arg(0), "proxy_protocol") {
		return g.at(h, "the balancer in front sends no such header: it names the client in the PROXY protocol")
	}
	if h := g.above("real_ip_header"); h == nil {
		return g.lacking(from, "real_ip_header; without it nginx reads X-Real-IP, which the proxy in front does not send")
	}
	if ip := x.trusted(g.site); !trusts(g.location.RealIP, ip) {
		return g.at(from, fmt.Sprintf("it does not trust %s, the proxy in front: nginx takes that for the address of all clients", x.options.Front))
	}
	if g.method() != nil {
		return g.causeMethod("what it hashes is the same for all clients behind the proxy in front")
	}
	return g.at(from, "the client's address is not taken from the header")
}

func causeIdle(x *examination, g *target, v verdict) Cause {
	p := g.location.Proxy
	name := "proxy_read_timeout"
	if g.connects() {
		name = "proxy_timeout"
	}
	if p.SendTimeout < p.ReadTimeout && g.above("proxy_send_timeout") != nil {
		name = "proxy_send_timeout"
	}
	return g.at(g.above(name), "it is shorter than the heartbeat interval of 25 s")
}

func causeDeath(x *examination, g *target, v verdict) Cause {
	for _, line := range syntax.Find(g.upstreamLines(), "server") {
		if line.Has("max_fails=0") {
			return g.at(line, "nginx never marks this server as down")
		}
	}
	for _, name := range []string{"proxy_next_upstream", "proxy_next_upstream_tries"} {
		if d := g.above(name); d != nil {
			return g.at(d, "nginx does not try the next server")
		}
	}
	return g.causeMethod("it keeps choosing the dead server")
}
