package network

import (
	"cmp"
	"fmt"
	"slices"
	"syscall"
	"time"
)

// The faults of a network. They are set on the scheduler's goroutine, as by
// what At runs, or before Run.

// faults are those of one host.
type faults struct {
	slow   time.Duration // more on all its traffic, each way
	hung   bool          // frozen: its kernel takes what comes, nothing comes back
	refuse bool          // no new connections
}

// between names two hosts, in the order of their names.
type between [2]string

func pairOf(a, b string) between {
	if a > b {
		a, b = b, a
	}
	return between{a, b}
}

// Slow lets all traffic of a host take longer, each way.
func (m *Memory) Slow(host string, by time.Duration) error {
	return m.fault(host, func(f *faults) { f.slow = by })
}

// Hang freezes a host as SIGSTOP does its process: connections to it are
// established and what is sent to it is taken, but it gets nothing of it and
// nothing comes back, until Resume.
func (m *Memory) Hang(host string) error {
	return m.fault(host, func(f *faults) { f.hung = true })
}

// Refuse lets a host refuse new connections.
func (m *Memory) Refuse(host string) error {
	return m.fault(host, func(f *faults) { f.refuse = true })
}

// Resume ends Slow, Hang and Refuse. What a hung host was sent, or sent itself,
// arrives now.
func (m *Memory) Resume(host string) error {
	return m.fault(host, func(f *faults) { *f = faults{} })
}

// Crash ends Hang for a host whose process ends: what it was sent, or sent
// itself, while it hung is lost.
func (m *Memory) Crash(host string) error {
	m.mu.Lock()
	h := m.hosts[host]
	f := m.faults[host]
	m.mu.Unlock()
	if h == nil || !f.hung {
		return nil
	}
	for _, c := range m.every() {
		if c.host == h || c.peer.host == h {
			c.lose()
		}
	}
	return m.fault(host, func(f *faults) { f.hung = false })
}

// Partition lets nothing through between hosts of one list and of the other:
// what they send each other is lost, and connection attempts stay without an
// answer. As TCP sends again what was lost, it arrives after Heal.
func (m *Memory) Partition(a, b []string) error { return m.part(a, b, true) }

// Heal ends a partition.
func (m *Memory) Heal(a, b []string) error { return m.part(a, b, false) }

// HealAll ends all faults.
func (m *Memory) HealAll() {
	m.mu.Lock()
	none := len(m.faults) == 0 && len(m.parted) == 0
	clear(m.faults)
	clear(m.parted)
	m.mu.Unlock()
	if !none {
		m.Refresh()
	}
}

// Refresh asks for the latency of every connection again.
func (m *Memory) Refresh() error {
	for _, c := range m.every() {
		from, to := c.host, c.peer.host
		if c.number&1 == 1 { // both directions take as long
			from, to = to, from
		}
		delay, held := m.rule(from, to)
		c.obey(delay, held)
	}
	return nil
}

func (m *Memory) fault(host string, set func(*faults)) error {
	m.mu.Lock()
	if m.hosts[host] == nil {
		m.mu.Unlock()
		return fmt.Errorf("unknown host %q", host)
	}
	f := m.faults[host]
	set(&f)
	m.faults[host] = f
	m.mu.Unlock()
	return m.Refresh()
}

func (m *Memory) part(a, b []string, parted bool) error {
	m.mu.Lock()
	for _, host := range slices.Concat(a, b) {
		if m.hosts[host] == nil {
			m.mu.Unlock()
			return fmt.Errorf("unknown host %q", host)
		}
	}
	for _, x := range a {
		for _, y := range b {
			if parted {
				m.parted[pairOf(x, y)] = true
			} else {
				delete(m.parted, pairOf(x, y))
			}
		}
	}
	m.mu.Unlock()
	return m.Refresh()
}

// rule says what becomes of what one host sends on a connection that it dialed
// to another, and of what comes back: how long it takes, and whether it is held
// until further notice.
func (m *Memory) rule(from, to *Host) (delay time.Duration, held bool) {
	m.mu.Lock()
	a, b := m.faults[from.Name], m.faults[to.Name]
	parted := len(m.parted) > 0 && m.parted[pairOf(from.Name, to.Name)]
	m.mu.Unlock()
	return m.o.Latency(from, to) + a.slow + b.slow, parted || a.hung || b.hung
}

// every returns the ends of all connections, in the order of their numbers.
func (m *Memory) every() []*Conn {
	m.mu.Lock()
	out := make([]*Conn, 0, 2*len(m.open))
	for c := range m.open {
		out = append(out, c, c.peer)
	}
	m.mu.Unlock()
	slices.SortFunc(out, func(a, b *Conn) int { return cmp.Compare(a.number, b.number) })
	return out
}

// leave tells that this end is closed: a connection is forgotten when both
// are. The caller holds the end's lock.
func (c *Conn) leave() {
	near := c
	if c.number&1 == 1 {
		near = c.peer
	}
	c.net.mu.Lock()
	defer c.net.mu.Unlock()
	if near.ends--; near.ends == 0 {
		delete(c.net.open, near)
	}
}

// obey sets what becomes of what the end sends, and lets go what was held if
// nothing is any more.
func (c *Conn) obey(delay time.Duration, held bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.delay = delay
	if c.held = held; held || len(c.kept) == 0 {
		return
	}
	// Packets that were under way joined those that were written later.
	slices.SortFunc(c.kept, func(a, b packet) int { return cmp.Compare(a.seq, b.seq) })
	for _, p := range c.kept {
		c.schedule(p)
	}
	c.kept = nil
}

// keep holds back a packet that reached the other end of the line while
// nothing gets through; false: it gets through.
func (c *Conn) keep(p *packet) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.held || p.flag&flagOpened != 0 && c.opens() {
		return false
	}
	c.kept = append(c.kept, *p)
	return true
}

// opens tells whether the end that was dialed can establish the connection: the
// kernel of a frozen process does.
func (c *Conn) opens() bool {
	c.net.mu.Lock()
	defer c.net.mu.Unlock()
	return !c.net.unanswered(c.peer.host, c.host)
}

// lose throws away what is held.
func (c *Conn) lose() {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, p := range c.kept {
		giveBuffer(p.data)
	}
	c.kept = nil
}

// A dial whose SYN is lost is tried again after 1 s, 3 s, 7 s and so on, and
// given up after 127 s (Linux, tcp_syn_retries = 6).
const synRetries = 6

// lost puts off a connection attempt that nobody answers.
func (m *Memory) lost(d *dial) {
	d.mu.Lock()
	over := d.over
	d.mu.Unlock()
	if over {
		return
	}
	d.tries++
	wait := time.Second << (d.tries - 1)
	if d.tries > synRetries {
		m.send(packet{at: time.Now().Add(wait).UnixNano(), class: classDial, name: d.name, do: func() {
			d.done <- dialed{err: d.error(syscall.ETIMEDOUT)}
		}})
		return
	}
	m.send(packet{at: time.Now().Add(wait).UnixNano(), class: classDial, name: d.name, dial: d})
}
