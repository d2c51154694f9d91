package sim

import (
	"crypto/rand"
	"encoding/base64"
	"runtime/debug"
	"sync"
	"time"

	"stickylab/cluster/memnet"
	"stickylab/cluster/trace"
	"stickylab/sim/ledger"
	"stickylab/sim/network"
	"stickylab/sim/virtualtime"
)

// service is what runs by the wall clock until it is closed: a served scenario or
// a single node. It keeps what has happened lately.
type service struct {
	history
	*overTCP
	idle    chan struct{} // closed when the scheduler has ended
	aged    bool          // there was less of the history a second ago; of the scheduler's goroutine
	closing sync.Once
	err     error
}

// Bounds of what a service keeps, unless told otherwise.
const (
	maxConnections  = 10_000   // of each listener
	servedHistory   = 100_000  // events
	servedMemory    = 16 << 20 // bytes of messages, and sockets that have ended, that the ledger remembers
	nodeHistory     = 50_000   // events of a single node
	maxHand         = 10_000   // manual steps
	closeGrace      = 2 * time.Second
	shutdownTimeout = 10 * time.Second // longer than the WebSocket library waits for a close frame
)

func (s *service) init(events int) {
	s.limit, s.overTCP, s.idle = events, newOverTCP(), make(chan struct{})
}

// Places returns where the service listens.
func (s *service) Places() []network.Place { return s.net.Places() }

// Failed is closed when the program itself has failed; Close returns how.
func (s *service) Failed() <-chan struct{} { return s.clock.Failed() }

// tend keeps the state at the time of the clock and lets the history age, every
// second. When there is less of it the memory goes back to the machine: in a quiet
// time the runtime would not notice for minutes.
func (s *service) tend(rec *trace.Recorder, state *ledger.Ledger) {
	s.net.At(time.Now().Add(time.Second), func() {
		rec.CloseStep()
		state.Advance(time.Since(rec.Start()))
		aged := s.age(state)
		if aged || s.aged { // names go only with the next collection
			s.clock.Go(debug.FreeOSMemory)
		}
		s.aged = aged
		s.tend(rec, state)
	})
}

// serve starts the scheduler.
func (s *service) serve() {
	s.clock.Go(func() {
		defer close(s.idle)
		s.net.Run()
	})
}

// end ends the service in order, once: stop, on the scheduler's goroutine, tells
// clients to leave, who get a moment to do so; close ends what is left when the
// scheduler has ended. It returns what went wrong with the run, if anything.
func (s *service) end(w *world, stop, close func()) error {
	s.closing.Do(func() {
		stopped := make(chan struct{}, 1)
		s.net.Before(time.Now(), func() {
			stop()
			stopped <- struct{}{}
		})
		select {
		case <-stopped:
		case <-s.idle:
		}
		until(closeGrace, func() bool { return s.net.Connections(memnet.Node) == 0 })
		s.net.Stop()
		<-s.idle
		close()
		s.net.Cut()
		if s.err = s.clock.Err(); s.err == nil && !until(shutdownTimeout, func() bool { return w.running.Load() == 0 }) {
			s.err = virtualtime.NewLeakError()
		}
	})
	return s.err
}

// until waits for a condition, at most for d, and reports whether it holds.
func until(d time.Duration, done func() bool) bool {
	for end := time.Now().Add(d); !done(); time.Sleep(2 * time.Millisecond) {
		if time.Now().After(end) {
			return done()
		}
	}
	return true
}

// unguessable returns an id of 20 random characters.
func unguessable() string {
	var raw [15]byte
	rand.Read(raw[:])
	return base64.RawURLEncoding.EncodeToString(raw[:])
}
