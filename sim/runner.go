package sim

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"net"
	"net/netip"
	"sync"
	"sync/atomic"
	"time"

	"stickylab/cluster/host"
	"stickylab/cluster/memnet"
	"stickylab/cluster/trace"
	"stickylab/sim/seed"
	"stickylab/sim/virtualtime"
)

// runner is what the goroutines of a run are started with: a bubble of virtual
// time, or the wall clock.
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

// world is what a simulation gives its cluster and clients.
type world struct {
	run  runner
	wire wire
	rec  *trace.Recorder
	seed uint64
	ids  func() string // nil: ids follow from the seed

	running atomic.Int64 // goroutines of ours
}

// env returns the world as the cluster sees it.
func (w *world) env() host.Env {
	return host.Env{
		Listen: w.wire.Listen,
		Dial:   w.wire.Dial,
		Rand:   w.rand,
		ID:     w.id,
		Lane:   w.rec.Lane,
		Go:     w.spawn,
		Guard:  w.run.Guard,
	}
}

func (w *world) rand(name string) *rand.Rand { return seed.Rand(w.seed, name) }

// id makes the lane's next id from the seed, the lane's name and its count.
func (w *world) id(lane *trace.Lane) string {
	if w.ids != nil {
		return w.ids()
	}
	text := binary.LittleEndian.AppendUint64(nil, w.seed)
	text = fmt.Appendf(text, "%s#%d", lane.Name(), lane.Next("id"))
	sum := sha256.Sum256(text)
	return base64.RawURLEncoding.EncodeToString(sum[:15])
}

// spawn starts f and counts it.
func (w *world) spawn(f func()) {
	w.running.Add(1)
	w.run.Go(func() {
		defer w.running.Add(-1)
		f()
	})
}

// shutdownPatience is how long the goroutines of a run may take to end after
// everything was closed: longer than any time-out of the protocols.
const shutdownPatience = 2 * time.Minute

// drain waits until the goroutines of the run have ended, and then until what
// they closed has reached the other ends.
func (w *world) drain() error {
	for waited := time.Duration(0); w.running.Load() > 0; waited += time.Second {
		if waited >= shutdownPatience {
			return w.leak()
		}
		w.pause(time.Second)
	}
	w.pause(time.Minute)
	return nil
}

func (w *world) leak() error { return &virtualtime.LeakError{Goroutines: virtualtime.Stacks()} }

// pause lets time pass; by the wall clock a hundredth of it must do.
func (w *world) pause(d time.Duration) {
	if _, wall := w.run.(*wallClock); wall {
		d /= 100
	}
	time.Sleep(d)
}

// wallClock runs by the wall clock.
type wallClock struct {
	once    sync.Once
	failed  chan struct{}
	failure error
}

func newWallClock() *wallClock { return &wallClock{failed: make(chan struct{})} }

// Wait has nothing to wait for: others never stand still.
func (c *wallClock) Wait() {}

func (c *wallClock) Go(f func()) { go c.Guard(f) }

func (c *wallClock) Guard(f func()) { virtualtime.Guard(f, c.Fail) }

func (c *wallClock) Fail(err error) {
	c.once.Do(func() {
		c.failure = err
		close(c.failed)
	})
}

func (c *wallClock) Failed() <-chan struct{} { return c.failed }
