package cluster

import (
	"context"
	"fmt"

	"stickylab/cluster/socketio"
	"stickylab/cluster/trace"
)

// Commands that a node gets from outside, as by a signal, an admin page, or the
// code of the application itself. A command to a frozen node waits for its event
// loop like everything else; one to a node that is down is lost.

// Freeze stops a node's event loop as SIGSTOP does, until Resume. It returns a
// number that identifies this freeze for Resume, 0 for a node that is down. why
// is trace.Frozen or trace.Blocked. It fails when there is no node of that name.
func (c *Cluster) Freeze(node string, why trace.Text) (int, error) {
	n, err := c.node(node)
	if err != nil || !n.Up() {
		return 0, err
	}
	if !n.instance.loop.isPaused() {
		n.lane.Emit(trace.Event{Kind: trace.NodeFroze, Node: n.id, Text: why.Name()})
	}
	return n.instance.loop.pause(), nil
}

// Resume ends a freeze: what waited is done in order. With the number of a freeze
// it does so only if the node was not frozen again or resumed since; 0 ends any.
// A node that is not frozen is left alone. It fails when there is no node of that
// name.
func (c *Cluster) Resume(node string, number int) error {
	n, err := c.node(node)
	if err != nil {
		return err
	}
	if n.Up() && n.instance.loop.resume(number) {
		n.lane.Emit(trace.Event{Kind: trace.NodeResumed, Node: n.id})
	}
	return nil
}

// ResumeAll ends the freezes of all nodes.
func (c *Cluster) ResumeAll() {
	for _, n := range c.nodes {
		if n.Up() {
			n.instance.loop.resume(0)
		}
	}
}

// Shutdown ends a node as io.close() does: its clients are told, and reconnect to
// another node. It stays down until Restart. A frozen node is ended as by Kill.
// It fails when there is no node of that name.
func (c *Cluster) Shutdown(node string) error {
	n, err := c.node(node)
	if err != nil {
		return err
	}
	n.stopAsync()
	return nil
}

// DisconnectSockets ends all connections of a node as
// io.local.disconnectSockets(true) does: clients are told "io server
// disconnect", after which they do not reconnect by themselves. The node stays
// up. It fails when there is no node of that name.
func (c *Cluster) DisconnectSockets(node string) error {
	n, err := c.node(node)
	if err != nil {
		return err
	}
	n.command(func(l *instance) { l.io.Of("/").Local().Disconnect(true) })
	return nil
}

// Server is the name under which nodes speak for themselves.
const Server = "server"

// Announcement is a message that nodes themselves emit to a room.
type Announcement struct {
	Room, Text string
	Local      bool // io.local: each node tells its own sockets only

	// ID returns the message of an application; nodes of one application emit
	// the same.
	ID func(app string) trace.Msg
}

// Emit has a node, or all of them for "", emit to a room: as when each of them
// reads the same queue. Sent is traced for the first of each application, but
// for each node when all are frozen. It fails when there is no node of that name.
func (c *Cluster) Emit(node string, a Announcement) error {
	nodes, err := c.named(node)
	if err != nil {
		return err
	}
	ids := make(map[string]trace.Msg) // by application
	sent := make(map[string]trace.Ref)
	for _, frozen := range []bool{false, true} { // frozen nodes emit when they resume
		for _, n := range nodes {
			if !n.Up() || n.instance.loop.paused.Load() != frozen {
				continue
			}
			id, ok := ids[n.app]
			if !ok {
				id = a.ID(n.app)
				ids[n.app] = id
			}
			first := sent[n.app]
			if frozen {
				n.command(func(l *instance) { l.announce(a, id, first) })
			} else {
				sent[n.app] = n.instance.announce(a, id, first)
			}
		}
	}
	return nil
}

// Count asks a node how many sockets are in a room: how many it has itself,
// rooms.get(room).size, and how many there are in the whole cluster,
// fetchSockets().length. The answers are traced. It fails when there is no node of
// that name.
func (c *Cluster) Count(node, room string) error {
	n, err := c.node(node)
	if err != nil {
		return err
	}
	if !n.Up() {
		return nil
	}
	l := n.instance
	lane := l.env.Lane(trace.LaneID{Host: n.name, Purpose: fmt.Sprintf("count%d", n.lane.Next("count"))})
	l.env.Go(func() { l.count(lane, room) })
	return nil
}

// command has a node do something: now, on the caller's goroutine, or, if it is
// frozen, when it resumes.
func (n *Node) command(do func(*instance)) {
	if !n.Up() {
		return
	}
	l := n.instance
	if !l.loop.paused.Load() {
		do(l)
		return
	}
	l.env.Go(func() {
		if !l.dead.Load() {
			do(l)
		}
	})
}

// announce emits to a room. first is the event of the first node that did, zero
// when this is it; it is returned.
func (l *instance) announce(a Announcement, id trace.Msg, first trace.Ref) trace.Ref {
	if first == (trace.Ref{}) {
		first = l.emit(l.server, trace.Event{Kind: trace.Sent, Node: l.id, Client: id.From, Msg: id, Room: trace.N(a.Room)})
	}
	to := l.io.Of("/").To(a.Room)
	if a.Local {
		to = to.Local()
	}
	said := said{ID: id.String(), From: id.From.String(), Room: a.Room, Text: a.Text, Node: l.name}
	if err := to.Tag(&broadcastTag{msg: id, cause: first, lane: l.server}).Emit("said", said); err != nil {
		return first // a text that JSON cannot hold is sent to no client
	}
	return first
}

func (l *instance) count(lane *trace.Lane, room string) {
	ns := l.io.Of("/")
	answer := trace.Event{Kind: trace.Counted, Node: l.id, Room: trace.N(room), Text: trace.CountLocal.Name()}
	answer.Status = int32(len(ns.Memory().SocketIDs(socketio.Options{Rooms: []string{room}})))
	l.emit(lane, answer)
	sockets, err := ns.To(room).FetchSockets(context.Background())
	l.loop.wait(timers) // a wait that is over is a timer that has run out
	answer.Status, answer.Text = int32(len(sockets)), trace.CountCluster.Name()
	if err != nil {
		answer.Status, answer.Text = -1, trace.N(err.Error())
	}
	l.emit(lane, answer)
}
