package sim

import (
	"fmt"
	"slices"

	"stickylab/cluster/adapter"
	"stickylab/cluster/trace"
	"stickylab/sim/client"
	"stickylab/sim/scenario"
)

// apply carries out a step. It runs on the scheduler's goroutine, when
// all are idle, and does not block.
func (s *simulation) apply(step scenario.Step) error {
	node := step.Node + step.Added + step.Removed // at most one of them
	s.lane.Emit(trace.Event{Kind: trace.Step, Node: trace.N(node), Client: trace.N(step.Who), Text: trace.N(step.String())})
	if step.Verb.Rewrites() {
		return s.rewrite(step)
	}
	return executors[step.Verb](s, step)
}

// executors carry out the steps of each verb that does not rewrite the proxy's
// configuration.
var executors = map[scenario.Verb]func(*simulation, scenario.Step) error{
	scenario.Adapter: func(s *simulation, step scenario.Step) error {
		return s.cluster.SetAdapter(step.Node, adapter.Kind(step.Adapter))
	},
	scenario.Kill:    func(s *simulation, step scenario.Step) error { return s.cluster.Kill(step.Node) },
	scenario.Restart: func(s *simulation, step scenario.Step) error { return s.cluster.Restart(step.Node) },
	scenario.Add:     (*simulation).add,

	scenario.Freeze:            (*simulation).freeze,
	scenario.Block:             (*simulation).block,
	scenario.Close:             func(s *simulation, step scenario.Step) error { return s.cluster.Shutdown(step.Node) },
	scenario.DisconnectSockets: func(s *simulation, step scenario.Step) error { return s.cluster.DisconnectSockets(step.Node) },
	scenario.Emit:              (*simulation).emit,
	scenario.Count:             func(s *simulation, step scenario.Step) error { return s.cluster.Count(step.Node, step.Room) },

	scenario.Slow:      func(s *simulation, step scenario.Step) error { return s.wire.Slow(step.Node, step.Delay) },
	scenario.Refuse:    func(s *simulation, step scenario.Step) error { return s.wire.Refuse(step.Node) },
	scenario.Resume:    (*simulation).resume,
	scenario.Partition: (*simulation).partition,
	scenario.Heal:      (*simulation).partition,
	scenario.Redis:     (*simulation).disturbRedis,
	scenario.Delays:    (*simulation).delay,

	scenario.Say:        (*simulation).say,
	scenario.Move:       (*simulation).moveTo,
	scenario.Connect:    toEach((*client.Client).Connect),
	scenario.Disconnect: toEach((*client.Client).Disconnect),
	scenario.Reconnect:  toEach((*client.Client).Reload),
}

// rewrite changes the proxy's configuration, and the nodes with it: new ones are
// up before the proxy knows them, old ones go when it has forgotten them.
func (s *simulation) rewrite(step scenario.Step) error {
	next, err := s.plan.Rewrite(s.running, step)
	if err != nil {
		return err
	}
	before := s.running
	s.running = next
	for _, n := range next.Nodes {
		if slices.Contains(before.Nodes, n) {
			continue
		}
		if err := s.cluster.AddNode(s.nodeConfig(n)); err != nil {
			return err
		}
	}
	if err := s.cluster.Reload(next.Config); err != nil {
		return err
	}
	for _, n := range before.Nodes {
		if slices.Contains(next.Nodes, n) {
			continue
		}
		if err := s.cluster.RemoveNode(n.Name); err != nil {
			return err
		}
	}
	return nil
}

// named returns the members that a step is about: a group, one of them, or all. It
// fails if there is none.
func (s *simulation) named(step scenario.Step) ([]*member, error) {
	var who []*member
	for _, m := range s.members {
		if step.Who == "" || m.plan.Group == step.Who || m.plan.Name == step.Who {
			who = append(who, m)
		}
	}
	if len(who) == 0 {
		return nil, fmt.Errorf("no client or group %q", step.Who)
	}
	return who, nil
}

// toEach makes the executor of a verb that does one thing to each client.
func toEach(do func(*client.Client)) func(*simulation, scenario.Step) error {
	return func(s *simulation, step scenario.Step) error {
		who, err := s.named(step)
		for _, m := range who {
			do(m.client)
		}
		return err
	}
}

// say has clients say something.
func (s *simulation) say(step scenario.Step) error {
	text := step.Text
	if step.Size > 0 {
		text = s.text(step.Size)
	}
	return toEach(func(c *client.Client) { c.Say(text) })(s, step)
}

// moveTo gives clients other addresses.
func (s *simulation) moveTo(step scenario.Step) error {
	who, err := s.named(step)
	if err != nil {
		return err
	}
	addresses, err := s.plan.MoveTo(step, s.moves[step.Who], len(who))
	if err != nil {
		return err
	}
	s.moves[step.Who]++
	for i, m := range who {
		s.move(m, addresses[i])
	}
	return nil
}
