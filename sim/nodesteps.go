package sim

import (
	"errors"
	"time"

	"stickylab/cluster"
	"stickylab/cluster/trace"
	"stickylab/sim/scenario"
)

// freeze freezes a node until it is resumed.
func (s *simulation) freeze(step scenario.Step) error {
	_, err := s.cluster.Freeze(step.Node, trace.Frozen)
	return err
}

// block freezes a node for a time.
func (s *simulation) block(step scenario.Step) error {
	number, err := s.cluster.Freeze(step.Node, trace.Blocked)
	if err != nil || number == 0 {
		return err
	}
	s.wire.Before(time.Now().Add(step.Delay), func() {
		if !s.over && s.cluster.Node(step.Node) != nil {
			if err := s.cluster.Resume(step.Node, number); err != nil {
				s.world.run.Fail(err)
			}
		}
	})
	return nil
}

// emit has nodes emit to a room. What they say is said by a server, whose
// messages are numbered as those of a client.
func (s *simulation) emit(step scenario.Step) error {
	return s.cluster.Emit(step.Node, cluster.Announcement{Room: step.Room, Text: step.Text, Local: step.Local, ID: func(string) trace.Msg {
		msg := trace.Msg{From: trace.N(cluster.Server), N: s.lane.Next("emit")}
		s.lane.Emit(trace.Event{Kind: trace.Said, Client: msg.From, Msg: msg, Room: trace.N(step.Room)})
		return msg
	}})
}

// nodeConfig returns the configuration of a node, and adds its host to the network.
func (s *simulation) nodeConfig(n scenario.Node) cluster.NodeConfig {
	s.wire.AddHost(n.Name, "node", n.Listen.Addr())
	return cluster.NodeConfig{Name: n.Name, Listen: n.Listen.String(), App: n.App, Key: n.Key, Adapter: s.adapterOptions()}
}

// resume ends the faults of a node: on the network, and in itself.
func (s *simulation) resume(step scenario.Step) error {
	return errors.Join(s.wire.Resume(step.Node), s.cluster.Resume(step.Node, 0))
}

// heal ends all faults.
func (s *simulation) heal() {
	s.cluster.ResumeAll()
	if err := s.wire.HealAll(); err != nil {
		s.world.run.Fail(err)
	}
}
