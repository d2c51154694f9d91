package sim

import (
	"fmt"
	"net/http"
	"net/netip"
	"sync"
	"time"

	"stickylab/cluster"
	"stickylab/cluster/trace"
	"stickylab/sim/ledger"
	"stickylab/sim/network"
	"stickylab/sim/virtualtime"
)

// LoneOptions describe a node that runs alone on TCP, for a cluster of several
// processes or machines. Name and Listen must be set.
type LoneOptions struct {
	Name   string
	Listen string // "127.0.0.1:3030"

	// RedisAddress is where the other nodes are met; "": the adapter is off.
	RedisAddress string
	Redis        *cluster.RedisAccess
	Key          string // of the adapter; "": socket.io

	SocketIO cluster.SocketIO // zero fields: their defaults

	Page http.Handler

	Bounds         cluster.Limits // zero: cluster.DefaultBounds
	MaxConnections int            // default 10,000
}

// Lone is a node that runs alone.
type Lone struct {
	history
	rec   *trace.Recorder
	world *world
	net   *network.TCP
	node  *cluster.Node
	clock *wallClock
	idle  chan struct{}

	closing sync.Once
	err     error
}

// loneHistory is how many events are kept for those who follow.
const loneHistory = 50_000

// StartNode starts a node.
func StartNode(o LoneOptions) (*Lone, error) {
	at, err := netip.ParseAddrPort(o.Listen)
	if err != nil {
		return nil, fmt.Errorf("%q is not an address to listen on, such as 127.0.0.1:3030", o.Listen)
	}
	if o.Bounds == (cluster.Limits{}) {
		o.Bounds = cluster.DefaultLimits()
	}
	if o.MaxConnections <= 0 {
		o.MaxConnections = maxConnections
	}
	l := &Lone{clock: newWallClock(), idle: make(chan struct{}), history: history{limit: loneHistory}}
	state := ledger.New(ledger.Config{RealClients: true, MaxMessages: servedMessages, Every: sliceLength})
	l.begin(state)
	l.rec = trace.NewRecorder(func(events []trace.Event) {
		for i := range events {
			state.Apply(&events[i])
		}
		l.record(events, state)
	})
	l.world = &world{run: l.clock, rec: l.rec, ids: unguessable}
	l.net = network.NewTCP(network.TCPOptions{Quiet: l.rec.CloseStep, MaxConnections: o.MaxConnections, Go: l.world.spawn})
	l.world.wire = l.net
	l.net.AddHost(o.Name, "node", at.Addr())
	l.net.Want(at, o.Listen, true)
	serving := &cluster.Serving{Limits: o.Bounds}
	if o.RedisAddress != "" {
		l.net.Outside("redis", o.RedisAddress)
		if serving.Redis = o.Redis; o.Redis == nil {
			serving.Redis = new(cluster.RedisAccess)
		}
	}
	l.node = cluster.NewNode(l.world.env(), cluster.NodeConfig{Name: o.Name, Listen: o.Listen, Key: o.Key, SocketIO: o.SocketIO, Page: o.Page}, o.RedisAddress, serving)
	if err := l.node.Start(); err != nil {
		l.net.Stop()
		return nil, err
	}
	if err := l.node.SetAdapter(o.RedisAddress != ""); err != nil {
		l.node.Stop()
		l.net.Stop()
		return nil, err
	}
	l.clock.Go(func() {
		defer close(l.idle)
		l.net.Run()
	})
	return l, nil
}

// Addr returns where the node listens.
func (l *Lone) Addr() string { return l.net.Places()[0].Real }

// Head returns how long the node has been up.
func (l *Lone) Head() time.Duration { return time.Since(l.rec.Start()) }

// Failed is closed when the program itself has failed; Close tells how.
func (l *Lone) Failed() <-chan struct{} { return l.clock.Failed() }

// Close stops the node as io.close() does.
func (l *Lone) Close() error {
	l.closing.Do(func() {
		stopped := make(chan struct{})
		l.net.Before(time.Now(), func() {
			l.node.Stop()
			close(stopped)
		})
		<-stopped
		until(farewell, func() bool { return l.net.Connections("node") == 0 })
		l.net.Stop()
		<-l.idle
		l.net.Cut()
		if l.err = l.clock.failure; l.err == nil && !until(shutdown, func() bool { return l.world.running.Load() == 0 }) {
			l.err = virtualtime.NewLeakError()
		}
	})
	return l.err
}
