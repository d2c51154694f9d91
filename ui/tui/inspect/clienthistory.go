package inspect

import (
	"slices"
	"time"

	"stickylab/cluster/trace"
	"stickylab/sim/ledger"
)

// life is the history of a client, from the trace.
type life struct {
	opening []request // with which it connected, from the handshake on
	latest  []request // after those
	events  []*trace.Event
	ended   end // of the search
}

// placed returns the handshake that decided where the client is.
func (l *life) placed() *request {
	for _, list := range [][]request{l.opening, l.latest} {
		for i := range slices.Backward(list) {
			if r := &list[i]; r.handshake() && r.Node != "" {
				return r
			}
		}
	}
	return nil
}

// lifeOf looks up what the trace tells of a client: from the cursor back, and
// around the instant at which it connected.
func lifeOf(s *Source, c ledger.ClientState) *life {
	l := &life{}
	name := trace.N(c.Name)
	var events []*trace.Event
	asked := 0
	l.ended = back(s, s.Cursor, func(e *trace.Event) bool {
		switch {
		case aboutRequest(e, name):
			if asked < requestsShown {
				events = append(events, e)
			}
			if e.Kind == trace.Asked {
				asked++
			}
		case aboutLife(e, name):
			l.events = append(l.events, e)
		}
		return asked < requestsShown || len(l.events) < eventsShown
	})
	slices.Reverse(events)
	slices.Reverse(l.events)
	l.latest = assemble(s, c.Name, events)
	if c.Presence != ledger.Connected {
		return l
	}
	if l.opening = openingOf(s, c); len(l.opening) > 0 {
		last := l.opening[len(l.opening)-1]
		l.latest = slices.DeleteFunc(l.latest, func(r request) bool { return r.At <= last.At })
	}
	return l
}

// openingOf returns the requests with which a client connected.
func openingOf(s *Source, c ledger.ClientState) []request {
	name := trace.N(c.Name)
	var first *trace.Event
	back(s, since(s, c.Since+1)-1, func(e *trace.Event) bool {
		if e.Kind == trace.Asked && e.Client == name && e.Session == (trace.Name{}) {
			first = e
		}
		return first == nil
	})
	if first == nil {
		return nil
	}
	until := c.Since
	if !first.Text.Is(trace.GetWebSocket) {
		until += time.Second // there may be an upgrade
	}
	list, _ := requestsBetween(s, c.Name, first.Seq, func(e *trace.Event) bool {
		return e.At <= until && !(e.Kind == trace.Upgraded && e.Client == name)
	})
	return list[:min(len(list), requestsShown)]
}

// aboutLife reports whether an event tells of the client's coming and going.
func aboutLife(e *trace.Event, name trace.Name) bool {
	switch e.Kind {
	case trace.Connected, trace.Upgraded, trace.Disconnected, trace.Reconnecting, trace.ConnectError, trace.UpgradeError, trace.ClientMoved:
		return e.Client == name
	}
	return false
}
