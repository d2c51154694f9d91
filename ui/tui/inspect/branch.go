package inspect

import (
	"time"

	"stickylab/sim/format"
	"stickylab/sim/ledger"
	"stickylab/ui/tui/style"
)

// branch is one path that a message takes from its sender's node, from its
// first line down.
type branch []row

// row is a place that a message reached, or did not, with the time or reason.
type row struct{ what, note string }

func (r row) text(width int) string {
	if r.note == "" {
		return r.what
	}
	return style.Fit(r.what, width) + "  " + r.note
}

// whatWidth is the width of the column of whom.
func whatWidth(branches []branch) int {
	w := 0
	for _, b := range branches {
		for _, r := range b {
			w = max(w, style.Width(r.what))
		}
	}
	return w
}

func widthOf(branches []branch) int {
	w, what := 0, whatWidth(branches)
	for _, b := range branches {
		for _, r := range b {
			w = max(w, style.Width(r.text(what)))
		}
	}
	return w
}

// branches are the receivers on the sender's own node, and the path over Redis
// to those on the others.
func (p *page) branches(j Journey) []branch {
	var out []branch
	var others []int
	for i, r := range j.State.Nodes {
		if r.Node != j.State.Node {
			others = append(others, i)
			continue
		}
		out = append(out, branch{{"─> " + format.Plural(r.Due, "client") + " on " + p.mark(r.Node), p.arrival(j, i)}})
	}
	switch why := p.notPublished(j); {
	case why != "":
		b := branch{{"─" + loss("x") + " redis", why}}
		for _, i := range others {
			r := j.State.Nodes[i]
			b = append(b, row{"   " + p.label(r.Node), loss("never knew") + ": " + format.Plural(r.Due, "client")})
		}
		out = append(out, b)
	case j.State.Published:
		b := branch{{"─> redis", after(j.Published, j.Sent)}}
		for _, i := range others {
			b = append(b, p.relay(j, i)...)
		}
		if len(others) == 0 {
			b = append(b, row{"   no one else", "no client in " + j.Room + " is on another node"})
		}
		out = append(out, b)
	}
	if len(out) == 0 {
		out = append(out, branch{{"─> no one", "no client is in " + j.Room}})
	}
	return out
}

// relay is the path from Redis to one node, and on to the receivers there.
func (p *page) relay(j Journey, i int) []row {
	r := j.State.Nodes[i]
	what := "   ─> " + p.label(r.Node)
	switch {
	case r.Relayed:
		return []row{
			{what, after(j.Relayed[i], j.Published)},
			{"      ─> " + format.Plural(r.Due, "client") + " on " + p.mark(r.Node), p.arrival(j, i)},
		}
	case r.Pending() > 0:
		return []row{{what, "in flight"}}
	}
	return []row{{"   ─" + loss("x") + " " + p.label(r.Node), loss("never got it") + ": " + format.Plural(r.Due, "client")}}
}

// after tells an instant and how long it came after another.
func after(at, before time.Duration) string {
	switch {
	case at == Unknown:
		return ""
	case before == Unknown || at == before:
		return style.Instant(at)
	}
	return style.Instant(at) + ", after " + style.Span(at-before)
}

// arrival tells at how many clients of a node it arrived, and when.
func (p *page) arrival(j Journey, i int) string {
	r := j.State.Nodes[i]
	switch {
	case r.Due == 0:
		return ""
	case r.Arrived == 0 && r.Pending() == 0:
		return loss("arrived at none")
	case r.Arrived == 0:
		return "in flight"
	}
	text := "arrived " + interval(r.First, r.Last)
	if r.Arrived < r.Due {
		text += ", at " + format.Number(r.Arrived)
	}
	return text
}

// notPublished tells why the message did not get to Redis, "" when it did or
// had no need to.
func (p *page) notPublished(j Journey) string {
	if j.State.Published {
		return ""
	}
	others := false
	for _, r := range j.State.Nodes {
		others = others || r.Node != j.State.Node
		for _, m := range r.Missed {
			switch m.Reason {
			case ledger.AdapterOffSender, ledger.RedisDownSender, ledger.SenderNodeDied:
				return m.Reason.String()
			}
		}
	}
	if !others {
		return ""
	}
	for _, n := range p.at.Nodes() {
		if n.Name == j.State.Node && !n.Adapter {
			return ledger.AdapterOffSender.String()
		}
	}
	return "not published"
}
