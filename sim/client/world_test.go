package client_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"stickylab/cluster/engineio"
	"stickylab/cluster/memnet"
	"stickylab/cluster/socketio"
	"stickylab/cluster/trace"
	"stickylab/sim/client"
	"stickylab/sim/network"
	"stickylab/sim/seed"
)

const (
	nodeAddr = "10.0.0.1:3030"
	latency  = 10 * time.Millisecond
)

// A world is a bubble with a network on which a node may listen.
type world struct {
	t       testing.TB
	net     *network.Memory
	rec     *trace.Recorder
	names   *client.Names
	hosts   map[string]*memnet.Host
	clients []*client.Client
	closers []func()

	mu     sync.Mutex
	events []trace.Event
}

// simulate runs f in a bubble and then ends everything that f began; whoever
// is left fails the test.
func simulate(t *testing.T, f func(w *world)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		w := &world{t: t, names: client.NewNames(), hosts: make(map[string]*memnet.Host)}
		w.rec = trace.NewRecorder(func(step []trace.Event) {
			w.mu.Lock()
			defer w.mu.Unlock()
			w.events = append(w.events, step...)
		})
		w.net = network.NewMemory(memnet.Options{
			Wait:  synctest.Wait,
			Quiet: w.rec.CloseStep,
			Rand:  func(name string) *rand.Rand { return seed.Rand(1, name) },
		}, func(_, _ *memnet.Host) time.Duration { return latency })
		w.net.AddHost("im-1", "node", netip.MustParseAddr("10.0.0.1"))
		var wg sync.WaitGroup
		wg.Go(func() { w.net.Run() })
		f(w)
		for _, c := range w.clients {
			c.Close()
			<-c.Done()
		}
		for _, stop := range w.closers {
			stop()
		}
		time.Sleep(time.Minute) // nothing may be left to do
		w.net.Stop()
		wg.Wait()
	})
}

// config returns the configuration of a client; its address is drawn from its
// name.
func (w *world) config(name string, change ...func(*client.Config)) client.Config {
	random := seed.Rand(7, name)
	w.hosts[name] = w.net.AddHost(name, "client", netip.AddrFrom4([4]byte{203, 0, 113, byte(1 + random.IntN(250))}))
	cfg := client.Config{
		Name: name, URL: "http://" + nodeAddr + "/socket.io/", Room: "lobby",
		Dial: func(ctx context.Context, lane *trace.Lane, addr string) (net.Conn, error) {
			return w.net.Dial(ctx, name, lane, addr)
		},
		Lane: w.rec.Lane, Rand: random, Names: w.names,
		Go: func(f func()) { go f() }, AfterFunc: w.net.AfterFunc,
	}
	for _, f := range change {
		f(&cfg)
	}
	return cfg
}

func (w *world) client(name string, change ...func(*client.Config)) *client.Client {
	c, err := client.New(w.config(name, change...))
	if err != nil {
		w.t.Fatal(err)
	}
	w.clients = append(w.clients, c)
	return c
}

func transports(names ...string) func(*client.Config) {
	return func(c *client.Config) { c.Transports = names }
}

// log returns what the client reported, one line an event:
// "70ms connected polling". Times are rounded to whole milliseconds.
func (w *world) log(name string, kinds ...trace.Kind) []string {
	w.settle()
	w.mu.Lock()
	defer w.mu.Unlock()
	var lines []string
	for _, e := range w.events {
		if e.Client.String() != name || len(kinds) > 0 && !slices.Contains(kinds, e.Kind) {
			continue
		}
		line := fmt.Sprintf("%v %v", e.At.Round(time.Millisecond), e.Kind)
		if e.Text != (trace.Name{}) {
			line += " " + e.Text.String()
		}
		if e.Status != 0 {
			line += fmt.Sprint(" ", e.Status)
		}
		if !e.Msg.IsZero() {
			line += fmt.Sprintf(" %v:%d", e.Msg.From, e.Msg.N)
		}
		lines = append(lines, line)
	}
	return lines
}

