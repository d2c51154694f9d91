package sim

import (
	"cmp"

	"stickylab/sim/scenario"
)

// partition separates the hosts of two lists, or ends that.
func (s *simulation) partition(step scenario.Step) error {
	a, b := s.hosts(step.Hosts[0]), s.hosts(step.Hosts[1])
	if step.Verb == scenario.Heal {
		return s.wire.Heal(a, b)
	}
	return s.wire.Partition(a, b)
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
func (s *simulation) delay(step scenario.Step) error {
	l, now := step.Latency, s.network.Load()
	s.network.Store(&scenario.Network{
		Client: *cmp.Or(l.Client, &now.Client), Backend: *cmp.Or(l.Backend, &now.Backend), Redis: *cmp.Or(l.Redis, &now.Redis),
	})
	return s.wire.Refresh()
}
