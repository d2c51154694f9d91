package sim

import "stickylab/cluster"

// external runs over TCP with a proxy from outside in the place of ours.
type external struct {
	*overTCP
	proxy func(real func(node string) string) (addr string, stop func(), err error)
	addr  string
	stop  func()
}

func (b *external) connect(s *simulation) wire {
	s.world.ids = unguessable // connections from outside have no names that could make ids
	return b.overTCP.connect(s)
}

func (b *external) configure(c *cluster.Config) { c.NoProxy = true }

// started starts the proxy before nodes that are up.
func (b *external) started() (err error) {
	if b.addr, b.stop, err = b.proxy(b.net.Real); err != nil {
		return err
	}
	b.net.Outside("proxy", b.addr)
	return nil
}

// entry is the proxy, whatever a client wants to reach.
func (b *external) entry(string) string { return b.addr }

func (b *external) close() {
	if b.stop != nil {
		b.stop()
	}
}
