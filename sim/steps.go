package sim

import (
	"fmt"
	"slices"

	"stickylab/cluster/trace"
	"stickylab/sim/client"
	"stickylab/sim/scenario"
)

// apply carries out a step. It runs on the scheduler's goroutine, when
// all are idle, and does not block.
func (s *simulation) apply(step scenario.Step) error {
	node := step.Node + step.Added + step.Removed // at most one of them
	s.lane.Emit(trace.Event{Kind: trace.Step, Node: trace.N(node), Client: trace.N(step.Who), Text: trace.N(step.String())})
	switch {
	case step.Verb == scenario.Adapter:
		return s.cluster.SetAdapter(step.Node, step.Adapter == scenario.AdapterRedis)
	case step.Verb == scenario.Kill:
		return s.cluster.Kill(step.Node)
	case step.Verb == scenario.Restart:
		return s.cluster.Restart(step.Node)
	case step.Verb == scenario.Add:
		return s.add(step)
	case step.Verb.Kind() == scenario.OfNode:
		return s.command(step)
	case step.Verb.Rewrites():
		return s.rewrite(step)
	case step.Verb.Kind() == scenario.OfNetwork:
		return s.disturb(step)
	}
	return s.applyTo(step)
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

// toEach are the steps that do one thing to each client that they name.
var toEach = map[scenario.Verb]func(*client.Client){
	scenario.Connect:    (*client.Client).Connect,
	scenario.Disconnect: (*client.Client).Disconnect,
	scenario.Reconnect:  (*client.Client).Reload,
}

// applyTo carries out a step that is about clients: a group, one of them, or all.
func (s *simulation) applyTo(step scenario.Step) error {
	var who []*member
	for _, m := range s.members {
		if step.Who == "" || m.plan.Group == step.Who || m.plan.Name == step.Who {
			who = append(who, m)
		}
	}
	if len(who) == 0 {
		return fmt.Errorf("no client or group %q", step.Who)
	}
	switch step.Verb {
	case scenario.Say:
		for _, m := range who {
			text := step.Text
			if step.Size > 0 {
				text = s.text(step.Size)
			}
			m.client.Say(text)
		}
	case scenario.Move:
		addresses, err := s.plan.MoveTo(step, s.moves[step.Who], len(who))
		if err != nil {
			return err
		}
		s.moves[step.Who]++
		for i, m := range who {
			s.move(m, addresses[i])
		}
	default:
		do := toEach[step.Verb]
		if do == nil {
			return fmt.Errorf("unknown step %q", step.Verb)
		}
		for _, m := range who {
			do(m.client)
		}
	}
	return nil
}
