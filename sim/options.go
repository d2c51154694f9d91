package sim

import (
	"cmp"
	"strings"

	"stickylab/cluster"
	"stickylab/cluster/adapter"
	"stickylab/cluster/adapter/sharded"
	"stickylab/cluster/socketio"
	"stickylab/sim/scenario"
)

// socketIO returns the file's options of the nodes. A size that is the default
// leaves the choice to the limits of a served cluster.
func (s *simulation) socketIO() cluster.SocketIO {
	in := s.plan.File.SocketIO
	out := cluster.SocketIO{
		Path: cmp.Or(s.plan.NodePath, in.Path), PingInterval: in.PingInterval, PingTimeout: in.PingTimeout,
		UpgradeTimeout: in.UpgradeTimeout, ConnectTimeout: in.ConnectTimeout,
		EngineIO: in.EngineIO,
	}
	if r := in.Recovery; r.On() {
		out.Recovery = &socketio.Recovery{MaxDisconnection: r.MaxDisconnectionDuration, RunMiddlewares: !r.SkipMiddlewares}
	}
	if in.MaxHTTPBufferSize != scenario.NewSocketIO().MaxHTTPBufferSize {
		out.MaxPayload = in.MaxHTTPBufferSize
	}
	return out
}

// adapterOptions are the options of the adapters, of which each takes those that it has.
func (s *simulation) adapterOptions() adapter.Options {
	in := s.plan.File.AdapterOptions
	return adapter.Options{SubscriptionMode: sharded.Mode(in.SubscriptionMode), MaxLen: in.MaxLen, ReadCount: in.ReadCount, Block: in.Block}
}

// text returns a text of a size in bytes, or the default one for zero. All are
// pieces of one, since many clients may say it and some keep it until they are
// connected.
func (s *simulation) text(size int) string {
	if size == 0 {
		return scenario.DefaultText
	}
	if size > len(s.long) {
		s.long = strings.Repeat("x", size)
	}
	return s.long[:size]
}
