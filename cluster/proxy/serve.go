package proxy

import (
	"cmp"
	"context"
	"net/http"
	"net/netip"
	"slices"
	"strings"
	"time"

	"stickylab/cluster/balance"
	"stickylab/cluster/nginx"
	"stickylab/cluster/proxy/wire"
	"stickylab/cluster/trace"
)

// request is one request of a client, and its answer.
type request struct {
	p         *Proxy
	gen       *generation
	conn      *clientConn
	lane      *trace.Lane
	ctx       context.Context // ends when the client leaves, once the request is whole
	w         answer
	r         *wire.Request
	visit     nginx.Visit
	erred     bool       // the content is that of error_page
	status    int        // to answer with in place of the content's, by error_page; 0 means none
	replying  int        // the status of a return
	pipelined bool       // it came before the answer to the one before
	plan      *plan      // nil means that it is not proxied
	uri       string     // for the upstream, from a proxy_pass with variables; "" means that it follows from the plan
	client    netip.Addr // after realip
	port      uint16     // of it; zero means that it is not known
	peer      trace.Name // client as text
	began     time.Time
	body      []byte
	dropped   bool  // the body is too large, and does not count
	left      int64 // of the body, negative when it comes in chunks that are not all here
	chunks    wire.Chunks

	inquiry bool   // it asks about another request, for auth_request; its answer goes nowhere
	said    int    // the status of that
	method  string // of the request that it asks about

	limited [2]bool   // by limit_req, limit_conn
	counted []zoneKey // by limit_conn

	attempt  balance.Attempt
	cookie   string     // of sticky cookie, for the peer chosen last
	node     trace.Name // of the current attempt
	upstream *upstreamConn
	answer   *wire.Answer
}

func newRequest(c *clientConn, r *wire.Request) *request {
	x := &request{p: c.p, gen: c.gen, conn: c, lane: c.lane, ctx: c.p.base, r: r, began: time.Now(), left: r.Length}
	x.peer = trace.N(balance.RemoteAddr(c.remote.Addr()))
	x.chunks.Strict = c.p.c.Version.StrictHeads()
	x.w = answer{conn: c, length: -1, http11: r.HTTP11(), keep: r.Keep, bare: r.Proto == "", head: r.Method == http.MethodHead}
	if most := c.p.c.Bounds.RequestTimeout; most > 0 {
		c.SetWriteDeadline(x.began.Add(most))
	}
	return x
}

// refuse answers a request whose head nginx does not take, and closes.
func (x *request) refuse(why *wire.Refusal) {
	x.w.keep, x.w.bare = false, why.Bare
	x.log(why.Text, pageStatus(why.Status))
	x.sendPage(why.Status)
}

// keep ends the connection after the answer where a limit is reached; most of them are looked at
// where the request enters a location (ngx_http_update_location_config).
func (x *request) keep(limits *nginx.Kept, entered bool) {
	c := x.conn
	c.restTime = limits.Timeout
	x.w.keep = x.w.keep && limits.Timeout > 0 && !x.p.stale(c) && (!entered || c.requests < limits.Requests && time.Since(c.came) <= limits.Time)
	x.w.told = limits.Header
}

// choosePlan finds what to do with the request; the result is the status to
// answer with, 0 to continue.
func (x *request) choosePlan(pass *nginx.ProxyPass) int {
	to := nginx.Passed{Upstream: pass.Upstream}
	if pass.Variable != "" {
		var err error
		to, err = x.gen.config.Pass(pass, x.expand(pass.Variable))
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

// redirects are the statuses that lead to where Location says.
var redirects = []int{301, 302, 303, 307, 308}

// respond carries out a return directive.
func (x *request) respond(a *nginx.Return) bool {
	x.replying = a.Status
	switch {
	case a.Status == 444 && a.Body == "": // nginx's own: no answer
		x.proxied(a.Status)
		return false
	case a.Body == "" && a.Status >= 400:
		return x.sendPage(a.Status)
	}
	x.expected()
	if !x.skip() {
		return x.sendPage(http.StatusBadRequest)
	}
	body := x.expand(a.Body)
	if slices.Contains(redirects, a.Status) {
		return x.redirect(a.Status, body)
	}
	return x.send(cmp.Or(x.status, a.Status), cmp.Or(x.w.contentType, "text/plain"), body)
}

// send answers with a body; contentType "" sends none.
func (x *request) send(status int, contentType, body string) bool {
	x.proxied(status)
	x.setSticky()
	if status != http.StatusNoContent {
		x.w.contentType, x.w.length = contentType, int64(len(body))
	}
	x.w.writeHead(statusLine(status, x.p.c.Version), status)
	x.w.Write([]byte(body))
	return true
}

// proxied reports the head of the answer.
func (x *request) proxied(status int) {
	if x.inquiry {
		x.said = status
		return
	}
	sid := nginx.Argument(x.r.Args, "sid")
	x.p.emit(x.lane, trace.Event{
		Kind: trace.Proxied, Peer: x.peer, Node: x.node, Session: trace.N(sid), Status: int32(status),
		Text: trace.N(describe(x.r)), Value: time.Since(x.began),
	})
}

// describe names a request as a Socket.IO client would: "GET polling", "POST",
// "GET websocket"; any other by its path.
func describe(r *wire.Request) string {
	transport := nginx.Argument(r.Args, "transport")
	switch {
	case transport == "":
		return strings.TrimRight(r.Method+" "+r.Path, " ")
	case r.Method == http.MethodPost:
		return r.Method
	case transport == string(trace.Polling) || transport == string(trace.WebSocket):
		return r.Method + " " + transport
	}
	return r.Method + " " + r.Path
}

// log reports what nginx writes to its error log.
func (x *request) log(text string, status int) {
	x.p.emit(x.lane, trace.Event{Kind: trace.ProxyError, Peer: x.peer, Node: x.node, Status: int32(status), Text: trace.N(text)})
}
