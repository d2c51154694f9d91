package balance

import (
	"net/netip"
	"slices"
	"time"
)

// Request is a request as far as the methods look at it.
type Request struct {
	Addr     netip.Addr // the client's address, for ip_hash; the zero Addr is a unix socket
	Key      string     // the expanded key, for hash
	Sticky   string     // sticky id that the client sent, or ""
	MaxTries int        // proxy_next_upstream_tries; 0 means no limit

	// Steps, if not nil, gets what a hash method did on the way to each peer.
	Steps *[]Step
}

// Step is one iteration of a hash method.
type Step struct {
	Hash     uint32  // the state after this iteration; on a consistent ring the point's value
	Slot     int     // Hash mod total weight; on a ring the number of the point, -1 when not all are held
	Peer     string  // name of the peer that owns the slot
	Why      Refusal // why it was passed over; "" when it was taken
	Fallback bool    // the method gave up: round robin chooses
}

// Attempt is the tries of one request. One goroutine may use it at a time.
type Attempt struct {
	u       *Upstream
	group   *group
	current *member
	request Request
	left    int
	tried   []*member // of the group

	hash   uint32 // of the method, lives for the whole request
	draws  int    // iterations of a hash method
	misses int    // those that found no peer
}

// Start begins a request.
func (u *Upstream) Start(r Request) *Attempt {
	a := new(Attempt)
	u.StartIn(a, r)
	return a
}

// StartIn is Start in place of an earlier Attempt, whose memory it uses.
func (u *Upstream) StartIn(a *Attempt, r Request) {
	*a = Attempt{u: u, group: u.groups[0], request: r, tried: a.tried[:0]}
	for _, g := range u.groups {
		a.left += g.tries
	}
	if r.MaxTries > 0 {
		a.left = min(a.left, r.MaxTries)
	}
}

// Next chooses the peer of the next attempt. The caller ends the attempt with
// Done before it asks again. The error is ErrNoLive. Next does not look at
// TriesLeft: that is for the caller, after a failure.
func (a *Attempt) Next() (*Peer, error) {
	a.u.mu.Lock()
	defer a.u.mu.Unlock()
	clock := time.Now()
	now := clock.Unix()
	m := a.choose(now)
	if m == nil {
		return nil, ErrNoLive
	}
	a.tried = append(a.tried, m)
	probe := m.picked(now)
	a.current = m
	a.u.changed(m, clock, probe)
	return &m.Peer, nil
}

// Done ends the current attempt: the exchange with the peer failed, or it is
// over, a WebSocket's closing included. Without an attempt it does nothing. It
// reports whether the peer is disabled by this failure.
func (a *Attempt) Done(failed bool) (disabled bool) {
	m := a.current
	if m == nil {
		return false
	}
	a.current = nil
	a.u.mu.Lock()
	defer a.u.mu.Unlock()
	if a.group.single { // the only peer is never disabled
		m.conns--
		m.fails = 0
		a.left = 0
		a.u.changed(m, time.Time{}, false)
		return false
	}
	now, before := time.Now(), m.fails
	m.freed(now.Unix(), failed)
	a.u.changed(m, now, m.fails != before)
	if a.left > 0 {
		a.left--
	}
	return failed && m.MaxFails > 0 && m.fails >= m.MaxFails
}

// Connected tells that the peer has accepted a connection of which only bytes are passed on: it
// counts as up again, unlike one that serves requests, which must have ended one well
// (ngx_stream_upstream_notify_round_robin_peer).
func (a *Attempt) Connected() {
	m := a.current
	if m == nil || a.group.single {
		return
	}
	a.u.mu.Lock()
	defer a.u.mu.Unlock()
	if m.accessed < m.checked && m.fails > 0 {
		m.fails = 0
		a.u.changed(m, time.Now(), true)
	}
}

// TriesLeft returns how many more peers may be tried. An attempt in flight counts
// itself.
func (a *Attempt) TriesLeft() int { return a.left }

// Refund gives a try back: nginx does so when a kept connection turned out to
// be dead.
func (a *Attempt) Refund() { a.left++ }

// Sticky returns the sticky id of the current peer, or "".
func (a *Attempt) Sticky() string {
	if a.current == nil {
		return ""
	}
	return a.current.id
}

// free reports whether m can be chosen: untried and usable.
func (a *Attempt) free(m *member, now int64) bool {
	return m.refusal(now, slices.Contains(a.tried, m)) == ""
}

// offer returns the peer that owns a slot, or nil when it cannot be chosen.
func (a *Attempt) offer(now int64, hash uint32, slot int) *member {
	a.draws++
	m := a.group.at(slot)
	a.note(m, now, hash, slot)
	if !a.free(m, now) {
		return nil
	}
	return m
}

func (a *Attempt) note(m *member, now int64, hash uint32, slot int) {
	if a.request.Steps != nil {
		*a.request.Steps = append(*a.request.Steps, Step{Hash: hash, Slot: slot, Peer: m.Name, Why: m.refusal(now, slices.Contains(a.tried, m))})
	}
}

// fallBack chooses by round robin, for a method that gave up.
func (a *Attempt) fallBack(now int64) *member {
	if a.request.Steps != nil {
		*a.request.Steps = append(*a.request.Steps, Step{Fallback: true})
	}
	return roundRobin(a, now)
}
