package run

import (
	"cmp"
	"slices"

	"stickylab/cluster/trace"
	"stickylab/sim/format"
	"stickylab/sim/ledger"
	"stickylab/ui/tui/inspect"
	"stickylab/ui/tui/style"
)

// mostReal bounds the real clients that have a mark.
const mostReal = 10_000

// outside is the group of the real clients that are here, the eldest first; none
// when there is none.
func outside(l *ledger.Ledger) []group {
	list, _ := l.RealClients(mostReal)
	if len(list) == 0 {
		return nil
	}
	slices.SortFunc(list, func(a, b ledger.RealClient) int {
		return cmp.Or(cmp.Compare(a.Since, b.Since), cmp.Compare(a.Socket, b.Socket))
	})
	g := group{name: inspect.RealGroup, where: "real clients", outside: true}
	taken := make(map[string]bool, len(list))
	for _, o := range list {
		name := format.Line(o.Name)
		if _, virtual := l.Client(o.Name); virtual || taken[name] {
			name += "~" + o.Socket[:min(len(o.Socket), 4)] // names are free to choose
		}
		taken[name] = true
		state := style.Polling
		if o.Transport == string(trace.WebSocket) {
			state = style.Websocket
		}
		g.clients = append(g.clients, clientRow{name: name, ip: o.IP, node: o.Node, state: state, socket: o.Socket, session: o.Session})
	}
	return []group{g}
}

// ofRealClient is about a real client: only nodes know of those.
func (t *narrator) ofRealClient(h logLine, e *trace.Event) (logLine, bool) {
	h.socket = e.Socket.String()
	if e.Kind == trace.SessionUpgraded {
		session := e.Session.String()
		for g, c := range t.clients {
			if g.outside && c.session == session {
				h.socket, h.node = c.socket, ""
				h.Description = ledger.Describe(&trace.Event{Kind: trace.Upgraded, Client: trace.N(c.name)})
				return h, true
			}
		}
		return h, false
	}
	_, ok := t.Ledger.RealClient(h.socket)
	return h, ok
}
