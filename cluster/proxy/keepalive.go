package proxy

import (
	"net"
	"slices"
	"sync"
	"time"

	"stickylab/cluster/nginx"
)

// keepalive is the list of idle connections to the peers of an upstream. The one
// used last is reused first; when the list is full the one idle longest goes.
type keepalive struct {
	max    int
	limits nginx.Kept
	spawn  func(func())

	mu     sync.Mutex
	conns  []*upstreamConn // the longest idle first
	closed bool
}

// take returns a connection to address that looks alive, or nil.
func (k *keepalive) take(address string) *upstreamConn {
	for {
		k.mu.Lock()
		var l *upstreamConn
		for i, idle := range slices.Backward(k.conns) {
			if idle.address == address {
				l = idle
				k.conns = slices.Delete(k.conns, i, i+1)
				l.taken = true
				break
			}
		}
		k.mu.Unlock()
		if l == nil {
			return nil
		}
		l.conn.SetReadDeadline(past)
		<-l.watched
		if !l.dead {
			l.conn.SetReadDeadline(time.Time{})
			return l
		}
		l.conn.Close()
	}
}

// past is a deadline that ends a read at once.
var past = time.Unix(1, 0)

// put keeps the connection for later requests, or closes it.
func (k *keepalive) put(l *upstreamConn) {
	if k.max <= 0 || l.requests >= k.limits.Requests || time.Since(l.born) > k.limits.Time || len(l.buf) > 0 {
		l.close()
		return
	}
	l.releaseRoom()
	l.taken, l.dead, l.watched = false, false, make(chan struct{})
	l.conn.SetReadDeadline(time.Now().Add(k.limits.Timeout))

	k.mu.Lock()
	if k.closed {
		k.mu.Unlock()
		l.conn.Close()
		return
	}
	k.conns = append(k.conns, l)
	var oldest *upstreamConn
	if len(k.conns) > k.max {
		oldest = k.conns[0]
		k.conns = slices.Delete(k.conns, 0, 1)
	}
	k.mu.Unlock()
	if oldest != nil {
		oldest.conn.Close()
	}
	conn := l.conn
	k.spawn(func() { k.watch(l, conn) })
}

// watch waits for an idle connection to end, as nginx's event loop does.
func (k *keepalive) watch(l *upstreamConn, conn net.Conn) {
	var one [1]byte
	n, err := conn.Read(one[:])

	k.mu.Lock()
	taken := l.taken
	if !taken {
		if i := slices.Index(k.conns, l); i >= 0 {
			k.conns = slices.Delete(k.conns, i, i+1)
		}
	}
	k.mu.Unlock()
	if !taken {
		conn.Close()
	}
	l.dead = n > 0 || !isTimeout(err)
	close(l.watched)
}

// close closes the idle connections, and all that are put later.
func (k *keepalive) close() {
	k.mu.Lock()
	idle := k.conns
	k.conns, k.closed = nil, true
	k.mu.Unlock()
	for _, l := range idle {
		l.conn.Close()
	}
}
