// Package memnet is a network in memory: hosts with addresses, listeners and
// connections that behave as TCP ones do.
//
// All bytes go through one queue, ordered by time, connection and sequence on
// that connection. A scheduler waits until every goroutine is idle, pops one
// packet, delivers it, and waits again; so in a bubble of virtual time the order
// of all deliveries follows from the seed alone. Writes never block, and reads
// block durably.
//
// What a frame of a broadcast, from a node through the proxy to a client, wakes and
// waits for:
//
//	the node writes it        nothing is woken: the write cannot block (WriteBlocks)
//	it reaches the proxy      nothing: the tunnel carries it further at once (relay.go)
//	it reaches the client     one sleep of the scheduler until its instant; the client
//	                          takes it where it is delivered (Push)
//	the next packet           no wait for other goroutines, since none was woken
//
// A goroutine woken for each of the first three, and a wait and a sleep for each way,
// would make a delivery three times as expensive.
package memnet

import (
	"math/rand/v2"
	"net/netip"
	"sync"
	"time"
)

// Options of a Network. In the zero value packets are delivered at once, without
// waiting for other goroutines.
type Options struct {
	// Wait blocks until every other goroutine of the bubble is idle.
	Wait func()

	// Quiet is called on the scheduler's goroutine whenever Wait has returned.
	Quiet func()

	// Yield, when not nil, is called by goroutines that read or write, where others
	// might come first.
	Yield func()

	// Go starts a goroutine. Default: the go statement.
	Go func(func())

	// Link returns the state of the link between two hosts, the one that dialed
	// first. It is asked for each dial and each connection, and again at Relink;
	// what it returns may change only before that. It must not call the network.
	Link func(from, to *Host) Link

	// Rand returns the source of randomness of that name. It gives each packet up
	// to a microsecond more, so that two packets rarely share an instant.
	Rand func(name string) *rand.Rand
}

// A Link is the state of the way between two hosts, the same in both directions.
type Link struct {
	Delay time.Duration // one way

	// Cut lets nothing through: what is sent arrives when the link is back, as TCP
	// sends again what was lost, and dials are not answered.
	Cut bool

	// Refused lets the host that is dialed refuse new connections.
	Refused bool
}

// Network is a network in memory. Its methods are safe from any goroutine.
type Network struct {
	Hosts
	o Options

	mu        sync.Mutex
	queue     queue
	current   packet // the place in the queue of the latest that was taken
	conns     uint64 // connections so far
	order     uint64 // control entries and settings of timers so far
	listeners map[netip.AddrPort]*listener
	ports     map[netip.Addr]uint16
	open      map[*Conn]struct{} // near ends of connections that are not over
	free      []*packet          // to be used again
	timer     *time.Timer        // what the scheduler sleeps on
	woken     chan struct{}      // or is woken by
	asleep    bool
	stopped   bool
}

// New returns an empty network. It must be made inside the bubble, if there is
// one.
func New(o Options) *Network {
	if o.Wait == nil {
		o.Wait = func() {}
	}
	if o.Quiet == nil {
		o.Quiet = func() {}
	}
	if o.Go == nil {
		o.Go = func(f func()) { go f() }
	}
	if o.Link == nil {
		o.Link = func(_, _ *Host) Link { return Link{} }
	}
	return &Network{
		o:         o,
		listeners: make(map[netip.AddrPort]*listener),
		ports:     make(map[netip.Addr]uint16),
		open:      make(map[*Conn]struct{}),
		timer:     time.NewTimer(time.Hour),
		woken:     make(chan struct{}, 1),
	}
}

// At runs f on the scheduler's goroutine at the instant t, before the
// deliveries of that instant; entries of one instant run in the order in which
// they were added. f must not block.
func (n *Network) At(t time.Time, f func()) { n.control(t, classControl, f) }

// Before is like At, but before all entries of that instant that At was given.
func (n *Network) Before(t time.Time, f func()) { n.control(t, classStep, f) }

func (n *Network) control(t time.Time, class uint8, f func()) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.order++
	n.push(packet{at: t.UnixNano(), class: class, seq: n.order, do: f})
}

// Run is the scheduler: it delivers packets until Stop.
func (n *Network) Run() {
	idle := false
	for {
		if !idle {
			n.o.Wait()
		}
		n.o.Quiet()
		now := time.Now().UnixNano()
		n.mu.Lock()
		n.asleep = false
		if n.stopped {
			n.timer.Stop()
			n.mu.Unlock()
			return
		}
		if p := n.queue.popDue(now); p != nil {
			n.current = packet{at: p.at, class: p.class, conn: p.conn, name: p.name, seq: p.seq}
			n.mu.Unlock()
			idle = n.deliver(p)
			n.mu.Lock()
			*p = packet{}
			n.free = append(n.free, p)
			n.mu.Unlock()
			continue
		}
		idle = false
		sleep := time.Hour
		if next := n.queue.top(); next != nil {
			sleep = time.Duration(next.at - now)
		}
		n.timer.Reset(sleep)
		n.asleep = true
		n.mu.Unlock()
		select {
		case <-n.timer.C:
		case <-n.woken:
		}
	}
}

// Stop ends Run. What is in flight is lost.
func (n *Network) Stop() {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.stopped = true
	n.wake()
}

func (n *Network) wake() {
	if n.asleep {
		n.asleep = false
		select {
		case n.woken <- struct{}{}:
		default: // it was woken and has not noticed yet
		}
	}
}

// send puts a packet into the queue.
func (n *Network) send(p packet) *packet {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.push(p)
}

func (n *Network) push(p packet) *packet {
	var q *packet
	if last := len(n.free) - 1; last >= 0 {
		q, n.free = n.free[last], n.free[:last]
	} else {
		q = new(packet)
	}
	*q = p
	if n.queue.push(q) {
		n.wake()
	}
	return q
}

// deliver reports whether no goroutine has become runnable by it.
func (n *Network) deliver(p *packet) (idle bool) {
	switch {
	case p.do != nil:
		p.do()
	case p.dial != nil:
		n.accept(p.dial)
	case p.to == nil:
		return true
	case p.to.peer.hold(p):
	default:
		idle = p.to.receive(p)
		p.to.peer.flying.Add(-1)
		return idle
	}
	return false
}
