package board

import (
	"strconv"

	"stickylab/cluster/trace"
	"stickylab/sim/ledger"
	"stickylab/ui/stage"
	"stickylab/ui/web/wire"
)

// The log has mostLines lines, of mostRead things that happened.
const (
	mostLines = 60
	mostRead  = 240
)

// shown are the events that are worth a line, besides messages and requests.
var shown = map[trace.Kind]bool{
	trace.Step: true, trace.Connected: true, trace.NodeUp: true, trace.NodeDown: true, trace.NodeFroze: true, trace.NodeResumed: true,
	trace.Counted: true, trace.AdapterOn: true, trace.AdapterOff: true, trace.RedisUp: true, trace.RedisDown: true,
	trace.ConfigLoaded: true, trace.Upgraded: true, trace.UpgradeError: true, trace.ConnectError: true, trace.Disconnected: true,
	trace.Reconnecting: true, trace.ClientMoved: true, trace.Refused: true, trace.ProxyError: true, trace.FrontError: true,
}

// log returns what happened up to now, the newest first. Messages of one group that fared alike are told in one
// line, and so is what happened to several clients in the same way; what happens in between separates them.
func (v *view) log() []wire.Line {
	type alike struct {
		what, detail, lost string
		node               int
	}
	out, read := []wire.Line{}, 0
	known := make(map[alike]int)
	v.back(func(e *trace.Event) bool {
		line, group, open := v.line(e)
		if line == nil {
			return true
		}
		read++
		key := alike{group + " " + line.What, line.Detail, line.Lost, line.Node}
		i, again := known[key]
		switch {
		case again && !open && group != "":
			out[i].Times++
			out[i].Who = group
			return read < mostRead
		case line.Step:
			clear(known)
		case !open:
			known[key] = len(out)
		}
		out = append(out, *line)
		return read < mostRead && len(out) < mostLines
	})
	return out
}

// line puts an event into words, nil if it is not worth a line. group is that of its client. open means that
// something of it is in flight.
func (v *view) line(e *trace.Event) (line *wire.Line, group string, open bool) {
	if e.Kind != trace.Sent && !shown[e.Kind] {
		return nil, "", false
	}
	d := ledger.Describe(e)
	line = &wire.Line{At: wire.Of(e.At), Who: d.Subject, What: d.What, Node: v.node(e.Node.String()), Detail: d.Detail, Loss: d.Loss, Times: 1}
	if c, ok := v.state.Client(e.Client.String()); ok {
		group = c.Group
		line.Thing = &wire.Thing{Kind: wire.OfClient, Name: c.Name}
		if e.Kind == trace.Connected && c.Session == e.Session.String() {
			line.Node = v.node(c.Node)
		}
	} else if line.Node >= 0 {
		line.Thing = &wire.Thing{Kind: wire.OfNode, Name: e.Node.String()}
	}
	switch e.Kind {
	case trace.Step:
		line.Step, line.Node, line.Thing = true, -1, nil
	case trace.Sent:
		line.Thing = &wire.Thing{Kind: wire.OfMessage, Name: e.Msg.String()}
		line.What = "says " + strconv.Quote(v.text(e.Msg))
		m, ok := v.state.Message(e.Msg)
		if !ok {
			line.Detail = "too long ago to tell what became of it"
			break
		}
		line.Detail, line.Lost = stage.JourneyOf(&m).Fate(v.letter)
		line.Loss, open = line.Lost != "", m.Pending > 0
	}
	return line, group, open
}
