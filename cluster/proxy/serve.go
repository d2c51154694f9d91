package proxy

import (
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

// request is one request of a client, and its answer.
type request struct {
	p      *Proxy
	gen    *generation
	conn   *clientConn
	lane   *trace.Lane
	w      http.ResponseWriter
	r      *http.Request
	server *nginx.Server // nil means none
	plan   *plan         // nil means that it is not proxied
	path   string        // $uri
	uri    string        // for the upstream, from a proxy_pass with variables; "" means that it follows from the plan
	client netip.Addr    // after realip
	port   uint16        // of it; zero means that it is not known
	peer   trace.Name    // client as text
	began  time.Time
	body   []byte

	attempt  balance.Attempt
	cookie   string     // of sticky cookie, for the peer chosen last
	node     trace.Name // of the current attempt
	upstream *upstreamConn
	answer   *http.Response
}

// ServeHTTP serves a request of a connection that the proxy accepted.
func (p *Proxy) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	abort := true
	if p.enter() {
		p.c.Env.Guard(func() {
			defer p.running.Done()
			conn := connOf(r)
			x := &request{p: p, gen: conn.gen, conn: conn, lane: conn.lane, w: w, r: r, began: time.Now()}
			abort = !x.serve()
		})
	}
	if abort {
		panic(http.ErrAbortHandler) // net/http's way to drop the connection
	}
}

// serve answers the request. It reports false when the connection must be dropped.
func (x *request) serve() bool {
	path, valid := nginx.CleanPath(x.r.URL.Path)
	x.path = path
	server, location := x.gen.config.Select(x.conn.local, x.r.Host, x.r.URL.Path)
	x.server = server
	var rule *nginx.RealIP
	var limit int64
	switch {
	case location != nil:
		rule, limit = location.RealIP, location.MaxBody
	case server != nil:
		rule, limit = server.RealIP, server.MaxBody
	}
	from := realIP(x.conn, rule, x.r.Header)
	x.client, x.port = from.Addr(), from.Port()
	x.peer = trace.N(balance.RemoteAddr(x.client))

	h := x.w.Header()
	h["Server"] = []string{x.p.name}
	if x.p.stale(x.conn) {
		h["Connection"] = []string{"close"}
	}
	switch {
	case !valid:
		return x.sendPage(http.StatusBadRequest)
	case server != nil && server.Return != nil:
		return x.respond(server.Return)
	case x.tooLarge(limit):
		return x.refuseBody()
	case server != nil && server.Redirects(path):
		return x.addSlash()
	case location == nil:
		return x.sendPage(http.StatusNotFound)
	case location.Return != nil:
		return x.respond(location.Return)
	case location.Proxy == nil:
		return x.sendPage(http.StatusNotFound)
	}
	if status := x.choosePlan(location.Proxy); status != 0 {
		return x.sendPage(status)
	}
	switch status := x.readBody(limit); status {
	case 0:
	case http.StatusRequestEntityTooLarge:
		return x.refuseBody()
	default:
		return x.sendPage(status)
	}
	return x.run()
}

// choosePlan finds what to do with the request; the result is the status to
// answer with, 0 to continue.
func (x *request) choosePlan(pass *nginx.ProxyPass) int {
	to := nginx.Passed{Upstream: pass.Upstream}
	if pass.Variable != "" {
		var err error
		to, err = x.gen.config.Pass(pass, x.variable)
		status := http.StatusInternalServerError
		if nginx.IsUnresolved(err) {
			status = http.StatusBadGateway
		}
		if err != nil {
			x.log(err.Error(), status)
			return status
		}
	}
	x.plan, x.uri = x.gen.plans[planKey{pass, to.Upstream}], to.URI
	return 0
}

// respond carries out a return directive.
func (x *request) respond(a *nginx.Return) bool {
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
func (x *request) sendPage(status int) bool {
	if closing[status] {
		x.w.Header()["Connection"] = []string{"close"}
	}
	return x.send(status, "text/html", errorPage(status, x.p.name))
}

func (x *request) send(status int, contentType, body string) bool {
	x.proxied(status)
	h := x.w.Header()
	x.setSticky(h)
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
func (x *request) proxied(status int) {
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
	case transport == string(trace.Polling) || transport == string(trace.WebSocket):
		return r.Method + " " + transport
	}
	return r.Method + " " + r.URL.Path
}

// log reports what nginx writes to its error log.
func (x *request) log(text string, status int) {
	x.p.emit(x.lane, trace.Event{Kind: trace.ProxyError, Peer: x.peer, Node: x.node, Status: int32(status), Text: trace.N(text)})
}
