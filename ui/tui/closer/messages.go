package closer

import (
	"time"

	"stickylab/cluster/trace"
	"stickylab/sim/report"
	"stickylab/ui/tui/look"
)

// Entry is a message in a list.
type Entry struct {
	ID   trace.Msg
	At   time.Duration // when its node accepted it
	Line string        // painted
}

// Messages returns up to n of the last messages before the cursor, the newest
// first, to choose one from. Client, if not "", takes only those of one client;
// node only those that were accepted there.
func Messages(s Source, n int, client, node string) []Entry {
	p := newPage(s, 1)
	most := n
	if client != "" || node != "" {
		most = n * 16 // among those that are not asked for
	}
	var out []Entry
	for _, m := range p.at.Recent(most) {
		if client != "" && m.ID.From.String() != client || node != "" && m.Node != node {
			continue
		}
		if len(out) == n {
			break
		}
		line := look.Instant(m.Sent) + "  " + p.mark(m.Node) + "  " + look.Fit(name(m.ID), 16) + "  heard " +
			look.Right(report.Number(m.Arrived)+" of "+report.Number(m.Due), 14)
		if m.Missed > 0 {
			line += "  " + loss("missed "+report.Number(m.Missed))
		}
		if m.Pending > 0 {
			line += "  " + dim(report.Number(m.Pending)+" under way")
		}
		out = append(out, Entry{ID: m.ID, At: m.Sent, Line: line})
	}
	return out
}

// Beside returns the message before or after another one in the order of
// sending, up to the cursor; ok is false when there is none that is remembered.
func Beside(s Source, id trace.Msg, after bool) (trace.Msg, bool) {
	list := s.Ledger().Recent(neighbours)
	for i, m := range list { // the newest first
		if m.ID != id {
			continue
		}
		if after {
			i--
		} else {
			i++
		}
		if i < 0 || i >= len(list) {
			return trace.Msg{}, false
		}
		return list[i].ID, true
	}
	return trace.Msg{}, false
}

// neighbours is how many messages back Beside looks.
const neighbours = 512
