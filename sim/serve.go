package sim

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/netip"
	"sync"
	"time"

	"stickylab/cluster"
	"stickylab/sim/format"
	"stickylab/sim/ledger"
	"stickylab/sim/network"
	"stickylab/sim/plan"
	"stickylab/sim/report"
	"stickylab/sim/scenario"
)

// ServeOptions say how a scenario is served to real clients. The zero value works.
type ServeOptions struct {
	Listen    string // where clients connect; "" means near port 8080 of 127.0.0.1
	NodePorts []int  // of the nodes, in their order; those without one get the scenario's, or one near it
	RedisPort int    // of the embedded Redis; zero means 6379, or one near it

	// RedisAddress is a Redis outside; "" means the embedded one.
	RedisAddress string
	Redis        *cluster.RedisAccess

	NoClients bool // leave the scenario's virtual clients out

	Page http.Handler // what the nodes answer to requests that are not for the chat

	Bounds         cluster.Limits // zero means cluster.DefaultLimits
	MaxConnections int            // of each listener; default 10,000
	MaxPerAddress  int            // sessions of one client address on each node; zero means what Bounds says
	History        int            // events that are kept; default 100,000, about 300 bytes each

	// Failed is called for a step of the scenario that could not be done, Judged
	// for each expectation once its verdict is due; Close calls it for those whose
	// time has not come. They may be nil, and must not block.
	Failed func(scenario.Step, error)
	Judged func(report.Expectation)
}

// Served is a scenario on real TCP and by the wall clock. Its methods are safe
// from any goroutine.
type Served struct {
	service
	steered
	o      ServeOptions
	due    []bool // expectations that Judged was called for
	closed chan struct{}
	doing  sync.Mutex   // one Do at a time
	course *plan.Course // of what is done
}

// Why a served run does not do what one on virtual time does.
var (
	ErrNoPause  = errors.New("real clients cannot be paused: a served cluster runs by the wall clock")
	ErrNoSpeed  = errors.New("real clients set the pace: a served cluster runs by the wall clock")
	ErrNoBranch = errors.New("real clients cannot be taken back: the past of a served cluster can only be looked at")
	errStopped  = errors.New("the cluster was stopped")
)

// endless is the duration of a served run.
const endless = 100 * 365 * 24 * time.Hour

// Serve starts to serve a scenario. It returns when everything listens, and fails
// if the cluster cannot start, as when a port that must be is taken.
func Serve(plan *plan.Plan, o ServeOptions) (*Served, error) {
	o.Bounds = cmp.Or(o.Bounds, cluster.DefaultLimits())
	o.Bounds.MaxPerAddress = cmp.Or(o.MaxPerAddress, o.Bounds.MaxPerAddress)
	o.MaxConnections = cmp.Or(o.MaxConnections, maxConnections)
	v := &Served{o: o, steered: steered{plan: plan, most: maxHand}, closed: make(chan struct{}), course: plan.Course()}
	v.init(cmp.Or(o.History, servedHistory))
	v.sim = &simulation{
		ctx: context.Background(), backend: &served{v.overTCP, o, plan}, plan: v.endless(), begun: v.begin, keep: v.record,
		state: ledger.Config{RealClients: true, MaxBytes: servedMemory, Every: sliceLength},
	}
	v.sim.begin(v.clock)
	if err := v.sim.start(); err != nil {
		v.serve()
		v.end(v.sim.world, func() {}, v.closeAll)
		return nil, err
	}
	v.schedule()
	v.tend(v.sim.rec, v.sim.ledger)
	v.serve()
	return v, nil
}

// endless is the plan without an end.
func (v *Served) endless() *plan.Plan {
	p, f := *v.plan, *v.plan.File
	f.Duration = endless
	p.File = &f
	if v.o.NoClients {
		p.Clients = nil
	}
	if v.o.Judged == nil {
		p.Expect = nil
	}
	return &p
}

// served runs over TCP for real clients.
type served struct {
	*overTCP
	o    ServeOptions
	plan *plan.Plan // as it was given
}

func (b *served) connect(s *simulation) wire {
	s.world.ids = unguessable
	b.net = network.NewTCP(network.TCPOptions{
		Quiet: s.quiet, Latency: s.latency, MaxConnections: b.o.MaxConnections, HeaderTimeout: b.o.Bounds.HeaderTimeout,
		Go: s.world.spawn,
	})
	if b.o.Listen != "" {
		b.net.Want(b.plan.Target.Address, b.o.Listen, true)
	}
	for i, n := range b.plan.Nodes {
		if i < len(b.o.NodePorts) {
			b.net.Want(n.Listen, fmt.Sprintf("127.0.0.1:%d", b.o.NodePorts[i]), true)
		}
	}
	if b.o.RedisPort > 0 {
		b.net.Want(netip.MustParseAddrPort(plan.RedisAddress), fmt.Sprintf("127.0.0.1:%d", b.o.RedisPort), true)
	}
	if b.o.RedisAddress != "" {
		b.net.Outside("redis", b.o.RedisAddress)
	}
	return b.net
}

