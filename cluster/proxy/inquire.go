package proxy

import (
	"net/http"
	"strconv"
	"strings"

	"stickylab/cluster/nginx"
	"stickylab/cluster/proxy/wire"
)

// inquire asks, as auth_request has it, whether the request may pass. It returns the status of a
// refusal, 0 for none (ngx_http_auth_request_handler).
func (x *request) inquire(l *nginx.Location) int {
	about := *x.r
	about.Method, about.Continue = http.MethodGet, false
	q := &request{
		p: x.p, gen: x.gen, conn: x.conn, lane: x.lane, ctx: x.ctx, r: &about, began: x.began,
		client: x.client, port: x.port, peer: x.peer, inquiry: true, method: x.r.Method, dropped: true, // there is no body
	}
	q.w = answer{conn: x.conn, length: -1, http11: true, unsent: true}
	q.visit.Inquire(&x.visit, q, l.Auth)
	q.follow(q.visit.Route())
	for _, set := range l.AuthSet {
		x.visit.Set(set.Name, q.visit.Expand(set.Value))
	}
	switch {
	case q.said == http.StatusForbidden:
	case q.said == http.StatusUnauthorized:
		x.challenge(q)
	case q.said >= 200 && q.said < 300:
		return 0
	case q.said == 499: // the client went away while the other was asked
		return q.said
	default:
		x.log("auth request unexpected status: "+strconv.Itoa(q.said), http.StatusInternalServerError)
		return http.StatusInternalServerError
	}
	return q.said
}

// challenge passes on how the client shall say who it is.
func (x *request) challenge(q *request) {
	var said wire.Headers
	for _, list := range []wire.Headers{q.w.headers, answerHeaders(q)} {
		for _, h := range list {
			if strings.EqualFold(h.Name, "WWW-Authenticate") {
				said = append(said, h)
			}
		}
		if len(said) > 0 {
			break
		}
	}
	if !x.p.c.Version.JoinsHeaders() && len(said) > 1 {
		said = said[:1]
	}
	x.w.headers = append(x.w.headers, said...)
}

func answerHeaders(q *request) wire.Headers {
	if q.answer == nil {
		return nil
	}
	return q.answer.Headers
}
