package board

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"stickylab/cluster/trace"
	"stickylab/sim/format"
	"stickylab/sim/ledger"
	"stickylab/ui/stage"
	"stickylab/ui/web/wire"
	"stickylab/ui/why"
)

// look looks closer at a thing at an instant. It fails when there is none of that name, or its kind is not known.
func (b *Board) look(thing wire.Thing, at time.Duration) (*wire.Closer, error) {
	v := b.view(min(max(at, beginning), b.live.Head()), false)
	out := &wire.Closer{Thing: thing, Title: format.Line(thing.Name), Node: -1, Parts: []wire.Part{}}
	switch thing.Kind {
	case wire.OfClient:
		return out, v.client(out)
	case wire.OfNode:
		return out, v.ofNode(out)
	case wire.OfMessage:
		return out, v.message(out)
	case wire.OfError:
		return out, v.ofError(out)
	}
	return nil, fmt.Errorf("%q is no kind of thing", thing.Kind)
}

// instant writes an instant to a tenth of a second.
func instant(t time.Duration) string { return format.Clock(t.Truncate(100 * time.Millisecond)) }

// part adds a part, unless it has no lines.
func part(c *wire.Closer, head string, lines ...string) {
	if len(lines) > 0 {
		c.Parts = append(c.Parts, wire.Part{Head: head, Lines: lines})
	}
}

func (v *view) client(out *wire.Closer) error {
	c, ok := v.state.Client(out.Name)
	if !ok {
		return fmt.Errorf("no client %q so far", out.Name)
	}
	out.Node = v.node(c.Node)
	since := instant(c.Since)
	where := []string{c.IP + ", group " + c.Group}
	switch c.Presence {
	case ledger.Connected:
		where = append(where, fmt.Sprintf("connected to %s (%s) over %s since %s", v.letter(c.Node), c.Node, c.Transport, since),
			"session "+c.Session+", socket "+c.Socket+", room "+format.Line(c.Room))
	case ledger.Never:
		where = append(where, "not connected so far")
	default:
		where = append(where, fmt.Sprintf("%s since %s, was on %s (%s)", c.Presence, since, v.letter(c.Node), c.Node))
	}
	if c.Failure != "" {
		where = append(where, "the last attempt failed: "+c.Failure)
	}
	part(out, "Connection", where...)
	lines, err := v.placing(&c)
	if err != nil {
		lines = []string{err.Error()}
	}
	out.Parts = append(out.Parts, wire.Part{Head: "Why this node", Lines: lines, Exact: true})
	part(out, "Messages", format.Plural(c.Received, "message")+" received", fmt.Sprintf("%s missed", format.Number(c.Missed)))
	var missed []string
	for _, w := range c.Why {
		missed = append(missed, fmt.Sprintf("%s: %s", format.Number(w.Count), w.Reason))
	}
	part(out, "Missed, by reason", missed...)
	part(out, "Reconnects", format.Plural(c.Lost, "connection")+" lost", format.Plural(c.Reconnects, "attempt")+" to reconnect",
		format.Plural(c.Unserved, "request")+" answered 5xx or not at all")
	return nil
}

