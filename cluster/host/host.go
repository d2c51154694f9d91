// Package host holds what the cluster takes from its surroundings. A simulation
// supplies one Env, a server on real TCP another; nothing in the cluster knows
// which.
package host

import (
	"context"
	"math/rand/v2"
	"net"
	"time"

	"stickylab/cluster/trace"
)

// Env is the world of a cluster. All fields must be set.
type Env struct {
	// Listen opens a TCP-like listener of the named host (a node's name,
	// "proxy", "redis") on addr ("10.0.0.1:3030").
	Listen func(host, addr string) (net.Listener, error)

	// Dial connects from the named host to addr. The connection is known by the
	// lane's next trace.Dial.
	Dial func(ctx context.Context, host string, lane *trace.Lane, addr string) (net.Conn, error)

	// Rand returns the source of randomness of that name. Two calls with one
	// name give two sources with the same numbers when simulated; a source
	// must not be shared by two lanes.
	Rand func(name string) *rand.Rand

	// ID returns a session or socket id, 20 characters of base64url. When
	// simulated it depends on the lane's name and on how many ids the lane has
	// taken; otherwise it cannot be guessed.
	ID func(lane *trace.Lane) string

	// Lane returns a new lane of the trace.
	Lane func(id trace.LaneID) *trace.Lane

	// Go starts f in a goroutine. A panic in f is reported, not lost.
	Go func(f func())

	// Guard runs f in this goroutine; a panic in it is reported as with Go. It
	// is for callbacks that a library runs in its own goroutines.
	Guard func(f func())

	// AfterFunc calls f in a new goroutine, as Go does, once d has passed.
	// When simulated, timers that are due at one instant run one after the other,
	// each when all that the one before it led to has come to rest: in the order
	// of their keys, and those of one key in the order in which they were set. A
	// key belongs to one activity, such as a session or a lane.
	AfterFunc AfterFunc
}

// AfterFunc is the type of Env.AfterFunc.
type AfterFunc func(key string, d time.Duration, f func()) Timer

// A Timer is what AfterFunc returns. Its methods are those of time.Timer; once
// Stop has returned true f is not called.
type Timer interface {
	Stop() bool
	Reset(d time.Duration) bool
}

// WallTimer is AfterFunc by the wall clock. Which of two timers of one instant
// comes first is up to the machine.
func WallTimer(_ string, d time.Duration, f func()) Timer { return time.AfterFunc(d, f) }

// Sleep returns once d has passed.
func (after AfterFunc) Sleep(key string, d time.Duration) {
	if d <= 0 {
		return
	}
	over := make(chan struct{})
	after(key, d, func() { close(over) })
	<-over
}

// WithTimeout is context.WithTimeout, but that the context's Cause is
// context.DeadlineExceeded when the time is over.
func (after AfterFunc) WithTimeout(ctx context.Context, key string, d time.Duration) (context.Context, context.CancelFunc) {
	ctx, end := context.WithCancelCause(ctx)
	timer := after(key, d, func() { end(context.DeadlineExceeded) })
	return ctx, func() {
		timer.Stop()
		end(context.Canceled)
	}
}

// DialOf returns by whose dial a connection came about: the connection's own
// TraceDial if it has one, else the remote address.
func DialOf(c net.Conn) trace.Dial {
	if known, ok := c.(interface{ TraceDial() trace.Dial }); ok {
		return known.TraceDial()
	}
	return trace.Dial{Addr: c.RemoteAddr().String()}
}

type laneKey struct{}

// WithLane returns a context that carries the lane of the goroutine, for
// http.Server.ConnContext and for requests.
func WithLane(ctx context.Context, lane *trace.Lane) context.Context {
	return context.WithValue(ctx, laneKey{}, lane)
}

// LaneOf returns the lane that WithLane stored, or nil.
func LaneOf(ctx context.Context) *trace.Lane {
	lane, _ := ctx.Value(laneKey{}).(*trace.Lane)
	return lane
}
