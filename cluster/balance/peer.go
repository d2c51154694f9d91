package balance

import (
	"crypto/md5"
	"encoding/hex"
	"time"
)

// Peer is one address of a server line of an upstream.
type Peer struct {
	Name        string        // as written in the configuration; the name on a consistent ring
	Address     string        // "ip:port"
	Weight      int           // at least 1
	MaxFails    int           // failures until the peer is disabled; 0 means never
	FailTimeout time.Duration // whole seconds count; nginx's default is 10 s
	MaxConns    int           // attempts at one time; 0 means no limit
	Down        bool
	Backup      bool
	Drain       bool   // only for clients that already hold its sticky id
	Route       string // sticky id of the route= parameter; "" means the md5 of the address
}

// ID returns the peer's sticky id: its route, or the md5 of its address in
// lower-case hex.
func (p *Peer) ID() string {
	if p.Route != "" {
		return p.Route
	}
	sum := md5.Sum([]byte(p.Address))
	return hex.EncodeToString(sum[:])
}

// A member is a peer with its state in one upstream. It is guarded by the
// upstream's lock.
type member struct {
	Peer
	id    string
	index int // in its group
	order int // among the peers that New got

	failTimeout int64 // seconds

	effective int // what the smooth step adds; lowered by failures
	current   int
	conns     int
	fails     int
	accessed  int64 // second of the last failure
	checked   int64 // second from which the fail timeout counts
}

// alive reports whether the peer's failures let it be chosen. In the second
// now-checked == fail timeout they do not yet.
func (m *member) alive(now int64) bool {
	return m.MaxFails == 0 || m.fails < m.MaxFails || now-m.checked > m.failTimeout
}

// offFor returns how long from now the peer's failures keep it from being chosen;
// the clock of the rule counts whole seconds.
func (m *member) offFor(now time.Time) time.Duration {
	if m.alive(now.Unix()) {
		return 0
	}
	return time.Unix(m.checked+m.failTimeout+1, 0).Sub(now)
}

func (m *member) full() bool { return m.MaxConns > 0 && m.conns >= m.MaxConns }

// Refusal is a reason why a peer cannot be chosen; "" when it can.
type Refusal string

// The refusals, in the order in which they are looked for.
const (
	AlreadyTried Refusal = "already tried" // by the same request
	IsDown       Refusal = "down"
	IsDraining   Refusal = "draining"
	HasFailed    Refusal = "disabled after failures"
	IsFull       Refusal = "at max_conns"
)

// refusal returns why the peer cannot be chosen, or "".
func (m *member) refusal(now int64, tried bool) Refusal {
	switch {
	case tried:
		return AlreadyTried
	case m.Down:
		return IsDown
	case m.Drain:
		return IsDraining
	case !m.alive(now):
		return HasFailed
	case m.full():
		return IsFull
	}
	return ""
}

// picked accounts for an attempt that begins. It reports whether that is a try
// after failures: the peer is off again until the try has ended well.
func (m *member) picked(now int64) (probe bool) {
	m.conns++
	if now-m.checked > m.failTimeout {
		m.checked = now // one request in each fail timeout is let through
		return !m.alive(now)
	}
	return false
}

// freed accounts for an attempt that ended.
func (m *member) freed(now int64, failed bool) {
	m.conns--
	if !failed {
		if m.accessed < m.checked {
			m.fails = 0
		}
		return
	}
	m.fails++
	m.accessed, m.checked = now, now
	if m.MaxFails > 0 {
		m.effective = max(0, m.effective-m.Weight/m.MaxFails)
	}
}

// A group is the list of primaries, or of backups.
type group struct {
	members []*member
	total   int // sum of weights, down peers included
	tries   int // peers that are not down
	single  bool
	next    *group // the backups
}

func (g *group) add(m *member) {
	m.index = len(g.members)
	g.members = append(g.members, m)
	g.total += m.Weight
	if !m.Down {
		g.tries++
	}
}

// at returns the peer that owns slot w of 0..total-1.
func (g *group) at(w int) *member {
	for _, m := range g.members {
		if w -= m.Weight; w < 0 {
			return m
		}
	}
	return nil
}