// brief is log without times.
func (w *world) brief(name string, kinds ...trace.Kind) []string {
	lines := w.log(name, kinds...)
	for i, l := range lines {
		_, lines[i], _ = strings.Cut(l, " ")
	}
	return lines
}

// A node is a chat server.
type node struct {
	w      *world
	io     *socketio.Server
	engine *engineio.Server
	http   *http.Server

	mu    sync.Mutex
	gate  func(w http.ResponseWriter, r *http.Request) bool // true: it has answered
	heard []string
	tell  chan string // gets what is heard, too
	conns []net.Conn
}

// startNode starts a node. change may be nil.
func (w *world) startNode(change func(*engineio.Config)) *node {
	l, err := w.net.Listen("im-1", nodeAddr)
	if err != nil {
		w.t.Fatal(err)
	}
	return w.serve(l, change)
}

func (w *world) serve(l net.Listener, change func(*engineio.Config)) *node {
	n := &node{w: w}
	n.io = socketio.NewServer(socketio.Config{})
	n.io.Of("/").OnConnection(n.welcome)
	cfg := engineio.Config{OnSession: n.io.Handle, PingInterval: 25 * time.Second, PingTimeout: 20 * time.Second}
	if change != nil {
		change(&cfg)
	}
	n.engine = engineio.NewServer(cfg)
	n.http = &http.Server{Handler: n, ConnState: func(c net.Conn, s http.ConnState) {
		n.mu.Lock()
		defer n.mu.Unlock()
		if s == http.StateNew {
			n.conns = append(n.conns, c)
		}
	}}
	go n.http.Serve(l)
	w.closers = append(w.closers, n.kill)
	return n
}

type chat struct {
	ID   string `json:"id"`
	From string `json:"from"`
	Room string `json:"room"`
	Text string `json:"text"`
	Node string `json:"node"`
}

func (n *node) welcome(s *socketio.Socket) {
	name, _ := s.Auth()["name"].(string)
	n.hear("connect " + name)
	s.OnDisconnect(func(reason string) { n.hear("left " + name + ": " + reason) })
	s.On("join", func(args []any, ack func(...any)) {
		room := args[0].(string)
		n.hear("join " + room)
		s.Join(room)
		ack(map[string]any{"room": room, "node": "im-1"})
	})
	s.On("say", func(args []any, _ func(...any)) {
		m := args[0].(map[string]any)
		id, room := m["id"].(string), m["room"].(string)
		n.hear("say " + id)
		n.io.Of("/").To(room).Emit("said", chat{ID: id, From: name, Room: room, Text: m["text"].(string), Node: "im-1"})
	})
	s.Emit("welcome", map[string]any{"node": "im-1"})
}

func (n *node) hear(line string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.heard = append(n.heard, line)
	if n.tell != nil {
		n.tell <- line
	}
}

func (n *node) log() []string {
	n.w.settle()
	n.mu.Lock()
	defer n.mu.Unlock()
	return slices.Clone(n.heard)
}

func (n *node) setGate(f func(http.ResponseWriter, *http.Request) bool) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.gate = f
}

func (n *node) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	n.mu.Lock()
	gate := n.gate
	n.mu.Unlock()
	if gate == nil || !gate(w, r) {
		n.engine.ServeHTTP(w, r)
	}
}

// kill is the end of the process: every connection breaks.
func (n *node) kill() {
	n.http.Close()
	n.mu.Lock()
	conns := n.conns
	n.mu.Unlock()
	for _, c := range conns {
		c.Close() // upgraded ones too
	}
	n.engine.Kill()
	n.io.Kill()
}

func sortedCopy(lines []string) []string {
	return slices.Sorted(slices.Values(lines))
}

// move gives a client's host another address.
func (w *world) move(name, addr string) { w.hosts[name].SetIP(netip.MustParseAddr(addr)) }

// settle waits until everybody is idle, and orders what they did before what
// follows. synctest.Wait is for the network's scheduler alone.
func (w *world) settle() {
	idle := make(chan struct{})
	w.net.At(time.Now(), func() { close(idle) })
	<-idle
}
