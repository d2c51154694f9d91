package doctor

import (
	"slices"
	"time"

	"stickylab/cluster/trace"
	"stickylab/sim/plan"
	"stickylab/sim/scenario"
)

// observed is what became of every client of an experiment. Its times are cut
// by marks: span i of a client's counts is from mark i-1 to mark i, and the
// first begins with the run.
type observed struct {
	marks   []time.Duration
	clients []*client
	errors  map[string]int // by text, all clients together
	nodes   []string       // that ever were up, in that order
	opened  int            // Engine.IO sessions

	byName    map[trace.Name]*client
	bySession map[trace.Name]*client
	socketAt  map[trace.Name]trace.Name // Socket.IO socket to node
	span      int
}

// client is what became of one client, from its own point of view.
type client struct {
	name, group string

	connected bool
	transport string
	node      string
	ever      bool
	back      time.Duration // when it connected last

	at    []state // at each mark
	spans []span
}

// state is the state of a client at an instant.
type state struct {
	connected bool
	transport string
	node      string
}

// span counts what a client met in a span of time.
type span struct {
	lost    int // disconnects
	reasons map[string]int
	errors  map[string]int
}

func newObserved(plan *plan.Plan, marks []time.Duration) *observed {
	t := &observed{
		marks: marks, errors: map[string]int{}, byName: map[trace.Name]*client{}, bySession: map[trace.Name]*client{}, socketAt: map[trace.Name]trace.Name{},
	}
	for _, c := range plan.Clients {
		p := &client{name: c.Name, group: c.Group, spans: make([]span, len(marks)+1)}
		t.clients = append(t.clients, p)
		t.byName[trace.N(c.Name)] = p
	}
	return t
}

// fold takes in a step of the run.
func (t *observed) fold(events []trace.Event) {
	for i := range events {
		t.one(&events[i])
	}
}

// until records the states at the marks that have passed.
func (t *observed) until(at time.Duration) {
	for t.span < len(t.marks) && at >= t.marks[t.span] {
		for _, p := range t.clients {
			p.at = append(p.at, state{p.connected, p.transport, p.node})
		}
		t.span++
	}
}

func (t *observed) one(e *trace.Event) {
	t.until(e.At)
	switch e.Kind {
	case trace.NodeUp:
		if !slices.Contains(t.nodes, e.Node.String()) {
			t.nodes = append(t.nodes, e.Node.String())
		}
		return
	case trace.SessionOpened:
		t.opened++
		return
	case trace.SocketOpened:
		t.socketAt[e.Socket] = e.Node
		return
	case trace.Refused:
		t.count(t.bySession[e.Session], e.Text.String())
		return
	case trace.Proxied:
		if text := pages[e.Status]; text != "" {
			t.count(nil, text)
		}
		return
	}
	p := t.byName[e.Client]
	if p == nil {
		return
	}
	switch e.Kind {
	case trace.Asked:
		if e.Session != (trace.Name{}) {
			t.bySession[e.Session] = p
		}
	case trace.Answered:
		if text := pages[e.Status]; text != "" {
			p.meet(t.span, text)
		}
	case trace.Connected:
		p.connected, p.ever, p.back = true, true, e.At
		p.transport, p.node = e.Text.String(), t.socketAt[e.Socket].String()
	case trace.Upgraded:
		p.transport = scenario.Websocket
	case trace.UpgradeError, trace.ConnectError:
		t.count(p, e.Text.String())
	case trace.Disconnected:
		p.connected = false
		s := &p.spans[t.span]
		s.lost++
		if s.reasons == nil {
			s.reasons = map[string]int{}
		}
		s.reasons[e.Text.String()]++
	}
}

// pages are the answers of nginx itself that matter here.
var pages = map[int32]string{
	404: "404 Not Found", 413: "413 Request Entity Too Large", 502: "502 Bad Gateway", 504: "504 Gateway Time-out",
}

// count counts an error, of a client if it is known.
func (t *observed) count(p *client, text string) {
	t.errors[text]++
	if p != nil {
		p.meet(t.span, text)
	}
}

func (p *client) meet(in int, text string) {
	s := &p.spans[in]
	if s.errors == nil {
		s.errors = map[string]int{}
	}
	s.errors[text]++
}

// lost is how often the client lost its connection in the spans [from, to).
func (p *client) lost(from, to int) int {
	n := 0
	for _, s := range p.spans[from:to] {
		n += s.lost
	}
	return n
}

// met adds up what the client met in the spans [from, to).
func (p *client) met(from, to int, into map[string]int) {
	for _, s := range p.spans[from:to] {
		for text, n := range s.errors {
			into[text] += n
		}
	}
}

// ended adds up why the client was disconnected in the spans [from, to).
func (p *client) ended(from, to int, into map[string]int) {
	for _, s := range p.spans[from:to] {
		for text, n := range s.reasons {
			into[text] += n
		}
	}
}

// held reports whether the client was connected at the first mark and still, on
// the same connection, at another.
func (p *client) held(mark int) bool {
	return p.at[0].connected && p.at[mark].connected && p.lost(1, mark+1) == 0
}
