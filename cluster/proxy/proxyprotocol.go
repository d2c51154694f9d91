package proxy

import (
	"io"
	"strconv"

	"stickylab/cluster/balance"
	"stickylab/cluster/proxyproto"
	"stickylab/cluster/trace"
)

// proxyHeader is the header of the PROXY protocol that a connection begins with. The
// goroutine that reads the connection owns it.
type proxyHeader struct {
	due   bool              // the header is to be read
	from  proxyproto.Header // with no Source where it did not say
	ahead []byte            // what came together with the header
}

// Read takes the header off the connection before the first request, in the
// time that this one has. A connection that begins otherwise is closed without
// an answer (ngx_http_wait_request_handler).
func (c *clientConn) Read(b []byte) (int, error) {
	h := &c.proxyHeader
	if h.due {
		if err := h.read(c); err != nil {
			return 0, err
		}
	}
	if len(h.ahead) > 0 {
		n := copy(b, h.ahead)
		h.ahead = h.ahead[n:]
		return n, nil
	}
	return c.Conn.Read(b)
}

func (h *proxyHeader) read(c *clientConn) error {
	b := make([]byte, proxyproto.Most)
	n, err := c.Conn.Read(b)
	if n == 0 {
		return err
	}
	from, length, err := proxyproto.Read(b[:n])
	h.due = false
	if err != nil {
		if !proxyproto.Quiet(err) {
			c.p.emit(c.lane, trace.Event{
				Kind: trace.ProxyError, Peer: trace.N(balance.RemoteAddr(c.remote.Addr())),
				Text: trace.N(err.Error() + " while reading PROXY protocol"),
			})
		}
		h.ahead = nil
		return io.EOF // to net/http the client has left: it says nothing
	}
	h.from, h.ahead = from, b[length:n]
	return nil
}

// portText is a port as $proxy_protocol_port has it.
func portText(port int) string {
	if port <= 0 {
		return ""
	}
	return strconv.Itoa(port)
}