func (b *served) configure(c *cluster.Config) {
	c.Page = b.o.Page
	c.Serving = &cluster.Serving{Limits: b.o.Bounds}
	if b.o.RedisAddress != "" {
		c.Redis, c.Serving.Redis = b.o.RedisAddress, cmp.Or(b.o.Redis, new(cluster.RedisAccess))
	}
}

// schedule puts the scenario's clients, steps and expectations into the
// scheduler's queue.
func (v *Served) schedule() {
	s := v.sim
	start := s.rec.Start()
	s.script(func(step scenario.Step, err error) {
		if v.o.Failed != nil {
			v.o.Failed(step, err)
		}
	})
	v.due = make([]bool, len(s.plan.Expect))
	for i, x := range s.plan.Expect {
		s.wire.At(start.Add(x.At+s.plan.File.Settle), func() { v.judge(i) })
	}
}

// judge reports the verdict of an expectation, on the scheduler's goroutine.
func (v *Served) judge(i int) {
	v.sim.rec.CloseStep()
	v.sim.ledger.Advance(v.sim.since())
	all, err := v.sim.judge(v.sim.ledger)
	if err != nil {
		v.clock.Fail(err)
		return
	}
	v.due[i] = true
	v.o.Judged(all[i])
}

// notJudged reports the expectations whose time has not come, once the scheduler has
// ended.
func (v *Served) notJudged() {
	for i, x := range v.sim.plan.Expect {
		if !v.due[i] {
			v.o.Judged(expectation(x, fmt.Sprintf("not measured: closed at %s, due at %s", format.Clock(v.Head().Truncate(time.Second)), format.Clock(x.At+v.sim.plan.File.Settle))))
		}
	}
}

// Entry returns where clients connect: "127.0.0.1:8080".
func (v *Served) Entry() string { return v.net.Real(v.plan.Target.Address.String()) }

// End returns how far there is something to see: as far as the scenario goes, then
// the head. A served run ends when it is closed.
func (v *Served) End() time.Duration { return max(v.plan.File.Duration, v.Head()) }

// Head returns how long the cluster has been served.
func (v *Served) Head() time.Duration { return v.sim.since() }

// Advance waits until the clock has reached t. It fails if the cluster is closed
// or the program fails before.
func (v *Served) Advance(t time.Duration) error {
	timer := time.NewTimer(t - v.Head())
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-v.clock.Failed():
		return v.clock.Err()
	case <-v.closed:
		return errStopped
	}
}

// Do applies a step now and returns it with its time. It fails with a
// WrongStepError if the step cannot be done, with the step's own error if the
// cluster could not do it, and when the cluster is closed.
func (v *Served) Do(step scenario.Step) (scenario.Step, error) {
	v.doing.Lock() // what the step was checked against is what it meets
	defer v.doing.Unlock()
	step.At = v.Head()
	note, err := v.course.Check(step)
	if err != nil {
		return step, &WrongStepError{err}
	}
	done := make(chan error, 1)
	v.net.Before(time.Now(), func() {
		step.At = v.sim.since()
		done <- v.sim.apply(step)
	})
	select {
	case err := <-done:
		if err != nil {
			return step, err
		}
	case <-v.idle:
		return step, errStopped
	}
	note()
	v.did(step)
	return step, nil
}

// WrongStepError is the error for a step that is wrong in itself, not in how the
// run did it.
type WrongStepError struct{ Err error }

func (e *WrongStepError) Error() string { return e.Err.Error() }

// Unwrap returns the error that says what is wrong.
func (e *WrongStepError) Unwrap() error { return e.Err }

// Names returns the names that a step in words may use now.
func (v *Served) Names() *scenario.Names {
	v.doing.Lock()
	defer v.doing.Unlock()
	return v.course.Names()
}

// Pause, Speed and Branch return the reason why a served run cannot do what one
// on virtual time does.
func (v *Served) Pause() error               { return ErrNoPause }
func (v *Served) Speed(float64) error        { return ErrNoSpeed }
func (v *Served) Branch(time.Duration) error { return ErrNoBranch }

// Close stops the cluster as io.close() does: clients are told, then everything
// ends. It fails when a goroutine of the run has panicked, or does not end.
func (v *Served) Close() error {
	s := v.sim
	return v.end(s.world, func() {
		close(v.closed)
		s.heal()
		s.ended = true
		s.cluster.StopNodes()
	}, func() {
		v.notJudged()
		v.closeAll()
	})
}

// closeAll ends what is left of clients and cluster, once the scheduler has ended.
func (v *Served) closeAll() {
	v.sim.over = true
	v.sim.closeClients()
	if v.sim.cluster != nil { // nil when it could not start
		v.sim.cluster.Close()
	}
}
