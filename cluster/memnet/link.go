package memnet

import (
	"cmp"
	"slices"
)

// Relink asks for the state of the link of every connection again.
func (n *Network) Relink() {
	ends := n.ends()
	for _, c := range ends {
		c.relay.Load().takeBack(false)
	}
	for _, c := range ends {
		from, to := c.host, c.peer.host
		if !c.near() {
			from, to = to, from
		}
		c.follow(n.o.Link(from, to))
	}
}

// ends returns the ends of all connections, in the order of their numbers.
func (n *Network) ends() []*Conn {
	n.mu.Lock()
	out := make([]*Conn, 0, 2*len(n.open))
	for c := range n.open {
		out = append(out, c, c.peer)
	}
	n.mu.Unlock()
	slices.SortFunc(out, func(a, b *Conn) int { return cmp.Compare(a.number, b.number) })
	return out
}

// near reports whether this is the end that dialed.
func (c *Conn) near() bool { return c.number&1 == 0 }

// leave notes that this end is closed: a connection is forgotten when both are.
// The caller holds the end's lock.
func (c *Conn) leave() {
	near := c
	if !c.near() {
		near = c.peer
	}
	c.net.mu.Lock()
	defer c.net.mu.Unlock()
	if near.ends--; near.ends == 0 {
		delete(c.net.open, near)
	}
}

// follow applies the state of the link to what the end sends, and sends what was
// held if nothing is any more.
func (c *Conn) follow(l Link) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.link = l
	if l.Cut || len(c.held) == 0 {
		return
	}
	// Packets that were in flight joined those that were written later.
	slices.SortFunc(c.held, func(a, b packet) int { return cmp.Compare(a.seq, b.seq) })
	for _, p := range c.held {
		c.schedule(p)
	}
	c.held = nil
}

// hold takes back a packet that reached the other end of a link that is cut. It
// reports whether it did.
func (c *Conn) hold(p *packet) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.link.Cut {
		c.flying.Add(-1)
		c.held = append(c.held, *p)
	}
	return c.link.Cut
}