func (v *view) ofNode(out *wire.Closer) error {
	for i, n := range v.state.Nodes() {
		if n.Name != out.Name {
			continue
		}
		p := &v.picture.Nodes[i]
		out.Node, out.Title = i, p.Letter+"  "+n.Name
		state := "up"
		switch {
		case !n.Up:
			state = "down"
		case n.Frozen:
			state = "frozen"
		}
		part(out, "State", state+" since "+instant(n.Since), "listens on "+n.Listen)
		adapter := []string{"the adapter is off: it sends to no other node and receives from none"}
		if n.Adapter {
			adapter = []string{"the adapter is on", "linked to Redis"}
			if !n.Redis {
				adapter[1] = "no link to Redis"
			}
		}
		part(out, "Adapter", adapter...)
		part(out, "Clients", fmt.Sprintf("%s, %s on polling", format.Plural(n.Clients, "client"), format.Number(n.Poll)))
		part(out, "Messages", fmt.Sprintf("%s accepted from its clients", format.Number(n.Traffic.Sent)), fmt.Sprintf("%s written to its clients", format.Number(n.Traffic.Wrote)),
			fmt.Sprintf("%s published, %s relayed from Redis", format.Number(n.Traffic.Published), format.Number(n.Traffic.Relayed)))
		var peers []string
		for _, x := range n.Peers {
			line := fmt.Sprintf("upstream %s, %s: %s", x.Upstream, x.Address, format.Plural(x.Conns, "connection"))
			if x.Off > 0 {
				line += ", disabled until " + instant(x.Off)
			}
			peers = append(peers, line)
		}
		part(out, "In the proxy", peers...)
		return nil
	}
	return fmt.Errorf("no node %q so far", out.Name)
}

func (v *view) message(out *wire.Closer) error {
	var found ledger.MessageState
	var ok bool
	v.back(func(e *trace.Event) bool {
		if (e.Kind == trace.Sent || e.Kind == trace.Said) && e.Msg.String() == out.Name {
			found, ok = v.state.Message(e.Msg)
			return false
		}
		return true
	})
	if !ok {
		return fmt.Errorf("message %q is not remembered", out.Name)
	}
	j := stage.JourneyOf(&found)
	out.Node = v.node(j.Node)
	out.Title = fmt.Sprintf("%s says %q", j.From, format.Line(v.text(found.ID)))
	arrived, lost := found.Outcome(v.letter)
	part(out, "Outcome", strings.TrimSuffix(arrived+", "+lost, ", "))
	crossed := map[stage.Crossing]string{
		stage.NeedsNone: "no receiver is on another node", stage.Open: "not yet published", stage.Published: "published to Redis",
		stage.Stopped: "not published: it stays on its node",
	}
	part(out, "Path", fmt.Sprintf("%s (%s) accepted it at %s", v.letter(j.Node), j.Node, instant(j.Sent)), crossed[j.Crosses])
	for i := range found.Nodes {
		r := &found.Nodes[i]
		if r.Due == 0 {
			continue
		}
		lines := []string{fmt.Sprintf("%d of %d arrived", r.Arrived, r.Due)}
		if r.Arrived > 0 {
			lines[0] += fmt.Sprintf(", after %.1f to %.1f ms", wire.Of(r.First-found.Sent), wire.Of(r.Last-found.Sent))
		}
		for _, m := range r.Missed {
			lines = append(lines, m.Reason.Sentence(v.letter(j.Node), v.letter(r.Node)), strings.Join(m.Clients, ", "))
		}
		out.Parts = append(out.Parts, wire.Part{Head: fmt.Sprintf("On %s (%s)", v.letter(r.Node), r.Node), Lines: lines, Loss: len(r.Missed) > 0})
	}
	return nil
}

func (v *view) ofError(out *wire.Closer) error {
	whole := v.state.SnapshotSince(0)
	n, ok := whole.Errors[out.Name]
	if !ok {
		return errors.New("no such error so far")
	}
	part(out, "Count", format.Plural(n, "time")+" so far")
	e := why.Of(out.Name)
	if e == nil {
		part(out, "Meaning", "the dictionary has no entry for it")
		return nil
	}
	part(out, "Meaning", why.Plain(e.Means))
	for i, c := range e.Causes {
		head := "Cause"
		if len(e.Causes) > 1 {
			head = fmt.Sprintf("Cause %d", i+1)
		}
		lines := []string{why.Plain(c.What)}
		if c.Tell != "" {
			lines = append(lines, "How to tell: "+why.Plain(c.Tell))
		}
		if c.Fix != "" {
			lines = append(lines, "Fix: "+why.Plain(c.Fix))
		}
		part(out, head, lines...)
	}
	return nil
}
