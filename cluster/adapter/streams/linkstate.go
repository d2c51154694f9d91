package streams

import (
	"context"
	"sync"

	"stickylab/cluster/adapter/link"
	"stickylab/cluster/trace"
)

// A linkState makes of the states of several connections the one that is reported. They may
// change at one instant, in goroutines side by side: what is reported, and in which order,
// is decided by timers, which have one.
type linkState struct {
	ctx  context.Context
	cfg  *link.Config
	lane *trace.Lane

	mu       sync.Mutex
	down     map[string]bool // parts that are not up
	up, told bool            // what was reported: up, or that it is down
}

func newLinkState(ctx context.Context, cfg *link.Config, parts ...string) *linkState {
	s := &linkState{ctx: ctx, cfg: cfg, down: make(map[string]bool)}
	s.lane = cfg.Env.Lane(trace.LaneID{Host: cfg.Host, Purpose: cfg.Lane + "/link"})
	for _, p := range parts {
		s.down[p] = true
	}
	return s
}

// change notes that a part is up, or down because of err.
func (s *linkState) change(part string, up bool, err error) {
	s.cfg.Env.AfterFunc(s.lane.Name()+" "+part, 0, func() { s.report(part, up, err) })
}

func (s *linkState) report(part string, up bool, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.ctx.Err() != nil {
		return
	}
	if up {
		delete(s.down, part)
	} else {
		s.down[part] = true
	}
	switch {
	case len(s.down) == 0 && !s.up:
		if s.up, s.told = true, false; s.cfg.OnUp != nil {
			s.cfg.OnUp(s.lane)
		}
	case !up && !s.told:
		if s.up, s.told = false, true; s.cfg.OnDown != nil {
			s.cfg.OnDown(s.lane, err)
		}
	}
}
