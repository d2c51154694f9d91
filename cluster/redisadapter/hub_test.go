package redisadapter

import (
	"context"
	"crypto/tls"
	"net"
	"net/netip"
	"sync"
	"syscall"

	"github.com/alicebob/miniredis/v2"

	"stickylab/cluster/memnet"
	"stickylab/cluster/trace"
)

const redisAddr = "10.0.0.9:6379"

// A hub is the network between the nodes and a Redis. What is written arrives at
// once.
type hub struct {
	net      *memnet.Network
	listener net.Listener
	redis    *miniredis.Miniredis

	mu     sync.Mutex
	link   memnet.Link // to Redis
	denied string      // a lane whose connections are refused
	dials  []string
	ends   []net.Conn
	writes map[string]int // by lane

	tls *tls.Config // of the Redis; nil means none
}

func newHub() *hub {
	h := &hub{redis: miniredis.NewMiniRedis(), writes: map[string]int{}}
	h.net = memnet.New(memnet.Options{Link: func(_, _ *memnet.Host) memnet.Link {
		h.mu.Lock()
		defer h.mu.Unlock()
		return h.link
	}})
	h.net.AddHost("redis", memnet.Redis, netip.MustParseAddrPort(redisAddr).Addr())
	var err error
	if h.listener, err = h.net.Listen("redis", redisAddr); err != nil {
		panic(err)
	}
	first, err := h.redis.Dial() // starts it
	if err != nil {
		panic(err)
	}
	first.Close()
	go h.net.Run()
	go h.serve()
	return h
}

func (h *hub) serve() {
	for {
		c, err := h.listener.Accept()
		if err != nil {
			return
		}
		if h.tls != nil {
			c = tls.Server(c, h.tls)
		}
		h.redis.Server().ServeConn(c)
	}
}

func (h *hub) close() {
	h.redis.Close()
	h.listener.Close()
	h.net.Stop()
}

func (h *hub) dial(ctx context.Context, host string, lane *trace.Lane, addr string) (net.Conn, error) {
	h.mu.Lock()
	h.dials = append(h.dials, lane.Name())
	denied := lane.Name() == h.denied
	h.mu.Unlock()
	if denied {
		return nil, &net.OpError{Op: "dial", Net: "tcp", Err: syscall.ECONNREFUSED}
	}
	h.net.AddHost(host, memnet.Node, netip.MustParseAddr("10.0.0.1"))
	c, err := h.net.Dial(ctx, host, lane, addr)
	if err != nil {
		return nil, err
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.ends = append(h.ends, c)
	return &counted{c, h, lane.Name()}, nil
}

// lose closes every connection and refuses new ones.
func (h *hub) lose() {
	h.set(memnet.Link{Refused: true})
	h.mu.Lock()
	ends := h.ends
	h.ends = nil
	h.mu.Unlock()
	for _, c := range ends {
		c.Close()
	}
}

func (h *hub) set(link memnet.Link) {
	h.mu.Lock()
	h.link = link
	h.mu.Unlock()
	h.net.Relink()
}

// written returns how many writes a lane has made.
func (h *hub) written(lane string) int {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.writes[lane]
}

// counted is a connection whose writes are counted.
type counted struct {
	net.Conn
	hub  *hub
	lane string
}

func (c *counted) Write(b []byte) (int, error) {
	c.hub.mu.Lock()
	c.hub.writes[c.lane]++
	c.hub.mu.Unlock()
	return c.Conn.Write(b)
}
