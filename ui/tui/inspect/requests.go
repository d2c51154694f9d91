package inspect

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"stickylab/cluster/trace"
	"stickylab/sim/ledger"
)

// request is one HTTP request of a client.
type request struct {
	lane            *trace.Lane // of the client
	n               uint32      // its number there
	seq             uint64      // of the event of asking, or of passing the proxy
	At              time.Duration
	Text            string // "GET polling", "POST", "GET websocket"
	Session         string // "" at a handshake
	Peer            string // the client's address, as the proxy saw it
	Node            string // that answered; "" when none did, or not yet
	Tried           []string
	Why             string        // what the node said when it refused
	Failed          string        // what the proxy, or a front, wrote into its error log
	Fronts          []string      // that passed it on, with what they got
	Status          int           // what the client got; 0 when nothing yet, or nothing at all
	Done            bool          // the client has its answer
	Took            time.Duration // until the answer
	AtProxy, Passed time.Duration // when the proxy had the request, and the head of the answer; 0 means not seen
}

// handshake reports whether the request asks for a new session.
func (r *request) handshake() bool {
	return r.Session == "" && (strings.HasPrefix(r.Text, "GET"))
}

// wrong tells in the words of who said so why the request went wrong, "" when
// it did not.
func (r *request) wrong() string {
	switch {
	case r.Why != "":
		return r.Why
	case r.Status >= 400 || r.Status == 0:
		return r.Failed
	}
	return ""
}

// name returns what a request is for.
func (r *request) name() string {
	switch {
	case r.handshake():
		return strings.TrimPrefix(r.Text, "GET ") + " handshake"
	case r.Text == string(trace.GetPolling):
		return "GET poll"
	case r.Text == string(trace.GetWebSocket):
		return "GET upgrade"
	}
	return r.Text
}

// requestsBefore returns up to n of the last requests of a client up to event
// number from, the oldest first, and how the search for them ended.
func requestsBefore(s *Source, client string, from uint64, n int) ([]request, end) {
	var events []*trace.Event
	name, asked := trace.N(client), 0
	how := back(s, from, func(e *trace.Event) bool {
		if !aboutRequest(e, name) {
			return true
		}
		events = append(events, e)
		if e.Kind == trace.Asked {
			asked++
		}
		return asked < n
	})
	slices.Reverse(events)
	return assemble(s, client, events), how
}

// requestsBetween returns the requests of a client among the events from
// number from on, as long as keep says so.
func requestsBetween(s *Source, client string, from uint64, keep func(e *trace.Event) bool) ([]request, end) {
	name := trace.N(client)
	var events []*trace.Event
	how := ahead(s, from, func(e *trace.Event) bool {
		if !keep(e) {
			return false
		}
		if aboutRequest(e, name) {
			events = append(events, e)
		}
		return true
	})
	return assemble(s, client, events), how
}

// aboutRequest reports whether an event tells of a request of the client.
func aboutRequest(e *trace.Event, client trace.Name) bool {
	switch e.Kind {
	case trace.Asked, trace.Answered:
		return e.Client == client
	case trace.Proxied, trace.ProxyError, trace.Fronted, trace.FrontError:
		return e.Lane.Client() == client
	}
	return false
}

// assemble makes requests of the events that tell of a client's.
func assemble(s *Source, client string, events []*trace.Event) []request {
	direct := ""
	if route := routeOf(s, client); route.Upstream == "" {
		direct = s.Plan().NodeAt(route.Target.Address.String())
	}
	var out []request
	for _, e := range events {
		if e.Lane == nil {
			continue
		}
		if e.Kind == trace.Asked {
			out = append(out, request{lane: e.Lane, n: e.N, seq: e.Seq, At: e.At, Text: e.Text.String(), Session: e.Session.String(), Node: direct})
			continue
		}
		for i := range slices.Backward(out) {
			if r := &out[i]; !r.Done && r.meant(e) {
				r.add(e)
				break
			}
		}
	}
	for i := range out {
		if r := &out[i]; r.Status >= 400 && r.Why == "" {
			r.refused(s)
		}
	}
	return out
}

// meant reports whether an event tells of this request. A client may have given
// up on one and be asking for the next on the same lane.
func (r *request) meant(e *trace.Event) bool {
	switch e.Kind {
	case trace.Answered:
		return e.Lane == r.lane && e.Cause.N == r.n
	case trace.Fronted:
		return e.Lane.Root() == r.lane && (e.Session.String() == r.Session || e.Status == 0)
	case trace.Proxied:
		return e.Lane.Root() == r.lane && (e.Session.String() == r.Session || e.Text.Is(trace.Connection))
	}
	return e.Lane.Root() == r.lane
}

func (r *request) add(e *trace.Event) {
	switch e.Kind {
	case trace.Answered:
		r.Done, r.Status, r.Took = true, int(e.Status), e.Value
		if r.Status == 0 {
			r.Why = "no answer"
		}
	case trace.Proxied:
		r.Peer, r.Node = e.Peer.String(), e.Node.String()
		r.AtProxy, r.Passed = e.At-e.Value, e.At
		r.seq = e.Seq
		if r.Status == 0 && !e.Text.Is(trace.Connection) {
			r.Status = int(e.Status)
		}
	case trace.Fronted:
		passed := e.Node.String()
		if e.Status != 0 {
			passed += fmt.Sprintf(" %d", e.Status)
		}
		r.Fronts = append(r.Fronts, passed)
	case trace.FrontError:
		if r.Failed == "" {
			r.Failed = e.Node.String() + ": " + ledger.Brief(e.Text.String())
		}
	case trace.ProxyError:
		if node := e.Node.String(); node != "" && !slices.Contains(r.Tried, node) {
			r.Tried = append(r.Tried, node)
		}
		if r.Failed == "" {
			r.Failed = ledger.Brief(e.Text.String())
		}
	}
}

// refused finds what the node said when it refused the request. Connections
// between proxy and node are shared, so that only the session tells whose
// refusal it was, and at a handshake the time.
func (r *request) refused(s *Source) {
	node, session := trace.N(r.Node), trace.N(r.Session)
	near := func(e *trace.Event) bool {
		if e.Kind == trace.Refused && e.Node == node && e.Session == session {
			r.Why = e.Text.String()
			return false
		}
		return true
	}
	const nearby = 512
	if r.Passed > 0 {
		left := nearby
		back(s, r.seq, func(e *trace.Event) bool { left--; return left > 0 && near(e) })
		return
	}
	ahead(s, r.seq, func(e *trace.Event) bool { return e.At <= r.At+r.Took && near(e) })
}
