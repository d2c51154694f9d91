package ledger

import (
	"cmp"
	"slices"
	"time"
)

// Snapshot is everything known about a span of a run: what an expectation sees,
// and what explains it.
type Snapshot struct {
	View
	From, At  time.Duration
	Judged    bool           // final: all that was sent has settled
	Matrix    Matrix         // deliveries by the sender's and the receiver's node
	Missed    []Miss         // the reasons, the most frequent first
	Placement []Placement    // at the end of the span
	Traffic   []Traffic      // what the nodes did, in the order of Matrix.Nodes
	Failures  []FailureCount // of recovery, the most frequent first
	Untracked int            // messages that are in no other count: those in flight took all of Config.MaxBytes
}

// LeftOver returns how many of the missed deliveries no user missed: those to sockets
// that a reconnect had left over.
func (p *Snapshot) LeftOver() int {
	n := 0
	for _, m := range p.Missed {
		if m.Reason == LeftOver {
			n += m.Count
		}
	}
	return n
}

// Matrix counts deliveries by the sender's and the receiver's node.
type Matrix struct {
	Nodes []string   `json:"nodes"` // in the order of Config.Nodes, then of appearance
	Cells [][]Counts `json:"cells"` // by sender's node, then receiver's
}

// Miss is how often messages were missed for one reason.
type Miss struct {
	Reason           Reason
	Sender, Receiver string // nodes
	Count            int
}

// String tells the reason in a sentence.
func (m Miss) String() string { return m.Reason.Sentence(m.Sender, m.Receiver) }

// Traffic counts what a node did with messages.
type Traffic struct {
	Node      string `json:"-"`
	Sent      int    `json:"sent"`      // accepted from its clients
	Wrote     int    `json:"wrote"`     // copies written to its clients
	Published int    `json:"published"` // handed to Redis
	Relayed   int    `json:"relayed"`   // that came from Redis
}

// snapshot draws the span [from, at) over the state at its end; peak is the most
// requests in one second of it.
func (l *Ledger) snapshot(from, at time.Duration, s *state, peak int) *Snapshot {
	sum := l.segments.sum(from, min(at, l.config.End))
	total := sum.total()
	p := &Snapshot{From: from, At: at, Placement: s.placement, Failures: sum.recovery.failures(), Untracked: sum.untracked}
	p.View = View{
		Nodes: s.nodes, Groups: l.groupViews(s, sum), Clients: s.clients, Counts: s.counts,
		Redis:    sum.redis(),
		Recovery: sum.recovery.view(),
		Sessions: Sessions{Opened: sum.opened, Upgraded: sum.upgraded, Lost: total.lost},
		Errors:   make(map[string]int, len(sum.errors)),
		Latency:  sum.latency.latency(),
		Messages: Messages{Said: sum.said, Sent: sum.sent, Unsent: sum.said - sum.accepted, Away: total.away,
			Outside: sum.code.outside, Repeated: sum.code.repeated, Resent: sum.code.resent, Discarded: sum.code.discarded},
		Requests: Requests{Total: total.asked, Failed: total.unanswered, Reconnects: total.reconnects, Peak: peak},
	}
	for text, n := range sum.errors {
		p.Errors[text.String()] = n
	}

	order := l.names() // a node that came after the span may have relayed what was sent in it
	n := len(order)
	p.Matrix = Matrix{Nodes: order, Cells: make([][]Counts, n)}
	for a := range n {
		p.Matrix.Cells[a] = make([]Counts, n)
		for b := range n {
			cell := sum.cell(int32(a), int32(b))
			p.Matrix.Cells[a][b] = cell.derived()
			if a == b {
				p.Delivery.Same.add(&cell.Counts)
			} else {
				p.Delivery.Cross.add(&cell.Counts)
			}
			p.Delivery.Total.add(&cell.Counts)
			for r, count := range cell.why {
				if count > 0 {
					p.Missed = append(p.Missed, Miss{Reason(r), order[a], order[b], count})
				}
			}
		}
		p.Traffic = append(p.Traffic, sum.node(int32(a)).traffic(order[a]))
	}
	p.Delivery.Total.Extra += sum.strangers
	for _, c := range [...]*Counts{&p.Delivery.Total, &p.Delivery.Same, &p.Delivery.Cross} {
		*c = c.derived()
	}
	slices.SortStableFunc(p.Missed, func(a, b Miss) int {
		return cmp.Or(cmp.Compare(b.Count, a.Count), cmp.Compare(a.Reason, b.Reason))
	})
	return p
}

func (t *tally) traffic(node string) Traffic {
	return Traffic{Node: node, Sent: t.sent, Wrote: t.wrote, Published: t.published, Relayed: t.relayed}
}

// add adds what o counted, but for what is derived.
func (c *Counts) add(o *Counts) {
	c.Due += o.Due
	c.Arrived += o.Arrived
	c.Missed += o.Missed
	c.Duplicates += o.Duplicates
	c.Extra += o.Extra
}

// derived returns the counts with Pending and Ratio.
func (c Counts) derived() Counts {
	c.Pending = c.Due - c.Arrived - c.Missed
	if judged := c.Arrived + c.Missed; judged > 0 {
		c.Ratio = float64(c.Arrived) / float64(judged)
	}
	return c
}
