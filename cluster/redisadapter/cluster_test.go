package redisadapter

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/alicebob/miniredis/v2"

	"stickylab/cluster/engineio"
	"stickylab/cluster/host"
	"stickylab/cluster/socketio"
	"stickylab/cluster/trace"
)

// A cluster is a few nodes on one Redis, in a bubble.
type cluster struct {
	t     *testing.T
	hub   *hub
	lanes *trace.Recorder
	nodes []*node
	taps  []*miniredis.Subscriber
}

// A node is a server with clients on the polling transport, whose requests are
// handed to it directly.
type node struct {
	c        *cluster
	name     string
	engine   *engineio.Server
	io       *socketio.Server
	adapters []*Adapter

	mu  sync.Mutex
	log []string
}

// inCluster runs f with nodes of these names, whose adapters for "/" are up.
func inCluster(t *testing.T, names []string, f func(c *cluster)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		c := &cluster{t: t, hub: newHub(), lanes: trace.NewRecorder(func([]trace.Event) {})}
		for _, name := range names {
			n := c.start(name)
			n.adapt("/", Config{})
		}
		synctest.Wait()
		f(c)
		for _, n := range c.nodes {
			n.stop()
		}
		for _, tap := range c.taps {
			tap.Close()
		}
		synctest.Wait()
		c.hub.close()
	})
}

func (c *cluster) start(name string) *node {
	n := &node{c: c, name: name, io: socketio.NewServer(socketio.Config{})}
	n.engine = engineio.NewServer(engineio.Config{OnSession: n.io.Handle})
	c.nodes = append(c.nodes, n)
	return n
}

// adapt gives a namespace an adapter; what cfg leaves open is filled in.
func (n *node) adapt(namespace string, cfg Config) *Adapter {
	n.c.t.Helper()
	cfg.Env = host.Env{
		Dial: n.c.hub.dial, Lane: n.c.lanes.Lane,
		Go: func(f func()) { go f() }, Guard: func(f func()) { f() }, AfterFunc: host.WallTimer,
	}
	cfg.Host, cfg.Addr = n.name, redisAddr
	if cfg.UID == "" {
		cfg.UID = "uid-" + n.name + strings.ReplaceAll(namespace, "/", "-")
	}
	cfg.OnUp = func(lane *trace.Lane) { n.note("up " + lane.Name()) }
	cfg.OnDown = func(_ *trace.Lane, err error) { n.note("down: " + err.Error()) }
	ns := n.io.Of(namespace)
	a, err := New(ns, cfg)
	if err != nil {
		n.c.t.Fatal(err)
	}
	ns.SetAdapter(a)
	n.adapters = append(n.adapters, a)
	return a
}

func (n *node) note(what string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.log = append(n.log, what)
}

func (n *node) notes() []string {
	n.mu.Lock()
	defer n.mu.Unlock()
	return slices.Clone(n.log)
}

func (n *node) stop() {
	n.io.Close()
	n.engine.Close()
	for _, a := range n.adapters {
		a.Close()
	}
}

func (n *node) main() *socketio.Namespace { return n.io.Of("/") }

// tap collects what is published on channels that match pattern, as "channel
// message".
func (c *cluster) tap(pattern string) func() []string {
	sub := c.hub.redis.NewSubscriber()
	sub.Psubscribe(pattern)
	c.taps = append(c.taps, sub)
	var mu sync.Mutex
	var got []string
	go func() {
		for m := range sub.Pmessages() {
			mu.Lock()
			got = append(got, m.Channel+" "+m.Message)
			mu.Unlock()
		}
	}()
	return func() []string {
		synctest.Wait()
		mu.Lock()
		defer mu.Unlock()
		all := got
		got = nil
		return all
	}
}

// phantom subscribes to the requests like a node that never answers.
func (c *cluster) phantom() {
	sub := c.hub.redis.NewSubscriber()
	sub.Subscribe("socket.io-request#/#")
	c.taps = append(c.taps, sub)
	go func() {
		for range sub.Messages() {
		}
	}()
}

// inject publishes a message as a stranger.
func (c *cluster) inject(channel, message string) {
	c.hub.redis.Publish(channel, message)
	synctest.Wait()
}

// A client is a session that has joined a namespace.
type client struct {
	node   *node
	url    string
	prefix string // "" or "/chat,"
	inbox  []string
	socket *socketio.Socket
}

const (
	ping   = "(ping)"
	closed = "(closed)"
)

// join connects a client to a namespace and puts its socket into rooms.
func (n *node) join(namespace string, rooms ...string) *client {
	n.c.t.Helper()
	p := &client{node: n, url: "/socket.io/?EIO=4&transport=polling"}
	status, body := p.request("GET", "")
	var open engineio.OpenPacket
	if err := json.Unmarshal([]byte(strings.TrimPrefix(body, "0")), &open); err != nil || status != http.StatusOK {
		n.c.t.Fatalf("handshake: %d %q", status, body)
	}
	p.url += "&sid=" + open.SID
	ns := n.io.Of(namespace)
	known := ns.Sockets()
	if namespace != "/" {
		p.prefix = namespace + ","
	}
	p.send("0" + p.prefix)
	if got := p.recv(); !strings.HasPrefix(got, "0") {
		n.c.t.Fatalf("CONNECT: %s", got)
	}
	p.socket = ns.Sockets()[len(known)]
	p.socket.Join(rooms...)
	return p
}

func (p *client) request(method, body string) (status int, answer string) {
	recorder := httptest.NewRecorder()
	p.node.engine.ServeHTTP(recorder, httptest.NewRequest(method, p.url, strings.NewReader(body)))
	return recorder.Code, recorder.Body.String()
}

func (p *client) send(frame string) {
	p.request("POST", "4"+frame)
	synctest.Wait()
}

// recv returns the next frame, or the ping that comes when there is none.
func (p *client) recv() string {
	if len(p.inbox) == 0 {
		status, body := p.request("GET", "")
		if status != http.StatusOK {
			return closed
		}
		p.inbox = strings.Split(body, "\x1e")
	}
	frame := p.inbox[0]
	p.inbox = p.inbox[1:]
	switch frame[0] {
	case '1':
		return closed
	case '2':
		p.request("POST", "3")
		return ping
	case '4':
		return frame[1:]
	}
	return frame
}

// wants checks that exactly these frames came.
func (p *client) wants(frames ...string) {
	p.node.c.t.Helper()
	synctest.Wait()
	for _, want := range frames {
		if got := p.recv(); got != want {
			p.node.c.t.Errorf("client of %s received %s, want %s", p.node.name, got, want)
			return
		}
	}
	if len(p.inbox) > 0 {
		p.node.c.t.Errorf("client of %s received %q beyond %q", p.node.name, p.inbox, frames)
	}
}

// quiet checks that no frame came.
func (p *client) quiet() {
	p.node.c.t.Helper()
	if got := p.recv(); got != ping {
		p.node.c.t.Errorf("client of %s received %s, want nothing", p.node.name, got)
	}
}

// later waits d and answers no pings meanwhile, so d is short.
func later(d time.Duration) {
	time.Sleep(d)
	synctest.Wait()
}
