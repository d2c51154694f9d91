package sim

import (
	"cmp"
	"context"
	"net"
	"net/netip"
	"time"

	"stickylab/cluster"
	"stickylab/cluster/host"
	"stickylab/cluster/memnet"
	"stickylab/cluster/trace"
	"stickylab/sim/network"
	"stickylab/sim/virtualtime"
)

// A backend is where a run takes place: its time, its network, and what takes the
// place of parts of the cluster.
type backend interface {
	// run calls live with the runner of the run, and returns its error, or that of
	// the runner if it has failed.
	run(live func(runner) error) error

	// connect makes the network of the run, and sets where ids come from.
	connect(s *simulation) wire

	// configure adapts what the cluster is made of; started is called when it is
	// up, and close at the end.
	configure(c *cluster.Config)
	started() error
	close()

	// scheduled is called once the run has its script, before time moves.
	scheduled()

	// entry returns where a client connects that wants to reach addr.
	entry(addr string) string

	// wait lets the time pass that d of virtual time takes to settle things.
	wait(d time.Duration)
}

// A runner starts the goroutines of a run: a bubble of virtual time, or the wall
// clock.
type runner interface {
	Wait()
	Go(func())
	Guard(func())
	Fail(error)
	Failed() <-chan struct{}
}

// wire is the network of a run.
type wire interface {
	AddHost(name, role string, ip netip.Addr) *memnet.Host
	Listen(host, addr string) (net.Listener, error)
	Dial(ctx context.Context, host string, lane *trace.Lane, addr string) (net.Conn, error)
	At(t time.Time, f func())
	Before(t time.Time, f func())
	AfterFunc(key string, d time.Duration, f func()) host.Timer
	Run()
	Stop()

	Slow(host string, by time.Duration) error
	Refuse(host string) error
	Resume(host string) error
	Partition(a, b []string) error
	Heal(a, b []string) error
	HealAll() error
	Refresh() error
}

// whole is the part of a backend that leaves the cluster as it is.
type whole struct{}

func (whole) configure(*cluster.Config) {}
func (whole) started() error            { return nil }
func (whole) scheduled()                {}
func (whole) entry(addr string) string  { return addr }
func (whole) close()                    {}

// inMemory runs on virtual time, in memory.
type inMemory struct {
	whole
	options virtualtime.Options
	pacer   *virtualtime.Pacer // nil means that time runs free
	bubble  *virtualtime.Bubble
}

func (b *inMemory) run(live func(runner) error) error {
	return virtualtime.Run(b.options, func(bubble *virtualtime.Bubble) error {
		b.bubble = bubble
		return live(bubble)
	})
}

func (b *inMemory) connect(s *simulation) wire {
	o := memnet.Options{Wait: s.world.run.Wait, Quiet: s.quiet, Go: s.world.spawn, Rand: s.world.rand}
	if s.strict {
		o.Yield = virtualtime.Yield
	}
	return network.NewMemory(o, s.latency)
}

func (b *inMemory) scheduled() {
	if b.pacer != nil {
		b.pacer.Attach(b.bubble)
	}
}

func (b *inMemory) wait(d time.Duration) { time.Sleep(d) }

// overTCP runs by the wall clock, on TCP ports of this machine.
type overTCP struct {
	whole
	clock wallClock
	net   *network.TCP
}

func newOverTCP() *overTCP { return &overTCP{clock: wallClock{virtualtime.NewFailure()}} }

func (b *overTCP) run(live func(runner) error) error {
	err := live(b.clock)
	return cmp.Or(b.clock.Err(), err)
}

func (b *overTCP) connect(s *simulation) wire {
	b.net = network.NewTCP(network.TCPOptions{Quiet: s.quiet, Latency: s.latency, AnyPort: true, Go: s.world.spawn})
	return b.net
}

// wait takes a hundredth of d: what is to settle is over by then.
func (b *overTCP) wait(d time.Duration) { time.Sleep(d / 100) }

// wallClock runs by the wall clock.
type wallClock struct{ *virtualtime.Failure }

// Wait returns at once: other goroutines are never all idle.
func (wallClock) Wait() {}
