package inspect

import (
	"slices"
	"strconv"

	"stickylab/cluster/trace"
	"stickylab/sim/format"
	"stickylab/sim/ledger"
	"stickylab/ui/tui/style"
)

// RealClient draws a real client, by the socket: where it is and why, the requests
// that the proxy passed on for it, and what it did. What a real client knows of
// itself, such as what it has read, is not known.
func RealClient(s *Source, socket string, width int) []string {
	p := newPage(s, width)
	o, ok := p.at.RealClient(socket)
	if !ok {
		p.add("this user is not here, or left so long ago that it is no longer remembered")
		return p.lines
	}
	p.realHead(o)
	p.gap()
	if then, err := ruleAt(s, o.Since, s.Plan().RouteOf("")); err != nil {
		p.field("why "+p.palette.Letter(o.Node), err.Error())
	} else {
		p.field("why "+p.palette.Letter(o.Node), then.placing(o.IP, o.Node, nil)...)
	}
	p.realHistory(s, o)
	return p.lines
}

func (p *page) realHead(o ledger.RealClient) {
	parts := []string{strong(format.Line(o.Name)), o.IP, "a real client"}
	if o.Ended {
		why := format.Line(o.Why)
		if why == "" {
			why = "its node died"
		}
		parts = append(parts, "left "+style.Instant(o.At)+": "+why, "was on "+p.label(o.Node))
	} else {
		parts = append(parts, p.label(o.Node), o.Transport, "since "+style.Instant(o.Since))
	}
	if o.LeftOver > 0 {
		parts = append(parts, "left over from before the reconnect at "+style.Clock(o.LeftOver))
	}
	p.flow(parts...)
	rooms := "in no room"
	if len(o.Rooms) > 0 {
		rooms = "in " + people(o.Rooms)
	}
	p.field("session", rows(p.room(), "", []string{o.Session, "socket " + o.Socket, rooms})...)
}

// realHistory lists requests of the user's session, and what the user did.
func (p *page) realHistory(s *Source, o ledger.RealClient) {
	session, socket := trace.N(o.Session), trace.N(o.Socket)
	var requests, did []string
	said, written := 0, 0
	how := back(s, s.Cursor, func(e *trace.Event) bool {
		switch {
		case e.Kind == trace.Proxied && e.Session == session:
			if len(requests) < requestsShown {
				r := request{At: e.At - e.Value, Text: e.Text.String(), Session: o.Session, Node: e.Node.String(), Status: int(e.Status), Done: true, Took: e.Value}
				requests = append(requests, p.request(&r))
			}
		case e.Kind == trace.Wrote && e.Socket == socket:
			written++
		case e.Socket == socket || e.Kind == trace.SessionUpgraded && e.Session == session:
			d := ledger.Describe(e)
			d.Node = ""
			if e.Kind == trace.Sent {
				said++
				d.What, d.Detail = "said "+strconv.Quote(e.Text.String())+" in "+format.Line(e.Room.String()), ""
			}
			did = append(did, style.Instant(e.At)+"  "+sentence(d))
		}
		return e.Kind != trace.SessionOpened || e.Session != session
	})
	slices.Reverse(requests)
	if len(requests) == 0 {
		requests = []string{"none after the first, which opened the session"}
	}
	p.list("requests", requests)
	did = did[:min(len(did), didShown)]
	slices.Reverse(did)
	p.list("did", did)
	p.gap()
	p.flow("said "+format.Number(said), "was written "+format.Number(written))
	if how != found {
		p.add(dim(how.text() + ": so there may be more"))
	}
}

// didShown bounds the actions of a real client that are shown.
const didShown = 8

// realSeen bounds the real clients that are looked through.
const realSeen = 10_000

// RealGroup is the name of the group of real clients.
const RealGroup = "outside"
