package proxy

import (
	"net/http"
	"time"
)

// upgrade passes the 101 on and turns the two connections into a tunnel.
// learn is called at its end.
func (x *request) upgrade(learn func()) bool {
	x.proxied(http.StatusSwitchingProtocols)
	x.conn.handed = true
	x.conn.SetDeadline(time.Time{})
	client, fromClient := x.conn.Conn, append(x.conn.buf, x.conn.proxyHeader.ahead...)
	x.conn.buf, x.conn.store = nil, nil
	fromUpstream := x.upstream.ahead()
	x.upstream.releaseRoom()
	upstream := x.upstream.conn
	upstream.SetDeadline(time.Time{})

	if _, err := client.Write(x.switching()); err != nil {
		client.Close()
		upstream.Close()
		x.done(false, "")
		return true
	}
	t := &tunnel{
		p: x.p, gen: x.gen, client: client, upstream: upstream, lane: x.lane, peer: x.peer, node: x.node,
		attempt: x.attempt, timeout: x.plan.ReadTimeout, status: http.StatusSwitchingProtocols, idle: timedOut + tunnelling, learn: learn, counted: x.counted,
	}
	x.counted = nil
	t.run(fromClient, fromUpstream)
	return true
}

// switching is the head of the 101 answer.
func (x *request) switching() []byte {
	return x.w.appendHead(make([]byte, 0, 512), "101 Switching Protocols", "upgrade")
}
