// Package sim runs an experiment: a scenario's cluster, clients and steps, on
// virtual time or by the wall clock, into a trace and a verdict.
package sim

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"sync/atomic"
	"time"

	"stickylab/cluster"
	"stickylab/cluster/adapter"
	"stickylab/cluster/trace"
	"stickylab/sim/client"
	"stickylab/sim/ledger"
	"stickylab/sim/plan"
	"stickylab/sim/report"
	"stickylab/sim/scenario"
	"stickylab/sim/virtualtime"
)

// ErrStopped is the error of a run whose context ended before it did.
var ErrStopped = errors.New("stopped before the end")

// Options of a run. The zero value works.
type Options struct {
	// Name is what the result calls the run.
	Name string

	// Real runs by the wall clock and over TCP ports of this machine.
	Real bool

	// Proxy, of a real run, starts a proxy that takes the place of ours, such as
	// nginx. real is where a node of the scenario listens: "127.0.0.1:40001" for
	// "10.0.0.1:3030", "" for what is no node's. Clients connect to addr, and tell
	// their own address in a line of the PROXY protocol. stop is called at the end.
	// Steps that change the proxy's configuration fail.
	Proxy func(real func(node string) string) (addr string, stop func(), err error)

	// Trace gets the events of the run, in order; it must not keep the slice.
	// Under virtual time it is called inside the bubble, where it must not
	// touch the world outside.
	Trace func([]trace.Event)

	// Begun, when not nil, gets the run's ledger before anything has happened, and
	// may watch windows of it. Once Run has returned, the ledger is the caller's.
	Begun func(*ledger.Ledger)

	// Progress, when not nil, is kept at the nanoseconds that the run has lived.
	Progress *atomic.Int64

	// Stall is the timeout of the watchdog; see virtualtime.Options.
	Stall time.Duration

	// Strict is for tests of what a run on virtual time promises, the same trace
	// every time. Its goroutines give way to each other at random, and a lane that
	// two of them use in one step is a failure: a *trace.SharedLaneError.
	Strict bool
}

func (o Options) backend() backend {
	switch {
	case o.Real && o.Proxy != nil:
		return &external{overTCP: newOverTCP(), proxy: o.Proxy}
	case o.Real:
		return newOverTCP()
	}
	return &inMemory{options: virtualtime.Options{Stall: o.Stall, Perturb: o.Strict}}
}

// Run runs a scenario and judges it. When ctx ends it winds the run down
// and returns ErrStopped. Any other error is a failure of the program: one of
// package virtualtime's, most of which have a Detail, that of a step that could not
// be done, or that of a proxy or a port that could not be opened.
func Run(ctx context.Context, plan *plan.Plan, o Options) (*report.Result, error) {
	s := &simulation{ctx: ctx, backend: o.backend(), plan: plan, trace: o.Trace, begun: o.Begun, progress: o.Progress, strict: o.Strict}
	began := time.Now()
	if err := s.run(); err != nil {
		return nil, err
	}
	return s.result(o.Name, s.ledger, time.Since(began))
}

// simulation is one run. What it holds belongs to the scheduler's goroutine
// once the run has begun.
type simulation struct {
	ctx context.Context // ends the run
	backend
	plan     *plan.Plan
	hand     []scenario.Step // done manually, in addition to those of the plan
	state    ledger.Config
	trace    func([]trace.Event)
	progress *atomic.Int64

	strict bool // see Options

	begun func(*ledger.Ledger)                // may be nil
	keep  func([]trace.Event, *ledger.Ledger) // of a run that is watched; nil otherwise

	world   *world
	wire    wire
	rec     *trace.Recorder
	lane    *trace.Lane // of what is done to the cluster and to clients
	ledger  *ledger.Ledger
	windows []*ledger.Window // of the expectations, and of the whole run at last
	asked   []*ledger.Window // of the predictions
	cluster *cluster.Cluster
	members []*member // in the order of plan.Clients, then as they came
	names   *client.Names
	running plan.Running // the proxy's configuration and the nodes now
	network atomic.Pointer[scenario.Network]
	moves   map[string]int // of each Who, so far
	long    string         // what long texts are cut from
	ended   bool           // clients speak no more
	over    bool           // the wind-down has begun: nothing is recorded
	stopped bool           // because ctx has ended
	finish  chan struct{}  // closed when the wind-down begins
}

