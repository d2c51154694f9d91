package sim

import (
	"fmt"

	"stickylab/cluster/nginx"
	"stickylab/cluster/trace"
	"stickylab/sim/scenario"
)

// apply carries out a step. It runs on the scheduler's goroutine, when
// everybody is idle, and does not block.
func (s *simulation) apply(step scenario.Step) error {
	s.lane.Emit(trace.Event{Kind: trace.Step, Node: trace.N(step.Node), Client: trace.N(step.Who), Text: trace.N(step.String())})
	switch step.Verb {
	case scenario.Adapter:
		return s.cluster.SetAdapter(step.Node, step.Adapter == scenario.AdapterRedis)
	case scenario.Kill:
		return s.cluster.Kill(step.Node)
	case scenario.Restart:
		return s.cluster.Restart(step.Node)
	case scenario.Policy:
		method, err := nginx.ParseMethod(step.Policy)
		if err != nil {
			return err
		}
		upstream := step.Upstream
		if upstream == "" {
			upstream = s.plan.Upstream
		}
		text, err := nginx.SetMethod(s.nginx, upstream, method)
		if err != nil {
			return err
		}
		return s.reload(text)
	case scenario.Reload:
		return s.reload(step.Nginx)
	}
	return s.applyTo(step)
}

// applyTo carries out a step that is about clients.
func (s *simulation) applyTo(step scenario.Step) error {
	who := s.plan.Targets(step.Who)
	if len(who) == 0 {
		return fmt.Errorf("no client or group %q", step.Who)
	}
	switch step.Verb {
	case scenario.Say:
		for _, i := range who {
			s.members[i].client.Say(step.Text)
		}
	case scenario.Connect:
		for _, i := range who {
			s.members[i].client.Connect()
		}
	case scenario.Disconnect:
		for _, i := range who {
			s.members[i].client.Disconnect()
		}
	case scenario.Move:
		addresses, err := s.plan.Move(step, s.moves[step.Who])
		if err != nil {
			return err
		}
		s.moves[step.Who]++
		for k, i := range who {
			s.move(s.members[i], addresses[k])
		}
	default:
		return fmt.Errorf("unknown step %q", step.Verb)
	}
	return nil
}

// reload gives the proxy another configuration text, as a HUP does nginx.
func (s *simulation) reload(text string) error {
	config, problems := nginx.Parse(text, nginx.Options{Version: s.plan.File.NginxVersion})
	if len(problems) > 0 {
		return fmt.Errorf("nginx, line %d: %s", problems[0].Pos.Line, problems[0].Text)
	}
	if err := s.cluster.Reload(config); err != nil {
		return err
	}
	s.nginx = text
	return nil
}
