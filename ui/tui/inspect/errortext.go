package inspect

import (
	"time"

	"stickylab/cluster/trace"
	"stickylab/sim/format"
	"stickylab/sim/ledger"
	"stickylab/ui/tui/style"
	"stickylab/ui/why"
)

// How much is shown around the first time of an error.
const (
	aroundBefore = 5
	aroundAfter  = 4
)

// Error draws an error text of the ledger's counts: how often it came, to whom
// first and what that client asked before and after, what usually causes it
// and what helps.
func Error(s *Source, text string, width int) []string {
	p := newPage(s, width)
	all := p.at.SnapshotSince(0)
	p.flow(loss(format.Line(text)), times(all.Errors[text])+" so far",
		format.Number(p.at.SnapshotSince(max(0, s.Now-10*time.Second)).Errors[text])+" in the last 10 s")
	p.explain(text)
	p.gap()
	first, how := firstOf(s, text)
	if first == nil {
		if all.Errors[text] > 0 {
			p.field("first", how.whyNot())
		}
		return p.lines
	}
	client := whose(s, first)
	p.field("first", rows(p.room(), "", []string{style.Instant(first.At), client, p.where(first), saidBy(first)})...)
	if last := lastOf(s, text); last != nil && last.Seq != first.Seq {
		p.field("latest", rows(p.room(), "", []string{style.Instant(last.At), whose(s, last), p.where(last), saidBy(last)})...)
	}
	if client != "" {
		p.around(s, client, first)
	}
	return p.lines
}

// likelyCauses is how many causes of an error a page names.
const likelyCauses = 2

// explain tells what the dictionary says about an error text.
func (p *page) explain(text string) {
	e := why.Of(text)
	if e == nil {
		return
	}
	p.gap()
	p.field("means", why.Plain(e.Means))
	for i, c := range e.Causes[:min(len(e.Causes), likelyCauses)] {
		label := "likely"
		if i > 0 {
			label = "or"
		}
		p.field(label, why.Plain(c.What))
	}
	p.field("helps", why.Plain(e.Causes[0].Fix))
	p.field("more", "stickylab why "+e.Name)
}

func times(n int) string {
	if n == 1 {
		return "once"
	}
	return format.Number(n) + " times"
}

// whyNot tells why the first time of an error is not shown.
func (e end) whyNot() string {
	if e == aged {
		return "it came first so long ago that it is no longer kept in detail"
	}
	return "it came first too long ago to be looked for"
}

// where names the node of an event.
func (p *page) where(e *trace.Event) string {
	if e.Node == (trace.Name{}) || e.Kind == trace.FrontError {
		return ""
	}
	return p.label(e.Node.String())
}

// saidBy tells who said so, in which words if there are more.
func saidBy(e *trace.Event) string {
	switch e.Kind {
	case trace.Refused:
		return withStatus("the node's answer", e.Status)
	case trace.Proxied:
		return "the proxy's answer to " + e.Text.String()
	case trace.ProxyError:
		return "the proxy's log: " + e.Text.String()
	case trace.FrontError:
		return "the log of " + e.Node.String() + ": " + e.Text.String()
	case trace.ConnectError:
		return withStatus("the client's connect_error", e.Status)
	case trace.UpgradeError:
		return "the client's upgradeError: " + e.Text.String()
	case trace.Disconnected:
		return "the client's disconnect"
	}
	return ""
}

// around lists the requests of a client around an event.
func (p *page) around(s *Source, client string, e *trace.Event) {
	before, _ := requestsBefore(s, client, e.Seq, aroundBefore)
	from := e.Seq
	if len(before) > 0 {
		from = min(from, since(s, before[0].At))
	}
	asked := 0
	list, _ := requestsBetween(s, client, from, func(x *trace.Event) bool {
		if x.Kind == trace.Asked && x.Seq > e.Seq && x.Client.String() == client {
			asked++
		}
		return asked <= aroundAfter && x.At < e.At+aroundSpan
	})
	if len(list) > aroundBefore+aroundAfter {
		list = list[len(list)-aroundBefore-aroundAfter:]
	}
	lines := p.requests(list)
	if len(lines) > 0 {
		p.gap()
		p.list("at the first", lines)
	}
}

// aroundSpan bounds how long after an event a client's next requests still belong
// to it.
const aroundSpan = 5 * time.Second

// whose returns the client that an error hit, "" if that cannot be told.
func whose(s *Source, e *trace.Event) string {
	switch {
	case e.Kind == trace.Refused:
		return refusedTo(s, e)
	case e.Client != (trace.Name{}):
		return e.Client.String()
	}
	return e.Lane.Client().String()
}

// refusedTo finds whose request a node refused: who asked in that session or,
// at a handshake, who gets that answer next.
func refusedTo(s *Source, e *trace.Event) string {
	if e.Lane.Direct() {
		return e.Lane.Client().String()
	}
	who := ""
	if e.Session != (trace.Name{}) {
		back(s, e.Seq, func(x *trace.Event) bool {
			if x.Kind == trace.Asked && x.Session == e.Session {
				who = x.Client.String()
			}
			return who == ""
		})
		return who
	}
	left := refusedNearby
	ahead(s, e.Seq, func(x *trace.Event) bool {
		if x.Kind == trace.Proxied && x.Node == e.Node && x.Session == e.Session && x.Status == e.Status {
			who = x.Lane.Client().String()
		}
		left--
		return who == "" && left > 0
	})
	return who
}

// refusedNearby bounds the events until the proxy passes a refusal on.
const refusedNearby = 4096

// firstOf finds the first event that counts as an error text. The slices of
// the ledger tell where to look.
func firstOf(s *Source, text string) (*trace.Event, end) {
	var hit *trace.Event
	budget := reach
	how := whole
	series := s.Ledger.Series(0)
	for i, slice := range series {
		if slice.Failed == 0 {
			continue
		}
		until := s.Now + 1
		if i+1 < len(series) {
			until = series[i+1].From
		}
		from := since(s, slice.From)
		if from == s.Oldest() && from > 1 {
			how = aged
		}
		ahead(s, from, func(e *trace.Event) bool {
			if e.At >= until || budget == 0 {
				return false
			}
			budget--
			if ledger.ErrorText(e) == text {
				hit = e
			}
			return hit == nil
		})
		if hit != nil && how != aged {
			return hit, found
		}
		if hit != nil || how == aged {
			return nil, aged
		}
		if budget == 0 {
			return nil, tooFar
		}
	}
	return nil, how
}

// lastOf finds the last event that counts as an error text.
func lastOf(s *Source, text string) *trace.Event {
	var hit *trace.Event
	back(s, s.Cursor, func(e *trace.Event) bool {
		if ledger.ErrorText(e) == text {
			hit = e
		}
		return hit == nil
	})
	return hit
}
