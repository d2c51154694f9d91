package doctor

import (
	"fmt"
	"slices"
	"strings"

	"stickylab/cluster/nginx"
	"stickylab/cluster/nginx/syntax"
)

// A hazard is something in the text that may harm clients and that no experiment
// shows: a finding of the grade If.
type hazard struct {
	id     string
	at     func(g *target) *syntax.Directive // nil means that it is not there
	title  string                            // "%s" is the directive's name
	why    string
	settle string
}

var hazards = []hazard{
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

// unsimulated finds a directive around the site, of one of these names, that the
// simulation does not act on.
func (g *target) unsimulated(names ...string) *syntax.Directive {
	for _, level := range g.levels() {
		for _, d := range level {
			if slices.Contains(names, d.Name) && stops(d) && g.idle(d) {
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
func (x *examination) hazards(g *target) (out []Finding) {
	if g.location == nil {
		return nil
	}
	for _, h := range hazards {
		if d := h.at(g); d != nil {
			title := h.title
			if strings.Contains(title, "%s") {
				title = fmt.Sprintf(title, d.Name)
			}
			out = append(out, Finding{ID: h.id, Grade: If, Title: title, Clients: []Affected{}, Cause: g.at(d, h.why), Settle: h.settle})
		}
	}
	return out
}
