package network

import (
	"fmt"
	"slices"
	"sync"
	"time"

	"stickylab/cluster/memnet"
)

// Faults are the disturbances of a network. On virtual time they are set on the
// scheduler's goroutine, as by what At runs, or before Run.
type Faults struct {
	hosts   *memnet.Hosts
	latency func(from, to *memnet.Host) time.Duration
	changed func() error // applies the faults as they are now

	mu     sync.Mutex
	byHost map[string]fault
	parted map[pair]bool
}

// fault is the disturbance of one host.
type fault struct {
	slow   time.Duration // more on all its traffic, each way
	refuse bool          // no new connections
}

// pair names two hosts, in the order of their names.
type pair [2]string

func pairOf(a, b string) pair {
	if a > b {
		a, b = b, a
	}
	return pair{a, b}
}

func newFaults(hosts *memnet.Hosts, latency func(from, to *memnet.Host) time.Duration, changed func() error) *Faults {
	return &Faults{hosts: hosts, latency: latency, changed: changed, byHost: make(map[string]fault), parted: make(map[pair]bool)}
}

// link returns the state of the link between two hosts.
func (f *Faults) link(from, to *memnet.Host) memnet.Link {
	f.mu.Lock()
	a, b := f.byHost[from.Name], f.byHost[to.Name]
	parted := len(f.parted) > 0 && f.parted[pairOf(from.Name, to.Name)]
	f.mu.Unlock()
	return memnet.Link{Delay: f.latency(from, to) + a.slow + b.slow, Cut: parted, Refused: b.refuse}
}

// refuses reports whether a host refuses new connections.
func (f *Faults) refuses(host string) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.byHost[host].refuse
}

// Slow lets all traffic of a host take longer, each way. It fails if the host is
// unknown, as all faults do.
func (f *Faults) Slow(host string, by time.Duration) error {
	return f.set(host, func(x *fault) { x.slow = by })
}

// Refuse lets a host refuse new connections. It fails if the host is unknown.
func (f *Faults) Refuse(host string) error {
	return f.set(host, func(x *fault) { x.refuse = true })
}

// Resume ends Slow and Refuse. It fails if the host is unknown, or a port that was
// closed cannot be opened again.
func (f *Faults) Resume(host string) error {
	return f.set(host, func(x *fault) { *x = fault{} })
}

func (f *Faults) set(host string, change func(*fault)) error {
	if f.hosts.Host(host) == nil {
		return fmt.Errorf("unknown host %q", host)
	}
	f.mu.Lock()
	x := f.byHost[host]
	change(&x)
	f.byHost[host] = x
	f.mu.Unlock()
	return f.changed()
}

// Partition lets nothing through between hosts of one list and of the other:
// what they send each other is lost, and dials are not answered. As TCP sends
// again what was lost, it arrives after Heal. It fails if a host is unknown.
func (f *Faults) Partition(a, b []string) error { return f.part(a, b, true) }

// Heal ends a partition. It fails if a host is unknown.
func (f *Faults) Heal(a, b []string) error { return f.part(a, b, false) }

func (f *Faults) part(a, b []string, parted bool) error {
	for _, host := range slices.Concat(a, b) {
		if f.hosts.Host(host) == nil {
			return fmt.Errorf("unknown host %q", host)
		}
	}
	f.mu.Lock()
	for _, x := range a {
		for _, y := range b {
			if parted {
				f.parted[pairOf(x, y)] = true
			} else {
				delete(f.parted, pairOf(x, y))
			}
		}
	}
	f.mu.Unlock()
	return f.changed()
}

// HealAll ends all faults. It fails if a port that was closed cannot be opened
// again.
func (f *Faults) HealAll() error {
	f.mu.Lock()
	none := len(f.byHost) == 0 && len(f.parted) == 0
	clear(f.byHost)
	clear(f.parted)
	f.mu.Unlock()
	if none {
		return nil
	}
	return f.changed()
}

// Refresh applies latencies that have changed, also to open connections. It never
// fails in memory; by the wall clock it does as HealAll.
func (f *Faults) Refresh() error { return f.changed() }
