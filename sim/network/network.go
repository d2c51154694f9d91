// Package network connects the hosts of a simulation and disturbs them: in memory
// and on virtual time (Memory), or by the wall clock on TCP ports (TCP).
package network

import (
	"time"

	"stickylab/cluster/memnet"
)

// Memory is a network in memory with latencies and faults.
type Memory struct {
	*memnet.Network
	*Faults
}

// NewMemory returns an empty network, whose links follow from its faults. latency
// returns the one-way delay between two hosts. It is asked for each connection, and
// again at Refresh; what it returns may change only before that. The network must be
// made inside the bubble.
func NewMemory(o memnet.Options, latency func(from, to *memnet.Host) time.Duration) *Memory {
	var m Memory
	o.Link = func(from, to *memnet.Host) memnet.Link { return m.Faults.link(from, to) }
	m.Network = memnet.New(o)
	m.Faults = newFaults(&m.Network.Hosts, latency, func() error {
		m.Relink()
		return nil
	})
	return &m
}
