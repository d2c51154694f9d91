package stage

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"stickylab/cluster"
	"stickylab/cluster/trace"
	"stickylab/sim/format"
	"stickylab/sim/ledger"
)

// A Journey is the path of a message: from a client over the proxy to a node, from there to the receivers
// on that node, and over Redis to those on the others.
type Journey struct {
	ID      trace.Msg
	From    string // who said it
	Server  bool   // the nodes themselves did: it came from no client
	Text    string
	Sent    time.Duration // its node accepted it
	Node    string        // that node
	Crosses Crossing
	ledger.Counts
	Branches []Branch // the sender's node first if there are receivers on it, then the others in order
}

// Crossing is what became of a message between the nodes.
type Crossing uint8

// A message NeedsNone when no receiver is on another node. It is Open while its node may still publish
// it, Published once it has, and Stopped when it does not.
const (
	NeedsNone Crossing = iota
	Open
	Published
	Stopped
)

// A Branch is how a message fared at one node.
type Branch struct {
	Node                          string
	Due, Arrived, Missed, Pending int
	Relayed                       bool                 // the node had it from Redis
	Why                           []ledger.ReasonCount // of what was missed, in order of appearance
}

// recently is how long ago the last decided message may be, to be shown in place of one that is in flight.
const recently = time.Second

// lastMessage returns the last message that was due to anyone.
func lastMessage(s Source, decided bool) (last ledger.MessageState, ok bool) {
	for _, m := range s.Ledger.Recent(20) {
		switch {
		case m.Due == 0 || m.Sent > s.Now:
		case !ok:
			last, ok = m, true
			if !decided {
				return last, true
			}
			fallthrough
		default:
			if m.Sent < s.Now-recently {
				return last, ok
			}
			if m.Pending == 0 {
				return m, true
			}
		}
	}
	return last, ok
}

// Journey returns the journey of a message, as long as it is remembered.
func (s Source) Journey(id trace.Msg) (*Journey, bool) {
	m, ok := s.Ledger.Message(id)
	if !ok {
		return nil, false
	}
	return s.journey(&m), true
}

func (s Source) journey(m *ledger.MessageState) *Journey {
	j := JourneyOf(m)
	if s.Text != nil {
		j.Text = s.Text(m.ID)
	}
	return j
}

// JourneyOf returns the journey of a message, without its text.
func JourneyOf(m *ledger.MessageState) *Journey {
	j := &Journey{ID: m.ID, From: format.Line(m.ID.From.String()), Sent: m.Sent, Node: m.Node, Counts: m.Counts}
	j.Server = j.From == cluster.Server
	others, undecided := false, false
	for i := range m.Nodes {
		r := &m.Nodes[i]
		if r.Due == 0 {
			continue
		}
		b := Branch{Node: r.Node, Due: r.Due, Arrived: r.Arrived, Pending: r.Pending(), Relayed: r.Relayed}
		b.Missed = b.Due - b.Arrived - b.Pending
		for _, by := range r.Missed {
			b.Why = append(b.Why, ledger.ReasonCount{Reason: by.Reason, Count: len(by.Clients)})
		}
		if r.Node == m.Node {
			j.Branches = slices.Insert(j.Branches, 0, b)
			continue
		}
		others, undecided = true, undecided || b.Pending > 0
		j.Branches = append(j.Branches, b)
	}
	switch {
	case m.Published:
		j.Crosses = Published
	case others && undecided:
		j.Crosses = Open
	case others:
		j.Crosses = Stopped
	}
	return j
}

// Own reports whether the branch is that of the sender's own node.
func (j *Journey) Own(b *Branch) bool { return b.Node == j.Node }

// Main returns the most frequent reason, and false when nothing was missed.
func (b *Branch) Main() (r ledger.Reason, ok bool) {
	most := 0
	for _, w := range b.Why {
		if w.Count > most {
			r, most, ok = w.Reason, w.Count, true
		}
	}
	return r, ok
}

// Fate tells how many of those at whom the message was due heard it, by node, and why the others did not:
// "20 of 20 on A, 0 of 20 on B: adapter off on A". name returns what to call a node.
// lost is the part from the first loss on, "" when nothing was missed; heard is the part before it.
func (j *Journey) Fate(name func(node string) string) (heard, lost string) {
	if j.Due == 0 {
		return "no one was in the room", ""
	}
	if j.Missed == 0 && j.Pending == 0 {
		return fmt.Sprintf("%d of %d", j.Arrived, j.Due), ""
	}
	if j.Missed == 0 {
		return fmt.Sprintf("%d of %d, %d in flight", j.Arrived, j.Due, j.Pending), ""
	}
	var whole, parts []string
	for _, group := range j.alike() {
		text := fmt.Sprintf("%d of %d on %s", group.Arrived, group.Due, nodesIn(group.nodes, name))
		if group.Pending > 0 {
			text += fmt.Sprintf(", %d in flight", group.Pending)
		}
		r, missed := group.Main()
		if !missed {
			whole = append(whole, text)
			continue
		}
		text += ": " + r.Cause(name(j.Node), nodesIn(group.nodes, name))
		for _, w := range group.Why {
			if w.Reason != r {
				text += fmt.Sprintf(", %d %s", w.Count, w.Reason.Cause(name(j.Node), nodesIn(group.nodes, name)))
			}
		}
		parts = append(parts, text)
	}
	return strings.Join(whole, ", "), strings.Join(parts, "; ")
}

// alikeBranches are branches that fared alike.
type alikeBranches struct {
	Branch
	nodes []string
}

// alike sums up the branches whose receivers missed it for the same reasons.
func (j *Journey) alike() (out []*alikeBranches) {
	for i := range j.Branches {
		b := &j.Branches[i]
		at := slices.IndexFunc(out, func(o *alikeBranches) bool {
			return slices.EqualFunc(o.Why, b.Why, func(a, b ledger.ReasonCount) bool { return a.Reason == b.Reason }) && (o.Pending > 0) == (b.Pending > 0) && (o.Arrived > 0) == (b.Arrived > 0)
		})
		if at < 0 {
			out = append(out, &alikeBranches{Branch: *b, nodes: []string{b.Node}})
			out[len(out)-1].Why = slices.Clone(b.Why)
			continue
		}
		o := out[at]
		o.nodes = append(o.nodes, b.Node)
		o.Due, o.Arrived, o.Missed, o.Pending = o.Due+b.Due, o.Arrived+b.Arrived, o.Missed+b.Missed, o.Pending+b.Pending
		for k := range b.Why {
			o.Why[k].Count += b.Why[k].Count
		}
	}
	return out
}

// nodesIn names a few nodes, or counts them.
func nodesIn(nodes []string, name func(string) string) string {
	if len(nodes) > 3 {
		return fmt.Sprintf("%d nodes", len(nodes))
	}
	names := make([]string, len(nodes))
	for i, n := range nodes {
		names[i] = name(n)
	}
	return strings.Join(names, " and ")
}
