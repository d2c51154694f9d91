// Package network connects the hosts of a simulation: in memory and on virtual
// time (Memory), or over loopback TCP (Loopback).
//
// In memory all bytes go through one queue, ordered by time, connection and
// sequence on that connection. A scheduler waits until everybody is idle, pops
// one packet, delivers it, and waits again; so the order of all deliveries
// follows from the seed alone.
package network

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net"
	"net/netip"
	"sync"
	"time"

	"stickylab/cluster/trace"
)

// Options of a Memory network. All fields must be set.
type Options struct {
	// Wait blocks until every other goroutine of the bubble is idle.
	Wait func()

	// Quiet is called on the scheduler's goroutine whenever everybody is idle.
	Quiet func()

	// Latency returns the one-way delay between two hosts. It is asked once
	// for each connection, and again at Refresh; what it returns may change
	// only before that.
	Latency func(from, to *Host) time.Duration

	// Rand returns the source of randomness of that name.
	Rand func(name string) *rand.Rand
}

// Memory is a network in memory.
type Memory struct {
	o Options

	mu        sync.Mutex
	queue     queue
	conns     uint64 // connections so far
	order     uint64 // control entries so far
	listeners map[netip.AddrPort]*listener
	hosts     map[string]*Host
	nodes     map[netip.Addr]bool // addresses of nodes
	ports     map[netip.Addr]uint16
	open      map[*Conn]struct{} // near ends of connections that are not over
	faults    map[string]faults  // by host
	parted    map[between]bool
	free      []*packet   // to be used again
	timer     *time.Timer // what the scheduler sleeps on
	asleep    bool
	stopped   bool
}

// NewMemory returns an empty network. It must be made inside the bubble.
func NewMemory(o Options) *Memory {
	return &Memory{
		o:         o,
		listeners: make(map[netip.AddrPort]*listener),
		hosts:     make(map[string]*Host),
		nodes:     make(map[netip.Addr]bool),
		ports:     make(map[netip.Addr]uint16),
		open:      make(map[*Conn]struct{}),
		faults:    make(map[string]faults),
		parted:    make(map[between]bool),
		timer:     time.NewTimer(time.Hour),
	}
}

// A Host has a name and an address. Several hosts may share an address, as
// behind a NAT, if none of them listens.
type Host struct {
	Name string
	Role string // "client", "proxy", "node", "redis"

	mu sync.Mutex
	ip netip.Addr
}

// IP returns the host's address.
func (h *Host) IP() netip.Addr {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.ip
}

// SetIP gives the host another address, for the connections to come.
func (h *Host) SetIP(ip netip.Addr) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.ip = ip
}

// AddHost adds a host.
func (m *Memory) AddHost(name, role string, ip netip.Addr) *Host {
	h := &Host{Name: name, Role: role, ip: ip}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.hosts[name] = h
	if role == "node" {
		m.nodes[ip] = true
	}
	return h
}

// At runs f on the scheduler's goroutine at the instant t, before the
// deliveries of that instant; entries of one instant run in the order in which
// they were added. f must not block.
func (m *Memory) At(t time.Time, f func()) { m.control(t, classControl, f) }

// Before is like At, but before all entries of that instant that At was given.
func (m *Memory) Before(t time.Time, f func()) { m.control(t, classStep, f) }

func (m *Memory) control(t time.Time, class uint8, f func()) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.order++
	m.push(packet{at: t.UnixNano(), class: class, seq: m.order, do: f})
}

// Run is the scheduler: it delivers packets until Stop.
func (m *Memory) Run() {
	for {
		m.o.Wait()
		m.o.Quiet()
		now := time.Now().UnixNano()
		m.mu.Lock()
		if m.stopped {
			m.timer.Stop()
			m.mu.Unlock()
			return
		}
		if p := m.queue.popDue(now); p != nil {
			m.mu.Unlock()
			m.deliver(p)
			m.mu.Lock()
			*p = packet{}
			m.free = append(m.free, p)
			m.mu.Unlock()
			continue
		}
		sleep := time.Hour
		if next := m.queue.top(); next != nil {
			sleep = time.Duration(next.at - now)
		}
		m.timer.Reset(sleep)
		m.asleep = true
		m.mu.Unlock()
		<-m.timer.C
	}
}

// Stop ends Run. What is under way is lost.
func (m *Memory) Stop() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.stopped = true
	m.wake()
}

func (m *Memory) wake() {
	if m.asleep {
		m.asleep = false
		m.timer.Reset(0)
	}
}

// send puts a packet into the queue.
func (m *Memory) send(p packet) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.push(p)
}

func (m *Memory) push(p packet) {
	var q *packet
	if n := len(m.free); n > 0 {
		q, m.free = m.free[n-1], m.free[:n-1]
	} else {
		q = new(packet)
	}
	*q = p
	if m.queue.push(q) {
		m.wake()
	}
}

func (m *Memory) deliver(p *packet) {
	switch {
	case p.do != nil:
		p.do()
	case p.dial != nil:
		m.accept(p.dial)
	case p.to.peer.keep(p):
	default:
		p.to.receive(p)
	}
}

// Dial connects from the host named host to addr ("10.0.0.1:3030"). The
// connection is named after the lane and the number of its dials.
func (m *Memory) Dial(ctx context.Context, host string, lane *trace.Lane, addr string) (net.Conn, error) {
	m.mu.Lock()
	from := m.hosts[host]
	m.mu.Unlock()
	if from == nil {
		return nil, &net.OpError{Op: "dial", Net: "tcp", Err: fmt.Errorf("unknown host %q", host)}
	}
	to, err := netip.ParseAddrPort(addr)
	if err != nil {
		return nil, &net.OpError{Op: "dial", Net: "tcp", Err: err}
	}
	id := lane.NextDial()
	d := &dial{
		id: id, name: id.String(),
		from: from, fromIP: from.IP(), to: to,
		done: make(chan dialed, 1),
	}
	d.latency = m.latency(from, to)
	m.send(packet{at: time.Now().Add(d.latency).UnixNano(), class: classDial, name: d.name, dial: d})
	select {
	case r := <-d.done:
		return r.conn, r.err
	case <-ctx.Done():
		d.abandon()
		return nil, &net.OpError{Op: "dial", Net: "tcp", Addr: tcpAddr(to), Err: context.Cause(ctx)}
	}
}

func (m *Memory) latency(from *Host, to netip.AddrPort) time.Duration {
	m.mu.Lock()
	target := m.find(to)
	m.mu.Unlock()
	if target == nil {
		return 0 // nobody there: refused after no time, as by the local machine
	}
	delay, _ := m.rule(from, target.host)
	return delay
}

// find returns the listener for an address: the exact one, else the one of
// that port on any address, which is any of its own: not that of a node
// elsewhere, which may be down.
func (m *Memory) find(to netip.AddrPort) *listener {
	if l := m.listeners[to]; l != nil {
		return l
	}
	l := m.listeners[netip.AddrPortFrom(netip.IPv4Unspecified(), to.Port())]
	if l != nil && l.host.elsewhere(to.Addr(), m.nodes) {
		return nil
	}
	return l
}

// elsewhere tells whether an address is that of a node on another machine.
func (h *Host) elsewhere(a netip.Addr, nodes map[netip.Addr]bool) bool {
	return nodes[a] && h.ip != a && !a.IsLoopback()
}