// run lives the whole run.
func (s *simulation) run() error {
	err := s.backend.run(func(r runner) error {
		s.begin(r)
		defer s.backend.close()
		idle := make(chan struct{})
		failed := s.start()
		if failed == nil {
			s.schedule()
			s.backend.scheduled()
		} else {
			s.over = true
			close(s.finish)
		}
		r.Go(func() {
			defer close(idle)
			s.wire.Run()
		})
		select {
		case <-s.finish:
		case <-r.Failed():
			return nil // the runner knows why
		}
		err := s.windDown()
		s.wire.Stop()
		<-idle
		if failed != nil {
			return failed
		}
		return err
	})
	if err == nil && s.stopped {
		return ErrStopped
	}
	return err
}

// begin makes the world.
func (s *simulation) begin(r runner) {
	file := s.plan.File
	s.state.Settle, s.state.End = file.Settle, file.Duration
	if r := file.SocketIO.Recovery; r.On() { // what a client missed is known until it cannot come back any more
		s.state.Keep = r.MaxDisconnectionDuration + 2*time.Minute
	}
	for _, n := range s.plan.Nodes {
		s.state.Nodes = append(s.state.Nodes, n.Name)
	}
	s.ledger = ledger.New(s.state)
	for _, x := range s.plan.Expect {
		s.windows = append(s.windows, s.ledger.Watch(x.From, x.At))
	}
	s.windows = append(s.windows, s.ledger.Watch(0, file.Duration))
	for _, x := range s.plan.Asked {
		s.asked = append(s.asked, s.ledger.Watch(x.From, x.Until))
	}
	if s.begun != nil {
		s.begun(s.ledger)
	}
	s.finish = make(chan struct{})
	s.rec = trace.NewRecorder(s.record)
	if s.strict {
		s.rec.Strict(r.Fail)
	}
	s.lane = s.rec.Lane(trace.LaneID{Host: "stickylab"})
	s.names = client.NewNames()
	s.moves = make(map[string]int)
	s.running = s.plan.Begin()
	s.network.Store(&file.Network)
	s.world = &world{backend: s.backend, run: r, rec: s.rec, seed: s.plan.Seed}
	s.wire = s.backend.connect(s)
	s.world.wire = s.wire
}

// start starts the cluster and makes the clients.
func (s *simulation) start() error {
	config := cluster.Config{
		Adapter: adapter.Kind(s.plan.File.Adapter),
		Redis:   plan.RedisAddress,
		Nginx:   s.plan.Config,
		Version: s.plan.File.NginxVersion,
		Resolve: found(s.lookup),

		SocketIO: s.socketIO(),
	}
	for _, n := range s.plan.Nodes {
		config.Nodes = append(config.Nodes, s.nodeConfig(n))
	}
	s.wire.AddHost("proxy", "proxy", s.plan.ProxyAddress)
	for _, f := range s.plan.Fronts {
		s.wire.AddHost(f.Name, "front", f.IP)
		front := cluster.FrontConfig{Name: f.Name, Nginx: f.Config, Resolve: found(func(host string) ([]netip.Addr, bool) {
			return f.LookupHost(s.plan, host)
		})}
		if f.ProxyProtocol {
			front.Relay = &cluster.RelayConfig{Listen: f.Listen.String(), To: f.To.String(), Accept: f.Accept}
		}
		config.Fronts = append(config.Fronts, front)
	}
	s.wire.AddHost("redis", "redis", netip.MustParseAddrPort(plan.RedisAddress).Addr())
	s.backend.configure(&config)
	var err error
	if s.cluster, err = cluster.Start(s.world.env(), config); err != nil {
		return err
	}
	if err := s.backend.started(); err != nil {
		return err
	}
	return s.invite(s.plan.Clients)
}

