package stage

import (
	"time"

	"stickylab/cluster"
	"stickylab/cluster/trace"
)

// A Motion is a message on its way, with the instants of its hops. An instant is Unknown when it has not
// come; of the next one it is guessed when it comes, from the latencies of the file.
type Motion struct {
	ID     trace.Msg
	Group  string // of who said it; "" for real clients and nodes
	Node   string // that accepted it; "" while none has
	Said   time.Duration
	Sent   time.Duration
	Guess  Guess
	Hops   []Hop // from the node on
	direct bool
}

// A Hop is a message on its way from its node to the receivers there, or over Redis to another node and to
// the receivers on that.
type Hop struct {
	Node        string        // where the receivers are
	Relayed     time.Duration // to another node: when it had it from Redis
	First, Last time.Duration // when the first and the last receiver of those so far heard it
	Ended       bool          // nothing of it is in flight any more
	Stopped     bool          // it does not leave its node
}

// Guess is how long each leg takes, about.
type Guess struct{ Client, Backend, Redis time.Duration }

// Unknown is an instant that has not come.
const Unknown = time.Duration(-1)

// Leg is a part of the way of a message.
type Leg uint8

// The legs, in order. ToRedis and FromRedis are taken to other nodes only.
const (
	ToProxy Leg = iota
	ToNode
	ToRedis
	FromRedis
	ToReceivers
)

// A Dot is something that moves: where it is along a leg, from 0 to 1.
type Dot struct {
	Leg      Leg
	Group    string // of a message to the proxy
	From, To string // nodes: the sender's, and that of the receivers
	Message  trace.Msg
	Along    float64
}

// lookBack is how long before an instant a message may have been said to be shown as moving then. What takes
// longer waits somewhere.
const lookBack = 2 * time.Second

// mostMotions bounds what is followed.
const mostMotions = 200

// motions finds what was on its way in the last moments.
func (s Source) motions() []Motion {
	guess := Guess{Client: middle(s.Plan.File.Network.Client.Min, s.Plan.File.Network.Client.Max), Backend: s.Plan.File.Network.Backend.Min, Redis: s.Plan.File.Network.Redis.Min}
	at := make(map[trace.Msg]int)
	var out []Motion
	of := func(id trace.Msg) *Motion {
		i, ok := at[id]
		if !ok {
			if len(out) >= mostMotions {
				return nil
			}
			i = len(out)
			at[id] = i
			out = append(out, Motion{ID: id, Said: Unknown, Sent: Unknown, Guess: guess})
		}
		return &out[i]
	}
	relayed := make(map[trace.Msg]map[string]time.Duration)
	s.Back(func(e *trace.Event) bool {
		switch e.Kind {
		case trace.Said, trace.Sent:
			m := of(e.Msg)
			if m == nil {
				return false
			}
			if e.Kind == trace.Sent {
				m.Sent, m.Node = e.At, e.Node.String()
			} else {
				m.Said = e.At
			}
		case trace.Relayed:
			if relayed[e.Msg] == nil {
				relayed[e.Msg] = make(map[string]time.Duration)
			}
			relayed[e.Msg][e.Node.String()] = e.At
		}
		return e.At >= s.Now-lookBack
	})
	for i := range out {
		m := &out[i]
		m.direct = m.ID.From.String() == cluster.Server
		if c, ok := s.Ledger.Client(m.ID.From.String()); ok {
			m.Group = c.Group
		}
		state, ok := s.Ledger.Message(m.ID)
		if !ok {
			continue
		}
		for k := range state.Nodes {
			r := &state.Nodes[k]
			hop := Hop{Node: r.Node, Relayed: Unknown, First: Unknown, Last: Unknown, Ended: r.Pending() == 0}
			if t, ok := relayed[m.ID][r.Node]; ok {
				hop.Relayed = t
			}
			if r.Arrived > 0 {
				hop.First, hop.Last = r.First, r.Last
			}
			hop.Stopped = r.Node != m.Node && !state.Published
			m.Hops = append(m.Hops, hop)
		}
	}
	return out
}

func middle(a, b time.Duration) time.Duration { return (a + b) / 2 }

// Dots returns what moves at an instant, which must not be later than that of the picture.
func (p *Picture) Dots(at time.Duration) (out []Dot) {
	for i := range p.Motions {
		out = p.Motions[i].dots(out, at)
	}
	return out
}

// dots appends where the message is at an instant.
func (m *Motion) dots(out []Dot, at time.Duration) []Dot {
	for _, s := range m.Spans() {
		if along, there := along(at, s.From, s.Until, s.Guess); !there && at >= s.From {
			out = append(out, Dot{Leg: s.Leg, Group: m.Group, From: m.Node, To: s.To, Message: m.ID, Along: along})
		}
	}
	return out
}

// along returns how far along a leg something is; there means that it has come to its end. When that
// is not known it is guessed, and what takes longer waits just before the end.
func along(at, from, until, guess time.Duration) (share float64, there bool) {
	const before = 0.95
	switch {
	case until != Unknown && at >= until:
		return 1, true
	case until != Unknown && until > from:
		return float64(at-from) / float64(until-from), false
	case guess <= 0:
		return before, false
	}
	return min(float64(at-from)/float64(guess), before), false
}
