package engineio

import (
	"context"
	"net"
	"net/netip"
	"sync"
	"sync/atomic"

	"stickylab/cluster/memnet"
	"stickylab/cluster/trace"
)

// memory is a network in memory with a server that listens and a client. What is
// written arrives at once.
type memory struct {
	net.Listener
	net  *memnet.Network
	lane *trace.Lane

	writes atomic.Int64 // by the server
	mu     sync.Mutex
	ends   []net.Conn // of the server
}

func newMemory() *memory {
	n := memnet.New(memnet.Options{})
	n.AddHost("server", memnet.Node, netip.MustParseAddr("10.0.0.1"))
	n.AddHost("client", memnet.Client, netip.MustParseAddr("203.0.113.7"))
	l, err := n.Listen("server", "10.0.0.1:3030")
	if err != nil {
		panic(err)
	}
	go n.Run()
	return &memory{Listener: l, net: n, lane: trace.NewRecorder(func([]trace.Event) {}).Lane(trace.LaneID{Host: "client"})}
}

func (m *memory) dial(ctx context.Context, _, _ string) (net.Conn, error) {
	return m.net.Dial(ctx, "client", m.lane, "10.0.0.1:3030")
}

// Accept returns a connection whose writes are counted.
func (m *memory) Accept() (net.Conn, error) {
	c, err := m.Listener.Accept()
	if err != nil {
		return nil, err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.ends = append(m.ends, c)
	return &counted{c, &m.writes}, nil
}

type counted struct {
	net.Conn
	writes *atomic.Int64
}

func (c *counted) Write(b []byte) (int, error) {
	c.writes.Add(1)
	return c.Conn.Write(b)
}

// cut closes the server's end of every connection, as a crash does.
func (m *memory) cut() {
	m.Close()
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, c := range m.ends {
		c.Close()
	}
}