// lookup finds a host name of the proxy's text, as nginx's resolver would.
func (s *simulation) lookup(host string) ([]netip.Addr, bool) {
	for _, n := range s.running.Nodes {
		if n.Name == host {
			return []netip.Addr{n.Listen.Addr()}, true
		}
	}
	return s.plan.LookupHost(host)
}

func found(lookup func(host string) ([]netip.Addr, bool)) func(string) ([]netip.Addr, error) {
	return func(host string) ([]netip.Addr, error) {
		if addrs, ok := lookup(host); ok {
			return addrs, nil
		}
		return nil, fmt.Errorf("host not found in upstream %q", host)
	}
}

// quiet is called by the scheduler whenever all are idle.
func (s *simulation) quiet() {
	s.rec.CloseStep()
	if s.progress != nil {
		s.progress.Store(int64(s.since()))
	}
	if !s.over && s.ctx.Err() != nil {
		s.stopped = true
		s.end()
	}
}

// end begins the wind-down, on the scheduler's goroutine.
func (s *simulation) end() {
	if s.over {
		return
	}
	s.over = true
	s.rec.Strict(nil)
	s.heal()
	close(s.finish)
}

// record gets each step's events in their final order.
func (s *simulation) record(events []trace.Event) {
	if s.over {
		return
	}
	for i := range events {
		s.ledger.Apply(&events[i])
	}
	if s.keep != nil {
		s.keep(events, s.ledger)
	}
	if s.trace != nil {
		s.trace(events)
	}
}

// schedule puts the script of the run into the network's queue. It ends when the
// last message has had its time to arrive.
func (s *simulation) schedule() {
	start, end := s.rec.Start(), s.plan.File.Duration
	s.script(func(step scenario.Step, err error) {
		s.world.run.Fail(fmt.Errorf("step at %v: %w", step.At, err))
	})
	s.wire.At(start.Add(end), func() { s.ended = true })
	s.wire.At(start.Add(end+s.plan.File.Settle), func() {
		s.rec.CloseStep()
		s.ledger.Advance(end + s.plan.File.Settle)
		s.end()
	})
}

// script schedules the members and the steps. failed is called for a step that could
// not be done.
func (s *simulation) script(failed func(scenario.Step, error)) {
	for _, m := range s.members {
		s.come(m)
	}
	for _, step := range slices.Concat(s.plan.Steps, s.hand) {
		s.step(step, func(err error) { failed(step, err) })
	}
}

// step has a step applied at its time, before all else at that instant.
func (s *simulation) step(step scenario.Step, failed func(error)) {
	s.wire.Before(s.rec.Start().Add(step.At), func() {
		if s.over {
			return
		}
		if err := s.apply(step); err != nil {
			failed(err)
		}
	})
}

// abort ends the run now, in order.
func (s *simulation) abort() { s.wire.Before(time.Now(), s.end) }

// since returns how long the run has lived.
func (s *simulation) since() time.Duration { return time.Since(s.rec.Start()) }

// come lets a member connect and speak at its times.
func (s *simulation) come(m *member) {
	first := s.rec.Start().Add(m.plan.Connect)
	s.wire.At(first, m.client.Connect)
	if m.plan.Say > 0 {
		s.talk(m, first.Add(m.plan.Phase))
	}
}

// talk lets a member speak at t and once each period after it.
func (s *simulation) talk(m *member, t time.Time) {
	s.wire.At(t, func() {
		if s.ended {
			return
		}
		m.client.Say(s.text(m.plan.Size))
		s.talk(m, t.Add(m.plan.Say))
	})
}

// windDown ends everything in order: clients, cluster, then what is in flight.
func (s *simulation) windDown() error {
	s.closeClients()
	if s.cluster != nil { // nil when it could not start
		s.cluster.Close()
	}
	return s.world.drain()
}

// closeClients closes the virtual clients and waits until they have ended.
func (s *simulation) closeClients() {
	for _, m := range s.members {
		m.client.Close()
	}
	for _, m := range s.members {
		<-m.client.Done()
	}
}
