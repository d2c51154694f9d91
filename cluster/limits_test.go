package cluster

import (
	"testing"
	"time"

	"stickylab/cluster/engineio"
)

// A served node lets a poll wait as long as its ping interval says, and takes
// what its options say rather than the bound.
func TestOptionsAndBounds(t *testing.T) {
	bounds := DefaultLimits()
	s := &Serving{Limits: bounds}
	if got := s.withPingInterval(SocketIO{PingInterval: 25 * time.Second}); got != s {
		t.Errorf("bounds changed to %+v", got.Limits)
	}
	if got := s.withPingInterval(SocketIO{PingInterval: 5 * time.Minute}); got.RequestTimeout <= 5*time.Minute || s.RequestTimeout != bounds.RequestTimeout {
		t.Errorf("a request may take %v, of the original %v", got.RequestTimeout, s.RequestTimeout)
	}
	if got := (*Serving)(nil).withPingInterval(SocketIO{PingInterval: time.Hour}); got != nil {
		t.Errorf("out of nothing came %+v", got)
	}
	for _, tt := range []struct{ is, payload, backlog int }{
		{0, bounds.MaxPayload, bounds.MaxBacklog},
		{100_000, 100_000, bounds.MaxBacklog},
		{8_000_000, 8_000_000, 16_000_000},
	} {
		got := s.engine(engineio.Config{MaxPayload: tt.is}, nil, nil)
		if got.MaxPayload != tt.payload || got.MaxBacklog != tt.backlog {
			t.Errorf("%d: payload %d, backlog %d", tt.is, got.MaxPayload, got.MaxBacklog)
		}
	}
}
