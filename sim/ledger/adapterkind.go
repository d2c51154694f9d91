package ledger

import (
	"fmt"

	"stickylab/cluster/adapter"
	"stickylab/cluster/trace"
)

// An adapterKind is a number of a kind of adapter: its place among those that join nodes.
type adapterKind uint8

// The kinds that join nodes are those of the table but "none".
var joining = func() (specs []adapter.Spec) {
	for _, s := range adapter.Kinds {
		if s.Kind != adapter.None {
			specs = append(specs, s)
		}
	}
	return specs
}()

// kindOf returns the kind that AdapterOn names; the classic one has no name there.
func kindOf(text trace.Name) adapterKind {
	name := text.String()
	for i, s := range joining {
		if string(s.Kind) == name {
			return adapterKind(i)
		}
	}
	return 0
}

func (k adapterKind) spec() *adapter.Spec { return &joining[k] }

// joiningKinds is how many kinds there are, of which each pair that does not hear each other
// has a reason. A test compares it with the table.
const joiningKinds = 3

// OtherAdapter returns the reason for which nodes with two different kinds of adapter do not
// hear each other.
func OtherAdapter(sender, receiver adapter.Kind) Reason {
	return otherAdapter(kindOf(trace.N(string(sender))), kindOf(trace.N(string(receiver))))
}

func otherAdapter(sender, receiver adapterKind) Reason {
	return firstOther + Reason(sender)*joiningKinds + Reason(receiver)
}

// IsOtherAdapter reports whether the reason is that of two nodes with different kinds of
// adapter.
func (r Reason) IsOtherAdapter() bool { return r >= firstOther && r < reasons }

func init() {
	for s, from := range joining {
		for r, to := range joining {
			reasonTexts[otherAdapter(adapterKind(s), adapterKind(r))] = reasonText{
				short:    fmt.Sprintf("receiver's node uses %s, sender's node publishes with %s", to.Kind, from.Kind),
				sentence: fmt.Sprintf("receiver is on {to}, which uses %s, {from} publishes with %s", to.Kind, from.Kind),
				cause:    fmt.Sprintf("{to} uses %s, {from} publishes with %s", to.Kind, from.Kind),
			}
		}
	}
}

// waits reports whether the sender's node passes a message on, and serves its own sockets,
// only when Redis has taken it.
func (m *message) waits() bool {
	return m.era.adapter.has(m.node) && m.era.kindAt(m.node).spec().Waits
}

// strangers reports whether sender's and receiver's node have different kinds of adapter.
func (m *message) strangers(n int32) bool {
	return m.era.adapter.has(m.node) && m.era.adapter.has(n) && m.era.kindAt(m.node) != m.era.kindAt(n)
}

// keeps reports whether a node whose connection is lost reads later what it has missed.
func (m *message) keeps(n int32) bool {
	return m.era.adapter.has(n) && m.era.kindAt(n).spec().Keeps
}

func (e *era) kindAt(n int32) adapterKind {
	if int(n) < len(e.kinds) {
		return e.kinds[n]
	}
	return 0
}
