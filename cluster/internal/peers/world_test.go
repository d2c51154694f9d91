//go:build peers

package peers

import (
	"testing"

	"stickylab/cluster/internal/clustertest"
)

// A world is loopback TCP for one test.
type world struct {
	*testing.T
	*clustertest.World
}

func newWorld(t *testing.T) *world { return &world{t, clustertest.NewWorld(t)} }

// url returns where the proxy, or the node of an address, is.
func (w *world) url(addr string) string { return "http://" + w.Address(addr) }
