package report

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"stickylab/sim/expect"
	"stickylab/sim/format"
	"stickylab/sim/ledger"
)

// Sentence says what happened in a run to a reader who knows nothing of it: what
// was lost and the cause, then what else went wrong, the worst first.
//
//	Half of all messages were lost (9,003 of 18,016 deliveries): no message crosses nodes, the adapter is off on both nodes.
func Sentence(s *ledger.Snapshot) string {
	clauses := []string{outcome(s)}
	if c := s.Clients; c.Count > 0 && c.Connected == 0 {
		clauses = []string{"no client is connected at the end" + topError(s), outcome(s)}
	}
	d, m, left := s.Delivery.Total, s.Messages, s.LeftOver()
	for _, clause := range []string{
		when(d.Pending > 0 && d.Arrived+d.Missed > 0, format.Plural(d.Pending, "delivery")+" more "+agree(d.Pending, "was", "were")+" still in flight at the end"),
		when(m.Outside > 0, fmt.Sprintf("clients that were connected, and not in their room, missed %s", format.Plural(m.Outside, "delivery"))),
		when(m.Repeated > 0, "clients handled messages "+format.Plural(m.Repeated, "time")+" more than they received them: their handlers are registered on every connect"),
		when(m.Discarded > 0, format.Plural(m.Discarded, "message")+" "+agree(m.Discarded, "was", "were")+" given up after the last retry"),
		recovered(s),
		disconnected(s),
		broken(s),
		when(d.Duplicates > 0, format.Plural(d.Duplicates, "duplicate")+" arrived as well"),
		when(d.Extra*100 > d.Due, format.Plural(d.Extra, "delivery")+" reached clients that should not have got them"),
		when(m.Away > 0, "clients missed "+format.Plural(m.Away, "delivery")+" while they were reconnecting"),
		when(left > 0, format.Plural(left, "delivery")+" more "+agree(left, "was", "were")+" for sockets that a reconnect had left over"),
		late(s),
		when(m.Unsent*20 > m.Said && m.Sent+m.Unsent <= m.Said, format.Number(m.Unsent)+" of "+format.Plural(m.Said, "message")+" reached no node"),
		failures(s),
		down(s),
		crowded(s),
	} {
		if clause != "" && len(clauses) < 3 {
			clauses = append(clauses, clause)
		}
	}
	text := strings.Join(clauses, "; ")
	return strings.ToUpper(text[:1]) + text[1:] + "."
}

// when returns a clause where it holds, "" elsewhere.
func when(holds bool, clause string) string {
	if holds {
		return clause
	}
	return ""
}

// agree returns the form of a verb that goes with a count.
func agree(n int, one, many string) string {
	if n == 1 {
		return one
	}
	return many
}

// outcome says what became of the messages.
func outcome(s *ledger.Snapshot) string {
	d := s.Delivery.Total
	missed := d.Missed - s.LeftOver() // by a user
	judged := d.Arrived + missed
	switch {
	case d.Pending > 0 && judged == 0:
		return format.Plural(d.Pending, "delivery") + " " + agree(d.Pending, "was", "were") + " expected, and all still in flight at the end"
	case judged == 0 && s.Messages.Said == 0:
		return "no message was sent, so none could be lost"
	case judged == 0:
		return "no delivery was expected: no client was in a room that a node accepted a message for"
	case missed > 0:
		return lost(missed, judged) + ": " + causes(s)
	case d.Pending > 0:
		return format.Plural(judged, "delivery") + " arrived and none was lost"
	case s.Messages.Outside > 0:
		return "every message reached every client that was in its room (" + format.Plural(judged, "delivery") + ")"
	case s.Messages.Away > 0 || missed < d.Missed:
		return "every message reached every client that was connected (" + format.Plural(judged, "delivery") + ")"
	}
	return "every message arrived (" + format.Plural(judged, "delivery") + acrossNodes(s) + ")"
}

// acrossNodes says how many of the deliveries that arrived went from node to
// node, where there is more than one.
func acrossNodes(s *ledger.Snapshot) string {
	if len(s.Matrix.Nodes) < 2 {
		return ""
	}
	if s.Delivery.Cross.Arrived == 0 {
		return ", none across nodes"
	}
	return fmt.Sprintf(", %s across nodes", format.Number(s.Delivery.Cross.Arrived))
}

