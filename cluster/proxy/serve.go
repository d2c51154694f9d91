package proxy

import (
	"errors"
	"io"
	"net/http"
	"net/netip"
	"strconv"
	"strings"
	"time"

	"stickylab/cluster/balance"
	"stickylab/cluster/nginx"
	"stickylab/cluster/trace"
)

const (
	maxBody     = 1 << 20     // client_max_body_size, bytes
	bodyTimeout = time.Minute // client_body_timeout, here for the whole body
)

// exchange is one request of a client.
type exchange struct {
	p      *Proxy
	gen    *generation
	conn   *clientConn
	lane   *trace.Lane
	w      http.ResponseWriter
	r      *http.Request
	server *nginx.Server // nil: none
	plan   *plan         // nil: not proxied
	path   string        // $uri
	client netip.Addr    // after realip
	peer   trace.Name    // client as text
	began  time.Time
	body   []byte

	attempt balance.Attempt
	node    trace.Name // of the current attempt
	leg     *leg
	answer  *http.Response
}

// ServeHTTP serves a request of a connection that the proxy accepted.
func (p *Proxy) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	abort := true
	if p.enter() {
		p.c.Env.Guard(func() {
			defer p.running.Done()
			conn := connOf(r)
			x := &exchange{p: p, gen: conn.gen, conn: conn, lane: conn.lane, w: w, r: r, began: time.Now()}
			abort = !x.serve()
		})
	}
	if abort {
		panic(http.ErrAbortHandler) // net/http's way to drop the connection
	}
}

// serve answers the request; false: the connection must be dropped.
func (x *exchange) serve() bool {
	x.client = x.conn.remote.Addr()
	path, valid := nginx.CleanPath(x.r.URL.Path)
	x.path = path
	server, location := x.gen.config.Select(x.conn.local, x.r.Host, x.r.URL.Path)
	x.server = server
	var rule *nginx.RealIP
	switch {
	case location != nil:
		rule = location.RealIP
	case server != nil:
		rule = server.RealIP
	}
	x.client = realIP(x.client, rule, x.r.Header)
	x.peer = trace.N(balance.RemoteAddr(x.client))

	h := x.w.Header()
	h["Server"] = []string{x.p.version.String()}
	if x.p.stale(x.conn) {
		h["Connection"] = []string{"close"}
	}
	switch {
	case !valid:
		return x.sendPage(http.StatusBadRequest)
	case server != nil && server.Return != nil:
		return x.respond(server.Return)
	case server != nil && server.Redirects(path):
		return x.addSlash()
	case location == nil:
		return x.sendPage(http.StatusNotFound)
	case location.Return != nil:
		return x.respond(location.Return)
	case location.Proxy == nil:
		return x.sendPage(http.StatusNotFound)
	}
	x.plan = x.gen.plans[location.Proxy]
	if status := x.readBody(); status != 0 {
		return x.sendPage(status)
	}
	return x.run()
}

// readBody takes the whole body before a peer is chosen, as nginx does with
// proxy_request_buffering on. The result is the status to answer with, 0: go
// on.
func (x *exchange) readBody() int {
	size := x.r.ContentLength
	if size > maxBody {
		x.log("client intended to send too large body: "+strconv.FormatInt(size, 10)+" bytes", http.StatusRequestEntityTooLarge)
		return http.StatusRequestEntityTooLarge
	}
	if size == 0 {
		return 0
	}
	control := http.NewResponseController(x.w)
	limit, after := x.p.bodyLimits(x.began)
	control.SetReadDeadline(limit)
	defer control.SetReadDeadline(after)
	var err error
	switch {
	case size > 0:
		x.body, err = readSized(x.r.Body, int(size))
	case size < 0:
		x.body, err = io.ReadAll(http.MaxBytesReader(x.w, x.r.Body, maxBody))
	}
	var tooLarge *http.MaxBytesError
	if errors.As(err, &tooLarge) {
		x.log("client intended to send too large chunked body: more than "+strconv.Itoa(maxBody)+" bytes", http.StatusRequestEntityTooLarge)
		return http.StatusRequestEntityTooLarge
	}
	switch {
	case isTimeout(err):
		return http.StatusRequestTimeout
	case err != nil:
		return http.StatusBadRequest
	}
	return 0
}

// believed is how long a body is taken to be before it is here: what a client
// announces costs it nothing.
const believed = 16 << 10

// readSized reads a body of a known size.
func readSized(r io.Reader, size int) ([]byte, error) {
	body := make([]byte, min(size, believed))
	n, err := io.ReadFull(r, body)
	for err == nil && n < size {
		body = append(body, make([]byte, min(size-n, n))...)
		var more int
		more, err = io.ReadFull(r, body[n:])
		n += more
	}
	return body, err
}

// bodyLimits are until when the body of a request that came at an instant must
// be here, and until when the rest of it, if it was refused.
func (p *Proxy) bodyLimits(came time.Time) (body, rest time.Time) {
	body = time.Now().Add(bodyTimeout)
	if p.c.Bounds.RequestTimeout > 0 {
		rest = came.Add(p.c.Bounds.RequestTimeout)
		if rest.Before(body) {
			body = rest
		}
	}
	return body, rest
}

// respond carries out a return directive.
func (x *exchange) respond(a *nginx.Return) bool {
	body := x.expand(a.Body)
	switch a.Status {
	case 444: // nginx's own: no answer
		x.proxied(a.Status)
		return false
	case 301, 302, 303, 307, 308:
		if strings.HasPrefix(body, "/") { // absolute_redirect
			body = x.absolute(body)
		}
		x.w.Header()["Location"] = []string{body}
		return x.sendPage(a.Status)
	}
	if a.Body == "" && hasPage(a.Status) {
		return x.sendPage(a.Status)
	}
	return x.send(a.Status, "text/plain", body)
}

// sendPage answers with nginx's page of the status.
func (x *exchange) sendPage(status int) bool {
	return x.send(status, "text/html", page(status, x.p.version.String()))
}

func (x *exchange) send(status int, contentType, body string) bool {
	x.proxied(status)
	h := x.w.Header()
	if status >= 200 && status != http.StatusNoContent && status != http.StatusNotModified {
		h["Content-Type"] = []string{contentType}
		h["Content-Length"] = []string{strconv.Itoa(len(body))}
	}
	if status < 200 {
		return false // nothing that net/http could send
	}
	x.w.WriteHeader(status)
	if x.r.Method != http.MethodHead {
		io.WriteString(x.w, body)
	}
	return true
}

// proxied reports the head of the answer.
func (x *exchange) proxied(status int) {
	sid := argument(x.r.URL.RawQuery, "sid")
	x.p.emit(x.lane, trace.Event{
		Kind: trace.Proxied, Peer: x.peer, Node: x.node, Session: trace.N(sid), Status: int32(status),
		Text: trace.N(describe(x.r)), Value: time.Since(x.began),
	})
}

// describe names a request as a Socket.IO client would: "GET polling", "POST",
// "GET websocket"; any other by its path.
func describe(r *http.Request) string {
	transport := argument(r.URL.RawQuery, "transport")
	switch {
	case transport == "":
		return r.Method + " " + r.URL.Path
	case r.Method == http.MethodPost:
		return r.Method
	case transport == "polling" || transport == "websocket":
		return r.Method + " " + transport
	}
	return r.Method + " " + r.URL.Path
}

// log reports what nginx writes to its error log.
func (x *exchange) log(text string, status int) {
	x.p.emit(x.lane, trace.Event{Kind: trace.ProxyError, Peer: x.peer, Node: x.node, Status: int32(status), Text: trace.N(text)})
}
