package proxy

import (
	"cmp"
	"slices"
)

// admit adds a client to the list. It reports false when the proxy is closed.
func (p *Proxy) admit(c *clientConn) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.closed {
		p.clients[c] = false
	}
	return !p.closed
}

// leave takes a client off the list.
func (p *Proxy) leave(c *clientConn) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.clients, c)
}

// rest notes that a client is between two requests, or no longer.
func (p *Proxy) rest(c *clientConn, idle bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.clients[c] = idle
}

// stale reports whether the connection's configuration is not in effect any more.
func (p *Proxy) stale(c *clientConn) bool { return c.gen != p.generation.Load() }

// closeIdle closes the stale connections that are between two requests.
func (p *Proxy) closeIdle() {
	p.closeClients(func(c *clientConn, idle bool) bool { return idle && p.stale(c) })
}

// closeClients closes the client connections that match, in the order in which
// they came.
func (p *Proxy) closeClients(match func(c *clientConn, idle bool) bool) {
	p.mu.Lock()
	var list []*clientConn
	for c, idle := range p.clients {
		if match(c, idle) {
			list = append(list, c)
		}
	}
	p.mu.Unlock()
	slices.SortFunc(list, func(a, b *clientConn) int { return cmp.Compare(a.number, b.number) })
	for _, c := range list {
		c.Close()
	}
}
