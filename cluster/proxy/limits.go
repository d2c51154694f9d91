package proxy

import (
	"fmt"
	"math"
	"sync"
	"time"

	"stickylab/cluster/nginx"
)

// zones are the memory of limit_req and limit_conn. It stays over a reload, as the
// shared memory of nginx does.
type zones struct {
	mu          sync.Mutex
	requests    map[zoneKey]*bucket
	connections map[zoneKey]int
}

type zoneKey struct{ zone, key string }

// bucket is what limit_req knows of a key (ngx_http_limit_req_node_t).
type bucket struct {
	excess int // in thousandths of a request
	last   time.Time
}

// most bounds the keys that are remembered; old ones that matter no more go first.
const mostKeys = 100_000

// limit applies limit_req and limit_conn once to a request. The result is the status
// of a refusal, 0 for none.
func (x *request) limit(l *nginx.Limits) int {
	if len(l.Requests) == 0 && len(l.Connections) == 0 {
		return 0
	}
	if !x.limited[0] {
		if status := x.limitRequests(l); status != 0 {
			return status
		}
	}
	if !x.limited[1] {
		return x.limitConnections(l)
	}
	return 0
}

// limitRequests lets a request through, holds it back or refuses it
// (ngx_http_limit_req_handler).
func (x *request) limitRequests(l *nginx.Limits) int {
	z := &x.p.zones
	now := time.Now()
	z.mu.Lock()
	var delay time.Duration
	var refused *nginx.LimitReq
	var buckets []*bucket
	var excesses []int
	for i := range l.Requests {
		one := &l.Requests[i]
		key := x.expand(one.Zone.Key)
		if key == "" {
			continue
		}
		b, excess := z.look(zoneKey{one.Zone.Name, key}, one.Zone.Rate, now)
		if excess > one.Burst {
			refused = one
			x.limitLog("limiting requests", l.ReqDry, excess, one.Zone.Name, l.ReqStatus)
			break
		}
		x.limited[0] = true
		buckets, excesses = append(buckets, b), append(excesses, excess)
		if over := excess - one.Delay; over > 0 {
			delay = max(delay, time.Duration(over*1000/one.Zone.Rate)*time.Millisecond)
		}
	}
	if refused == nil {
		for i, b := range buckets {
			b.account(excesses[i], now)
		}
	}
	z.mu.Unlock()
	switch {
	case refused != nil && !l.ReqDry:
		x.limited[0] = true
		return l.ReqStatus
	case refused != nil || l.ReqDry || delay == 0:
		return 0
	}
	return x.sleep(delay)
}

// look returns the bucket of a key, and what its excess would be with one request
// more. The first request of a key has none.
func (z *zones) look(key zoneKey, rate int, now time.Time) (*bucket, int) {
	if b := z.requests[key]; b != nil {
		return b, b.after(rate, now)
	}
	if z.requests == nil {
		z.requests = map[zoneKey]*bucket{}
	}
	if len(z.requests) >= mostKeys {
		for key, b := range z.requests {
			if now.Sub(b.last) >= time.Minute {
				delete(z.requests, key)
			}
		}
	}
	b := &bucket{}
	if len(z.requests) < mostKeys {
		z.requests[key] = b
	}
	return b, 0
}

func (b *bucket) after(rate int, now time.Time) int {
	ms := min(now.Sub(b.last).Milliseconds(), math.MaxInt32)
	return max(0, b.excess-int(int64(rate)*ms/1000)+1000)
}

func (b *bucket) account(excess int, now time.Time) {
	b.excess = excess
	if b.last.IsZero() || now.Sub(b.last) >= time.Millisecond {
		b.last = now
	}
}

func (x *request) limitLog(what string, dry bool, excess int, zone string, status int) {
	if dry {
		what += ", dry run"
	}
	x.log(fmt.Sprintf("%s, excess: %d.%03d by zone %q", what, excess/1000, excess%1000, zone), status)
}

// sleep holds the request back. The result is 499 when the client leaves meanwhile.
func (x *request) sleep(d time.Duration) int {
	waiting, cancel := x.p.c.Env.AfterFunc.WithTimeout(x.ctx, x.lane.Name(), d)
	defer cancel()
	<-waiting.Done()
	if x.ctx.Err() != nil {
		return 499
	}
	return 0
}

// limitConnections counts the request until it ends (ngx_http_limit_conn_handler).
func (x *request) limitConnections(l *nginx.Limits) int {
	z := &x.p.zones
	z.mu.Lock()
	defer z.mu.Unlock()
	var counted []zoneKey
	for i := range l.Connections {
		one := &l.Connections[i]
		key := zoneKey{one.Zone.Name, x.expand(one.Zone.Key)}
		if key.key == "" {
			continue
		}
		x.limited[1] = true
		if z.connections[key] >= one.Most && !l.ConnDry {
			for _, key := range counted {
				z.leave(key)
			}
			x.log(fmt.Sprintf("limiting connections by zone %q", one.Zone.Name), l.ConnStatus)
			return l.ConnStatus
		}
		if z.connections == nil {
			z.connections = map[zoneKey]int{}
		}
		z.connections[key]++
		counted = append(counted, key)
	}
	x.counted = counted
	return 0
}

func (z *zones) leave(key zoneKey) {
	if z.connections[key]--; z.connections[key] == 0 {
		delete(z.connections, key)
	}
}

// release ends the counting of a request, or of the tunnel that it has become.
func (z *zones) release(keys []zoneKey) {
	if len(keys) == 0 {
		return
	}
	z.mu.Lock()
	defer z.mu.Unlock()
	for _, key := range keys {
		z.leave(key)
	}
}
