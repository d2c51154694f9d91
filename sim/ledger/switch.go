package ledger

import (
	"time"

	"stickylab/cluster/trace"
)

// A Switch is a change of the cluster after which other messages arrive than before: of the adapter, a link to
// Redis, a node, or the proxy's configuration.
type Switch struct {
	Kind trace.Kind    // AdapterOn, NodeDown, ConfigLoaded and their like
	Node string        // "" when it concerns several, or the proxy
	At   time.Duration // when it was made

	// From is when it was complete: a link to Redis comes a while after its adapter.
	From time.Duration
}

// together is how long changes of one kind may be apart to be one switch.
const together = time.Second

// LastSwitch returns the last switch since the first message; false when there is none.
func (l *Ledger) LastSwitch() (Switch, bool) { return l.switched, l.switched.Kind != 0 }

// follows says of which switches another change is a part.
var follows = map[trace.Kind][]trace.Kind{
	trace.AdapterOn:  {trace.NodeUp},
	trace.RedisUp:    {trace.AdapterOn, trace.NodeUp, trace.ConfigLoaded}, // the last when nodes are added
	trace.AdapterOff: {trace.NodeDown},
	trace.RedisDown:  {trace.AdapterOff, trace.NodeDown},
}

// note notes a switch. What is sent from now on is counted apart from what was sent before, if the ledger is
// looked at while it runs.
func (l *Ledger) note(e *trace.Event) {
	if len(l.messages.queue) == 0 && l.messages.base == 1 {
		return // the cluster starts
	}
	node := e.Node.String()
	last := &l.switched
	soon := last.Kind != 0 && l.now-last.From <= together
	part := false
	for _, k := range follows[e.Kind] {
		part = part || soon && last.Kind == k && (last.Node == "" || last.Node == node)
	}
	switch {
	case part:
	case soon && last.Kind == e.Kind:
		if last.Node != node {
			last.Node = ""
		}
	default:
		*last = Switch{Kind: e.Kind, Node: node, At: l.now}
	}
	last.From = l.now
	if l.config.Every > 0 && l.segments.list[len(l.segments.list)-1].from < l.now {
		l.segments.start(l.now, l.owner, false)
	}
}
