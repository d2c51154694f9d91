package sim

import (
	"cmp"
	"fmt"

	"stickylab/sim/scenario"
)

// disturb carries out a step that is about the network.
func (s *simulation) disturb(step scenario.Step) error {
	switch step.Verb {
	case scenario.Slow:
		return s.wire.Slow(step.Node, step.Delay)
	case scenario.Refuse:
		return s.wire.Refuse(step.Node)
	case scenario.Resume:
		return s.resume(step.Node)
	case scenario.Partition:
		return s.wire.Partition(s.hosts(step.Hosts[0]), s.hosts(step.Hosts[1]))
	case scenario.Heal:
		return s.wire.Heal(s.hosts(step.Hosts[0]), s.hosts(step.Hosts[1]))
	case scenario.Redis:
		return s.disturbRedis(step)
	case scenario.Delays:
		return s.delay(step.Latency)
	}
	return fmt.Errorf("unknown step %q", step.Verb)
}

// hosts returns those that a name stands for: the clients of a group, or one.
func (s *simulation) hosts(name string) []string {
	var group []string
	for _, m := range s.members {
		if m.plan.Group == name {
			group = append(group, m.plan.Name)
		}
	}
	if len(group) > 0 {
		return group
	}
	return []string{name}
}

func (s *simulation) disturbRedis(step scenario.Step) error {
	switch step.Redis {
	case scenario.RedisDown:
		return s.cluster.SetRedis(false)
	case scenario.RedisSlow:
		return s.wire.Slow("redis", step.Delay)
	}
	if err := s.wire.Resume("redis"); err != nil {
		return err
	}
	return s.cluster.SetRedis(true)
}

// delay changes latencies, also those of open connections.
func (s *simulation) delay(l scenario.Latency) error {
	now := s.network.Load()
	s.network.Store(&scenario.Network{
		Client: *cmp.Or(l.Client, &now.Client), Backend: *cmp.Or(l.Backend, &now.Backend), Redis: *cmp.Or(l.Redis, &now.Redis),
	})
	return s.wire.Refresh()
}
