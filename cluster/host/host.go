// Package host holds what the cluster takes from its surroundings. A simulation
// supplies one Env, a server on real TCP another; nothing in the cluster knows
// which.
package host

import (
	"context"
	"math/rand/v2"
	"net"

	"stickylab/cluster/trace"
)

// Env is the world of a cluster. All fields must be set.
type Env struct {
	// Listen opens a TCP-like listener of the named host (a node's name,
	// "proxy", "redis") on addr ("10.0.0.1:3030").
	Listen func(host, addr string) (net.Listener, error)

	// Dial connects from the named host to addr. The connection takes its name
	// from the lane and the number of dials that the lane has made.
	Dial func(ctx context.Context, host string, lane *trace.Lane, addr string) (net.Conn, error)

	// Rand returns the source of randomness of that name. Two calls with one
	// name give two sources with the same numbers when simulated; a source
	// must not be shared by two lanes.
	Rand func(name string) *rand.Rand

	// ID returns a session or socket id, 20 characters of base64url. When
	// simulated it depends on the lane's name and on how many ids the lane has
	// taken; otherwise it can not be guessed.
	ID func(lane *trace.Lane) string

	// Lane returns a new lane of the trace.
	Lane func(name string) *trace.Lane

	// Go starts f in a goroutine. A panic in f is reported, not lost.
	Go func(f func())

	// Guard runs f in this goroutine; a panic in it is reported as with Go. It
	// is for callbacks that a library runs in goroutines of its own.
	Guard func(f func())
}

// ConnName returns the name of a connection: the dialing lane and the number
// of its dial when simulated, else the remote address.
func ConnName(c net.Conn) string {
	if named, ok := c.(interface{ DialName() string }); ok {
		return named.DialName()
	}
	return c.RemoteAddr().String()
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
