package inspect

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"stickylab/cluster/trace"
	"stickylab/sim/format"
	"stickylab/sim/ledger"
	"stickylab/sim/plan"
	"stickylab/sim/scenario"
	"stickylab/ui/tui/style"
)

// How much of a client's past is shown.
const (
	requestsShown = 8
	eventsShown   = 5
)

// Client draws a client: where it is and why, its requests and which node
// answered each, and what it received and missed. The lines are at most width
// cells long; how many there are does not depend on the screen.
func Client(s *Source, name string, width int) []string {
	p := newPage(s, width)
	c, ok := p.at.Client(name)
	if !ok {
		p.add("no client " + name + " so far")
		return p.lines
	}
	l := lifeOf(s, c)
	p.clientHead(s, c)
	p.gap()
	p.clientWhy(s, c, l)
	p.clientRequests(l)
	p.clientEvents(l)
	p.gap()
	p.clientCounts(c)
	return p.lines
}

func (p *page) clientHead(s *Source, c ledger.ClientState) {
	parts := []string{strong(c.Name), c.IP}
	for _, f := range s.Plan().Fronts {
		parts = append(parts, "through "+f.Name)
	}
	if i := slices.IndexFunc(s.Plan().Clients, func(x plan.Client) bool { return x.Name == c.Name }); i >= 0 {
		parts = append(parts, transports(s.Plan().Clients[i].Transports))
	}
	switch c.Presence {
	case ledger.Connected:
		parts = append(parts, p.label(c.Node), c.Transport, "since "+style.Instant(c.Since))
	case ledger.Away:
		parts = append(parts, loss("away"), "since "+style.Instant(c.Since), "was on "+p.label(c.Node))
	case ledger.Gone:
		parts = append(parts, loss("not connected"), "since "+style.Instant(c.Since), "was on "+p.label(c.Node))
	default:
		parts = append(parts, "not connected so far")
	}
	p.flow(parts...)
	if c.Presence == ledger.Connected {
		p.field("session", rows(p.room(), "", []string{c.Session, "socket " + c.Socket, "room " + format.Line(c.Room)})...)
	}
}

// transports tells in words what a client tries, in its order.
func transports(list []string) string {
	if len(list) == 1 {
		return list[0] + " only"
	}
	return strings.Join(list, ", then ")
}

// clientWhy shows what placed the client.
func (p *page) clientWhy(s *Source, c ledger.ClientState, l *life) {
	r := l.placed()
	if r == nil {
		if c.Presence == ledger.Connected && p.oldestAfter(s, c.Since) {
			p.field("why", "it connected so long ago that the request is no longer kept")
		}
		return
	}
	at := r.At
	if r.AtProxy > 0 {
		at = r.AtProxy
	}
	addr := r.Peer
	if addr == "" {
		addr = c.IP
	}
	route := routeOf(s, c.Name)
	then, err := ruleAt(s, at, route)
	if err != nil {
		p.field("why", err.Error())
		return
	}
	p.field("why "+p.palette.Letter(r.Node), then.placing(addr, r.Node, r.Tried)...)
	now, err := ruleAt(s, s.Now, route)
	if err != nil || now.changed <= at || now.method() == then.method() {
		return
	}
	text := fmt.Sprintf("since %s the proxy says %s", style.Instant(now.changed), now.method())
	switch {
	case c.Presence != ledger.Connected:
		text += ": so the next connection is placed"
	case c.Transport == scenario.Websocket:
		text += "; a WebSocket stays where it is, the next connection goes by that"
	default:
		text += "; requests of this session go by that now"
	}
	p.field("", text)
}

// oldestAfter reports whether what is kept of the trace begins after an
// instant.
func (p *page) oldestAfter(s *Source, at time.Duration) bool {
	first := s.Events(s.Oldest(), s.Oldest())
	return len(first) == 0 || first[0].At > at
}

// clientRequests lists requests, in two columns where there is room.
func (p *page) clientRequests(l *life) {
	var lines []string
	lines = append(lines, p.requests(l.opening)...)
	if len(l.opening) > 0 && len(l.latest) > 0 {
		lines = append(lines, dim("latest"))
	}
	lines = append(lines, p.requests(l.latest)...)
	if len(lines) == 0 {
		lines = []string{"none so far"}
		if text := l.ended.text(); text != "" {
			lines[0] = text
		}
	}
	p.list("requests", lines)
}

// requests writes a line for each request.
func (p *page) requests(list []request) []string {
	var out []string
	for _, r := range list {
		out = append(out, p.request(&r))
	}
	if half := (p.room() - 3) / 2; half >= requestWidth && !slices.ContainsFunc(list, func(r request) bool { return r.wrong() != "" || len(r.Tried) > 0 }) {
		out = pairs(out, half)
	}
	return out
}

// requestWidth is the width of a request that succeeded.
const requestWidth = 45

func pairs(list []string, width int) []string {
	var out []string
	for i := 0; i < len(list); i += 2 {
		line := list[i]
		if i+1 < len(list) {
			line = style.Fit(line, width) + "   " + list[i+1]
		}
		out = append(out, line)
	}
	return out
}

// request is a request in a line: when, what, who answered, what and after how
// long.
func (p *page) request(r *request) string {
	status, took := "...", ""
	if r.Status != 0 {
		status = fmt.Sprint(r.Status)
	}
	if r.Done {
		took = style.Span(r.Took)
		if r.Status == 0 {
			status = "-"
		}
	}
	if r.Done && (r.Status == 0 || r.Status >= 400) {
		status = loss(status)
	}
	line := style.Fit(style.Instant(r.At), 9) + " " + style.Fit(r.name(), 19) + " " + p.mark(r.Node) + " " + style.Fit(status, 4)
	if p.room() >= requestWidth {
		line += style.Right(took, 8)
	}
	for _, n := range r.Tried {
		line += "  " + p.mark(n) + " " + loss("failed")
	}
	if why := r.wrong(); why != "" {
		line += "  " + why
		if len(r.Fronts) > 0 {
			line += "  through " + strings.Join(r.Fronts, ", ")
		}
	}
	return line
}

// clientEvents lists the comings and goings, when there was more than one
// coming.
func (p *page) clientEvents(l *life) {
	if !slices.ContainsFunc(l.events, func(e *trace.Event) bool { return e.Kind != trace.Connected && e.Kind != trace.Upgraded }) {
		return
	}
	events := l.events[max(0, len(l.events)-eventsShown):]
	var lines []string
	for _, e := range events {
		lines = append(lines, style.Fit(style.Instant(e.At), 9)+" "+sentence(ledger.Describe(e)))
	}
	p.field("life", lines...)
}

func withStatus(text string, status int32) string {
	if status != 0 {
		text += fmt.Sprintf(" (%d)", status)
	}
	return text
}

func (p *page) clientCounts(c ledger.ClientState) {
	p.flow("received "+format.Number(c.Received), missed("missed", c.Missed), "attempts to reconnect "+format.Number(c.Reconnects))
	why := slices.Clone(c.Why)
	slices.SortStableFunc(why, func(a, b ledger.ReasonCount) int { return b.Count - a.Count })
	for _, w := range why {
		p.add("  " + style.Count(w.Count, 6) + "  " + w.Reason.String())
	}
	if r := c.Recovery; r != (ledger.Recovery{}) {
		not := "not recovered " + format.Number(r.Failed)
		if r.Failed > 0 {
			not += ", last: " + c.NotRecovered.String()
		}
		p.flow("recovered "+format.Number(r.Recovered), "replayed "+format.Number(r.Replayed), not)
	}
}
