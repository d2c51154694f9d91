// Package network connects the hosts of a simulation and disturbs them: in memory
// and on virtual time (Memory), or by the wall clock on TCP ports (TCP).
package network

import (
	"math/rand/v2"
	"time"

	"stickylab/cluster/memnet"
)

// Options of a Memory network. All fields must be set.
type Options struct {
	// Wait blocks until every other goroutine of the bubble is idle.
	Wait func()

	// Quiet is called on the scheduler's goroutine whenever all are idle.
	Quiet func()

	// Latency returns the one-way delay between two hosts. It is asked for each
	// connection, and again at Refresh; what it returns may change only before
	// that.
	Latency func(from, to *memnet.Host) time.Duration

	// Rand returns the source of randomness of that name.
	Rand func(name string) *rand.Rand
}

// Memory is a network in memory with latencies and faults.
type Memory struct {
	*memnet.Network
	*Faults
}

// NewMemory returns an empty network. It must be made inside the bubble.
func NewMemory(o Options) *Memory {
	var m Memory
	m.Network = memnet.New(memnet.Options{
		Wait: o.Wait, Quiet: o.Quiet, Rand: o.Rand,
		Link: func(from, to *memnet.Host) memnet.Link { return m.Faults.link(from, to) },
	})
	m.Faults = newFaults(&m.Network.Hosts, o.Latency, func() error {
		m.Relink()
		return nil
	})
	return &m
}
