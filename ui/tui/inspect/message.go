package inspect

import (
	"strconv"
	"strings"
	"time"

	"stickylab/cluster/trace"
	"stickylab/sim/format"
	"stickylab/sim/ledger"
	"stickylab/ui/tui/style"
)

// Message draws a message's journey, hop by hop, and why who missed it did.
func Message(s *Source, id trace.Msg, width int) []string {
	p := newPage(s, width)
	j := Follow(s, id)
	if !j.Known {
		p.notAccepted(s, j)
		return p.lines
	}
	p.messageHead(j)
	p.gap()
	branches := p.branches(j)
	if stem := p.stem(j); style.Width(stem)+2+widthOf(branches) <= p.width {
		p.across(stem, branches)
	} else {
		p.downwards(j, branches)
	}
	p.gap()
	p.missedBy(j)
	if j.Aged {
		p.gap()
		p.add(dim("the detail of part of its path is no longer kept"))
	}
	return p.lines
}

// notAccepted draws a message that no node has accepted.
func (p *page) notAccepted(s *Source, j Journey) {
	p.add(strong(name(j.ID)))
	p.gap()
	if j.Said == Unknown {
		p.field("", "nothing is known of it here: it was not said yet, or it was said so long ago",
			"that it is no longer remembered ("+format.Seconds(p.at.Config().Keep)+" after its end); go to when it was said")
		return
	}
	c, _ := p.at.Client(j.ID.From.String())
	lines := []string{style.Instant(j.Said) + " said, and accepted by no node so far (" + style.Span(s.Now-j.Said) + ")"}
	if c.Presence == ledger.Connected {
		lines = append(lines, "it is on its way to "+p.palette.Letter(c.Node)+" "+c.Node)
	} else {
		lines = append(lines, "it waits in the client, which is not connected, until that is back")
	}
	p.field("said", lines...)
}

// name is a message's id.
func name(id trace.Msg) string {
	return format.Line(id.From.String()) + ":" + strconv.FormatUint(uint64(id.N), 10)
}

func (p *page) messageHead(j Journey) {
	c := j.State.Counts
	parts := []string{
		strong(j.From) + " says " + strconv.Quote(j.Text),
		"sent " + style.Instant(j.Sent) + " on " + p.mark(j.State.Node),
		"due " + format.Number(c.Due), "arrived " + format.Number(c.Arrived), missed("missed", c.Missed),
	}
	if c.Pending > 0 {
		parts = append(parts, format.Number(c.Pending)+" in flight")
	}
	if c.Duplicates > 0 {
		parts = append(parts, loss("arrived twice "+format.Number(c.Duplicates)))
	}
	if c.Extra > 0 {
		parts = append(parts, "arrived at others "+format.Number(c.Extra))
	}
	parts = append(parts, dim(name(j.ID)+" in "+j.Room))
	p.flow(parts...)
}

// hops returns the times of the hops to the node, for the arrows.
func (j Journey) hops() (wait, toProxy, toNode string) {
	if j.Said == Unknown {
		return "", "", ""
	}
	if j.Left-j.Said >= time.Millisecond {
		wait = style.Span(j.Left - j.Said)
	}
	if j.AtProxy == Unknown {
		return wait, "", style.Span(j.Sent - j.Left)
	}
	return wait, style.Span(j.AtProxy - j.Left), style.Span(j.Sent - j.AtProxy)
}

// stem draws the path from the client to its node in one line.
func (p *page) stem(j Journey) string {
	if j.ofServer() {
		return p.label(j.State.Node) + " "
	}
	wait, toProxy, toNode := j.hops()
	text := j.From
	if wait != "" {
		text += " (waits " + wait + ")"
	}
	if !j.Direct {
		text += " " + arrow(toProxy) + " proxy"
	}
	return text + " " + arrow(toNode) + " " + p.label(j.State.Node) + " "
}

// arrow is a hop with how long it took: "──41 ms──>".
func arrow(took string) string {
	if took == "" {
		return "────>"
	}
	return "──" + took + "──>"
}

// across draws the journey from left to right.
func (p *page) across(stem string, branches []branch) {
	indent := strings.Repeat(" ", style.Width(stem))
	what := whatWidth(branches)
	for i, b := range branches {
		first, below := indent+" ├", indent+" │"
		switch {
		case len(branches) == 1:
			first, below = stem+"──", indent+"  "
		case i == 0:
			first = stem + "─┬"
		case i == len(branches)-1:
			first, below = indent+" └", indent+"  "
		}
		for _, r := range b {
			p.add(first + r.text(what))
			first = below
		}
	}
}

// downwards draws the journey from the top down, for narrow screens.
func (p *page) downwards(j Journey, branches []branch) {
	const times = 10 // the width of the column of instants
	indent := strings.Repeat(" ", times)
	at := func(t time.Duration, text string) {
		when := ""
		if t != Unknown {
			when = style.Instant(t)
		}
		p.add(style.Fit(when, times) + text)
	}
	defer p.below(branches, indent, times)
	if j.ofServer() {
		at(j.Sent, p.label(j.State.Node)+" says it")
		return
	}
	wait, toProxy, toNode := j.hops()
	at(j.Said, j.From+" says it")
	if wait != "" {
		p.add(indent + "│ waits " + wait)
	}
	if !j.Direct {
		p.add(indent + "│ " + toProxy)
		at(j.AtProxy, "proxy")
	}
	p.add(indent + "│ " + toNode)
	at(j.Sent, p.label(j.State.Node)+" accepts it")
}

// below draws what becomes of the message from its node on.
func (p *page) below(branches []branch, indent string, times int) {
	fits := times+1+widthOf(branches) <= p.width
	what := whatWidth(branches)
	for i, b := range branches {
		first, below := indent+"├", indent+"│"
		if i == len(branches)-1 {
			first, below = indent+"└", indent+" "
		}
		for _, r := range b {
			if fits {
				p.add(first + r.text(what))
			} else {
				p.add(first + r.what)
				if r.note != "" {
					p.add(below + "     " + r.note)
				}
			}
			first = below
		}
	}
}

// missedBy lists who missed the message, grouped by node and reason.
func (p *page) missedBy(j Journey) {
	for _, r := range j.State.Nodes {
		for _, m := range r.Missed {
			p.field("missed "+format.Number(len(m.Clients)), people(m.Clients), m.Reason.Because(p.palette.Letter(j.State.Node), p.palette.Letter(r.Node)))
		}
	}
	switch c := j.State.Counts; {
	case c.Pending > 0:
		p.add(dim("what is in flight is missed if it has not arrived at " + style.Instant(j.Sent+p.at.Config().Settle)))
	case c.Due > 0 && c.Missed == 0:
		p.add("it arrived at every client that was in the room")
	}
}
