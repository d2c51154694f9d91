package doctor

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"stickylab/cluster/nginx"
	"stickylab/cluster/nginx/syntax"
)

// A hazard is something in the text that harms clients and that no experiment shows:
// a finding of the grade If, unless it is certain.
type hazard struct {
	id      string
	grade   Grade                             // default If
	fix     string                            // in words, of one that is certain
	polling bool                              // it harms only clients that poll
	at      func(g *target) *syntax.Directive // nil means that it is not there
	title   string                            // "%s" is the directive's name
	why     string
	settle  string
}

var hazards = []hazard{
	{
		id: "severed", grade: Breaks, fix: takeOut,
		at:    func(g *target) *syntax.Directive { return g.ineffective("proxy_pass_request_headers", "off") },
		title: "WebSockets do not get through: %s keeps Sec-WebSocket-Key from the node",
		why:   "of the client's headers only those that proxy_set_header names get to the node",
	},
	{
		id: "severed", grade: Breaks, fix: takeOut,
		at: func(g *target) *syntax.Directive {
			if d := g.ineffective("proxy_method", ""); d != nil && !strings.HasPrefix(d.Arg(0), "$") {
				return d
			}
			return nil
		},
		polling: true,
		title:   "Polling breaks: %s turns all requests of a session into one method",
		why:     "a session is read with GET and written with POST",
	},
	{
		id: "severed", grade: Breaks, fix: "take the line out, and Content-Length with it",
		at:      func(g *target) *syntax.Directive { return g.ineffective("proxy_pass_request_body", "off") },
		polling: true,
		title:   "Polling breaks: %s keeps what clients post from the node",
		why:     "the packets of a client that polls are the bodies of its requests",
	},
	{
		id: "severed", grade: Breaks, fix: takeOut,
		at:      func(g *target) *syntax.Directive { return g.ineffective("proxy_set_body", "") },
		polling: true,
		title:   "Polling breaks: %s replaces what clients post",
		why:     "the packets of a client that polls are the bodies of its requests",
	},
	{
		id:     "limit",
		at:     func(g *target) *syntax.Directive { return g.unsimulated("limit_req", "limit_conn") },
		title:  "If clients connect faster than %s allows, requests of Socket.IO get 503",
		why:    "a client that begins with polling makes five requests at once, and many clients may share an address",
		settle: "does it allow as many requests at once as all clients of one address make?",
	},
	{
		id:     "credentials",
		at:     func(g *target) *syntax.Directive { return g.unsimulated("auth_basic", "auth_request", "auth_jwt") },
		title:  "If clients send no credentials, %s refuses requests of Socket.IO",
		why:    "it applies to every request of a session",
		settle: "do the pages that connect come from the same host, behind the same login?",
	},
	{
		id: "cors",
		at: func(g *target) *syntax.Directive {
			if header(g.allAbove("proxy_hide_header"), "Access-Control-Allow-Origin") != nil {
				return nil
			}
			return header(g.allAbove("add_header"), "Access-Control-Allow-Origin")
		},
		title:  "If the server sends CORS headers as well, browsers refuse its answers: the header is there twice",
		why:    "nginx adds Access-Control-Allow-Origin to what the server sent; a browser takes one only",
		settle: "does the server have the option cors? Then leave it to one of the two",
	},
}

// takeOut is the fix of what nothing needs.
const takeOut = "take the line out"

// hidesUpgrade is the line that takes Upgrade from the answer that opens a WebSocket;
// nil means none.
func (g *target) hidesUpgrade() *syntax.Directive {
	return header(g.allAbove("proxy_hide_header"), "Upgrade")
}

// ineffective finds a directive that applies to the site, with that first argument or
// with any, and that the simulation does not act on.
func (g *target) ineffective(name, argument string) *syntax.Directive {
	for _, d := range g.allAbove(name) {
		if g.idle(d) && (argument == "" || strings.EqualFold(d.Arg(0), argument)) {
			return d
		}
	}
	return nil
}

// unsimulated finds a directive around the site, of one of these names, that the
// simulation does not act on.
func (g *target) unsimulated(names ...string) *syntax.Directive {
	for _, level := range g.levels() {
		for _, d := range level {
			if slices.Contains(names, d.Name) && nginx.Decisive(d) && g.idle(d) {
				return d
			}
		}
	}
	return nil
}

// idle reports whether a directive of the text has no effect in the simulation.
func (p *prepared) idle(d *syntax.Directive) bool {
	return slices.Contains(p.withheld, d.Name) || slices.ContainsFunc(p.config.Notes, func(n syntax.Problem) bool { return n.Code == nginx.NoEffect && n.Subject == d.Name })
}

// hazards returns the findings that come from reading alone.
func (x *examination) hazards(g *target, found []Finding) (out []Finding) {
	if g.location == nil {
		return nil
	}
	if f, ok := x.refusal(g); ok {
		out = append(out, f)
	}
	for _, h := range hazards {
		d := h.at(g)
		if d != nil && !slices.ContainsFunc(found, func(f Finding) bool { return f.Cause.Line == d.Pos.Line }) && !(g.plain && h.polling) {
			title := h.title
			if strings.Contains(title, "%s") {
				title = fmt.Sprintf(title, d.Name)
			}
			f := Finding{ID: h.id, Grade: cmp.Or(h.grade, If), Title: title, Clients: []Affected{}, Cause: g.at(d, h.why), Settle: h.settle}
			if h.fix != "" {
				f.Fix = &Fix{Summary: h.fix}
			}
			out = append(out, f)
		}
	}
	return out
}