// lost says how much was lost, with the counts.
func lost(missed, judged int) string {
	if missed < judged && missed*100 < judged {
		return fmt.Sprintf("%s of %s deliveries %s lost", format.Number(missed), format.Number(judged), agree(missed, "was", "were"))
	}
	part := format.Percent(missed, judged) + " of all"
	if missed == judged {
		part = "all"
	}
	for _, f := range []struct {
		n, of int
		word  string
	}{{1, 2, "half"}, {1, 3, "a third"}, {2, 3, "two thirds"}, {1, 4, "a quarter"}, {3, 4, "three quarters"}} {
		if off := missed*f.of - judged*f.n; 200*max(off, -off) <= judged*f.of { // to half a percent
			part = f.word + " of all"
		}
	}
	return fmt.Sprintf("%s messages were lost (%s of %s deliveries)", part, format.Number(missed), format.Number(judged))
}

// faults say what led to missed deliveries, with the nodes in the place of %s.
var faults = map[ledger.Reason]string{
	ledger.AdapterOffSender: adapterOff, ledger.AdapterOffReceiver: adapterOff,
	ledger.RedisDownSender: "no link to Redis on %s", ledger.RedisDownReceiver: "no link to Redis on %s",
	ledger.SenderNodeDied: "%s went down", ledger.ReceiverNodeDied: "%s went down",
	ledger.ReceiverGone:    "receivers had gone, unnoticed by %s",
	ledger.NodeFrozen:      "a freeze of %s",
	ledger.ConnectionBroke: "connections to %s broke",
	ledger.LeftRoom:        "receivers on %s had left the room",
	ledger.NeverRelayed:    "nothing came through Redis to %s",
	ledger.NeverWritten:    "%s never wrote them",
	ledger.NeverRead:       "written by %s, and never read",
	ledger.WaitsForRedis:   "%s waited for Redis",
}

// faultOf says what a reason comes from.
func faultOf(r ledger.Reason) string {
	if r.IsOtherAdapter() {
		return "another kind of adapter on %s than on the senders' nodes"
	}
	return faults[r]
}

const adapterOff = "the adapter was off on %s"

// causes says what the deliveries that users missed come from: the most frequent cause, and
// the next one unless it is rare.
func causes(s *ledger.Snapshot) string {
	count, nodes := make(map[string]int), make(map[string]map[string]bool)
	for _, m := range s.Missed {
		if m.Reason == ledger.LeftOver {
			continue
		}
		text, node := faultOf(m.Reason), m.Receiver
		switch m.Reason {
		case ledger.AdapterOffSender, ledger.RedisDownSender, ledger.SenderNodeDied:
			node = m.Sender
		}
		if count[text] += m.Count; nodes[text] == nil {
			nodes[text] = make(map[string]bool)
		}
		nodes[text][node] = true
	}
	var out []string
	for _, c := range byCount(count) {
		if len(out) == 2 || c.N*5 < s.Delivery.Total.Missed-s.LeftOver() {
			break
		}
		out = append(out, causeText(s, c.Text, nodes[c.Text]))
	}
	return strings.Join(out, ", and ")
}

// causeText says a cause with its nodes. That an adapter is off is said of the
// present when it is so to the end.
func causeText(s *ledger.Snapshot, text string, nodes map[string]bool) string {
	if text == adapterOff && s.Delivery.Cross.Arrived == 0 {
		on := func(node string) bool { return s.Nodes[node].Adapter }
		if !slices.ContainsFunc(slices.Collect(maps.Keys(nodes)), on) {
			text = strings.Replace(text, "was", "is", 1)
		}
		text = "no message crosses nodes, " + text
	}
	return fmt.Sprintf(text, nodeNames(s, nodes))
}

// nodeNames names some of the nodes of a run.
func nodeNames(s *ledger.Snapshot, some map[string]bool) string {
	names := slices.Sorted(maps.Keys(some))
	switch all := len(s.Matrix.Nodes); {
	case len(names) == all && all == 2:
		return "both nodes"
	case len(names) == all && all > 2:
		return fmt.Sprintf("all %d nodes", all)
	case len(names) > 3:
		return fmt.Sprintf("%d of %d nodes", len(names), all)
	case len(names) > 1:
		return strings.Join(names[:len(names)-1], ", ") + " and " + names[len(names)-1]
	}
	return strings.Join(names, "")
}

// symptoms are the words of clients for a connection that ended or was not
// made: they do not say why.
var symptoms = []string{"transport close", "transport error", "xhr poll error", "xhr post error", "websocket error", "probe error"}

// topError quotes the most frequent error text, one that says why if there is
// one: ` ("Session ID unknown" 1,008 times)`.
func topError(s *ledger.Snapshot) string {
	all := byCount(s.Errors)
	i := max(slices.IndexFunc(all, func(c format.Count) bool { return !slices.Contains(symptoms, c.Text) }), 0)
	if len(all) == 0 {
		return ""
	}
	return fmt.Sprintf(" (%q, %s)", all[i].Text, format.Plural(all[i].N, "time"))
}

