package ledger

import (
	"slices"
	"stickylab/cluster/trace"
)

// why reads the reason off the events from sending to settling.
func (m *model) why(i int, name trace.Name, p *place, w *world) Reason {
	e := m.events[i]
	since := func(f func(x trace.Event) bool) bool {
		return slices.ContainsFunc(m.events[i:], func(x trace.Event) bool { return x.At < e.At+m.settle && f(x) })
	}
	of := func(k trace.Kind, node trace.Name) bool {
		return since(func(x trace.Event) bool { return x.Kind == k && x.Node == node })
	}
	sender, receiver := e.Node, p.node
	wrote := since(func(x trace.Event) bool { return x.Kind == trace.Wrote && x.Msg == e.Msg && x.Socket == name })
	published := since(func(x trace.Event) bool { return x.Kind == trace.Published && x.Msg == e.Msg && x.Node == sender })
	relayed := since(func(x trace.Event) bool {
		return x.Kind == trace.Relayed && x.Msg == e.Msg && x.Node == receiver && x.Text == (trace.Name{})
	})
	closed := since(func(x trace.Event) bool { return x.Kind == trace.SocketClosed && x.Socket == name })
	ended := since(func(x trace.Event) bool {
		return x.Kind == trace.SocketClosed && x.Socket == name || x.Kind == trace.NodeDown && x.Node == receiver
	})
	died := false // the node went down, and the socket was open until then
	for _, x := range m.events[i:] {
		if x.At >= e.At+m.settle || x.Kind == trace.SocketClosed && x.Socket == name {
			break
		}
		died = died || x.Kind == trace.NodeDown && x.Node == receiver
	}
	goneBefore, goneSince := false, false
	linked := false
	for j, x := range m.events {
		switch {
		case x.At >= e.At+m.settle:
		case x.Kind == trace.Connected && x.Socket == name:
			linked = true
		case x.Kind == trace.Disconnected && x.Client == p.client && linked:
			linked = false
			goneBefore = goneBefore || j < i
			goneSince = goneSince || j > i
		}
	}
	replaced := false // by a newer socket of the client that has read it
	for other, q := range w.sockets {
		replaced = replaced || q.client == p.client && q.rooms[e.Room] && w.app[q.node] == w.app[sender] && m.opened(other) > m.opened(name) &&
			since(func(x trace.Event) bool { return x.Kind == trace.Read && x.Msg == e.Msg && x.Socket == other })
	}
	if replaced && (goneBefore || goneSince || since(func(x trace.Event) bool {
		return x.Kind == trace.SocketClosed && x.Socket == name && x.Text.String() == "ping timeout"
	})) {
		return LeftOver
	}
	left := since(func(x trace.Event) bool { return x.Kind == trace.Left && x.Socket == name && x.Room == e.Room })
	offSince, downSince := m.lostSince(i)

	still := w.frozen[receiver] || of(trace.NodeFroze, receiver) || of(trace.NodeResumed, receiver)
	local := func(otherwise Reason) Reason {
		switch {
		case goneBefore:
			return ReceiverGone
		case died:
			return ReceiverNodeDied
		case still && otherwise != NeverRead:
			return NodeFrozen
		case goneSince || closed || ended:
			return ConnectionBroke
		case left && otherwise != NeverRead:
			return LeftRoom
		}
		return otherwise
	}
	switch {
	case wrote:
		return local(NeverRead)
	case sender == receiver || relayed:
		return local(NeverWritten)
	case !published && !w.adapter[sender]:
		return AdapterOffSender
	case !w.adapter[receiver]:
		return AdapterOffReceiver
	case !published && !w.redis[sender]:
		return RedisDownSender
	case !w.redis[receiver]:
		return RedisDownReceiver
	case !published && of(trace.NodeDown, sender):
		return SenderNodeDied
	case goneBefore:
		return ReceiverGone
	case died:
		return ReceiverNodeDied
	case !published && offSince[sender]:
		return AdapterOffSender
	case offSince[receiver]:
		return AdapterOffReceiver
	case downSince[sender]:
		return RedisDownSender
	case downSince[receiver]:
		return RedisDownReceiver
	}
	return local(NeverRelayed)
}

// lostSince returns the nodes that lost their adapter, and those that lost
// their link, between event i and the settling of its message.
func (m *model) lostSince(i int) (adapters, links map[trace.Name]bool) {
	adapters, links = map[trace.Name]bool{}, map[trace.Name]bool{}
	w := newWorld()
	for j, x := range m.events {
		if x.At >= m.events[i].At+m.settle {
			break
		}
		hadAdapter, hadLink := w.adapter[x.Node], w.redis[x.Node]
		w.apply(x)
		if j > i && hadAdapter && !w.adapter[x.Node] {
			adapters[x.Node] = true
		}
		if j > i && hadLink && !w.redis[x.Node] {
			links[x.Node] = true
		}
	}
	return adapters, links
}
