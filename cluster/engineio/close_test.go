package engineio

import (
	"net/http"
	"net/http/httptest"
	"sync"
	"sync/atomic"
	"testing"
)

// counting is an observer that gives each session its data, and counts.
type counting struct {
	unobserved
	t              *testing.T
	opened, closed atomic.Int32
}

func (c *counting) Opened(s *Session) {
	s.SetData("data")
	c.opened.Add(1)
}

func (c *counting) Closed(s *Session, reason string) {
	if s.Data() != "data" {
		c.t.Error("a session was closed before it was complete")
	}
	c.closed.Add(1)
}

// A server that closes while clients connect ends each session once, after the
// observer has heard of it, and keeps none.
func TestCloseWhileSessionsOpen(t *testing.T) {
	for range 2000 {
		o := &counting{t: t}
		var told atomic.Int32
		s := NewServer(Config{Observer: o, OnSession: func(c *Session) { c.OnClose(func(string) { told.Add(1) }) }})
		var wg sync.WaitGroup
		for range 4 {
			wg.Go(func() {
				s.serve(httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, "/socket.io/?EIO=4&transport=polling", nil))
			})
		}
		wg.Go(s.Close)
		wg.Wait()
		if o.opened.Load() != o.closed.Load() || told.Load() != o.closed.Load() || s.Len() != 0 {
			t.Fatalf("%d opened, %d closed, %d told, %d left", o.opened.Load(), o.closed.Load(), told.Load(), s.Len())
		}
	}
}
