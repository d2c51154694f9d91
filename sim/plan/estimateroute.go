package plan

import (
	"slices"

	"stickylab/cluster/nginx"
	"stickylab/sim/scenario"
)

// fare is how the clients of a group fare with the proxy at the start, as far as that
// decides what they cost.
type fare struct {
	hears  float64 // 1, or 0 if no session of theirs lasts
	polls  float64 // the part of them that stays on polling
	opens  float64 // sessions that each opens in a second, since none lasts
	asks   float64 // requests that each makes in a second for these
	begins float64 // requests of one that connects, and upgrades if it can
	most   float64 // bytes of a text that gets through; 0 means no limit
}

// What clients do whose requests reach several nodes, or whose WebSocket is refused:
// measured over the course.
const (
	lostSessions  = 0.75 // a second
	lostRequests  = 4.2
	refusedDials  = 0.25
	upgradingAsks = 6.5 // a handshake, polls and an upgrade
)

// reach is where the requests to a URL go.
type reach struct {
	location *nginx.Location
	upstream *nginx.Upstream // nil means a node
}

// reachOf returns where the requests to a URL go; what was found is kept.
func (e *estimate) reachOf(url string) reach {
	r, known := e.reached[url]
	if known {
		return r
	}
	if to, _ := e.plan.route(url); to.Upstream != "" && e.plan.Config != nil {
		_, r.location = e.plan.Config.Select(to.Entry.Address, to.Entry.Host, to.Entry.Location())
		r.upstream = e.plan.Config.Upstream(to.Upstream)
	}
	e.reached[url] = r
	return r
}

// fareOf returns how the clients of a group fare.
func (e *estimate) fareOf(s scenario.Settings) fare {
	p := e.plan
	f := fare{hears: 1, begins: 1, most: float64(p.File.SocketIO.MaxHTTPBufferSize)}
	if s.Protocol == scenario.Protocol3 {
		return fare{asks: refusedDials}
	}
	polling := len(s.Transports) > 0 && s.Transports[0] == scenario.Polling
	upgrades := 1.0
	if !slices.Contains(s.Transports, scenario.Websocket) {
		upgrades = 0
	}
	if r := e.reachOf(s.URL); r.upstream != nil {
		l, u := r.location, r.upstream
		if !l.PassesUpgrade() {
			upgrades = 0
		}
		switch {
		case !polling && upgrades == 0:
			return fare{asks: refusedDials}
		case polling && !keepsSessions(u, s):
			return fare{opens: lostSessions, asks: lostRequests}
		case polling && elsewhere(p.Config, u):
			upgrades /= float64(len(u.Servers))
		}
		if l != nil && polling && upgrades == 0 && l.MaxBody > 0 {
			f.most = min(f.most, float64(l.MaxBody))
		}
	}
	if polling {
		f.begins, f.polls = upgradingAsks, 1-upgrades
	}
	return f
}

// keepsSessions reports whether all requests of a client reach one server.
func keepsSessions(u *nginx.Upstream, s scenario.Settings) bool {
	up := 0
	for _, server := range u.Servers {
		if !server.Down {
			up++
		}
	}
	cookies := s.Kind == scenario.Browser && (s.Credentials == nil || *s.Credentials)
	return up < 2 || u.Method.Name == "ip_hash" || u.Method.Name == "hash" || u.Sticky != nil && cookies
}

// elsewhere reports whether the request of an upgrade has another key than those before.
func elsewhere(c *nginx.Config, u *nginx.Upstream) bool {
	if u.Method.Name != "hash" || u.Sticky != nil {
		return false
	}
	key := func(upgrade string) string {
		return c.Expand(u.Method.Args[0], func(name string) string {
			if name == "http_upgrade" {
				return upgrade
			}
			return name
		})
	}
	return key("") != key("websocket")
}
