package proxy

import (
	"bufio"
	"bytes"
	"errors"
	"net"
	"net/http"
	"time"
)

var errUnasked = errors.New("upgrade that was not asked for")

// upgrade passes the 101 on and turns the two connections into a tunnel.
// learn is called at its end.
func (x *request) upgrade(learn func()) bool {
	x.proxied(http.StatusSwitchingProtocols)
	conn, ahead, err := http.NewResponseController(x.w).Hijack()
	if err != nil {
		x.upstream.close()
		x.done(false, "")
		return false
	}
	client := net.Conn(conn)
	if cc, ok := conn.(*clientConn); ok {
		client = cc.Conn // for its own WriteTo
	}
	// net/http's buffers and the upstream's go with this function.
	fromClient, fromUpstream := buffered(ahead.Reader), buffered(x.upstream.reader)
	x.upstream.releaseReader()
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
		attempt: x.attempt, timeout: x.plan.ReadTimeout, learn: learn,
	}
	t.run(fromClient, fromUpstream)
	return true
}

// switching is the head of the 101 answer.
func (x *request) switching() []byte {
	b := append(make([]byte, 0, 512), "HTTP/1.1 101 Switching Protocols\r\n"...)
	b = appendHeader(b, "Server", x.p.name)
	b = appendHeader(b, "Date", time.Now().UTC().Format(http.TimeFormat))
	b = appendHeader(b, "Connection", "upgrade")
	return appendRest(b, x.w.Header(), func(name string) bool { return name != "Server" && name != "Date" && name != "Connection" })
}

// buffered takes the bytes that r already has.
func buffered(r *bufio.Reader) []byte {
	b, _ := r.Peek(r.Buffered())
	return bytes.Clone(b)
}
