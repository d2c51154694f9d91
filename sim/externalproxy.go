package sim

import (
	"stickylab/cluster"
	"stickylab/sim/network"
)

// beside is a proxy from outside in the place of ours. Its methods do nothing
// on nil.
type beside struct {
	net  *network.TCP
	addr string
	stop func()
}

// newBeside puts the run on a network that connections from outside can enter.
func newBeside(s *simulation) *beside {
	b := &beside{net: network.NewTCP(network.TCPOptions{Quiet: s.quiet, Latency: s.latency, AnyPort: true, Go: s.world.spawn})}
	s.wire = b.net
	s.world.ids = unguessable // connections from outside have no names that could make ids
	return b
}

func (b *beside) cluster(c *cluster.Config) {
	if b != nil {
		c.NoProxy = true
	}
}

// start starts the proxy before nodes that are up.
func (b *beside) start(s *simulation) (err error) {
	if b == nil {
		return nil
	}
	if b.addr, b.stop, err = s.o.Proxy(b.net.Real); err != nil {
		return err
	}
	b.net.Outside("proxy", b.addr)
	return nil
}

// entry is where a client connects that wants to reach addr.
func (b *beside) entry(addr string) string {
	if b == nil {
		return addr
	}
	return b.addr
}

func (b *beside) end() {
	if b != nil && b.stop != nil {
		b.stop()
	}
}
