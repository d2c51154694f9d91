package sim

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"sync/atomic"
	"time"

	"stickylab/cluster/host"
	"stickylab/cluster/trace"
	"stickylab/sim/seed"
	"stickylab/sim/virtualtime"
)

// world holds what a simulation gives its cluster and clients.
type world struct {
	backend
	run  runner
	wire wire
	rec  *trace.Recorder
	seed uint64
	ids  func() string // nil means that ids follow from the seed

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

		AfterFunc: w.wire.AfterFunc,
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

// drainTimeout bounds how long the goroutines of a run may take to end after
// everything was closed: longer than any time-out of the protocols.
const drainTimeout = 2 * time.Minute

// drain waits until the goroutines of the run have ended, and then until what
// they closed has reached the other ends.
func (w *world) drain() error {
	for waited := time.Duration(0); w.running.Load() > 0; waited += time.Second {
		if waited >= drainTimeout {
			return virtualtime.NewLeakError()
		}
		w.backend.wait(time.Second)
	}
	w.backend.wait(time.Minute)
	return nil
}
