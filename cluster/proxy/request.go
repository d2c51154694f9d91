package proxy

import (
	"context"
	"errors"
	"io"
	"net/http"
	"sync"
	"time"

	"stickylab/cluster/balance"
	"stickylab/cluster/trace"
)

var heads = sync.Pool{New: func() any { b := make([]byte, 0, 1024); return &b }}

// run passes the request to one peer after another until an answer can be
// passed back (ngx_http_upstream_next). It reports false when the connection must
// be dropped.
func (x *request) run() bool {
	head := heads.Get().(*[]byte)
	defer func() {
		*head = (*head)[:0]
		heads.Put(head)
	}()
	*head = x.appendHead(*head)
	ctx, cancel := context.WithCancel(x.p.base)
	defer cancel()
	x.ctx = ctx
	stop := x.conn.watch(cancel, x.deadline())
	defer stop()

	pl := x.plan
	q := balance.Request{Addr: x.client, MaxTries: pl.NextUpstream.Tries, Sticky: x.stickyID()}
	if pl.key != "" {
		q.Key = x.expand(pl.key)
	}
	pl.up.peers.StartIn(&x.attempt, q)
	for {
		peer, err := x.attempt.Next()
		if err != nil {
			x.node = trace.Name{}
			x.log(noLive, http.StatusBadGateway)
			return x.sendPage(http.StatusBadGateway)
		}
		x.node = trace.N(x.p.c.NodeAt(peer.Address))
		if x.node == (trace.Name{}) {
			x.node = trace.N(peer.Address)
		}
		x.bind()
		sent, f := x.try(peer.Address, *head)
		if f == nil {
			if status := x.answer.Status; status >= 300 && x.attempt.TriesLeft() > 1 && x.mayPass(kindOfStatus(status), true) {
				x.upstream.close()
				failed := status != http.StatusForbidden && status != http.StatusNotFound
				x.done(failed, readingHead)
				continue
			}
			return x.pass(stop)
		}
		if x.ctx.Err() != nil {
			x.done(false, "")
			x.proxied(499) // nginx's own: the client went away
			return false
		}
		x.log(f.text, f.status)
		x.done(true, doingOf(sent))
		if x.upstream != nil && x.upstream.reused && f.kind == kindError {
			x.attempt.Refund()
		}
		if x.attempt.TriesLeft() == 0 || !x.mayPass(f.kind, sent) {
			return x.sendPage(f.status)
		}
	}
}

func doingOf(sent bool) string {
	if sent {
		return readingHead
	}
	return connecting
}

// mayPass reports whether proxy_next_upstream lets a failure of this kind go to
// the next peer.
func (x *request) mayPass(k kind, sent bool) bool {
	if k == 0 {
		return false
	}
	switch x.r.Method {
	case "POST", "LOCK", "PATCH":
		if sent {
			k |= kindNonIdempotent
		}
	}
	if limit := x.plan.NextUpstream.Timeout; limit > 0 && time.Since(x.began) >= limit {
		return false
	}
	return x.plan.next&k == k
}

// done ends the attempt; doing is for the warning that the peer is disabled.
func (x *request) done(failed bool, doing string) {
	if x.attempt.Done(failed) {
		x.log(disabled+doing, 0)
	}
}

// try sends the request to a peer and waits for the head of its answer, which
// is then in x.answer. sent reports whether the request was on its way when it
// failed.
func (x *request) try(address string, head []byte) (sent bool, f *fault) {
	ctx := x.ctx
	x.upstream = x.plan.idle.take(address)
	if x.upstream == nil {
		dialing, cancel := x.p.c.Env.AfterFunc.WithTimeout(ctx, x.lane.Name(), x.plan.ConnectTimeout)
		conn, err := x.p.c.Env.Dial(dialing, x.p.c.Host, x.lane, address)
		cancel()
		if err != nil {
			f := faultOf(err, "connect()", connecting)
			return false, &f
		}
		x.upstream = newUpstreamConn(conn, address)
	} else {
		x.upstream.reused = true
	}
	l := x.upstream
	stop := context.AfterFunc(ctx, func() { l.conn.Close() })
	err := l.send(head, x.body, x.plan.SendTimeout)
	if err != nil {
		stop()
		l.close()
		f := faultOf(err, "writev()", sending)
		return true, &f
	}
	l.head.Strict, l.head.Hints = x.p.c.Version.StrictAnswers(), x.p.c.Version.EarlyHints()
	x.answer, err = l.receive(x.plan.BufferSize, x.plan.ReadTimeout)
	if !stop() && err == nil {
		err = context.Canceled
	}
	if err != nil {
		l.close()
		f := faultOf(err, "recv()", readingHead)
		return true, &f
	}
	return true, nil
}

// deadline is when the client must have its answer, if there is such a bound.
func (x *request) deadline() time.Time {
	if most := x.p.c.Bounds.RequestTimeout; most > 0 {
		return x.began.Add(most)
	}
	return time.Time{}
}

// pass hands the answer to the client. stop ends the watch for it.
func (x *request) pass(stop func()) bool {
	a := x.answer
	if x.intercepts(a.Status) {
		stop()
		x.upstream.close()
		x.done(false, "")
		if a.Status == http.StatusUnauthorized {
			x.copyHeaders(a, map[string]bool{"www-authenticate": true})
		}
		return x.sendPage(a.Status)
	}
	if to, ok := x.accelerated(a); ok {
		stop()
		return x.goTo(a, to)
	}
	x.copyHeaders(a, nil)
	x.setSticky()
	learn := x.learnNow()
	if a.Status == http.StatusSwitchingProtocols && x.r.Headers.Has("Upgrade") && !x.inquiry {
		stop()
		return x.upgrade(learn)
	}
	line, code := x.statusLine(a.Line, a.Status)
	x.proxied(code)
	x.w.old = a.Old
	if x.w.length = a.Length; a.Chunked {
		x.w.length = -1
	}
	x.w.writeHead(line, code)
	body := x.bodyOf(a)
	whole := x.copyBody(&body)
	if whole && body.whole && x.plan.idle.max > 0 && !a.Close {
		x.plan.idle.put(x.upstream)
	} else {
		x.upstream.close()
	}
	learn()
	x.done(false, "")
	return whole
}

// copyBody streams the body to the client; false if it was cut short on either
// side.
func (x *request) copyBody(body *upstreamBody) bool {
	l, ctx := x.upstream, x.ctx
	stop := context.AfterFunc(ctx, func() { l.conn.Close() })
	defer stop()
	chunk := chunks.Get().(*[chunkSize]byte)
	defer chunks.Put(chunk)
	for {
		n, err := body.Read(chunk[:])
		if n > 0 {
			if _, err := x.w.Write(chunk[:n]); err != nil {
				return false
			}
			if !x.plan.Buffering {
				x.w.flush()
			}
		}
		switch {
		case err == io.EOF:
			return stop()
		case err != nil && ctx.Err() != nil:
			return false
		case err != nil:
			x.w.broken = errors.Is(err, errBadChunks)
			x.log(faultOf(err, "recv()", readingBody).text, x.answer.Status)
			return false
		}
	}
}
