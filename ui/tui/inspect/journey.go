package inspect

import (
	"slices"
	"time"

	"stickylab/cluster"
	"stickylab/cluster/trace"
	"stickylab/sim/format"
	"stickylab/sim/ledger"
)

// Journey is a message's path, hop by hop, as far as the cursor knows it. An
// instant that has not come, or could not be found, is Unknown.
type Journey struct {
	ID    trace.Msg
	From  string // who said it
	Room  string
	Text  string
	State ledger.MessageState // once Sent
	Known bool                // State is set

	Direct bool // the speaker asks a node itself, there is no proxy between

	Said    time.Duration // the user said it
	Left    time.Duration // it left the client: later than Said when it had to wait for a connection, or for a request before it
	AtProxy time.Duration
	Exact   bool          // AtProxy was seen in the trace; else it is Sent less the fixed latency of the last hop
	Sent    time.Duration // the sender's node accepted it

	Published time.Duration
	Relayed   []time.Duration // from Redis to each of State.Nodes

	Aged bool // part of its path is no longer kept
}

// Unknown is the instant of what has not happened or could not be found.
const Unknown = time.Duration(-1)

// Follow finds a message's route.
func Follow(s *Source, id trace.Msg) Journey {
	j := Journey{ID: id, From: format.Line(id.From.String()), Said: Unknown, Left: Unknown, AtProxy: Unknown, Sent: Unknown, Published: Unknown, Text: s.TextOf(id.From.String())}
	j.Direct = routeOf(s, id.From.String()).Upstream == ""
	at := s.Ledger
	j.State, j.Known = at.Message(id)
	if !j.Known {
		if said, ok := at.Unsent(id); ok {
			j.Said = said
			j.before(s, since(s, said+1)-1)
		}
		return j
	}
	j.Sent, j.Room = j.State.Sent, format.Line(j.State.Room)
	j.Relayed = slices.Repeat([]time.Duration{Unknown}, len(j.State.Nodes))
	sent := since(s, j.Sent)
	j.before(s, since(s, j.Sent+1)-1)
	j.upTo(s)
	j.after(s, sent)
	return j
}

// before finds when and how the message was said, from event number from back.
func (j *Journey) before(s *Source, from uint64) {
	var said *trace.Event
	how := back(s, from, func(e *trace.Event) bool {
		if e.Kind == trace.Said && e.Msg == j.ID {
			said = e
		}
		return said == nil
	})
	if said == nil {
		j.Aged = j.Aged || how == aged
		return
	}
	j.Said, j.Left, j.Room = said.At, said.At, format.Line(said.Room.String())
	for _, step := range s.Steps() {
		if who, text := Said(step); step.At == said.At && who == j.ID.From.String() {
			j.Text = text
		}
	}
}

// ofServer reports whether nodes said it themselves: it came through no proxy.
func (j *Journey) ofServer() bool { return j.ID.From.String() == cluster.Server }

// upTo finds the path of the message to its node.
func (j *Journey) upTo(s *Source) {
	if j.Said == Unknown || j.ofServer() {
		return
	}
	client := j.ID.From
	var posted, proxied *trace.Event
	// The proxy reports a request when its answer passes: after the message was accepted.
	ahead(s, since(s, j.Said), func(e *trace.Event) bool {
		switch e.Kind {
		case trace.Connected, trace.Upgraded:
			if e.Client == client && e.At <= j.Sent && e.At > j.Left {
				j.Left = e.At // what was said before is sent now
			}
		case trace.Asked:
			if e.Client == client && e.At <= j.Sent && e.Lane != nil && e.Lane.Purpose() == trace.LanePost {
				posted = e
			}
		case trace.Proxied:
			if posted != nil && e.Lane.Root() == posted.Lane && e.At-e.Value <= j.Sent && e.At >= j.Sent {
				proxied = e
				return false
			}
		}
		return e.At <= j.Sent+time.Second
	})
	if proxied != nil && proxied.At-proxied.Value >= posted.At {
		j.Left, j.AtProxy, j.Exact = posted.At, proxied.At-proxied.Value, true
		return
	}
	if plan := s.Plan(); !j.Direct {
		if last := plan.File.Network.Backend; last.Min == last.Max && j.Sent-last.Min >= j.Left {
			j.AtProxy = j.Sent - last.Min
		}
	}
}

// after finds the path of the message from its node to the receivers, from
// event number from on.
func (j *Journey) after(s *Source, from uint64) {
	left := j.State.Arrived + j.State.Duplicates + j.State.Extra
	settle := s.Ledger.Config().Settle
	how := ahead(s, from, func(e *trace.Event) bool {
		if e.Msg != j.ID {
			return left > 0 || e.At <= j.Sent+settle
		}
		switch e.Kind {
		case trace.Sent:
			if e.Text != (trace.Name{}) { // only the node knows the words of a real client
				j.From, j.Text = format.Line(e.Client.String()), e.Text.String()
			}
		case trace.Published:
			if e.Node.String() == j.State.Node && j.Published == Unknown {
				j.Published = e.At
			}
		case trace.Relayed:
			for i, r := range j.State.Nodes {
				if r.Node == e.Node.String() && j.Relayed[i] == Unknown {
					j.Relayed[i] = e.At
				}
			}
		case trace.Wrote:
			if _, virtual := s.Ledger.Client(e.Client.String()); !virtual {
				left-- // when a real client reads it is not known
			}
		case trace.Read:
			left--
		}
		return true
	})
	j.Aged = j.Aged || how == aged || how == tooFar
}
