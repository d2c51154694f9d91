// Package balance chooses the peer of an upstream as nginx does, bit for bit.
//
// The rules are those of nginx's ngx_http_upstream_round_robin, _ip_hash,
// _hash, _least_conn, _random and _sticky modules, for one worker.
package balance

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"time"
)

// ErrNoLive is returned when no peer can be chosen.
var ErrNoLive = errors.New("no live upstreams")

// Method is a balancing method as written in an upstream block.
type Method struct {
	Name string   // "round_robin" (or ""), "ip_hash", "hash", "least_conn", "random"
	Args []string // hash: the key, then "consistent"; random: "two", "least_conn"
}

// Upstream is a group of peers, with their state. It is safe for concurrent
// use.
type Upstream struct {
	method     selector
	roundRobin bool // the method is
	groups     []*group

	mu    sync.Mutex
	watch func(Change)
}

// Change is the state of a peer after an attempt has begun or ended.
type Change struct {
	Peer   int           // its place in the list that New got
	Conns  int           // attempts in flight
	Failed bool          // Fails and Off have changed
	Fails  int           // its count of failures
	Off    time.Duration // how long they disable it; 0 when it can be chosen
}

// Watch has f called with every change, one after the other, under the upstream's
// lock: f must be brief and must not use the upstream. Call Watch before the
// upstream is used.
func (u *Upstream) Watch(f func(Change)) { u.watch = f }

// changed reports a peer to the watcher, under the lock. now is needed only when
// failed.
func (u *Upstream) changed(m *member, now time.Time, failed bool) {
	if u.watch == nil {
		return
	}
	c := Change{Peer: m.order, Conns: m.conns, Failed: failed, Fails: m.fails}
	if failed {
		c.Off = m.offFor(now)
	}
	u.watch(c)
}

// selector is a balancing method: it returns the peer of the next attempt, or nil,
// and may move the attempt to the backups. It is called under the upstream's lock.
type selector func(a *Attempt, now int64) *member

// New returns an upstream with fresh state. The peers must be in the order of
// the configuration. random is used by the method of that name only and must
// not be shared. New fails for a weight below 1, without a peer that is no backup,
// for an unknown method, and for random without a source.
func New(method Method, peers []Peer, random *rand.Rand) (*Upstream, error) {
	primary, backup := &group{}, &group{}
	for i, p := range peers {
		if p.Weight < 1 {
			return nil, fmt.Errorf("balance: invalid weight %d of server %q", p.Weight, p.Name)
		}
		m := &member{Peer: p, id: p.ID(), order: i, effective: p.Weight, failTimeout: int64(p.FailTimeout / time.Second)}
		if p.Backup {
			backup.add(m)
		} else {
			primary.add(m)
		}
	}
	if len(primary.members) == 0 {
		return nil, errors.New("balance: no servers in upstream")
	}
	u := &Upstream{groups: []*group{primary}}
	if len(backup.members) > 0 {
		primary.next = backup
		u.groups = append(u.groups, backup)
	}
	primary.single = len(primary.members) == 1 && primary.next == nil

	u.roundRobin = method.Name == "" || method.Name == "round_robin"
	var err error
	u.method, err = newSelector(method, primary, random)
	return u, err
}

func newSelector(method Method, primary *group, random *rand.Rand) (selector, error) {
	switch method.Name {
	case "", "round_robin":
		return roundRobin, nil
	case "ip_hash":
		return ipHash, nil
	case "least_conn":
		return leastConn, nil
	case "hash":
		if len(method.Args) > 1 && method.Args[1] == "consistent" {
			return newRing(primary, mostPoints(primary)).choose, nil
		}
		return hash, nil
	case "random":
		if random == nil {
			return nil, errors.New("balance: method random without a source of randomness")
		}
		return randomly(random, slices.Contains(method.Args, "two")), nil
	}
	return nil, fmt.Errorf("balance: unknown method %q", method.Name)
}

// Status is the state of one peer at an instant.
type Status struct {
	Conns int // attempts in flight
	Fails int
	Why   Refusal // why it cannot be chosen; "" when it can
}

// Status returns the state of all peers: primaries first, each list in the
// order of the configuration.
func (u *Upstream) Status() []Status {
	u.mu.Lock()
	defer u.mu.Unlock()
	now := time.Now().Unix()
	var list []Status
	for _, g := range u.groups {
		for _, m := range g.members {
			list = append(list, Status{Conns: m.conns, Fails: m.fails, Why: m.refusal(now, false)})
		}
	}
	return list
}
