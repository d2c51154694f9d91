package adapter_test

import (
	"context"
	"encoding/json"
	"net"
	"net/http/httptest"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"stickylab/cluster/adapter"
	"stickylab/cluster/adapter/link"
	"stickylab/cluster/engineio"
	"stickylab/cluster/host"
	"stickylab/cluster/memnet"
	"stickylab/cluster/redisserver"
	"stickylab/cluster/socketio"
	"stickylab/cluster/trace"
)

const redisAddr = "10.0.0.9:6379"

// A world is nodes and a Redis on a network, in a bubble.
type world struct {
	*testing.T
	net   *memnet.Network
	redis *redisserver.Server
	lanes *trace.Recorder
	nodes []*node

	mu   sync.Mutex
	cut  map[string]bool // nodes that cannot reach Redis
	ends map[string][]net.Conn
}

// A node is a server whose adapter has a state, and clients on polling.
type node struct {
	*world
	name    string
	engine  *engineio.Server
	io      *socketio.Server
	adapter adapter.Adapter
	up      bool // guarded by world.mu
}

// inWorld runs f with nodes of these names, whose adapters of a kind are up.
func inWorld(t *testing.T, kind adapter.Kind, o adapter.Options, names []string, f func(w *world, nodes []*node)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		w := &world{T: t, lanes: trace.NewRecorder(func([]trace.Event) {}), cut: map[string]bool{}, ends: map[string][]net.Conn{}}
		w.net = memnet.New(memnet.Options{Link: func(from, _ *memnet.Host) memnet.Link {
			w.mu.Lock()
			defer w.mu.Unlock()
			return memnet.Link{Refused: w.cut[from.Name]}
		}})
		w.net.AddHost("redis", memnet.Redis, netip.MustParseAddrPort(redisAddr).Addr())
		l, err := w.net.Listen("redis", redisAddr)
		if err != nil {
			t.Fatal(err)
		}
		if w.redis, err = redisserver.New(redisserver.Options{MaxOutput: -1}); err != nil {
			t.Fatal(err)
		}
		go w.net.Run()
		go w.redis.Serve(l)
		for _, name := range names {
			w.start(name, kind, o)
		}
		synctest.Wait()
		f(w, w.nodes)
		for _, n := range w.nodes {
			n.io.Close()
			n.engine.Close()
			n.adapter.Close()
		}
		time.Sleep(5 * time.Second)
		w.redis.Close()
		l.Close()
		w.net.Stop()
	})
}

func (w *world) start(name string, kind adapter.Kind, o adapter.Options) *node {
	w.Helper()
	n := &node{world: w, name: name, io: socketio.NewServer(socketio.Config{})}
	n.engine = engineio.NewServer(engineio.Config{OnSession: n.io.Handle})
	w.nodes = append(w.nodes, n)
	w.net.AddHost(name, memnet.Node, netip.MustParseAddr("10.0.0.1"))
	set := func(up bool) {
		w.mu.Lock()
		defer w.mu.Unlock()
		n.up = up
	}
	var err error
	n.adapter, err = adapter.Open(n.io.Of("/"), kind, link.Config{
		Env: host.Env{
			Dial: w.dial, Lane: w.lanes.Lane, AfterFunc: host.WallTimer,
			Go: func(f func()) { go f() }, Guard: func(f func()) { f() },
		},
		Host: name, Addr: redisAddr, UID: "uid-" + name,
		OnUp: func(*trace.Lane) { set(true) }, OnDown: func(*trace.Lane, error) { set(false) },
	}, o)
	if err != nil {
		w.Fatal(err)
	}
	n.io.Of("/").SetAdapter(n.adapter)
	return n
}

func (w *world) dial(ctx context.Context, host string, lane *trace.Lane, addr string) (net.Conn, error) {
	c, err := w.net.Dial(ctx, host, lane, addr)
	if err == nil {
		w.mu.Lock()
		defer w.mu.Unlock()
		w.ends[host] = append(w.ends[host], c)
	}
	return c, err
}

// lose cuts a node's connections to Redis, and lets it make no others until found.
func (n *node) lose() {
	n.mu.Lock()
	n.cut[n.name] = true
	ends := n.ends[n.name]
	n.ends[n.name] = nil
	n.mu.Unlock()
	n.net.Relink()
	for _, c := range ends {
		c.Close()
	}
	synctest.Wait()
}

func (n *node) found() {
	n.mu.Lock()
	n.cut[n.name] = false
	n.mu.Unlock()
	n.net.Relink()
	time.Sleep(3 * time.Second)
	synctest.Wait()
}

func (n *node) isUp() bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.up
}

func (n *node) main() *socketio.Namespace { return n.io.Of("/") }

// A client is a session on polling that has joined "/".
type client struct {
	node   *node
	url    string
	socket *socketio.Socket
}

func (n *node) join(rooms ...string) *client {
	n.Helper()
	c := &client{node: n, url: "/socket.io/?EIO=4&transport=polling"}
	var open engineio.OpenPacket
	if err := json.Unmarshal([]byte(strings.TrimPrefix(c.request("GET", ""), "0")), &open); err != nil {
		n.Fatal(err)
	}
	c.url += "&sid=" + open.SID
	c.request("POST", "40")
	synctest.Wait()
	all := n.main().Sockets()
	c.socket = all[len(all)-1]
	c.socket.Join(rooms...)
	c.heard()
	synctest.Wait()
	return c
}

func (c *client) request(method, body string) string {
	r := httptest.NewRecorder()
	c.node.engine.ServeHTTP(r, httptest.NewRequest(method, c.url, strings.NewReader(body)))
	return r.Body.String()
}

// heard returns the events that have come since it was asked last.
func (c *client) heard() (events []string) {
	synctest.Wait()
	c.socket.Emit("end")
	for {
		for frame := range strings.SplitSeq(c.request("GET", ""), "\x1e") {
			switch {
			case frame == "2":
				c.request("POST", "3")
			case frame == `42["end"]`:
				return events
			case strings.HasPrefix(frame, "42"):
				events = append(events, frame[2:])
			case frame == "" || frame == "1":
				return append(events, "gone")
			}
		}
	}
}

func (w *world) hears(what string, due map[*client][]string) {
	w.Helper()
	for c, want := range due {
		if got := c.heard(); !slices.Equal(got, want) {
			w.Errorf("%s: a client of %s heard %q, want %q", what, c.node.name, got, want)
		}
	}
}