func disconnected(s *ledger.Snapshot) string {
	c := s.Clients
	off := c.Count - c.Connected
	if off == 0 || c.Connected == 0 {
		return ""
	}
	text := fmt.Sprintf("%s of %s %s not connected at the end", format.Number(off), format.Plural(c.Count, "client"), agree(off, "is", "are"))
	if s.Sessions.Lost == 0 {
		return text + topError(s)
	}
	return text
}

func broken(s *ledger.Snapshot) string {
	if s.Sessions.Lost == 0 {
		return ""
	}
	text := format.Plural(s.Sessions.Lost, "session") + " broke"
	if c := s.Clients; c.Count > 0 && c.Connected == 0 {
		return text // the error has been told
	}
	return text + topError(s)
}

// recovered says what became of the clients that came back, where connections are
// recovered.
func recovered(s *ledger.Snapshot) string {
	r := s.Recovery
	back := r.Recovered + r.Failed
	switch {
	case back == 0:
		return ""
	case r.Failed == 0:
		return fmt.Sprintf("%s recovered with %s replayed", format.Plural(back, "reconnect"), format.Plural(r.Replayed, "message"))
	case r.Recovered == 0:
		return fmt.Sprintf("none of %s recovered (%s)", format.Plural(back, "reconnect"), s.Failures[0].Failure)
	}
	return fmt.Sprintf("%s of %s not recovered (%s)", format.Number(r.Failed), format.Plural(back, "reconnect"), s.Failures[0].Failure)
}

// late names the deliveries that took half a second or more.
func late(s *ledger.Snapshot) string {
	for _, l := range []struct {
		share string
		ms    float64
	}{{"half of the deliveries", s.Latency.P50}, {"1 delivery in 20", s.Latency.P95}, {"1 delivery in 100", s.Latency.P99}} {
		if l.ms >= 500 {
			return fmt.Sprintf("%s took %.1f s or more", l.share, l.ms/1000)
		}
	}
	return ""
}

func failures(s *ledger.Snapshot) string {
	switch {
	case s.Sessions.Lost > 0 || s.Clients.Connected < s.Clients.Count:
		return "" // the error has been told
	case s.Requests.Failed > 0:
		return format.Plural(s.Requests.Failed, "request") + " failed" + topError(s)
	case len(s.Errors) > 0:
		return "there were errors" + topError(s)
	}
	return ""
}

func down(s *ledger.Snapshot) string {
	some := make(map[string]bool)
	for name, n := range s.Nodes {
		if !n.Up {
			some[name] = true
		}
	}
	if len(some) == 0 {
		return ""
	}
	return nodeNames(s, some) + " " + agree(len(some), "is", "are") + " down at the end"
}

// crowded names a node that holds most of the clients.
func crowded(s *ledger.Snapshot) string {
	on, sum := make(map[string]int), 0
	for _, g := range s.Groups {
		for node, n := range g.Nodes {
			on[node] += n
			sum += n
		}
	}
	up := 0
	for _, n := range s.Nodes {
		if n.Up {
			up++
		}
	}
	for _, most := range byCount(on)[:min(len(on), 1)] {
		switch {
		case up < 2 || sum < 4 || most.N*4 < sum*3:
		case most.N == sum:
			return fmt.Sprintf("all %s connected clients are on one node, %s", format.Number(sum), most.Text)
		default:
			return fmt.Sprintf("%s of %s connected clients are on one node, %s", format.Number(most.N), format.Number(sum), most.Text)
		}
	}
	return ""
}

// asExpected says whether a run went as its file expects.
func (r *Result) asExpected() string {
	by := make(map[expect.Verdict]int)
	for _, x := range r.Expectations {
		by[x.Verdict]++
	}
	failed, open, unjudged := by[expect.Fail], by[expect.Inconclusive], by[expect.NotJudged]
	of := fmt.Sprintf(" of %s", format.Plural(len(r.Expectations), "expectation"))
	switch {
	case r.Err != nil:
		return "The run did not come to its end: " + r.Err.Error() + "."
	case r.Unjudged != "":
		return r.Unjudged
	case len(r.Expectations) == 0:
		return "The file has no expectations."
	case failed > 0:
		return "Not as the file expects: " + format.Number(failed) + of + " failed."
	case unjudged > 0:
		return "Whether the file expects that is not known: " + format.Number(unjudged) + of + agree(unjudged, " was", " were") + " not judged."
	case open > 0:
		return "Whether the file expects that is open: " + format.Number(open) + of + " had nothing to judge."
	}
	return "As the file expects: " + format.Number(len(r.Expectations)) + of + " met."
}
